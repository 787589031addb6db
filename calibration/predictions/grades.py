"""Grades of answers, and the words that mean them in a cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl

from ..metrics.ids import is_missing
from ..tables.given_table import EMPTY_CELLS

Grade = Literal["correct", "incorrect", "abstained", "ungraded"]
GRADES: tuple[Grade, ...] = get_args(Grade)

PartlyRight = Literal["partial"]
PARTIAL: PartlyRight = "partial"
"""The grade of an answer that is partly right, whose credit is between 0 and 1."""
AnswerGrade = Grade | PartlyRight
"""A grade of a log: a verdict, or credit between right and wrong."""
HALF = 0.5
"""The credit of an answer that is called partly right and no more."""
ANSWER_GRADES: tuple[AnswerGrade, ...] = (*GRADES, PARTIAL)


def credit_rule(grade: str = "grade", credit: str = "credit") -> dict[str, pl.Expr]:
    """What must hold of columns of grades and credit, and rows that break it."""
    is_partial, value = pl.col(grade) == PARTIAL, pl.col(credit)
    between = ((value > 0) & (value < 1)).fill_null(value=False)
    return {
        "an answer has a credit, between 0 and 1, if it is partial and only then": (
            (is_partial & ~between) | (~is_partial & value.is_not_null())
        )
    }


# Words of graders, by the grade that they mean.
GRADE_WORDS: dict[str, Grade] = {
    **dict.fromkeys(("correct", "true", "truthful", "right", "accurate", "yes"), "correct"),
    **dict.fromkeys(
        (
            "incorrect", "not correct", "false", "not true", "untrue", "untruthful", "not truthful", "wrong",
            "not right", "inaccurate", "not accurate", "no",
        ),
        "incorrect",
    ),
    **dict.fromkeys(
        (
            "abstained", "abstains", "abstain", "abstention", "not attempted", "did not attempt", "does not attempt",
            "no attempt", "not answered", "did not answer", "does not answer", "no answer", "unanswered", "unattempted",
            "declined", "declines", "decline", "refused", "refuses", "refuse", "refusal", "idk", "i do not know",
        ),
        "abstained",
    ),
    **dict.fromkeys(("ungraded", "unclear", "undecided", "unsure"), "ungraded"),
}  # fmt: skip
YES_SIGNS, NO_SIGNS = "✓✔✅☑👍", "✗✘❌✖❎🚫👎"
_PARTLY = ("partial", "partially correct", "partly correct", "partially", "partly")
# What a cell alone may hold beside these words: numbers, letters of logs, halves.
_CELLS: dict[str, Grade] = {
    **GRADE_WORDS,
    **dict.fromkeys((*YES_SIGNS, "pass", "passed", "y", "t", "ok"), "correct"),
    **dict.fromkeys((*NO_SIGNS, "fail", "failed", "n", "f"), "incorrect"),
    **dict.fromkeys(("", *_PARTLY), "ungraded"),
}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_NESTED = (list, tuple, dict, np.ndarray, pl.Series)
_BY_NUMBER: dict[float, Grade] = {1: "correct", 0: "incorrect"}
_BRACKETS = " \t\n\"'*_[](){}"
_AROUND = " \t\n.!\"'*_[](){}\N{VARIATION SELECTOR-16}"


def cell_grade(value: object) -> Grade | None:
    """The grade that a cell of a table means; None if it means none.

    Parameters
    ----------
    value : object
        0 or 1, a truth value, a word for a grade, a sign; an empty cell is ``ungraded``, also one that says so
        (``n/a``, ``NaN``, ``-``), and so is a half right answer. A list or an object means none.

    Examples
    --------
    >>> [cell_grade(value) for value in (1, False, "Correct", "NOT_ATTEMPTED", "✗", None, "n/a", 0.5)]
    ['correct', 'incorrect', 'correct', 'abstained', 'incorrect', 'ungraded', 'ungraded', None]
    """
    if isinstance(value, _NESTED):
        return None
    if is_missing(value):
        return "ungraded"
    text = str(value).strip(_BRACKETS)
    if str(value).strip().casefold() in EMPTY_CELLS:
        return "ungraded"
    if _NUMBER.fullmatch(text):  # whose sign and point are no ornaments
        return _BY_NUMBER.get(float(text))
    if text.startswith("!"):  # which may be a negation
        return None
    return _CELLS.get(_words(text))


def _words(text: str) -> str:
    return " ".join(text.replace("_", " ").replace("-", " ").strip(_AROUND).casefold().split())


def cell_credit(value: object) -> float | None:
    """The credit between 0 and 1 that a cell means; otherwise None.

    Parameters
    ----------
    value : object
        A number, as such or as a text, or a word for partly right, which is half right.

    Examples
    --------
    >>> [cell_credit(value) for value in (0.25, "0.75", "Partially correct", 1, "correct", None)]
    [0.25, 0.75, 0.5, None, None, None]
    """
    if isinstance(value, _NESTED) or is_missing(value):
        return None
    text = str(value).strip(_BRACKETS)
    if _NUMBER.fullmatch(text):
        return float(text) if 0 < float(text) < 1 else None
    return HALF if _words(text) in _PARTLY else None


def cell_grades(values: Sequence[object]) -> list[Grade | None]:
    """The grades that many cells mean, None for each that means none.

    Examples
    --------
    >>> cell_grades(["wrong", 1, "wrong", True])
    ['incorrect', 'correct', 'incorrect', 'correct']
    """
    known: dict[object, Grade | None] = {}
    grades: list[Grade | None] = []
    for row, value in enumerate(values):
        # What is neither text nor whole number is decided in every row; True is not 1.
        same = (type(value), value) if isinstance(value, str | int) else row
        if same not in known:
            known[same] = cell_grade(value)
        grades.append(known[same])
    return grades
