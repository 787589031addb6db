"""Self-consistency: shares counted by hand, itself left out, agreement that must hold both ways."""

from __future__ import annotations

import polars as pl
import pytest

from factuality import Question, Responses
from factuality.confidence.sampling_agreement import agreement_by, same_words, self_consistency
from factuality.grading.graders.loading import load_grader
from tests.factuality import sets


def drawn(texts: dict[str, list[str]], asked: list[Question]) -> Responses:
    rows = [
        Responses.from_texts({name: text}, asked).frame.with_columns(sample=pl.lit(number, pl.Int32))
        for name, answers in texts.items()
        for number, text in enumerate(answers)
    ]
    return Responses(pl.concat(rows), tuple(asked))


def test_shares_by_hand() -> None:
    asked = sets.questions(2)
    samples = drawn({"q0": ["Yes.", "yes", "The yes", "No"], "q1": ["Two", "three"]}, asked)
    given = Responses.from_texts({"q1": "two!", "q0": "YES"}, asked)
    found = self_consistency(samples, given).frame
    assert found["question"].to_list() == ["q1", "q0"]
    assert found["confidence"].to_list() == [0.5, 0.75]
    assert found["n_samples"].to_list() == [2, 4]
    # A sample is not held against itself: the odd one out has 0, not 1 / 4.
    own = self_consistency(samples).frame
    assert own["confidence"].to_list() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 0, 0, 0])
    assert own["n_samples"].to_list() == [3, 3, 3, 3, 1, 1]
    assert set(own["confidence_kind"]) == {"self-consistency"}


def test_agreement_must_hold_both_ways_and_is_asked_once() -> None:
    asked = sets.questions(1)
    samples = drawn({"q0": ["white light", "white light", "white", "white light of all colours"]}, asked)
    given = Responses.from_texts({"q0": "white"}, asked)
    calls: list[tuple[str, str]] = []

    def within(question: Question, first: str, second: str) -> bool:
        assert question.id == "q0"
        calls.append((first, second))
        return second in first

    assert self_consistency(samples, given, agree=within).frame["confidence"].to_list() == [0.25]
    assert len(calls) == len(set(calls)) <= 4
    assert self_consistency(samples, given, agree=lambda *_: True).frame["confidence"].to_list() == [1.0]


def test_agreement_by_a_grader() -> None:
    agree = agreement_by(load_grader("match"))
    question = sets.questions(1)[0]
    assert agree(question, "It is white.", "White")
    assert not agree(question, "It is red.", "White")
    assert not agree(question, "I don't know.", "White")
    assert agree(question, "...", "")  # no words on either side
    assert not agree(question, "White", "")
    assert same_words(question, "", " . ")


def test_too_few_samples_are_told_by_question() -> None:
    asked = sets.questions(2)
    samples = drawn({"q0": ["Yes."], "q1": ["No", "No"]}, asked)
    with pytest.raises(ValueError, match="question q0 needs a sampled answer beside the one given, got none"):
        self_consistency(samples)
    with pytest.raises(ValueError, match="question q1 needs a sampled answer"):
        self_consistency(drawn({"q0": ["Yes", "No"]}, asked), Responses.from_texts({"q1": "No"}, asked))
