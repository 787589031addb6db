"""Tables of results as plain text."""

from __future__ import annotations

import unicodedata

from ..control_characters import escaped_line
from .result_table import ResultTable


def as_text(table: ResultTable) -> str:
    """A table as plain text of as many columns as it needs.

    Examples
    --------
    >>> from calibration.result_tables.result_table import result_columns
    >>> print(as_text(ResultTable(columns=result_columns(["", "value"]), rows=(("ECE", "0.042"),), heading=("base",))))
    base
         value
    ECE  0.042
    """
    cells = [[escaped_line(column.heading) for column in table.columns]]
    cells += [[escaped_line(cell) for cell in row] for row in table.rows]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            _padded(cell, width, to_the_right=column.holds_numbers)
            for cell, width, column in zip(row, widths, table.columns, strict=True)
        ).rstrip()
        for row in cells
    ]
    return "\n".join([*map(escaped_line, table.heading), *lines, *map(escaped_line, table.notes)])


def _padded(cell: str, width: int, *, to_the_right: bool) -> str:
    blank = " " * (width - _width(cell))
    return blank + cell if to_the_right else cell + blank


def _width(text: str) -> int:
    """Columns of a terminal that a text takes."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )
