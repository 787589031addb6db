"""Grading and its table: written whole, read back, never stale."""

from __future__ import annotations

import math
import re
from pathlib import Path

import polars as pl
import pytest

from calibration.runs import collection
from calibration.runs.run_writer import RunWriter
from factuality import Judgments, Question, Responses, ask, grade, rate_change, read_judgments
from factuality.answers.run_results import read_results, write_results
from tests import tiny
from tests.factuality import sets


def test_every_column(tmp_path: Path) -> None:
    asked = sets.questions(4)
    said = {"q0": "the one number 0", "q1": "Two!", "q2": "I don't know", "q3": "one 3 or four, but not two"}
    found = grade(Responses.from_texts(said, asked, model="m"), grader="match").frame
    assert found["grade"].to_list() == ["correct", "incorrect", "abstained", "correct"]
    assert found["tempted"].to_list() == [False, True, False, False]
    assert found["score"].to_list() == [1.0, 0.0, None, 1.0]
    assert found["adversarial"].to_list() == [True, True, True, False]
    row = found.row(1, named=True)
    assert row == {
        "model": "m",
        "question": "q1",
        "category": "law",
        "adversarial": True,
        "sample": 0,
        "text": asked[1].question,
        "response": "Two!",
        "ideal": "one 1",
        "grade": "incorrect",
        "tempted": True,
        "grader": "match",
        "score": 0.0,
        "confidence": None,
        "confidence_kind": None,
        "reason": "names 'two'",
        "grader_model": None,
        "credit": None,
    }


def test_other_references_may_be_given() -> None:
    asked = [Question("a", "b", "What?", ("this",), ("that",))]
    answers = Responses.from_texts({"a": "those"}, asked)
    assert grade(answers, grader="match").frame["tempted"].to_list() == [False]
    assert grade(answers, [Question("a", "b", "What?", ("this",), ("those",))], grader="match").frame[
        "tempted"
    ].to_list() == [True]
    with pytest.raises(ValueError, match="no references for question 'a', which was answered"):
        grade(answers, [Question("z", "b", "What?", ("this",), ("that",))], grader="match")
    with pytest.raises(ValueError, match="at least one question, got none"):
        grade(answers, [], grader="match")
    with pytest.raises(ValueError, match=r"the grader must be one of match, .*, got 'oracle'$"):
        grade(answers, grader="oracle")


def test_a_run_folder_keeps_its_judgments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "_PART_SECONDS", 0.0)
    model, asked, run = tiny.model(), sets.questions(6), tmp_path / "run"

    def interrupt(done: int, total: int) -> None:
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(model, asked, max_new_tokens=5, batch_size=2, out=run, progress=interrupt)
    with pytest.raises(FileNotFoundError, match="not graded yet; use: veracal grade"):
        read_judgments(run)
    with pytest.raises(FileNotFoundError, match="not graded by match yet; use: veracal grade"):
        read_judgments(run, grader="match")
    assert grade(run, grader="match").n_answers == read_judgments(run).n_answers == 2
    answers = ask(model, asked, max_new_tokens=5, batch_size=2, out=run)
    with pytest.raises(ValueError, match="holds 2 of 6 answers; grade the run again"):
        read_judgments(run)
    found = grade(str(run), grader="match")
    assert read_judgments(run).frame.equals(found.frame)
    assert found.frame.equals(grade(answers, grader="match").frame)
    assert found.frame["confidence_kind"].unique().to_list() == ["sequence"]
    assert found.frame["confidence"][0] == pytest.approx(math.exp(answers.frame["logprob"][0]))
    assert [path.name for path in (run / "judgments").iterdir()] == ["match.parquet"]
    (run / "judgments" / "match.parquet").write_bytes(b"nonsense")
    with pytest.raises(ValueError, match=r"match\.parquet: not readable judgments"):
        read_judgments(run)


def test_judgments_of_another_name_are_not_overwritten(tmp_path: Path) -> None:
    ask(tiny.model(), sets.questions(2), max_new_tokens=4, out=tmp_path)
    grade(tmp_path, grader="match")
    file = tmp_path / "judgments" / "match.parquet"
    other = pl.read_parquet(file).with_columns(grader=pl.lit("Match"))  # as where case makes no other name
    write_results(other, file)
    with pytest.raises(ValueError, match="holds the judgments of 'Match', whose name this file system does not tell"):
        grade(tmp_path, grader="match")
    assert read_results(file, what="judgments").equals(other)


def test_judgments_tell_which_model_graded(tmp_path: Path) -> None:
    run, folder = tmp_path / "run", tmp_path / "judge"
    ask(tiny.model(), sets.questions(4), max_new_tokens=4, out=run)

    def graded(seed: int) -> Judgments:
        tiny.network(seed=seed).save_pretrained(folder)
        tiny.tokenizer().save_pretrained(folder)
        return grade(run, grader=f"model:{folder}")

    first = graded(0)
    (hash_of_first,) = first.frame["grader_model"].unique()
    assert re.fullmatch(r"weights \w{16}", hash_of_first)
    assert graded(0).frame.equals(first.frame)
    with pytest.warns(
        UserWarning, match=rf"is another model than the one that graded .* \({hash_of_first}, now weights"
    ):
        second = graded(1)
    assert read_judgments(run).frame.equals(second.frame)
    with pytest.raises(ValueError, match=r"model:.*judge was another model for some \(weights .*\); grade the runs"):
        rate_change(first, second)


def test_judgments_of_earlier_versions_name_no_model() -> None:
    old = Judgments(sets.judgments(["correct"]).frame.drop("grader_model"))
    assert old.frame["grader_model"].to_list() == [None]
    # Nothing tells whose they are: they are compared as before.
    assert rate_change(old, sets.judgments(["incorrect"], grader_model="weights 0f4b")).frame.height


def test_a_folder_of_something_else_is_not_graded(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no run here"):
        grade(tmp_path, grader="match")
    RunWriter.open(tmp_path / "run", {"model": "m"}, n_items=1)
    with pytest.raises(ValueError, match="holds a run of predictions, not of responses"):
        grade(tmp_path / "run", grader="match")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (
            "grade",
            "right",
            "the grade must be one of correct, incorrect, abstained, ungraded, partial; row 1 .question q1",
        ),
        ("tempted", True, "only an incorrect answer can repeat a distractor; row 1"),
        ("confidence", 1.5, "a confidence must be a probability; row 1"),
        ("question", "q0", "each answer must occur once; row 0"),
        ("response", None, "every column but score and confidence must be given; row 1"),
    ],
)
def test_a_table_that_no_grader_writes_is_refused(column: str, value: object, message: str) -> None:
    frame = sets.judgments(["correct", "correct"]).frame
    values = [frame[column][0], value]
    with pytest.raises(ValueError, match=message):
        Judgments(frame.with_columns(pl.Series(column, values, dtype=frame.schema[column])))


def test_a_table_without_rows_or_columns_is_refused() -> None:
    frame = sets.judgments(["correct"]).frame
    with pytest.raises(ValueError, match=r"must have the columns model, .*; missing: ideal"):
        Judgments(frame.drop("ideal"))
    with pytest.raises(ValueError, match="at least one answer, got none"):
        Judgments(frame.clear())
