"""Tables of changes: one row a group, with interval, p-value and q-value."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from .intervals import Interval

# Columns that may be null throughout.
INTERVAL_COLUMNS = ("low", "high", "p_value", "q_value")


@dataclass(frozen=True, eq=False)
class ChangeTable:
    """Changes between two runs, one row a group.

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
