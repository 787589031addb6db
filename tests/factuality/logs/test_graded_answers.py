"""Answers of a log with its verdicts: graded again, read back, with and without right answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import factuality
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from factuality.grading.graders.human import Human
from factuality.grading.grading import list_graders, own_verdicts
from factuality.logs.graded_answers import write_answers
from factuality.questions.question import BareQuestion


def answer(item: str, response: str, grade: str, *references: str, **others: Any) -> dict[str, Any]:
    row = {"item": item, "sample": 0, "category": "", "question": f"What is {item}?", "response": response}
    return {**row, "references": list(references), "grade": grade, "confidence": None, "reason": "", **others}


def written(folder: Path, *rows: dict[str, Any], grader: str = "match", model: str = "m") -> Path:
    log_file = folder / "log.json"
    folder.mkdir(exist_ok=True)
    log_file.write_text(model + str(rows))
    answers = GradedAnswers(pl.DataFrame(rows, schema_overrides={"references": pl.List(pl.String)}), grader)
    log = Log(format="made", task="t", model=model, content=answers, files=(log_file,))
    write_answers(log, answers, folder / "run")
    return folder / "run"


def test_the_verdicts_of_the_log_lie_beside_those_of_a_grader_that_is_called_alike(tmp_path: Path) -> None:
    run = written(tmp_path, answer("a", "It is red.", "incorrect", "red"), answer("b", "blue", "correct", "blue"))
    assert own_verdicts(run) == "log:match"
    assert factuality.read_judgments(run).frame["grade"].to_list() == ["incorrect", "correct"]
    again = factuality.grade(run, grader="match")
    assert again.frame["grade"].to_list() == ["correct", "correct"]
    assert list_graders(run) == ["log:match", "match"]
    assert factuality.read_judgments(run, grader="log:match").frame["grade"].to_list() == ["incorrect", "correct"]


def test_answers_are_read_back_with_their_samples(tmp_path: Path) -> None:
    rows = [answer("a", text, "correct", "red", sample=number) for number, text in enumerate(["red", "It is red"])]
    answers = factuality.read_responses(written(tmp_path, *rows))
    assert answers.frame["sample"].to_list() == [0, 1]
    assert answers.frame["response"].to_list() == ["red", "It is red"]
    assert [question.correct for question in answers.questions] == [("red",)]


def test_verdicts_are_of_the_answers_as_they_are_read(tmp_path: Path) -> None:
    run = written(
        tmp_path, answer("a", " red\n", "correct", "red"), answer("b", "<think>so</think>red", "correct", "red")
    )
    assert factuality.read_judgments(run).frame["response"].to_list() == ["red", "red"]


def test_a_confidence_of_the_log_is_one_of_the_answers(tmp_path: Path) -> None:
    run = written(tmp_path, answer("a", "red", "correct", "red", confidence=0.75), answer("b", "?", "ungraded", "blue"))
    frame = factuality.read_judgments(run).frame
    assert frame["confidence"].to_list() == [0.75, None]
    assert frame["confidence_kind"].to_list() == ["logged", None]


def test_questions_without_right_answers_are_kept_and_graders_that_need_them_say_so(tmp_path: Path) -> None:
    run = written(tmp_path, answer("a", "No.", "correct"), answer("b", "Yes.", "incorrect", "", "?"))
    questions = factuality.read_responses(run).questions
    assert [type(question) for question in questions] == [BareQuestion, BareQuestion]
    assert [question.ideal for question in questions] == ["", ""]
    for grader in ("match", "combined:words", "similarity"):
        with pytest.raises(ValueError, match=f"{grader} compares answers with right ones, and the 2 questions come"):
            factuality.grade(run, grader=grader)
    labels = tmp_path / "labels.csv"
    labels.write_text("question,grade\na,correct\nb,correct\n")
    assert factuality.grade(run, grader=Human.load(labels)).frame["grade"].to_list() == ["correct", "correct"]


def test_a_question_without_right_answers_among_others_is_left_ungraded(tmp_path: Path) -> None:
    run = written(tmp_path, answer("a", "No.", "correct"), answer("b", "It is red.", "incorrect", "red"))
    frame = factuality.grade(run, grader="match").frame
    assert frame["grade"].to_list() == ["ungraded", "correct"]
    assert frame["reason"][0] == "no right answer is known"


def test_questions_with_references_given_later_are_graded(tmp_path: Path) -> None:
    run = written(tmp_path, answer("a", "It is red.", "correct"))
    known = factuality.Question("a", "", "What is a?", ("red",), (), adversarial=False)
    assert factuality.grade(run, [known], grader="match").frame["grade"].to_list() == ["correct"]


def test_a_question_of_ones_own_still_needs_a_right_answer() -> None:
    with pytest.raises(ValueError, match="there must be at least one correct answer"):
        factuality.Question("a", "", "What is a?", (), (), adversarial=False)
