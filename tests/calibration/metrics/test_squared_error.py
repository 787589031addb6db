"""The debiased squared error by hand, and its intervals against distributions that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ncx2, norm

from calibration import Predictions, change, debiased_ce2, estimate
from calibration.metrics.arrays import FloatArray
from calibration.uncertainty.quadratic_forms import deviate
from calibration.uncertainty.squared_error_intervals import SquaredError, squared_error_change, squared_error_interval

MANY = 10**7


def interval(vectors: FloatArray, variance: FloatArray, *, level: float = 0.95) -> SquaredError:
    """Bins of equal share whose gap over the root of the share is given, with independent noise of known variance."""
    n_bins = len(vectors)
    share = 1 / n_bins
    noise = np.diag(np.concatenate([variance * share, np.zeros(n_bins)]))
    return squared_error_interval(
        vectors * np.sqrt(share),
        np.full(n_bins, share),
        noise,
        counts=np.full(n_bins, MANY),
        units=n_bins * MANY,
        level=level,
    )


def test_a_bin_by_hand() -> None:
    # Gaps 0.9, -0.1, -0.1, -0.1: mean 0.15, sample variance 0.25.
    assert debiased_ce2([0.9] * 4, [0, 1, 1, 1]) == pytest.approx(0.15**2 - 0.25 / 4)


def test_letters_of_one_item_are_one_draw() -> None:
    # Two items give two values each to the only bin; sums of their gaps are 1.2 and -0.8 about a mean gap of 0.1.
    confidence, correct, item = [0.6, 0.6, 0.6, 0.6], [0, 0, 1, 1], ["a", "a", "b", "b"]
    by_item = debiased_ce2(confidence, correct, bins=1, item=item)
    assert by_item == pytest.approx((0.4**2 - 2 * (1.0**2 + 1.0**2)) / 4 / 4)


@pytest.mark.parametrize("weights", [[1.0], [1.0, 1.0, 1.0], [3.0, 1.0, 0.2], [2.0, -1.0, 0.5]])
@pytest.mark.parametrize("linear", [0.0, 0.7, 5.0])
def test_saddle_points_give_the_distribution_of_a_quadratic_form(weights: list[float], linear: float) -> None:
    rng, weight = np.random.default_rng(0), np.array(weights)
    slope = np.full(len(weight), linear)
    noise = rng.standard_normal((400_000, len(weight)))
    drawn = (weight * noise**2 + slope * noise).sum(axis=1)
    for share in (0.03, 0.2, 0.5, 0.9, 0.99):
        found = norm.cdf(deviate(float(np.quantile(drawn, share)), weight, slope))
        assert found == pytest.approx(share, abs=0.03)


def tails(length: float) -> tuple[float, float, float]:
    """The low end, and the non-central χ² below each end, of an error of this length under even noise."""
    vectors, variance = np.array([length, 0.0, 0.0]), np.ones(3)
    ends = interval(vectors / 100, variance / 100**2)
    below, above = (float(ncx2.cdf(length**2, 3, 100**2 * end)) for end in (ends.low, ends.high))
    return ends.low, below, above


@pytest.mark.parametrize("length", [2.0, 4.0, 9.0])
def test_with_even_noise_an_end_is_that_of_the_noncentral_chi_squared(length: float) -> None:
    """The two tails are 5 % together; which share of them is above depends on the error."""
    low, below, above = tails(length)
    assert low == 0 or 0.95 - 0.006 <= below <= 0.975 + 0.006
    assert above <= 0.025 + 0.006


def test_the_tails_of_a_large_error_are_even() -> None:
    assert tails(9.0)[1:] == pytest.approx((0.975, 0.025), abs=0.006)


def test_the_interval_leaves_out_0_just_where_calibration_is_rejected() -> None:
    """In 60 draws an interval begins above 0 where the p-value is below 0.05, and nowhere else."""
    rng = np.random.default_rng(1)
    for _ in range(60):
        found = interval(rng.normal(size=4) * 0.02, np.full(4, 0.0003))
        assert (found.low > 0) == (found.p_value < 0.05)
        assert found.low <= found.high


@pytest.mark.slow  # 400 intervals each
@pytest.mark.parametrize(
    ("true", "variance"),
    [
        ([0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]),
        ([3.0, 0.0, 0.0, 0.0], [0.1, 4.0, 2.0, 1.0]),  # one bin is off and precise, the others noisy
        ([0.0, 0.0, 0.0, 3.0], [0.1, 0.1, 0.1, 2.0]),  # the noisy one is off
        ([1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]),
        ([6.0, 2.0, 1.0, 0.0], [1.0, 0.5, 0.2, 3.0]),
    ],
)
def test_intervals_hold_wherever_the_noise_is(true: list[float], variance: list[float]) -> None:
    """93 to 98.5 of 100 intervals of 400 draws hold the true error, whichever bin is off and whichever is noisy."""
    rng, scale = np.random.default_rng(2), 0.01
    centre, spread = np.array(true) * scale, np.array(variance) * scale**2
    found = [interval(centre + rng.normal(size=4) * np.sqrt(spread), spread) for _ in range(400)]
    covered = np.mean([one.low <= centre @ centre <= one.high for one in found])
    assert 0.93 <= covered <= 0.985  # limits leave room for covariances that are estimates


def test_an_error_that_is_missing_lies_where_the_noise_is() -> None:
    # 0.1 ± 0.003 in one bin, 0 ± 0.03 in the other: what is not seen can only be in the other.
    found = interval(np.array([0.1, 0.0]), np.array([1e-5, 1e-3]))
    assert 0.0055 < found.low < 0.0095
    assert 0.0105 < found.high < 0.1**2 + (2.5 * 0.0316) ** 2


def test_gaps_that_are_all_0_have_only_errors_that_were_not_seen() -> None:
    found = interval(np.zeros(3), np.zeros(3))
    assert found.value == found.low == 0
    assert found.high < 1e-9
    run = Predictions.from_arrays(np.array([[800.0, 0.0]] * 20), np.zeros(20, dtype=np.int64))
    # All 20 state 1 and are right: of so many more a share of 1 − .025^(1/20) may lie in a bin of its own, with gap 1.
    assert estimate(run, debiased_ce2).high == pytest.approx(1 - 0.025 ** (1 / 20), rel=0.05)
    assert change(run, run, debiased_ce2).value == 0


@pytest.mark.slow  # 600 intervals
def test_changes_hold_their_coverage() -> None:
    """About 95 of 100 intervals of 600 draws with known noise hold the change of the true errors."""
    rng = np.random.default_rng(3)
    true, variance = np.array([[0.02, 0.0], [0.1, 0.05]]), 0.0002
    shares = np.full((2, 2), 0.5)
    noise = np.diag([variance * 0.5] * 4 + [0.0] * 4)
    hits = 0
    for _ in range(600):
        drawn = true + rng.normal(size=(2, 2)) * np.sqrt(variance)
        found = squared_error_change(
            drawn * np.sqrt(0.5), shares, noise, counts=np.full((2, 2), MANY), units=MANY, level=0.95
        )
        truth = (true[1] ** 2).sum() - (true[0] ** 2).sum()
        hits += found.low <= truth <= found.high
    assert 0.93 <= hits / 600 <= 0.985


@pytest.mark.parametrize(
    ("counts", "units", "message"),
    [
        ([1, 1], 2, "needs a bin with two items"),
        ([1, 0], 1, "needs at least two items, got 1"),
    ],
)
def test_too_few_items_are_refused(counts: list[int], units: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        squared_error_interval(
            np.zeros(2), np.full(2, 0.5), np.eye(4), counts=np.array(counts), units=units, level=0.95
        )
