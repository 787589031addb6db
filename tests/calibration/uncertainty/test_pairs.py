"""Confidences that stand alone: arrays, weights, clusters, what they cannot tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import t

from calibration import (
    Pairs,
    UndefinedMeasure,
    Verdicts,
    augrc,
    aurc,
    auroc,
    brier_score,
    change,
    classwise_ece,
    compare,
    debiased_ce2,
    ece,
    estimate,
    log_loss,
    max_calibration_error,
    null_ece,
    reliability_curve,
    signed_gap,
    smooth_ece,
    subject_changes,
    summarize,
)
from calibration.uncertainty.drawn_units import unit_sampling
from calibration.uncertainty.estimates import measure_estimate, measure_floor
from calibration.uncertainty.measure_table import MEASURES
from tests.calibration.uncertainty.drawn_pairs import pairs_of, population_of
from tests.calibration.uncertainty.drawn_runs import run_of

METRICS = [ece, smooth_ece, debiased_ce2, max_calibration_error, signed_gap, auroc, aurc, augrc, brier_score, log_loss]
WEIGHTED = [
    "accuracy",
    "mean_confidence",
    "signed_gap",
    "brier_top",
    "nll_top",
    "auroc",
    "augrc",
    "ece_top",
    "smooth_ece",
]
KINDS: list[dict[str, bool]] = [
    {"clustered": True, "weighted": False},
    {"clustered": False, "weighted": True},
    {"clustered": True, "weighted": True},
]


def verdicts(grades: list[str], model: str = "base") -> Verdicts:
    rows = {"item": [str(row) for row in range(len(grades))], "grade": grades}
    return Verdicts(pl.DataFrame(rows).with_columns(model=pl.lit(model), revision=pl.lit(""), subject=pl.lit("")))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.__name__)
def test_arrays_have_the_value_of_the_metric(metric: Any) -> None:
    pairs = pairs_of(300, 0, clustered=False, weighted=False, sharpness=1.5)
    got = estimate(pairs.confidence, pairs.correct, metric)
    assert got.value == pytest.approx(metric(pairs.confidence, pairs.correct), abs=1e-12)
    assert got == estimate(pairs, metric) == estimate((pairs.confidence, pairs.correct), metric)
    assert got.low <= got.value <= got.high


@pytest.mark.parametrize("metric", [ece, smooth_ece, debiased_ce2, signed_gap, auroc, aurc, augrc])
def test_predicted_letters_as_pairs_have_the_interval_of_the_run(metric: Any) -> None:
    run = run_of(400, 3, sharpness=2.0)
    mine, whole = estimate((run.confidence, run.correct), metric), estimate(run, metric)
    assert (mine.value, mine.low, mine.high) == pytest.approx((whole.value, whole.low, whole.high), abs=2e-6)


@pytest.mark.parametrize("key", WEIGHTED)
def test_a_weight_of_two_is_the_value_of_the_item_twice(key: str) -> None:
    pairs = pairs_of(200, 1, clustered=False, weighted=False, sharpness=1.5)
    times = 1 + np.arange(200) % 3
    weighted = Pairs.from_arrays(pairs.confidence, pairs.correct, weight=times)
    repeated = Pairs.from_arrays(np.repeat(pairs.confidence, times), np.repeat(pairs.correct, times))
    assert estimate(weighted, key).value == pytest.approx(estimate(repeated, key).value, abs=1e-9)
    # As many independent items as there are, not as their weights sum to.
    narrow, wide = (got.high - got.low for got in (estimate(repeated, key), estimate(weighted, key)))
    assert wide > 1.1 * narrow


@pytest.mark.parametrize("key", [key for key in WEIGHTED if key != "smooth_ece"])
def test_equal_weights_are_none(key: str) -> None:
    pairs = pairs_of(100, 2, clustered=False, weighted=False)
    heavy = Pairs.from_arrays(pairs.confidence, pairs.correct, weight=np.full(100, 2.5))
    assert estimate(heavy, key) == estimate(pairs, key)


def test_a_weighted_mean_has_the_error_of_a_ratio_by_hand() -> None:
    # Shares .5 and .25 twice; the mean is .5·1 + .25·0 + .25·0 = .5. Leaving an item out moves it to 0, ⅔ and ⅔: the
    # jackknife's error is √(⅔ (.5² + ⅙² + ⅙²)).
    gap = estimate(Pairs.from_arrays([1.0, 0.0, 0.0], [0, 0, 0], weight=[2, 1, 1]), "mean_confidence", level=0.5)
    assert gap.value == 0.5
    error = np.sqrt(2 / 3 * (0.5**2 + 2 / 36))
    # Of shares h = ½, ¼, ¼ and a = h²/(1 − h) = ½, 1/12, 1/12 the degrees of freedom are 1/(Σh² + (Σa)² − Σa²) = 1.8.
    assert gap.high - gap.value == pytest.approx(error * t.ppf(0.75, 1.8), rel=1e-6)


@pytest.mark.parametrize("key", ["accuracy", "signed_gap", "brier_top", "auroc", "ece_top", "max_calibration_error"])
def test_copies_of_an_answer_in_its_cluster_say_nothing_new(key: str) -> None:
    pairs = pairs_of(150, 4, clustered=False, weighted=False, sharpness=2.0)
    names = [str(row) for row in range(150)]
    copies = Pairs.from_arrays(np.tile(pairs.confidence, 4), np.tile(pairs.correct, 4), cluster=names * 4)
    alone, together = estimate(pairs, key), estimate(copies, key)
    as_if_new = estimate((copies.confidence, copies.correct), key)
    assert together.value == pytest.approx(alone.value)
    assert (together.high - together.low) > 0.9 * (alone.high - alone.low)
    assert (as_if_new.high - as_if_new.low) < 0.8 * (together.high - together.low)


def test_what_needs_more_is_refused_by_name() -> None:
    pairs = pairs_of(80, 5, clustered=False, weighted=True)
    with pytest.raises(
        ValueError, match=r"classwise_ece with view='top' needs a distribution over the options .* pairs"
    ):
        estimate(pairs, classwise_ece)
    with pytest.raises(ValueError, match="ece with view='choices' needs a distribution over the options"):
        estimate(pairs, ece, view="choices")
    with pytest.raises(UndefinedMeasure, match="it has no form for weighted items: a few heavy answers"):
        estimate(pairs, aurc)
    with pytest.raises(ValueError, match="items of one cluster are not independent; use sampling='clusters'"):
        estimate(pairs_of(40, 5, clustered=True, weighted=False), ece, sampling="strata")
    right = verdicts(["correct", "incorrect"] * 20)
    with pytest.raises(ValueError, match="needs a confidence in each answer; verdicts are right or wrong without any"):
        estimate(right, ece)
    with pytest.raises(ValueError, match=r"must hold the same; pairs hold one confidence .* and verdicts are right"):
        change(pairs, right, "accuracy")
    with pytest.raises(TypeError, match=r"or two arrays \(confidence, correct\), got list"):
        estimate([0.5, 0.6], ece)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="leave the second argument out beside Pairs"):
        estimate(pairs, pairs.correct, ece)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match=r"weight must hold one number a value, \(2,\), got \(1,\)"):
        Pairs.from_arrays([0.5, 0.6], [1, 0], weight=[1])


def test_measures_have_keys_and_an_unknown_one_lists_them() -> None:
    run = run_of(60, 1)
    assert estimate(run, "ece_top") == estimate(run, ece)
    assert estimate(run, "ece_choices") == estimate(run, ece, view="choices")
    assert estimate(run, "nll") == estimate(run, log_loss)
    with pytest.raises(
        ValueError, match="no measure 'ece_tap'; the nearest: 'ece_top'; there are accuracy, accuracy_by"
    ):
        estimate(run, "ece_tap")
    with pytest.raises(ValueError, match="no measure 'ece_top_null95'; the nearest: 'ece_top'"):
        estimate(run, "ece_top_null95")
    with pytest.raises(ValueError, match="'ece_top' is of the predicted letters: leave view='choices' out"):
        estimate(run, "ece_top", view="choices")


@pytest.mark.parametrize("binning", [{"bins": 15}, {"n_bins": 15}, {"bins": 15, "n_bins": 15}])
def test_bins_have_two_names(binning: Any) -> None:
    run = run_of(300, 2, sharpness=2.0)
    pair = (run.confidence, run.correct)
    assert ece(*pair, **binning) == ece(*pair, bins=15) != ece(*pair)
    assert reliability_curve(*pair, **binning).ece == ece(*pair, bins=15)
    assert null_ece(*pair, **binning).observed == pytest.approx(ece(*pair, bins=15))
    assert debiased_ce2(*pair, **binning) == debiased_ce2(*pair, bins=15)
    assert estimate(run, ece, **binning).value == pytest.approx(ece(*pair, bins=15))


def test_two_numbers_of_bins_and_bins_of_a_mean_are_refused() -> None:
    run = run_of(60, 2)
    with pytest.raises(ValueError, match="bins and n_bins are two names of one number, got 10 and 15"):
        ece(run.confidence, run.correct, bins=10, n_bins=15)
    with pytest.raises(ValueError, match="bins and n_bins are two names of one number, got 10 and 15"):
        estimate(run, ece, bins=10, n_bins=15)
    with pytest.raises(ValueError, match="bins have no effect on signed gap, which has no bins"):
        estimate(run, signed_gap, bins=15)


@pytest.mark.parametrize("metric", [ece, classwise_ece, debiased_ce2, max_calibration_error])
def test_quantile_bins_have_the_value_of_the_metric(metric: Any) -> None:
    run = run_of(400, 6, sharpness=2.0)
    data = (run.probabilities, run.answer) if metric is classwise_ece else (run.confidence, run.correct)
    got = estimate(run, metric, bins=7, strategy="quantile")
    assert got.value == pytest.approx(metric(*data, bins=7, strategy="quantile"), abs=1e-12)
    assert got.low <= got.value <= got.high


def test_one_dimension_is_the_binary_score() -> None:
    # (.1² + .4²) / 2 and half of the sum over both options; −(log .9 + log .6) / 2.
    stated, right = [0.9, 0.4], [1, 0]
    rows, answer = [[0.1, 0.9], [0.6, 0.4]], right
    assert brier_score(stated, right) == pytest.approx(0.085) == brier_score(rows, answer) / 2
    assert log_loss(stated, right) == pytest.approx(-np.log(0.9 * 0.6) / 2) == log_loss(rows, answer)
    assert log_loss([0.0, 0.5], [1, 1]) == np.inf
    with pytest.raises(ValueError, match="correct must hold only 0 and 1"):
        brier_score([0.5, 0.5], [0, 2])


def test_a_run_gives_its_floor_and_its_curve() -> None:
    pairs = pairs_of(300, 8, clustered=True, weighted=True)
    curve = reliability_curve(pairs)
    assert curve.ece == pytest.approx(estimate(pairs, ece).value, abs=1e-12) == null_ece(pairs).observed
    assert curve.frame.columns[-1] == "share"
    plain = reliability_curve(pairs.confidence, pairs.correct)
    assert "share" not in plain.frame.columns
    assert np.nansum(curve.high - curve.low) > np.nansum(plain.high - plain.low)
    run = run_of(100, 1)
    assert null_ece(run) == null_ece(run.probabilities, run.answer)
    with pytest.raises(ValueError, match="a noise floor in the view 'choices' needs more; pairs hold one confidence"):
        null_ece(pairs, view="choices")
    with pytest.raises(TypeError, match="correct must be given beside an array of confidences, got list alone"):
        reliability_curve([0.5])


def test_a_summary_says_what_is_left_out() -> None:
    pairs = summarize(pairs_of(100, 9, clustered=True, weighted=True))
    assert pairs["n_clusters"] == 100
    assert {"ece_top", "ece_top_null95", "brier_top", "nll_top"} <= set(pairs)
    assert not {"ece_choices", "brier", "nll", "temperature", "tie_rate", "aurc"} & set(pairs)
    assert any("left out is what needs a distribution over the options" in note for note in pairs.notes)
    assert any("AURC is left out: it has no form for weighted items" in note for note in pairs.notes)
    right = summarize(verdicts(["correct"] * 30 + ["incorrect"] * 8 + ["abstained"] * 2 + ["ungraded"]))
    assert list(right) == ["n_items", "accuracy"]
    assert str(right["accuracy"]) == "0.750 [0.598, 0.858]"  # Wilson's of 30 of 40
    assert right.notes[0].endswith(
        "verdicts are right or wrong without any confidence, so that there is nothing to calibrate"
    )
    assert right.notes[1:] == (
        "2 of 40 items were answered by abstaining, which counts as not right",
        "1 item without a verdict is left out",
    )  # fmt: skip


def test_pairs_and_verdicts_are_compared() -> None:
    before, after = (pairs_of(200, 10, clustered=True, weighted=False, sharpness=sharp) for sharp in (1.0, 2.0))
    comparison = compare(before, after)
    assert list(comparison.change) == [key for key in comparison.before if key in MEASURES]
    assert comparison.change["ece_top"] == change(before, after, ece) == change(before, after, ece, sampling="clusters")
    assert comparison.change["ece_top"].value > 0
    both = [verdicts(["correct"] * right + ["incorrect"] * (40 - right)) for right in (20, 30)]
    moved = compare(*both).change
    # 10 of 40 became right and none wrong: McNemar's statistic is √10.
    assert list(moved) == ["accuracy"]
    assert moved["accuracy"].p_value == pytest.approx(0.0015654, abs=1e-6)


def test_groups_of_pairs_change_by_themselves() -> None:
    before, after = (pairs_of(120, 11, clustered=True, weighted=True, sharpness=sharp) for sharp in (1.0, 2.0))
    group = [f"g{name[-1]}" for name in before.cluster.tolist()]
    before, after = (Pairs(run.frame.with_columns(subject=pl.Series(group))) for run in (before, after))
    changes = subject_changes(before, after)
    assert changes.frame.height == 10
    assert changes.frame["low"].null_count() < 10
    assert changes.overall == change(before, after, signed_gap)
    assert changes.overall.clustered is not None


def test_float32_confidences_keep_their_precision() -> None:
    stated = np.array([0.7, 0.7, 0.3], dtype=np.float32)
    pairs = Pairs.from_arrays(stated, [1, 0, 0])
    assert reliability_curve(pairs).count.tolist() == reliability_curve(stated, [1, 0, 0]).count.tolist()
    assert reliability_curve(pairs).count[7] == 2


@pytest.mark.parametrize("kind", KINDS, ids=["clusters", "weights", "both"])
def test_few_intervals_of_dependent_or_weighted_answers_miss_the_truth(kind: dict[str, bool]) -> None:
    """Counted: intervals of 60 runs that miss; of 5 % by chance more than 8 are one in 100."""
    keys = ("accuracy", "signed_gap", "brier_top", "auroc")
    whole = population_of(sharpness=1.5, **kind)
    truth = {key: MEASURES[key](whole).value for key in keys}
    missed = dict.fromkeys(keys, 0)
    for seed in range(60):
        run = pairs_of(150, 100 + seed, sharpness=1.5, **kind)
        for key, value in truth.items():
            got = estimate(run, key)
            missed[key] += not got.low <= value <= got.high
    assert max(missed.values()) <= 8, missed


@pytest.mark.slow  # 300 runs by nine measures
@pytest.mark.parametrize("kind", KINDS, ids=["clusters", "weights", "both"])
def test_intervals_of_dependent_or_weighted_answers_cover_the_truth(kind: dict[str, bool]) -> None:
    """Of 300 intervals at 95 %, 92 to 98 % cover; of an ECE 86 % or more, of a maximum 95 % or more."""
    keys = ("accuracy", "mean_confidence", "signed_gap", "brier_top", "nll_top", "auroc", "augrc", "ece_top")
    whole = population_of(sharpness=1.8, **kind)
    truth = {key: MEASURES[key](whole).value for key in (*keys, "max_calibration_error")}
    covered = dict.fromkeys(truth, 0)
    for seed in range(300):
        run = pairs_of(200, 1000 + seed, sharpness=1.8, **kind)
        for key, value in truth.items():
            measure = MEASURES[key](run)
            got = measure_estimate(measure, measure_floor(measure, run, seed=seed), unit_sampling(run), seed=seed)
            covered[key] += got.low <= value <= got.high
    rates = {key: count / 300 for key, count in covered.items()}
    assert rates.pop("max_calibration_error") >= 0.95
    assert rates.pop("ece_top") >= 0.86
    assert all(0.92 <= rate <= 0.98 for rate in rates.values()), rates


@pytest.mark.slow  # 200 floors of 1,000 draws
@pytest.mark.parametrize("kind", KINDS, ids=["clusters", "weights", "both"])
@pytest.mark.parametrize("n_clusters", [150, 1500])
def test_the_noise_floor_is_exceeded_by_one_calibrated_model_in_twenty(kind: dict[str, bool], n_clusters: int) -> None:
    """Of 200 calibrated models about 10 exceed the floor; 3 to 20 do."""
    floors = [null_ece(pairs_of(n_clusters, 5000 + seed, **kind), seed=seed) for seed in range(200)]
    assert 3 <= sum(floor.observed > floor.quantile95 for floor in floors) <= 20
