"""Confidences and verdicts from the columns of a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..metrics.arrays import FloatArray
from ..metrics.precision import carried_precision, known_to
from ..tables.given_table import GivenTable
from .credit import Partial, credit_grade, partial_credit
from .grades import GRADES, AnswerGrade, Grade, cell_credit, cell_grades

# Fewer rows of 0 and 1 may agree by chance.
_BY_HAND = 20


def confidences(table: GivenTable, column: str, *, scale: float | None, missing: bool = False) -> FloatArray:
    """Confidences in [0, 1], divided by a scale if they are on another.

    Parameters
    ----------
    table : GivenTable
        The table.
    column : str
        Where they stand.
    scale : float, optional
        What they are divided by: 100 for per cent.
    missing : bool
        Whether a row may have none; it is NaN.

    Raises
    ------
    ValueError
        For what is no number, values above 1 without a scale; with one for values that are probabilities already, all
        or some of them.
    """
    _refuse_truth_values(table, column)
    values = table.numbers(column, missing=missing)
    plain = np.asarray(values)
    known = plain[~np.isnan(plain)]
    if scale is None:
        if known.size and (known > 1).any() and (known >= 0).all() and (known <= 100).all():
            row = int(np.nanargmax(plain))
            raise table.error(
                row, f"{column!r} must be in [0, 1], got {plain[row]:g}; per cent? then scale=100 (--scale 100)"
            )
        return values
    if not (np.isfinite(scale) and scale > 0):
        raise ValueError(f"scale must be a positive number, got {scale}")
    refuse_small(table, column, plain, scale=scale)
    return known_to(plain / scale, carried_precision(values))


def refuse_small(table: GivenTable, column: str, values: NDArray[np.float64], *, scale: float) -> None:
    """Raise for values that a scale above 1 would make too small.

    Parameters
    ----------
    table : GivenTable
        The table, for messages.
    column : str
        Where the values stand.
    values : array
        The values, NaN for missing ones.
    scale : float
        What they are to be divided by.

    Raises
    ------
    ValueError
        If none is above 1, or if those above 1 are whole and some below are not.
    """
    known = values[~np.isnan(values)]
    if scale <= 1 or not known.any():
        return
    if (known <= 1).all():
        raise ValueError(
            f"{table.prefix}{column!r} holds values up to {known.max():g}, which are no parts of {scale:g}; leave "
            "scale (--scale) out"
        )
    small = (values > 0) & (values < 1)
    if small.any() and (known[known > 1] % 1 == 0).all():
        row = int(np.argmax(small))
        raise table.error(
            row,
            f"{column!r} must be parts of {scale:g} in every row, got {values[row]:g}, a probability perhaps, beside "
            f"whole numbers up to {known.max():g}; write all rows alike",
        )


def _refuse_truth_values(table: GivenTable, column: str) -> None:
    values = table.columns[column]
    if isinstance(values, list):
        given = (value for value in values if value is not None)
        first = next(given, None)
        are_truth_values = isinstance(first, bool) and all(isinstance(value, bool) for value in given)
    else:
        are_truth_values = str(values.dtype).lower() in {"bool", "boolean"}
    if are_truth_values:
        raise ValueError(f"{table.prefix}{column!r} must hold numbers, got truth values, which are no confidences")


def refuse_verdicts(table: GivenTable, column: str, values: NDArray[np.float64], correct: Sequence[bool]) -> None:
    """Raise for many confidences that are the verdicts themselves.

    Raises
    ------
    ValueError
        If each of twenty or more is 1 where the row is right and 0 where it is wrong.
    """
    if len(values) >= _BY_HAND and np.array_equal(values, np.asarray(correct, dtype=np.float64)):
        raise ValueError(
            f"{table.prefix}{column!r} is 1 in every row that is right and 0 in every other: these are the verdicts "
            "again, and no confidences; leave the column out"
        )


def grades(table: GivenTable, column: str) -> list[Grade]:
    """Grades of all rows.

    Raises
    ------
    ValueError
        For a cell that means none, by its row.
    """
    return _known_grades(table, column, range(table.n_rows))


def _known_grades(table: GivenTable, column: str, rows: Sequence[int]) -> list[Grade]:
    """Grades of some rows, each of which means one."""
    known = table.values(column)
    values = [known[row] for row in rows]
    listed: list[Grade] = []
    for row, value, grade in zip(rows, values, cell_grades(values), strict=True):
        if grade is None:
            raise table.error(
                row,
                f"{column!r} must be 0 or 1, true or false, or a word such as {', '.join(GRADES)}; got {value!r}",
            )
        listed.append(grade)
    return listed


def credited_grades(
    table: GivenTable, column: str, *, partial: Partial | None
) -> tuple[list[AnswerGrade], list[float | None]]:
    """Grades of all rows, with the credit of those that are partly right.

    Parameters
    ----------
    table : GivenTable
        The table.
    column : str
        Where the verdicts stand.
    partial : {"half", "incorrect", "ungraded"} or None
        What numbers between 0 and 1 become, and words for partly right, which are half right. If None, such numbers
        are refused, and such words are ungraded.

    Raises
    ------
    ValueError
        For a cell that means no grade, by its row.
    """
    if partial is None:
        return list(grades(table, column)), [None] * table.n_rows
    values = table.values(column)
    given = [cell_credit(value) for value in values]
    whole = iter(_known_grades(table, column, [row for row, credit in enumerate(given) if credit is None]))
    listed: list[AnswerGrade] = [
        next(whole) if credit is None else credit_grade(credit, partial) or "ungraded" for credit in given
    ]
    return listed, [partial_credit(grade, credit) for grade, credit in zip(listed, given, strict=True)]


def hits(table: GivenTable, column: str) -> list[bool]:
    """Whether each row is right.

    Raises
    ------
    ValueError
        For a row that is neither right nor wrong.
    """
    listed = grades(table, column)
    for row, grade in enumerate(listed):
        if grade not in ("correct", "incorrect"):
            raise table.error(
                row, f"{column!r} must be right or wrong, got {table.values(column)[row]!r}; leave such rows out"
            )
    return [grade == "correct" for grade in listed]
