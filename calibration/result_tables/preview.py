"""The first rows of a table of data, under a heading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from .result_table import ResultTable, result_columns

# A screen holds more rows, but they say no more.
N_ROWS, _N_CHARACTERS = 5, 60


def preview(frame: pl.DataFrame, *, heading: str, notes: Sequence[str] = (), n_rows: int | None = None) -> ResultTable:
    """The first rows of a frame of texts and numbers, long texts cut.

    Parameters
    ----------
    frame : polars.DataFrame
        The table, or its first rows; the first column names the rows.
    heading : str
        What all of it is.
    notes : sequence of str
        Whole sentences below.
    n_rows : int, optional
        Number of all rows, if these are not all.

    Examples
    --------
    >>> frame = pl.DataFrame({"item": ["a", "b"], "confidence": [0.25, None], "correct": [True, False]})
    >>> preview(frame, heading="two").rows
    (('a', '0.250', 'yes'), ('b', '', 'no'))
    """
    rows = tuple(tuple(map(_cell, row)) for row in frame.head(N_ROWS).iter_rows())
    left = (frame.height if n_rows is None else n_rows) - len(rows)
    more = (f"… and {left:,} more.",) if left else ()
    return ResultTable(
        columns=result_columns([name.replace("_", " ") for name in frame.columns], texts=True),
        rows=rows,
        heading=(heading,),
        notes=(*more, *notes),
        caption=heading,
    )


def _cell(value: Any) -> str:
    if value is None or value != value:  # NaN
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    text = " ".join(str(value).split())
    return text if len(text) <= _N_CHARACTERS else f"{text[: _N_CHARACTERS - 1]}…"
