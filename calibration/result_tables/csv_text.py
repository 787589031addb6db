"""Numbers of results as CSV, without anything that a spreadsheet would run."""

from __future__ import annotations

import re

import polars as pl

# How a formula begins for some spreadsheet, and what looks so but is a number.
_FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


def as_csv(frame: pl.DataFrame) -> str:
    """A table of numbers and texts as CSV, empty where nothing is known.

    Examples
    --------
    >>> print(as_csv(pl.DataFrame({"measure": ["ece_top", "=1+1"], "value": [0.042, float("nan")]})), end="")
    measure,value
    ece_top,0.042
    '=1+1,
    """
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    cells = frame.fill_nan(None).with_columns(pl.col(name).map_elements(guarded_cell, pl.String) for name in texts)
    return cells.rename({name: guarded_cell(name) for name in frame.columns}).write_csv()


def guarded_cell(text: str) -> str:
    """A text as a cell of a CSV file.

    An apostrophe goes before what begins like a formula. It tells a spreadsheet that the cell is text; a number stays
    one. `veracal/report/scripts/elements.js` does the same.

    References
    ----------
    OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection.

    Examples
    --------
    >>> print(guarded_cell("=1+1"), guarded_cell("-0.5"), guarded_cell("a = b"))
    '=1+1 -0.5 a = b
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
