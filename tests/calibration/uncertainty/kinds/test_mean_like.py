"""Means and what behaves like one: intervals by hand, DeLong's error, bootstraps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration import Pairs, Predictions, auroc, estimate, signed_gap
from calibration.metrics.temperature import optimal_temperature
from calibration.uncertainty.changes import measure_change
from calibration.uncertainty.drawn_units import run_sampling
from calibration.uncertainty.kinds.mean_like import MeanLike
from calibration.uncertainty.measure_table import MEASURES, Metric
from calibration.uncertainty.standard_errors import standard_error
from tests.calibration.uncertainty.drawn_runs import brute_force, measured, run_of


def test_signed_gap_interval_by_hand() -> None:
    # Confidence ¾ throughout, 60 of 100 right: gap 0.15, standard deviation of the gaps √(0.24 · 100/99) = 0.4924.
    run = Predictions.from_arrays(np.tile(np.log([3.0, 1.0]), (100, 1)), answer=[0] * 60 + [1] * 40)
    got = estimate(run, signed_gap)
    # Gaps −0.25 and 0.75, so deviations −0.4 and 0.6 of skewness 4.8 / 24^1.5 = 0.0408; Student's t of 99 degrees.
    error = 0.4923660 / math.sqrt(100)
    centre, half = 0.15 + error * 0.0408248 * (1 + 2 * 1.984217**2) / 6, 1.984217 * error
    assert (got.value, got.low, got.high) == pytest.approx((0.15, centre - half, centre + half), abs=1e-6)


@pytest.mark.parametrize("metric", [signed_gap])
@pytest.mark.parametrize("n_right", [2, 5, 8, 19])
def test_p_value_is_the_level_at_which_the_interval_touches_0(metric: Metric, n_right: int) -> None:
    run = Predictions.from_arrays(np.tile(np.log([3.0, 1.0]), (20, 1)), answer=[0] * n_right + [1] * (20 - n_right))
    p_value = estimate(run, metric).p_value
    assert p_value is not None
    got = estimate(run, metric, level=1 - p_value)
    assert min(abs(got.low), abs(got.high)) == pytest.approx(0, abs=1e-9)


def delong(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> float:
    """DeLong's standard error, pair by pair from the definition."""
    right, wrong = confidence[correct][:, None], confidence[~correct][None, :]
    won = (right > wrong) + 0.5 * (right == wrong)
    by_right, by_wrong = won.mean(axis=1), won.mean(axis=0)
    return math.sqrt(by_right.var(ddof=1) / len(by_right) + by_wrong.var(ddof=1) / len(by_wrong))


def auroc_error(run: Predictions) -> float:
    measure = MEASURES["auroc"](run)
    assert isinstance(measure, MeanLike)
    return standard_error(measure.influence)


def test_auroc_error_is_that_of_a_jackknife() -> None:
    """The standard error is that of 200 AUROCs with one item left out of each."""
    run = run_of(200, 14)
    keep = ~np.eye(200, dtype=bool)
    left_out = np.array([auroc(run.confidence[rows], run.correct[rows]) for rows in keep])
    jackknife = math.sqrt(199 / 200 * np.square(left_out - left_out.mean()).sum())
    assert auroc_error(run) == pytest.approx(jackknife, rel=0.02)


@pytest.mark.parametrize("n_wrong", [2, 4, 10, 50])
def test_auroc_error_is_delongs_also_with_few_wrong_answers(n_wrong: int) -> None:
    run = run_of(2000, 15)
    rows = np.sort(np.concatenate([np.flatnonzero(run.correct)[:60], np.flatnonzero(~run.correct)[:n_wrong]]))
    few = Predictions(run.frame[rows])
    error = delong(few.confidence, few.correct)
    assert auroc_error(few) == pytest.approx(error, rel=1e-12)
    alike = Pairs.from_arrays(few.confidence, few.correct, weight=np.full(few.n_items, 2.0))
    weighed = MEASURES["auroc"](alike)
    assert isinstance(weighed, MeanLike)
    assert standard_error(weighed.influence, run_sampling("items", alike)) == pytest.approx(error, rel=1e-12)


@pytest.mark.parametrize(("n_right", "n_wrong", "fewer"), [(3, 3, 3), (4, 2, 2), (2, 4, 2), (30, 10, 10)])
def test_auroc_of_1_or_0_is_as_certain_as_the_smaller_class(n_right: int, n_wrong: int, fewer: int) -> None:
    logits = np.column_stack([np.linspace(3, 0.5, n_right + n_wrong), np.zeros(n_right + n_wrong)])
    answer = np.repeat([0, 1], [n_right, n_wrong])
    perfect = estimate(Predictions.from_arrays(logits, answer), auroc)
    # Wilson's interval of n of n is n / (n + z²) to 1.
    assert (perfect.value, perfect.high) == pytest.approx((1.0, 1.0), abs=1e-12)
    assert perfect.low == pytest.approx(fewer / (fewer + 1.959964**2), abs=1e-6)
    # Confidence the other way round: least where the answer is right.
    worst = estimate(Predictions.from_arrays(logits[::-1], answer), auroc)
    assert (worst.value, worst.low) == pytest.approx((0.0, 0.0), abs=1e-12)
    assert worst.high == pytest.approx(1 - perfect.low, abs=1e-12)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([0, 1, 1, 1], "an interval needs at least two right and two wrong answers, got 1 right"),
        ([0, 0, 0, 1], "an interval needs at least two right and two wrong answers, got 3 right"),
        ([0, 0, 0, 0], "AUROC needs right and wrong answers, got 4 right and 0 wrong"),
    ],
)
def test_auroc_of_a_single_right_or_wrong_answer_has_no_interval(answer: list[int], message: str) -> None:
    run = Predictions.from_arrays([[2.0, 0.0], [1.5, 0.0], [1.0, 0.0], [0.5, 0.0]], answer)
    with pytest.raises(ValueError, match=message):
        estimate(run, auroc)


def test_temperature_interval_is_that_of_a_bootstrap() -> None:
    """On the log scale the interval is as wide as the standard deviation of 600 temperatures drawn anew says."""
    run = run_of(400, 16, sharpness=1.5)
    got = measured(run, "temperature")
    boot = brute_force(run, lambda rows: optimal_temperature(run.log_probabilities[rows], run.answer[rows]), 600)
    assert math.log(got.high / got.low) / 2 / 1.959964 == pytest.approx(float(np.log(boot).std()), rel=0.1)
    assert got.low * got.high == pytest.approx(got.value**2)  # symmetric on the log scale


@pytest.mark.slow  # 2,000 changes each
@pytest.mark.parametrize("n", [30, 60, 100])
def test_changes_of_a_signed_gap_hold_where_few_answers_flip(n: int) -> None:
    """2,000 pairs of runs, of whose answers 7 % flip: at least 93 % of the intervals hold the change."""
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(2000):
        confidence = rng.uniform(0.4, 1.0, n)
        before = rng.random(n) < confidence
        after = before ^ (rng.random(n) < np.where(before, 0.05, 0.12))
        first, second = Pairs.from_arrays(confidence, before), Pairs.from_arrays(confidence**0.9, after)
        gap = MEASURES["signed_gap"]
        got = measure_change(gap(first), gap(second), np.repeat(_ONE_SUBJECT, n))
        held += got.low <= _CHANGE <= got.high
    assert held / 2000 >= 0.93


_ONE_SUBJECT = np.zeros(1, dtype=np.str_)
# Mean confidence .7 to the mean of c^.9 over .4 to 1, (1 − .4^1.9) / 1.9 / .6; of the right .05 turn wrong, of the
# wrong .12 right.
_CHANGE = ((1 - 0.4**1.9) / 1.9 / 0.6 - 0.7) - (0.3 * 0.12 - 0.7 * 0.05)
