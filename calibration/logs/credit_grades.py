"""Verdicts of credit between 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence

from ..predictions.grades import PARTIAL, AnswerGrade
from .options import Partial

_HALF = 0.5


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
        return "ungraded" if credit == _HALF else None
    return PARTIAL if partial == "half" else partial


def partial_credit(grade: AnswerGrade, credit: float | None) -> float | None:
    """The credit of an answer that is partly right; None for all others."""
    return credit if grade == PARTIAL else None


def is_between(credit: float | None) -> bool:
    """Whether credit is neither none nor all."""
    return credit is not None and 0 < credit < 1


def partial_remarks(given: Sequence[float | None], partial: Partial | None) -> list[str]:
    """How many answers have partial credit, and what it became."""
    between = [credit for credit in given if is_between(credit)]
    if not between:
        return idle_remarks(partial)
    kind = "half" if set(between) == {_HALF} else "partial"
    became = "count with it" if partial == "half" else f"count as {partial or 'ungraded'}"
    return [f"{len(between)} of {len(given)} answers have {kind} credit and {became}"]


def idle_remarks(partial: Partial | None) -> list[str]:
    """That no answer has the credit that a choice is for."""
    return [] if partial is None else ["no answer has partial credit: --partial decides nothing"]


def refuse_partial_items(grades: Sequence[AnswerGrade], path: object) -> None:
    """Raise if items with options are to be partly right.

    Raises
    ------
    ValueError
        With the choices that there are.
    """
    if PARTIAL in grades:
        raise ValueError(
            f"{path}: items with options are right or wrong: partial must be incorrect or ungraded, got 'half'; the "
            "accuracy that counts credit is kept beside the run"
        )
