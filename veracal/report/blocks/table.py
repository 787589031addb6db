"""A table of the page, as text cells, with the file of its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .download import Download


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the page; the first cell of a row is its heading.

    Attributes
    ----------
    name : str
        Its id in the page.
    caption : str
        A description.
    columns : tuple of str
        Headings.
    rows : list of tuple of str
        Cells as text, as many as columns.
    download : Download or None
        The same numbers as a file.
    words : bool
        Whether cells hold words, which wrap and are aligned left, instead of numbers.
    headed : bool
        Whether rows of which all cells but the first are empty are headings of those below.
    groups : tuple of (str, int)
        Headings above the columns after the first, each with the number of columns that it spans.
    items : sequence of str
        Where in the page the items of each row are listed; none if empty.
    folded : str
        What stands in its place until it is unfolded; empty for a table that is always shown.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    download: Download | None = None
    words: bool = False
    headed: bool = False
    groups: tuple[tuple[str, int], ...] = ()
    items: Sequence[str] = ()
    folded: str = ""
