"""Changes between runs on different items."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm, ttest_ind

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
from calibration.uncertainty.measure_table import MEASURES
from calibration.uncertainty.standard_errors import difference_interval
from tests.calibration.uncertainty.drawn_pairs import pairs_of
from tests.calibration.uncertainty.drawn_runs import population, run_of, samples

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
    assert got.p_value == pytest.approx(interval.pvalue)
    assert (got.low, got.high) == pytest.approx(tuple(interval.confidence_interval(0.95)))


def test_variances_of_items_add_up() -> None:
    rng = np.random.default_rng(1)
    first, second = (values - values.mean() for values in (rng.normal(size=400), 2 * rng.normal(size=900)))
    got = difference_interval(0.3, (first, second), (ITEMS, ITEMS), level=0.95)
    error = np.sqrt(np.var(first, ddof=1) / 400 + np.var(second, ddof=1) / 900)
    assert got.high - got.low == pytest.approx(2 * norm.ppf(0.975) * error)


def test_pairing_and_choices_of_items_do_not_mix() -> None:
    run = run_of(50, 3)
    with pytest.raises(ValueError, match="items='common' has no effect without pairing"):
        change(run, run, ece, paired=False, items="common")
    with pytest.raises(ValueError, match="and sampling='clusters' does not: give one of them"):
        change(run, run, ece, stratified=True, sampling="clusters")
    with pytest.raises(TypeError, match="must be Predictions, Pairs or Verdicts, or two arrays"):
        change(None, run, ece)  # type: ignore[arg-type]


def test_clusters_are_drawn_for_a_change() -> None:
    before, after = (pairs_of(100, 4, clustered=True, weighted=False, sharpness=sharp) for sharp in (1.0, 2.0))
    drawn = change(before, after, signed_gap, sampling="clusters")
    assert drawn == change(before, after, signed_gap)
    alone = change((before.confidence, before.correct), (after.confidence, after.correct), signed_gap)
    assert drawn.high - drawn.low > alone.high - alone.low
    seven = [Pairs(run.frame.filter(run.frame["cluster"].is_in(list("0123456")))) for run in (before, after)]
    few = change(seven[0], seven[1], ece)
    assert few.reason == "an interval for new clusters needs at least 10 clusters, got 7"


@pytest.mark.slow  # two runs are drawn hundreds of times
@pytest.mark.parametrize("key", ["accuracy", "signed_gap", "brier", "auroc"])
def test_few_intervals_miss_the_true_change(key: str) -> None:
    """Counted: intervals of 150 pairs of runs that miss; of 5 % by chance more than 15 are one in 200."""
    sharp = (1.0, 1.7)
    truth = MEASURES[key](population(sharp[1])).value - MEASURES[key](population(sharp[0])).value
    runs = [samples(sharp[0], 200, 150, seed=30), samples(sharp[1], 300, 150, seed=31)]
    missed = 0
    for before, after in zip(*runs, strict=True):
        got = change(before, after, key, paired=False)
        missed += not got.low <= truth <= got.high
    assert missed <= 15


@pytest.mark.slow  # 500 pairs of runs by five measures
def test_intervals_cover_the_true_change() -> None:
    """Of 500 intervals at 95 %, 92.5 to 97.5 % cover; of an ECE that starts calibrated 60 % or more."""
    keys = ("accuracy", "signed_gap", "brier", "nll", "auroc", "ece_top")
    before, after = samples(1.0, 200, 500, seed=40), samples(1.7, 300, 500, seed=41)
    covered = dict.fromkeys(keys, 0)
    for key in keys:
        truth = MEASURES[key](population(1.7)).value - MEASURES[key](population(1.0)).value
        for first, second in zip(before, after, strict=True):
            got = change(first, second, key, paired=False)
            covered[key] += got.low <= truth <= got.high
    rates = {key: count / 500 for key, count in covered.items()}
    assert rates.pop("ece_top") >= 0.6
    assert all(0.925 <= rate <= 0.975 for rate in rates.values()), rates
