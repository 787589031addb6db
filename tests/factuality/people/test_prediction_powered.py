"""The corrected rate: unbiased, covered, and never much worse than the labels alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from calibration.metrics.arrays import FloatArray
from calibration.metrics.curves import wilson
from factuality.people.labelling import stratified_sample
from factuality.people.prediction_powered import rate_from_labels


def population(rate: float, *, n_answers: int = 700, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Labels with exactly this rate, and the scores of a good grader that is calibrated for a rate of about 0.25."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.4, 1.2, n_answers)
    label = np.zeros(n_answers)
    label[np.argsort(-(odds + rng.gumbel(size=n_answers)))[: round(rate * n_answers)]] = 1
    return expit(odds), label


def sampled(label: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
    seen = np.full(len(label), np.nan)
    seen[rows] = label[rows]
    return seen


def simulated(
    score: FloatArray, label: FloatArray, times: int, *, choosing: bool = False, finite: bool = True
) -> dict[str, float]:
    """Coverage and mean width over draws of 100 labels, and the mean of the estimates."""
    rng = np.random.default_rng(1)
    truth, found = label.mean(), []
    for seed in range(times):
        weight = None
        rows = rng.choice(len(label), 100, replace=False)
        if choosing:
            rows, _, weights = stratified_sample(score, 100, seed=seed)
            weight = np.ones(len(label))
            weight[rows] = weights
        rate = rate_from_labels(score, sampled(label, rows), weight=weight, finite=finite)
        one, alone = rate.estimate, rate.labels_alone
        found.append((one.value, one.low <= truth <= one.high, one.high - one.low, alone.high - alone.low))
    mean = np.mean(found, axis=0)
    return {"value": mean[0], "coverage": mean[1], "width": mean[2], "alone": mean[3]}


@pytest.mark.parametrize("choosing", [False, True])
def test_a_good_grader_narrows_the_interval_and_biases_nothing(choosing: bool) -> None:
    """400 draws of 100 labels: the mean is the true rate, and intervals of 95 % are narrower than of labels alone."""
    score, label = population(0.22)
    found = simulated(score, label, 400, choosing=choosing)
    assert found["value"] == pytest.approx(0.22, abs=0.006)
    assert 0.92 <= found["coverage"] <= 0.98
    assert found["width"] < (0.91 if choosing else 0.92) * found["alone"]


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.03, 0.97])
@pytest.mark.parametrize("choosing", [False, True])
def test_coverage_at_rates_near_0_and_1(rate: float, choosing: bool) -> None:
    """Of 150 draws, 92 in 100 intervals hold a rate near the ends, hardly wider than of labels alone."""
    score, label = population(rate)
    found = simulated(score, label, 150, choosing=choosing)
    assert found["coverage"] >= 0.92
    assert found["width"] < 1.05 * found["alone"]


@pytest.mark.parametrize("rate", [0.03, 0.22])
def test_a_useless_grader_costs_next_to_nothing(rate: float) -> None:
    """150 draws of 100 labels: with grades by chance the intervals cover, and are hardly wider than of labels alone."""
    _, label = population(rate)
    for score in (np.random.default_rng(3).random(len(label)), np.full(len(label), 0.4)):
        found = simulated(score, label, 150)
        assert found["coverage"] >= 0.91
        assert found["width"] < 1.04 * found["alone"]


@pytest.mark.slow  # 2,000 draws each
@pytest.mark.parametrize("choosing", [False, True])
@pytest.mark.parametrize("rate", [0.01, 0.05, 0.22, 0.5, 0.9])
def test_coverage_of_2000_draws(rate: float, choosing: bool) -> None:
    """Of 2,000 draws of 100 labels, 93 to 97 in 100 intervals hold the rate of all answers; more where it is near 0."""
    score, label = population(rate)
    found = simulated(score, label, 2_000, choosing=choosing)
    assert found["coverage"] >= 0.93
    assert rate < 0.1 or found["coverage"] <= 0.97


def test_worked_by_hand() -> None:
    # A constant score says nothing: Wilson's interval of 100 labels that are worth 100 / (1 − 100/400).
    label = np.full(400, np.nan)
    label[:100] = np.arange(100) < 30
    found = rate_from_labels(np.full(400, 0.5), label)
    low, high = wilson(np.array(0.3), np.array(100 / 0.75))
    assert found.estimate.value == pytest.approx(0.3)
    assert (found.estimate.low, found.estimate.high) == pytest.approx((float(low), float(high)))
    assert (found.labels_alone.low, found.labels_alone.high) == pytest.approx((float(low), float(high)))
    assert (found.n_answers, found.n_labels, found.grader_rate) == (400, 100, 0.5)
    # For all answers of the kind, 100 labels are 100 labels.
    low, high = wilson(np.array(0.3), np.array(100.0))
    whole = rate_from_labels(np.full(400, 0.5), label, finite=False).estimate
    assert (whole.low, whole.high) == pytest.approx((float(low), float(high)))


def test_the_regression_estimator_by_hand() -> None:
    # Calibrated in the labels, so that no shift is made but for the smoothing: slope near 1, scores of the rest count.
    score = np.concatenate([np.repeat([0.2, 0.8], 500), np.repeat([0.2, 0.8], [9_000, 1_000])])
    label = np.full(len(score), np.nan)
    label[:1000] = np.concatenate([np.arange(500) < 100, np.arange(500) < 400])
    weight = np.concatenate([np.repeat([19.0, 3.0], 500), np.ones(10_000)])  # what each half stands for
    found = rate_from_labels(score, label, weight=weight)
    assert found.estimate.value == pytest.approx((9_500 * 0.2 + 1_500 * 0.8) / 11_000, abs=1e-3)
    assert 0.8 < found.slope < 1.2
    assert found.labels_alone.high - found.labels_alone.low > found.estimate.high - found.estimate.low


def test_what_is_certain_is_never_left_out() -> None:
    score, label = population(0.22, n_answers=120)
    rows = np.arange(110)
    found = rate_from_labels(score, sampled(label, rows)).estimate
    seen = label[rows].sum()
    assert found.low >= seen / 120
    assert found.high <= (seen + 10) / 120
    everything = rate_from_labels(score, label)
    for one in (everything.estimate, everything.labels_alone):
        assert one.low == one.value == one.high == pytest.approx(label.mean())
    population_rate = rate_from_labels(score, label, finite=False).estimate
    low, high = wilson(np.array(label.mean()), np.array(120.0))
    assert (population_rate.low, population_rate.high) == pytest.approx((float(low), float(high)))


def test_no_right_answer_among_the_labels() -> None:
    score, _ = population(0.22)
    found = rate_from_labels(score, sampled(np.zeros(700), np.arange(100)))
    assert found.estimate.low == found.estimate.value == 0
    assert found.estimate.high == pytest.approx(3.841 / (100 / (1 - 100 / 700) + 3.841), abs=1e-4)
    assert found.rogan_gladen is None
    assert found.frame["method"].to_list() == ["prediction-powered", "labels alone"]


def test_one_right_answer_in_the_file_is_covered_also_where_it_is_found() -> None:
    found = rate_from_labels(np.full(707, 0.3), sampled(np.arange(707) == 5, np.arange(100)))
    assert found.estimate.low <= 1 / 707


@given(st.integers(0, 10_000), st.floats(0.05, 0.95), st.integers(2, 60))
def test_order_changes_nothing_and_ranges_hold(seed: int, rate: float, n_labels: int) -> None:
    score, label = population(rate, n_answers=60, seed=seed)
    rng = np.random.default_rng(seed)
    seen = sampled(label, rng.choice(60, n_labels, replace=False))
    one = rate_from_labels(score, seen)
    order = rng.permutation(60)
    other = rate_from_labels(score[order], seen[order])
    assert one.estimate.value == pytest.approx(other.estimate.value, abs=1e-9)
    assert one.estimate.low == pytest.approx(other.estimate.low, abs=1e-9)
    for found in (one.estimate, one.labels_alone):
        assert 0 <= found.low <= found.value <= found.high <= 1
    # Right and wrong exchanged: the mirror image.
    mirrored = rate_from_labels(1 - score, 1 - seen).estimate
    assert mirrored.value == pytest.approx(1 - one.estimate.value, abs=1e-7)
    assert mirrored.low == pytest.approx(1 - one.estimate.high, abs=1e-7)


def test_answers_without_a_score_say_nothing() -> None:
    score, label = population(0.22)
    seen = sampled(label, np.arange(100))
    score[200:] = np.nan
    assert rate_from_labels(score, seen).estimate.value == pytest.approx(label[:100].mean(), abs=0.05)
    none = rate_from_labels(np.full(700, np.nan), seen)
    assert none.estimate.value == pytest.approx(label[:100].mean())


@pytest.mark.parametrize(
    ("score", "label", "weight", "message"),
    [
        ([0.1, 0.2], [1, 0, 1], None, r"1-d and of one length, got \(2,\) and \(3,\)"),
        ([0.1, 1.2], [1, 0], None, r"a score must be in \[0, 1\] or NaN; row 1 has 1.2"),
        ([0.1, 0.2], [1, 2], None, r"a label must be 0, 1 or NaN; row 1 has 2.0"),
        ([0.1, 0.2], [1, np.nan], None, r"at least two labels, got 1"),
        ([0.1, 0.2], [1, 0], [1, 0], r"a labelled answer must have a positive weight; row 1 has 0.0"),
        ([0.1, 0.2], [1, 0], [1], r"one weight an answer: \(2,\), got \(1,\)"),
    ],
)
def test_wrong_arrays_are_refused(
    score: list[float], label: list[float], weight: list[float] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        rate_from_labels(score, label, weight=weight)
