"""Judgments from tables of graded answers."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from factuality import Judgments
from factuality.grading import judgment_columns
from factuality.grading.verdict_words import Reading, read_grade

ROWS: dict[str, list[Any]] = {
    "question": ["Why?", "Who?", "Why?"],
    "answer": ["So.", "Me.", "No."],
    "label": ["It is **correct**.", 0, "correct or incorrect"],
    "conf": [90, 20, None],
    "topic": ["a", "b", "a"],
}


def test_a_frame_becomes_judgments_with_samples_and_confidences() -> None:
    judgments = Judgments.from_frame(pd.DataFrame(ROWS), category="topic", scale=100, model="m")
    frame = judgments.frame
    assert frame["grade"].to_list() == ["correct", "incorrect", "ungraded"]
    assert frame["sample"].to_list() == [0, 0, 1]
    assert frame["confidence"].to_list() == [0.9, 0.2, None]
    assert (frame["category"].to_list(), judgments.model) == (["a", "b", "a"], "m")
    assert frame["reason"][2] == "no plain verdict in 'correct or incorrect'"
    assert Judgments.from_frame(judgments.frame).frame.equals(frame)
    assert judgments.to_pandas()["grade"].tolist() == frame["grade"].to_list()


def test_what_no_judgments_can_be_made_of() -> None:
    with pytest.raises(ValueError, match=r"there must be a field 'correct' .*; the file has 'question', 'answer'"):
        Judgments.from_frame({"question": ["Why?"], "answer": ["So."]})
    with pytest.raises(ValueError, match=r"row 0: 'conf' must be in \[0, 1\], got 90; per cent"):
        Judgments.from_frame(ROWS)


@pytest.mark.parametrize("cell", [-1, 0.5, 2, "-1", "0.5", " 50 % ", "3/5", "0,5"])
def test_a_number_that_is_no_verdict_is_refused_by_row(cell: object) -> None:
    table = {"question": ["Why?", "Who?"], "answer": ["So.", "Me."], "label": [1, cell]}
    with pytest.raises(ValueError, match="row 1: 'label' must be 0 or 1, or words for a verdict, got"):
        Judgments.from_frame(table)


@pytest.mark.parametrize("cell", ["", "NaN", "n/a", "-", None, "null"])
def test_a_cell_without_a_verdict_is_ungraded(cell: object) -> None:
    table = {"question": ["Why?", "Who?"], "answer": ["So.", "Me."], "label": [1, cell]}
    frame = Judgments.from_frame(table).frame
    assert frame["grade"].to_list() == ["correct", "ungraded"]
    assert frame["reason"][1] == "no verdict"


def test_equal_verdicts_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(text: str) -> Reading:
        read.append(text)
        return read_grade(text)

    monkeypatch.setattr(judgment_columns, "read_grade", counted)
    cells = ["The answer is correct.", "correct", "The answer is correct.", "It is wrong.", "wrong"]
    table = {"question": list("abcde"), "answer": list("vwxyz"), "label": cells}
    assert Judgments.from_frame(table).frame["grade"].to_list() == [
        "correct", "correct", "correct", "incorrect", "incorrect",
    ]  # fmt: skip
    assert read == ["The answer is correct.", "It is wrong."]
