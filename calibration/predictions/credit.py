"""Credit between 0 and 1 of answers that are partly right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from .grades import HALF, PARTIAL, AnswerGrade

Partial = Literal["half", "incorrect", "ungraded"]
"""What credit between 0 and 1 becomes."""


def credit_grade(credit: float | None, partial: Partial | None) -> AnswerGrade | None:
    """The verdict that credit stands for; None for a similarity.

    Parameters
    ----------
    credit : float or None
        None if the grader gave none.
    partial : {"half", "incorrect", "ungraded"} or None
        What credit between 0 and 1 becomes. If None, half credit is ungraded, and other is a similarity.

    Examples
    --------
    >>> credit_grade(1.0, None), credit_grade(0.5, "incorrect"), credit_grade(0.5, None), credit_grade(0.37, None)
    ('correct', 'incorrect', 'ungraded', None)
    >>> credit_grade(0.37, "half"), credit_grade(0.37, "ungraded")
    ('partial', 'ungraded')
    """
    if credit is None:
        return "ungraded"
    if credit in (0, 1):
        return "correct" if credit else "incorrect"
    if partial is None:
        return "ungraded" if credit == HALF else None
    return PARTIAL if partial == "half" else partial


def partial_credit(grade: AnswerGrade, credit: float | None) -> float | None:
    """The credit of an answer that is partly right; None for all others."""
    return credit if grade == PARTIAL else None


def is_between(credit: float | None) -> bool:
    """Whether credit is neither none nor all."""
    return credit is not None and 0 < credit < 1


def item_credit(grades: Sequence[AnswerGrade], given: Sequence[float | None]) -> tuple[AnswerGrade, float | None]:
    """Grade and credit of an item, the mean over several answers to it.

    Parameters
    ----------
    grades : sequence of str
        The grade of each answer. Ungraded ones are left out of the mean, and an abstention is not right.
    given : sequence of float or None
        The credit of each that is partial.

    Examples
    --------
    >>> item_credit(["correct", "incorrect", "ungraded"], [None, None, None]), item_credit(["correct"] * 2, [None] * 2)
    (('partial', 0.5), ('correct', None))
    """
    graded = [(grade, credit) for grade, credit in zip(grades, given, strict=True) if grade != "ungraded"]
    if not graded:
        return "ungraded", None
    values = [float(grade == "correct") if credit is None else credit for grade, credit in graded]
    mean = float(np.mean(values))
    if 0 < mean < 1:
        return PARTIAL, mean
    if mean == 1:
        return "correct", None
    return ("abstained" if all(grade == "abstained" for grade, _ in graded) else "incorrect"), None
