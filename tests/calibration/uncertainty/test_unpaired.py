"""Changes between runs on different items."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ttest_ind

from calibration import (
    Pairs,
    Predictions,
    augrc,
    auroc,
    brier_score,
    change,
    debiased_ce2,
    ece,
    estimate,
    log_loss,
    max_calibration_error,
    signed_gap,
    smooth_ece,
)
from calibration.uncertainty.drawn_units import ITEMS
from calibration.uncertainty.intervals import joined_limits
from calibration.uncertainty.kinds.share import Share
from calibration.uncertainty.standard_errors import studentised_interval
from tests.calibration.uncertainty.drawn_runs import run_of

METRICS = [ece, smooth_ece, debiased_ce2, max_calibration_error, signed_gap, brier_score, log_loss, auroc, augrc]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.__name__)
def test_runs_of_other_items_and_sizes_change(metric: Any) -> None:
    before, after = run_of(300, 1), run_of(450, 2, sharpness=2.0)
    moved = change(before, after, metric, paired=False)
    assert moved.value == pytest.approx(metric_of(after, metric) - metric_of(before, metric), abs=1e-12)
    assert moved.low <= moved.value <= moved.high
    assert moved.clustered is None
    assert moved == change(before, after, metric, paired=False)


def metric_of(run: Predictions, metric: Any) -> float:
    return change(run_of(300, 1), run, metric, paired=False).value


def test_shares_have_newcombes_interval_by_hand() -> None:
    # Newcombe (1998), table II, case (a) 56/70 and 48/80, method 10: .2 [.0524, .3339].
    first, second = (Share(np.repeat([1.0, 0.0], counts)) for counts in ([48, 32], [56, 14]))
    got = first.unpaired_interval(second, (ITEMS, ITEMS), level=0.95, seed=0)
    assert (got.low, got.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert 0.001 < got.p_value < 0.05
    reverse = second.unpaired_interval(first, (ITEMS, ITEMS), level=0.95, seed=0)
    assert (reverse.low, reverse.high) == pytest.approx((-0.3339, -0.0524), abs=5e-5)


@pytest.mark.parametrize("key", ["signed_gap", "brier_top", "augrc"])
def test_runs_of_few_errors_have_the_limits_of_both_joined(key: str) -> None:
    rng = np.random.default_rng(5)
    first, second = (
        Pairs.from_arrays(rng.uniform(0.9, 1, n_items), np.arange(n_items) >= n_wrong)
        for n_items, n_wrong in ((60, 3), (80, 1))
    )
    before, after = estimate(first, key), estimate(second, key)
    got = change(first, second, key, paired=False)
    ends = (before.low, before.high), (after.low, after.high)
    assert (got.low, got.high) == pytest.approx(joined_limits((before.value, after.value), *ends))
    assert (got.p_value < 0.05) == (not got.low <= 0 <= got.high)


def test_ranks_of_few_errors_have_no_interval_unpaired_either() -> None:
    rng = np.random.default_rng(6)
    few, many = (Pairs.from_arrays(rng.uniform(0.5, 1, 90), np.arange(90) >= n_wrong) for n_wrong in (5, 30))
    got = change(few, many, auroc, paired=False)
    assert got.reason == "fewer than 10 wrong (or right) answers say too little: 5"


def test_means_of_few_clusters_have_welchs_degrees_of_freedom() -> None:
    rng = np.random.default_rng(0)
    before, after = rng.random(12), rng.random(17) * 2
    names = [np.repeat(np.arange(n), 3).astype(str).tolist() for n in (12, 17)]
    runs = [
        Pairs.from_arrays(np.repeat(values / 2, 3), np.zeros(3 * len(values)), cluster=cluster)
        for values, cluster in zip((before, after), names, strict=True)
    ]
    got = change(runs[0], runs[1], "mean_confidence", paired=False)
    interval = ttest_ind(after / 2, before / 2, equal_var=False)
    # Third moments of both add up; the interval reaches as far as Student's, and as after Hall's transformation.
    errors, thirds = zip(*(_moments(values / 2) for values in (before, after)), strict=True)
    g = (thirds[1] - thirds[0]) / (errors[0] + errors[1]) ** 1.5
    expected = studentised_interval(
        (after.mean() - before.mean()) / 2, np.sqrt(sum(errors)), g, level=0.95, freedom=interval.df
    )
    assert (got.low, got.high, got.p_value) == pytest.approx((expected.low, expected.high, expected.p_value))
    student = interval.confidence_interval(0.95)
    assert min(got.high - student.high, student.low - got.low) == pytest.approx(0, abs=1e-12)


def _moments(values: NDArray[np.float64]) -> tuple[float, float]:
    """Variance of a mean, and its third moment by leaving out each value."""
    n = len(values)
    moved = (values - values.mean()) / (n - 1) * np.sqrt((n - 1) / n)
    return float((moved**2).sum()), float((moved**3).sum())
