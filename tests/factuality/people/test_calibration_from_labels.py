"""Calibration that is corrected by few labels of people."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import brier_score, ece, signed_gap
from calibration.metrics.arrays import FloatArray
from factuality.people.calibration_from_labels import CorrectedCalibration, calibration_from_labels
from factuality.people.expected_labels import expected_labels


def swayed(
    n_questions: int, n_answers: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """A model whose confidence .6 or .9 is right in half of its answers, and a grader that believes what is sure.

    The true ECE is .1 · ½ + .4 · ½ = .25.
    """
    shape = (n_questions, n_answers)
    confidence = np.where(rng.random(shape) < 0.5, 0.6, 0.9)
    right = rng.random(shape) < np.where(rng.random((n_questions, 1)) < 0.5, 0.3, 0.7)
    judged = np.where(right, rng.random(shape) < 0.95, rng.random(shape) < np.where(confidence > 0.7, 0.7, 0.05))
    question = np.repeat(np.arange(n_questions), n_answers)
    answers = (np.asarray(part, dtype=np.float64).ravel() for part in (confidence, right, judged, question))
    return next(answers), next(answers), next(answers), next(answers)


def sampled(label: FloatArray, n_labels: int, rng: np.random.Generator) -> FloatArray:
    seen = np.full(len(label), np.nan)
    rows = rng.choice(len(label), n_labels, replace=False)
    seen[rows] = label[rows]
    return seen


def corrected(n_labels: int, seed: int) -> CorrectedCalibration:
    rng = np.random.default_rng(seed)
    confidence, right, judged, question = swayed(80, 4, rng)
    return calibration_from_labels(confidence, judged, sampled(right, n_labels, rng), question=question, bins=5)


def test_a_grader_that_is_swayed_by_confidence_is_corrected() -> None:
    """Of 60 samples, 93 in 100 intervals hold the truth; fewer than 85 in 100 of one is one in 100."""
    truth = {"ece": 0.25, "signed_gap": 0.25, "brier": (0.36 + 0.16 + 0.81 + 0.01) / 4}
    held = {method: dict.fromkeys(truth, 0) for method in ("corrected", "judged")}
    for seed in range(60):
        calibration = corrected(80, seed)
        for key, value in truth.items():
            for method, counts in held.items():
                estimate = getattr(calibration, method)[key]
                counts[key] += estimate.low <= value <= estimate.high
    assert min(held["corrected"].values()) >= 51
    # What the grader says itself is wrong: about .07.
    assert held["judged"]["ece"] < 6


def test_with_all_labels_it_is_that_of_the_labels() -> None:
    confidence, right, judged, question = swayed(60, 2, np.random.default_rng(0))
    calibration = calibration_from_labels(confidence, judged, right, question=question)
    values = {key: estimate.value for key, estimate in calibration.corrected.items()}
    assert values["ece"] == pytest.approx(ece(confidence, right))
    assert values["signed_gap"] == pytest.approx(signed_gap(confidence, right))
    assert values["brier"] == pytest.approx(brier_score(confidence, right))
    assert calibration.judged["ece"].value == pytest.approx(ece(confidence, judged))
    assert calibration.curve["labels"].to_list() == calibration.curve["count"].to_list()


def test_gaps_in_bins_by_hand() -> None:
    # One value of score and confidence in each bin: what is expected there cancels but for the level of both bins.
    confidence = np.repeat([0.7, 0.9], 100)
    judged = np.ones(200)
    label = np.full(200, np.nan)
    label[:20], label[100:120] = np.arange(20) < 12, np.arange(20) < 10
    calibration = calibration_from_labels(confidence, judged, label)
    assert calibration.curve["accuracy"].to_list() == pytest.approx([0.6, 0.5], abs=0.01)
    assert calibration.curve["judged_accuracy"].to_list() == [1, 1]
    assert calibration.corrected["ece"].value == pytest.approx((0.1 + 0.4) / 2, abs=0.02)
    assert calibration.corrected["signed_gap"].value == pytest.approx(0.8 - 0.55, abs=0.01)
    assert (calibration.disagreements, calibration.n_labels, calibration.n_answers) == (18, 40, 200)


def test_a_grader_that_never_erred_on_60_labels_may_err() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.random(600)
    judged = (rng.random(600) < confidence).astype(np.float64)
    calibration = calibration_from_labels(confidence, judged, sampled(judged, 60, rng))
    limit = 1 - 0.025 ** (1 / 60)  # Clopper and Pearson
    assert calibration.disagreements == 0
    for key in ("ece", "brier"):
        assert calibration.corrected[key].high >= calibration.judged[key].high + 0.9 * limit


def test_answers_of_a_question_are_drawn_together() -> None:
    """Five copies of every answer say no more than one."""
    rng = np.random.default_rng(0)
    confidence, right, judged, _ = swayed(100, 1, rng)
    copies = [np.repeat(values, 5) for values in (confidence, judged, right)]
    once = calibration_from_labels(confidence, judged, right)
    often = calibration_from_labels(*copies, question=np.repeat(np.arange(100), 5))
    for key in ("ece", "signed_gap", "brier"):
        first, second = once.corrected[key], often.corrected[key]
        assert second.value == pytest.approx(first.value)
        assert second.high - second.low > 0.8 * (first.high - first.low)


def test_weights_say_how_many_answers_a_label_stands_for() -> None:
    rng = np.random.default_rng(0)
    confidence, right, judged, _ = swayed(4_000, 1, rng)
    # One in ten of what the grader passes is labelled, and half of the rest.
    chance = np.where(judged == 1, 0.1, 0.5)
    label = np.where(rng.random(4_000) < chance, right, np.nan)
    calibration = calibration_from_labels(confidence, judged, label, weight=1 / chance)
    assert calibration.corrected["ece"].value == pytest.approx(0.25, abs=0.04)
    assert calibration.corrected["signed_gap"].value == pytest.approx(0.25, abs=0.04)


def test_few_labels_or_questions_have_no_interval() -> None:
    confidence, right, judged, _ = swayed(100, 1, np.random.default_rng(0))
    label = np.where(np.arange(100) < 19, right, np.nan)
    few = calibration_from_labels(confidence, judged, label)
    assert few.corrected["ece"].reason == "an interval needs labels on at least 20 questions, got 19"
    assert few.judged["ece"].known
    assert few.frame.filter(method="corrected")["low"].null_count() == 3
    assert few.curve["low"].null_count() == few.curve.height
    five = calibration_from_labels(confidence, judged, right, question=np.repeat(np.arange(5), 20))
    assert five.corrected["brier"].reason == "an interval for new questions needs at least 10 questions, got 5"
    assert not five.judged["brier"].known


def test_a_bin_without_a_label_has_no_accuracy() -> None:
    confidence, right, judged, _ = swayed(100, 1, np.random.default_rng(0))
    label = np.where((confidence < 0.7) | (np.arange(100) > 80), right, np.nan)
    label[confidence > 0.7] = np.nan
    calibration = calibration_from_labels(confidence, judged, label)
    assert calibration.curve["accuracy"].null_count() == 1
    # What nobody labelled widens the ECE.
    ece = calibration.corrected["ece"]
    assert ece.high - ece.low > 0.3


def test_it_is_written_as_plain_values_and_the_same_each_time() -> None:
    first, second = corrected(60, 1).to_dict(), corrected(60, 1).to_dict()
    assert first == second
    assert set(first) == {"corrected", "judged", "curve", "n", "n_labels", "n_questions", "disagreements"}
    assert (first["n"], first["n_questions"], first["n_labels"]) == (320, 80, 60)


def test_what_is_expected_of_a_labelled_answer_does_not_know_its_label() -> None:
    rng = np.random.default_rng(0)
    score, confidence, label = rng.random(30), rng.random(30), rng.integers(0, 2, 30).astype(np.float64)
    question = np.repeat(np.arange(15), 2)
    first = expected_labels(score, confidence, label, np.ones(30), question)
    turned = np.where(question == 3, 1 - label, label)
    second = expected_labels(score, confidence, turned, np.ones(30), question)
    assert first[question == 3] == pytest.approx(second[question == 3])
    assert not np.allclose(first[question != 3], second[question != 3])


@pytest.mark.parametrize(
    ("confidence", "label", "message"),
    [
        ([0.5, 0.6, 0.7], [1, 0], r"score and label must be 1-d and of one length, got \(3,\) and \(2,\)"),
        ([0.5, 1.6, 0.7], [1, 0, 1], "1.6"),
        ([0.5, 0.6, 0.7], [1, np.nan, np.nan], "at least two labels, got 1"),
    ],
)
def test_wrong_arrays_are_refused(confidence: list[float], label: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibration_from_labels(confidence, [1, 0, 1], label)
