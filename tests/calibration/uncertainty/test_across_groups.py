"""A random-effects summary: by hand, and how often its intervals hold."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import skew, t

from calibration.metrics.arrays import FloatArray
from calibration.uncertainty.across_groups import AcrossGroups, across_groups


def items(n_items: int, spread: float) -> FloatArray:
    """Influences with this variance of items."""
    return np.asarray(np.resize([-1.0, 1.0], n_items) * spread * np.sqrt((n_items - 1) / n_items))


def summary(values: list[float], n_items: list[int], spread: float) -> AcrossGroups:
    across = across_groups(values, [items(number, spread) for number in n_items])
    assert across is not None
    return across


EVEN = [0.1, 0.2, 0.4, 0.5, 0.3] * 2


def test_groups_of_one_size_by_hand() -> None:
    across = summary(EVEN, [100] * 10, 0.5)
    half = t.ppf(0.975, 9) * np.std(EVEN, ddof=1) / np.sqrt(10)  # not skewed
    assert (across.mean, across.low, across.high) == pytest.approx((0.3, 0.3 - half, 0.3 + half))
    # With one variance within the sum of squares is 9 s² / (τ² + v), which is 9 at τ² = s² − v.
    assert across.between == pytest.approx(np.sqrt(np.var(EVEN, ddof=1) - 0.25 / 100))
    assert across.new_low < across.low < across.high < across.new_high
    assert across.n_groups == 10


def test_the_mean_of_skewed_groups_reaches_farther_to_the_long_side() -> None:
    values = [0.0] * 9 + [1.0]
    across = summary(values, [100] * 10, 0.01)
    far, error = t.ppf(0.975, 9), np.std(values, ddof=1) / np.sqrt(10)
    g = skew(values, bias=False) / np.sqrt(10)
    studentised = [brentq(lambda x, z=z: x + g * x**2 / 3 + g**2 * x**3 / 27 + g / 6 - z, -40, 40) for z in (far, -far)]
    assert studentised[0] < far  # so that Student's is the farther one below
    assert across.low == pytest.approx(0.1 - far * error)
    assert across.high == pytest.approx(0.1 - studentised[1] * error)
    assert across.high - 0.1 > 2 * far * error


def test_a_new_group_may_lie_where_the_farthest_does() -> None:
    assert summary([0.0] * 9 + [1.0], [100] * 10, 0.01).new_high == pytest.approx(1.0, abs=0.01)


def test_values_that_noise_alone_explains_have_no_spread() -> None:
    assert summary([0.30, 0.31, 0.29, 0.30, 0.30] * 2, [20] * 10, 0.5).between == 0.0


def test_each_group_counts_alike() -> None:
    assert summary([0.0] * 8 + [0.5, 1.0], [5] * 9 + [1000], 0.4).mean == pytest.approx(0.15)


def test_too_few_or_alike_groups_have_none() -> None:
    values = [0.1, 0.2, 0.3, 0.4, 0.5] * 2
    assert across_groups(values[:9], [items(50, 1.0)] * 9) is None
    assert across_groups(values, [items(4, 1.0)] * 10) is None
    assert across_groups([0.2] * 10, [items(50, 0.0)] * 10) is None


def test_groups_without_noise_have_their_own_spread() -> None:
    assert summary(EVEN, [10] * 10, 0.0).between == pytest.approx(np.std(EVEN, ddof=1))


def test_same_seed_same_digits_and_plain_numbers() -> None:
    first, second = (summary(EVEN, [40, 50] * 5, 0.5) for _ in range(2))
    assert first == second
    assert json.loads(json.dumps(first.to_dict())) == first.to_dict()


def coverage(n_groups: int, sizes: list[int], spread: float, n_runs: int, *, spreads: list[float]) -> FloatArray:
    """Shares of runs whose intervals hold the mean and the next group."""
    rng = np.random.default_rng(0)
    held = np.zeros(2)
    for _ in range(n_runs):
        true = 0.2 + spread * rng.standard_normal(n_groups + 1)
        drawn = [value + rng.choice(spreads) * rng.standard_normal(rng.choice(sizes)) for value in true[:n_groups]]
        across = across_groups([float(x.mean()) for x in drawn], [x - x.mean() for x in drawn])
        assert across is not None
        held += [
            across.low <= 0.2 <= across.high,
            across.new_low <= true[-1] <= across.new_high,
        ]
    return held / n_runs


def test_intervals_hold_in_93_of_100_runs() -> None:
    """In 200 runs of ten uneven groups both intervals hold in 93 of 100, but for the noise of 200."""
    assert (coverage(10, [20, 50, 200], 0.1, 200, spreads=[0.4]) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 200)).all()


@pytest.mark.slow  # 9 settings of 1,000 runs each
@pytest.mark.parametrize("n_groups", [10, 20, 57])
@pytest.mark.parametrize(
    ("sizes", "spread", "spreads"),
    [([100], 0.0, [0.4]), ([5, 10, 20, 200], 0.03, [0.4]), ([5, 10, 20, 200], 0.1, [0.1, 0.6])],
    ids=["alike", "small spread", "uneven"],
)
def test_coverage(n_groups: int, sizes: list[int], spread: float, spreads: list[float]) -> None:
    """In 1,000 runs the intervals of the mean and of a new group hold in 93 of 100 and more, but for noise."""
    mean, new = coverage(n_groups, sizes, spread, 1000, spreads=spreads)
    assert min(mean, new) >= 0.93 - 2 * np.sqrt(0.93 * 0.07 / 1000)
