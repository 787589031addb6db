"""Confidences and verdicts from the columns of a table."""

from __future__ import annotations

import numpy as np

from ..metrics.arrays import FloatArray
from ..metrics.precision import carried_precision, known_to
from ..tables.given_table import GivenTable
from .grades import GRADES, Grade, cell_grade


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
        For what is no number, values above 1 without a scale, values that are probabilities already with one.
    """
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
    if scale > 1 and known.size and (known <= 1).all() and (known % 1 != 0).any():
        raise ValueError(
            f"{table.prefix}{column!r} holds values up to {known.max():g}, which are no parts of {scale:g}; leave "
            "scale (--scale) out"
        )
    return known_to(plain / scale, carried_precision(values))


def grades(table: GivenTable, column: str) -> list[Grade]:
    """Grades of all rows.

    Raises
    ------
    ValueError
        For a cell that means none, by its row.
    """
    listed: list[Grade] = []
    for row, value in enumerate(table.values(column)):
        grade = cell_grade(value)
        if grade is None:
            raise table.error(
                row,
                f"{column!r} must be 0 or 1, true or false, or a word such as {', '.join(GRADES)}; got {value!r}",
            )
        listed.append(grade)
    return listed


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
