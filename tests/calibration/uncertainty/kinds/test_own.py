"""Measures of one's own: any function of a run's arrays, with a cluster bootstrap."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from calibration import (
    Pairs,
    Predictions,
    adaptive_calibration_error,
    auroc,
    average_calibration_error,
    brier_score,
    by_group,
    change,
    estimate,
    signed_gap,
    subject_changes,
)
from calibration.metrics.arrays import BoolArray, FloatArray, IntArray
from calibration.uncertainty.bootstrap import no_root_reason, unit_draws
from tests.calibration.uncertainty.drawn_pairs import pairs_of
from tests.calibration.uncertainty.drawn_runs import run_of


def wrong_and_sure(confidence: FloatArray, correct: BoolArray) -> float:
    return float((confidence * ~correct).mean())


def often_undefined(confidence: FloatArray, correct: BoolArray) -> float:
    return auroc(confidence, correct)


def right_share(probabilities: FloatArray, answer: IntArray) -> float:
    return float(probabilities[np.arange(len(answer)), answer].mean())


def weighted_gap(confidence: FloatArray, correct: BoolArray, weight: FloatArray) -> float:
    return float(np.average(confidence - correct, weights=weight))


def test_a_function_of_confidences_has_a_labelled_interval() -> None:
    run = run_of(400, 0, sharpness=2.0)
    got = estimate(run, wrong_and_sure)
    assert got.value == pytest.approx((run.confidence * ~run.correct).mean())
    # The standard error of a mean, from 1,000 draws.
    error = np.std(run.confidence * ~run.correct) / 20
    assert (got.high - got.low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.12)
    assert str(got).endswith("(interval not validated)")
    assert got.to_dict()["label"] == "interval not validated"
    assert got == estimate(run, wrong_and_sure) != estimate(run, wrong_and_sure, seed=1)
    assert estimate(run, signed_gap).label is None


def test_names_of_parameters_or_a_word_tell_what_a_function_takes() -> None:
    run = run_of(100, 1)
    assert estimate(run, right_share).value == pytest.approx(run.probabilities[np.arange(100), run.answer].mean())
    assert estimate(run, lambda c, y: (c - y).mean()).value == pytest.approx(estimate(run, signed_gap).value)
    top = estimate(run, lambda rows, _: rows.max(axis=1).mean(), takes="probabilities")
    assert top.value == pytest.approx(run.probabilities.max(axis=1).mean())
    with pytest.raises(ValueError, match="in this order; its first parameter is called 'y_true'"):
        estimate(run, lambda y_true, y_prob: (y_true - y_prob).mean())
    with pytest.raises(ValueError, match="right_share takes whole rows of probabilities; pairs hold one confidence"):
        estimate(pairs_of(80, 1, clustered=False, weighted=False), right_share)
    with pytest.raises(ValueError, match="takes='probabilities' is for a function of your own"):
        estimate(run, brier_score, takes="probabilities")
    with pytest.raises(ValueError, match="bins have no effect on wrong_and_sure"):
        estimate(run, wrong_and_sure, bins=15)
    with pytest.raises(ValueError, match="view='choices' has no effect on wrong_and_sure"):
        estimate(run, wrong_and_sure, view="choices")


def test_metrics_without_an_interval_of_their_own_are_drawn_too() -> None:
    run = run_of(300, 2, sharpness=2.0)
    assert estimate(run, average_calibration_error).value == average_calibration_error(run.confidence, run.correct)
    rows = estimate(run, adaptive_calibration_error)
    assert rows.value == adaptive_calibration_error(run.probabilities, run.answer)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda c, _: c, r"must give one number, got an array of shape \(100,\)"),
        (lambda *_: "0.5", "must give one number, got '0.5'"),
        (lambda *_: {"gap": 0.5}, "must give one number, got dict"),
        (lambda *_: None, "must give one number, got NoneType"),
        (lambda *_: np.nan, "must give a finite number, got nan on 100 items"),
        (lambda c, _: c[0], "must not depend on the order of the rows, nor on chance"),
        (lambda *_: np.random.default_rng().normal(), "must not depend on the order of the rows, nor on chance"),
    ],
)
def test_what_is_no_measure_is_refused(function: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        estimate(run_of(100, 3), function)


def test_intervals_are_withheld_where_a_bootstrap_says_nothing() -> None:
    run = run_of(400, 4, sharpness=2.0)
    few = estimate(Predictions(run.frame.head(59)), wrong_and_sure)
    assert (few.known, few.reason) == (False, "a measure of your own has an interval from 60 items on, got 59")
    largest = estimate(run, lambda c, _: c.max())
    assert not largest.known
    assert largest.reason is not None
    assert largest.reason.startswith(("its error does not shrink as a root", "all bootstrap samples give the same"))
    alike = estimate(run, lambda *_: 0.25)
    assert alike.reason == "all bootstrap samples give the same, which says nothing about its error"
    rare = Pairs.from_arrays(np.linspace(0.1, 0.9, 100), np.arange(100) == 50)
    undefined = estimate(rare, often_undefined)
    assert undefined.reason is not None
    assert undefined.reason.endswith("of 1,000 bootstrap samples")
    strata = estimate(run, wrong_and_sure, sampling="strata")
    assert strata.reason == "a measure of your own is drawn by items or by clusters, not within strata"


def test_an_error_of_another_power_is_told_from_a_root() -> None:
    error = np.random.default_rng(0).normal(size=1000)
    reasons = [no_root_reason(error, 4**power * error) for power in (0.0, 1 / 3, 0.5, 1.0)]
    assert [reason is None for reason in reasons] == [False, False, True, False]


def test_clusters_are_drawn_whole() -> None:
    units = np.array([0, 1, 0, 2, 2, 2])
    for rows in unit_draws(units, 50, seed=3):
        count = np.bincount(units[rows], minlength=3)
        assert (count % [2, 1, 3]).tolist() == [0, 0, 0]
        assert (count / [2, 1, 3]).sum() == 3
    pairs = pairs_of(120, 5, clustered=True, weighted=False)
    alone = Pairs.from_arrays(pairs.confidence, pairs.correct)
    together, apart = (estimate(run, wrong_and_sure) for run in (pairs, alone))
    assert together.high - together.low > 1.2 * (apart.high - apart.low)


def test_weights_are_given_to_whoever_asks_for_them() -> None:
    pairs = pairs_of(150, 6, clustered=False, weighted=True)
    mine, known = estimate(pairs, weighted_gap), estimate(pairs, signed_gap)
    assert mine.value == pytest.approx(known.value)
    assert (mine.high - mine.low) == pytest.approx(known.high - known.low, rel=0.2)
    with pytest.raises(ValueError, match="wrong_and_sure needs a third parameter called weight"):
        estimate(pairs, wrong_and_sure)


def test_changes_are_paired_and_name_their_function() -> None:
    before, after = run_of(300, 7), run_of(300, 7, sharpness=2.0)
    moved = change(before, after, wrong_and_sure)
    apart = change(before, after, wrong_and_sure, paired=False)
    assert moved.value == apart.value > 0
    assert moved.high - moved.low < apart.high - apart.low
    assert str(moved).endswith("(interval not validated)")
    assert 0 < moved.p_value < 0.05
    same = change(before, before, wrong_and_sure)
    assert (same.low, same.high, same.p_value) == (0, 0, 1)
    groups = subject_changes(before, after, wrong_and_sure)
    assert groups.measure == "wrong_and_sure"


def test_many_items_take_seconds() -> None:
    run = run_of(14_042, 8)
    start = time.process_time()
    assert estimate(run, wrong_and_sure).known
    assert time.process_time() - start < 10


@pytest.mark.slow  # 300 bootstraps of 2,000 draws
def test_intervals_of_a_smooth_function_cover_its_truth() -> None:
    """Of 300 intervals at 95 %, 91 to 98 % cover."""
    whole = pairs_of(60_000, 9, clustered=True, weighted=False, sharpness=1.5)
    truth = wrong_and_sure(whole.confidence, whole.correct)
    covered = 0
    for seed in range(300):
        got = estimate(pairs_of(120, 100 + seed, clustered=True, weighted=False, sharpness=1.5), wrong_and_sure)
        covered += got.low <= truth <= got.high
    assert 0.91 <= covered / 300 <= 0.98


def test_a_function_without_a_telling_name_is_an_own_measure() -> None:
    run = Pairs.from_arrays([0.9, 0.2, 0.6, 0.7], [1, 0, 1, 0], group=["a", "a", "b", "b"])

    def f(confidence: FloatArray, correct: FloatArray) -> float:
        return float(np.mean(confidence - correct))

    def mean_gap(confidence: FloatArray, correct: FloatArray) -> float:
        return f(confidence, correct)

    names = [by_group(run, "subject", own).measure for own in (f, lambda p, y: float(np.mean(p - y)), mean_gap)]
    assert names == ["own measure", "own measure", "mean_gap"]
