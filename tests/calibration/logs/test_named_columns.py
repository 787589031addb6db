"""Columns of a table that the caller names."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration import Pairs, Predictions, Verdicts
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.options import LogOptions


def read(path: Path, text: str, **columns: str) -> object:
    path.write_text(text, encoding="utf-8")
    (log,) = read_logs([path], format="table", options=LogOptions(columns=columns))
    return log.content


def test_a_table_of_any_reading_takes_named_columns(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    pairs = read(path, "human,certainty,correct\nright,0.5,7\nwrong,0.75,8\n", verdict="human", confidence="certainty")
    assert isinstance(pairs, Pairs)
    assert (pairs.confidence.tolist(), pairs.frame["correct"].to_list()) == ([0.5, 0.75], [True, False])
    verdicts = read(path, "human,topic\nright,law\nwrong,art\n", verdict="human", subject="topic")
    assert isinstance(verdicts, Verdicts)
    assert verdicts.subject.tolist() == ["law", "art"]
    graded = read(path, "q,a,human,language\nWhy?,So.,right,en\n", question="q", answer="a", verdict="human")
    assert isinstance(graded, GradedAnswers)
    assert graded.frame.select("question", "response", "grade", "language").row(0) == ("Why?", "So.", "correct", "en")
    letters = read(path, "prob_A,prob_B,truth\n0.75,0.25,B\n", answer="truth")
    assert isinstance(letters, Predictions)
    assert letters.answer.tolist() == [1]


def test_wrong_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    for columns, message in (
        ({"certainty": "c"}, r"--column must name what a column holds \(question, .*\), got 'certainty'"),
        ({"verdict": "c", "correct": "d"}, "--column must name one column a field, got verdict, correct"),
        ({"verdict": "nowhere"}, "no column 'nowhere' for correct"),
    ):
        with pytest.raises(ValueError, match=message):
            read(path, "c,d\n1,0\n0,1\n", **columns)
    with pytest.raises(ValueError, match="holds letters, of which answer, item and subject are columns to name"):
        read(path, "prob_A,prob_B,answer\n0.75,0.25,B\n", verdict="answer")


def test_one_row_and_several_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("correct\nyes\nno\nnot attempted\n", encoding="utf-8")
    (log,) = read_logs([tmp_path / "table.csv"], options=LogOptions())
    assert log.remarks == ("1 of 3 answers is an abstention",)
