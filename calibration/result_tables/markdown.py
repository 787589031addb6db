"""Tables of results as GitHub's Markdown."""

from __future__ import annotations

import re

from ..control_characters import escaped_line
from .result_table import ResultTable

_MARKS = re.compile(r"[\\`*_{}\[\]()<>#|~$&!]")


def as_markdown(table: ResultTable) -> str:
    """A table as GitHub's Markdown, lines above and below as paragraphs.

    Examples
    --------
    >>> from calibration.result_tables.result_table import result_columns
    >>> print(as_markdown(ResultTable(columns=result_columns(["", "value"]), rows=(("  noise floor", "0.042"),))))
    |                   | value |
    | :---------------- | ----: |
    | &emsp;noise floor | 0.042 |
    """
    numbers = [column.holds_numbers for column in table.columns]
    cells = [[markdown_text(column.heading) for column in table.columns]]
    cells += [
        [_number(cell) if is_number else _indented(cell) for cell, is_number in zip(row, numbers, strict=True)]
        for row in table.rows
    ]
    widths = [max(3, *map(len, column)) for column in zip(*cells, strict=True)]
    rule = [
        "-" * (width - 1) + ":" if is_number else ":" + "-" * (width - 1)
        for width, is_number in zip(widths, numbers, strict=True)
    ]
    lines = [
        f"| {' | '.join(_padded(*cell) for cell in zip(row, widths, numbers, strict=True))} |"
        for row in (cells[0], rule, *cells[1:])
    ]
    heading = "  \n".join(f"**{markdown_text(line.strip())}**" for line in table.heading if line)
    notes = map(markdown_text, table.notes)
    return "\n\n".join(part for part in (heading, "\n".join(lines), *notes) if part)


def _number(cell: str) -> str:
    """A cell of numbers, in which brackets are those of intervals."""
    return re.sub(r"[<>|~]", r"\\\g<0>", escaped_line(cell))


def _indented(cell: str) -> str:
    name = cell.lstrip(" ")
    return "&emsp;" * ((len(cell) - len(name)) // 2) + markdown_text(name)


def markdown_text(text: str) -> str:
    r"""A text in which nothing is a mark of Markdown.

    Examples
    --------
    >>> print(markdown_text("my_model | 1. *"))
    my\_model \| 1. \*
    """
    marked = _MARKS.sub(r"\\\g<0>", escaped_line(text))
    return re.sub(r"^([-+=])", r"\\\1", re.sub(r"^(\d+)\.", r"\1\\.", marked))


def _padded(cell: str, width: int, to_the_right: bool) -> str:  # noqa: FBT001 (a row of a table of three)
    return cell.rjust(width) if to_the_right else cell.ljust(width)
