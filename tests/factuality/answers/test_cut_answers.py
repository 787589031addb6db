"""Answers behind thoughts, and answers that were cut off before they began: never wrong, never abstained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from calibration.models.protocol import Generated
from calibration.runs.folder import Run
from factuality import (
    Question,
    Responses,
    ask,
    classify,
    grade,
    p_true,
    read_responses,
    self_consistency,
    semantic_entropies,
)
from factuality.answers.cut_answers import CutAnswers
from factuality.answers.responses import RESPONSES
from factuality.answers.stated_confidence import split_statement, stated_confidence
from factuality.grading.abstention import declines
from factuality.grading.graders.matching import match
from factuality.grading.verdict_words import verdict_of
from factuality.rubrics.rubric import Rubric, RubricClass
from tests import tiny
from tests.factuality.judges import FakeJudge

SUN = Question("sun", "science", "What colour is the Sun?", ("white",), ("yellow",), "a book")
THOUGHTS = "<think>\nYellow? I don't know. (Confidence: 10%)\n"
# What a model wrote, how that ended, and its grade: in its thoughts, before the answer, in the answer, whole.
WRITTEN = [
    (THOUGHTS, "length", "ungraded"),
    (THOUGHTS, "end", "ungraded"),
    (f"{THOUGHTS}</think>", "length", "ungraded"),
    (f"{THOUGHTS}</think>\n\n**", "length", "ungraded"),
    ("\n", "length", "ungraded"),
    (f"{THOUGHTS}</think>\n\nIt is white", "length", "correct"),
    (f"{THOUGHTS}</think>\n\nIt is white.", "end", "correct"),
    (f"{THOUGHTS}</think>\n\nI don't know.", "end", "abstained"),
    ("", "end", "abstained"),
]


def responses(rows: list[tuple[str, str, str]]) -> Responses:
    """One question a row."""
    questions = [replace(SUN, id=f"sun/{row}") for row in range(len(rows))]
    frame = Responses.from_texts({f"sun/{row}": text for row, (text, _, _) in enumerate(rows)}, questions).frame
    raw = frame.with_columns(
        response=pl.Series([text for text, *_ in rows]), finish=pl.Series([finish for _, finish, _ in rows]),
        thoughts=pl.lit(None, pl.String),
    )  # fmt: skip
    return Responses(raw, tuple(questions))


@pytest.mark.parametrize("grader", ["match", "similarity:rouge1", "combined:words"])
def test_every_grader_judges_what_follows_the_thoughts(grader: str) -> None:
    with pytest.warns(
        UserWarning, match=r"^5 of 9 answers were cut off in the model's thoughts .* \(--max-new-tokens\)"
    ):
        judgments = grade(responses(WRITTEN), grader=grader).frame
    assert judgments["grade"].to_list()[:8] == [expected for *_, expected in WRITTEN[:8]]
    assert judgments["reason"].to_list()[0] == "cut off"
    assert judgments["reason"].to_list()[1] == "cut off: the model ended without an answer behind its thoughts"
    assert judgments["reason"].to_list()[2:5] == ["cut off"] * 3
    assert judgments["score"].to_list()[:5] == [None] * 5
    assert judgments["response"].to_list()[5:8] == ["It is white", "It is white.", "I don't know."]


def test_a_judge_never_sees_thoughts() -> None:
    from factuality.grading.graders.judge import Judge

    model: Any = FakeJudge(lambda _, line: float("agree" in line))
    with pytest.warns(UserWarning, match="5 of 9 answers were cut off"):
        grades = grade(responses(WRITTEN), grader=Judge(model)).frame["grade"].to_list()
    assert grades[:5] == ["ungraded"] * 5
    assert model.asked
    assert not any("Confidence: 10%" in prompt for prompt in model.asked)


def test_cut_answers_are_counted() -> None:
    counts = CutAnswers.of(responses(WRITTEN).frame)
    assert (counts.n_answers, counts.n_missing, counts.n_short) == (9, 5, 1)
    assert counts.short.startswith("1 of 9 answers was cut at the number of tokens that was allowed")
    assert CutAnswers.of(responses(WRITTEN[6:8]).frame).missing == ""


@pytest.mark.parametrize("text", ["", "It is white", "I don't know.", "<think>Hm", "<think>Hm</think>"])
def test_what_a_server_withheld_is_ungraded(text: str) -> None:
    given = responses([(text, "withheld", "ungraded"), ("It is white.", "end", "correct")])
    message = "1 of 2 answers was ended by the server (by a filter, the call of a tool or a fault), not by the model"
    with pytest.warns(UserWarning, match=re.escape(message)):
        judgments = grade(given, grader="match").frame
    assert judgments["grade"].to_list() == ["ungraded", "correct"]
    assert judgments["reason"][0] == "withheld by the server"
    counts = CutAnswers.of(given.frame)
    assert (counts.n_missing, counts.n_short, counts.n_withheld, counts.missing) == (0, 0, 1, "")


def test_an_answer_without_an_end_is_inside_thoughts_where_the_prompt_opens_them() -> None:
    rows = [("Yellow? No.\n</think>\n\nIt is white.", "end", ""), ("Yellow? Many people say", "length", "")]
    frame = responses(rows).frame
    assert frame["response"].to_list() == ["It is white.", ""]
    assert frame["thoughts"].to_list() == ["Yellow? No.\n</think>", "Yellow? Many people say"]
    # Where models begin their thoughts themselves, such an answer is one.
    rows[0] = (f"<think>{rows[0][0]}", "end", "")
    assert responses(rows).frame["response"].to_list() == ["It is white.", "Yellow? Many people say"]


def test_asking_keeps_thoughts_in_a_column_of_their_own(tmp_path: Path) -> None:
    model: Any = tiny.model()
    asked = [replace(SUN, id=f"sun/{row}") for row in range(3)]
    said = [
        Generated("It is white.", (-0.5, -0.25), "end", "<think>Yellow?</think>"),
        Generated("", (), "length", "Let me think about"),
        Generated("White.", (-1.0,), "end"),
    ]

    def generate(_: object, **__: object) -> Iterator[tuple[list[int], list[Generated]]]:
        yield list(range(3)), said

    model.generate = generate
    with pytest.warns(UserWarning, match="1 of 3 answers was cut off in the model's thoughts or before an answer"):
        answers = ask(model, asked, style="chat", out=tmp_path / "run")
    stored = Run(tmp_path / "run", RESPONSES).read_frame()
    assert stored["thoughts"].to_list() == ["<think>Yellow?</think>", "Let me think about", None]
    assert stored["response"].to_list() == ["It is white.", "", "White."]
    assert stored["logprob"].to_list() == [-0.75, None, -1.0]
    assert stored["n_tokens"].to_list() == [2, None, 1]
    assert read_responses(tmp_path / "run").frame.equals(answers.frame)


def test_samples_that_were_cut_off_do_not_agree_with_each_other() -> None:
    rows = [(THOUGHTS, "length", ""), (THOUGHTS, "length", ""), ("White.", "end", ""), ("white", "end", "")]
    drawn = responses(rows)
    samples = Responses(drawn.frame.with_columns(question=pl.lit("sun"), sample=pl.int_range(4)), (SUN,))
    shares = self_consistency(samples).frame
    assert shares["confidence"].to_list() == [None, None, 1.0, 1.0]
    assert shares["n_samples"].to_list() == [2, 2, 1, 1]
    spread = semantic_entropies(samples).frame
    assert spread["n_samples"].to_list() == [2] * 4
    assert spread["entropy"].to_list() == [0.0] * 4
    cut = Responses(samples.frame.head(2), (SUN,))
    assert self_consistency(cut).frame["confidence"].to_list() == [None, None]
    assert semantic_entropies(cut).frame["confidence"].to_list() == [None, None]


def test_no_class_and_no_confidence_for_an_answer_that_was_cut_off() -> None:
    judge: Any = FakeJudge(lambda *_: 0.0)
    classes = (RubricClass("A", "refusal", "It declines."), RubricClass("B", "answer", "It answers."))
    given = responses(WRITTEN[:1] + WRITTEN[6:7])
    with pytest.warns(UserWarning, match="1 of 2 answers was cut off"):
        found = classify(given, Rubric("Refusals", "Sort.", classes), judge=judge).frame
    assert found["class"].to_list() == [None, "A"]
    assert found["reason"].to_list() == ["cut off", ""]
    assert p_true(judge, given).frame["confidence"].to_list() == [None, pytest.approx(0.5)]


def test_texts_are_read_behind_their_thoughts() -> None:
    assert declines("<think>I don't know.</think>It is white.") is False
    assert declines("<think>It is white.</think>I don't know.") is True
    assert declines("<think>I don't know.") is False
    assert match("<think>yellow</think>white", SUN).grade == "correct"
    assert match("<think>yellow", SUN) == match("[THINK]white", SUN)
    assert match("<think>yellow", SUN).grade == "ungraded"
    assert stated_confidence("<think>Confidence: 10%</think>White. (Confidence: 85%)") == 0.85
    assert stated_confidence("<think>Confidence: 10%") is None
    assert split_statement("<think>Confidence: 10%</think>White. (Confidence: 85%)") == ("White.", 0.85)
    assert verdict_of("<think>Verdict: CORRECT? No.</think>INCORRECT") == "incorrect"
    assert verdict_of("<think>Verdict: CORRECT") == "ungraded"
