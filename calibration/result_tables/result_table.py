"""A table of results, before it is written in any format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of a table of results.

    Attributes
    ----------
    heading : str
        What stands above it.
    holds_numbers : bool
        Whether its cells are numbers and intervals, which stand to the right; otherwise names or texts.
    """

    heading: str
    holds_numbers: bool = True


@dataclass(frozen=True, kw_only=True)
class ResultTable:
    """A table of results, with the lines above and below it.

    Attributes
    ----------
    columns : tuple of Column
        The first holds the names of the rows.
    rows : tuple of tuple of str
        Cells; two blanks in front of a name put the row under the one before.
    heading : tuple of str
        Lines above; an empty one is a blank line where blank lines matter.
    notes : tuple of str
        Lines below, whole sentences.
    caption : str
        What a paper's reader must know: items, bins, intervals, noise floor.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    heading: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    caption: str = ""


def result_columns(headings: Sequence[str], *, texts: bool = False) -> tuple[Column, ...]:
    """Columns by their headings: names first, then numbers, or texts throughout.

    Examples
    --------
    >>> [column.holds_numbers for column in result_columns(["", "value"])]
    [False, True]
    """
    return tuple(Column(heading, index > 0 and not texts) for index, heading in enumerate(headings))
