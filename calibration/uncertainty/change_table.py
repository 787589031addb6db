"""Tables of changes: one row a group, with interval, p-value and q-value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..result_tables.shown_result import ShownResult
from .changes import Change
from .intervals import Interval

# Columns that may be null throughout.
INTERVAL_COLUMNS = ("low", "high", "p_value", "q_value")


@dataclass(frozen=True, eq=False, repr=False)
class ChangeTable(ShownResult):
    """Changes between two runs, one row a group.

    Printed, it is a table; in a notebook a table of HTML.

    Attributes
    ----------
    frame : polars.DataFrame
        The table; each subclass names its columns.
    level : float
        Coverage of the intervals.
    """

    frame: pl.DataFrame
    level: float


def change_cells(
    before: float | None, after: float | None, change: float | None, interval: Interval | None
) -> dict[str, float | None]:
    """Cells of one change: both values, after − before, and its interval.

    None if there is no such number.

    Examples
    --------
    >>> change_cells(0.5, 0.75, 0.25, None)
    {'before': 0.5, 'after': 0.75, 'change': 0.25, 'low': None, 'high': None, 'p_value': None}
    """
    return {
        "before": before,
        "after": after,
        "change": change,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "p_value": interval.p_value if interval else None,
    }


def change_of_cells(cells: Mapping[str, Any], *, level: float) -> Change | None:
    """The change in a row of a table; None without such a number.

    Examples
    --------
    >>> cells = change_cells(0.5, 0.75, 0.25, Interval(0.1, 0.4, 0.01)) | {"n": 40}
    >>> print(change_of_cells(cells, level=0.95))
    +0.250 [0.100, 0.400]
    """
    if cells["change"] is None:
        return None
    known = cells["low"] is not None
    return Change(
        value=cells["change"],
        low=cells["low"] if known else math.nan,
        high=cells["high"] if known else math.nan,
        p_value=cells["p_value"] if known else math.nan,
        level=level,
        clustered=None,
        reason=None if known else "there are too few questions",
        n_items=cells["n"],
    )
