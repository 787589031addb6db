"""Verdicts of credit between 0 and 1."""

from __future__ import annotations

from ..predictions.grades import Grade
from .options import Partial

HALF = 0.5


def credit_grade(credit: float | None, partial: Partial | None) -> Grade | None:
    """The verdict that credit stands for; None for a similarity.

    Parameters
    ----------
    credit : float or None
        None if the grader gave none.
    partial : {"half", "incorrect", "ungraded"} or None
        What half credit becomes; ungraded if None.

    Examples
    --------
    >>> credit_grade(1.0, None), credit_grade(0.5, "incorrect"), credit_grade(0.5, None), credit_grade(0.37, None)
    ('correct', 'incorrect', 'ungraded', None)
    """
    if credit is None:
        return "ungraded"
    if credit == HALF:
        return "incorrect" if partial == "incorrect" else "ungraded"
    if credit not in (0, 1):
        return None
    return "correct" if credit else "incorrect"


def refuse_half(partial: Partial | None, path: object) -> None:
    """Raise if half credit is to count half, which no verdict can.

    Raises
    ------
    ValueError
        With the choices that there are.
    """
    if partial == "half":
        raise ValueError(
            f"{path}: no verdict is half right: partial must be incorrect or ungraded, got 'half'; the accuracy that "
            "counts it half is kept beside the run"
        )
