"""A heading of the page with its text, figures, tables and browser."""

from __future__ import annotations

from dataclasses import dataclass

from .browser import Browser
from .download import Download
from .figure import Figure
from .table import Table


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading of the page with its text, figures, tables and browser.

    Attributes
    ----------
    name : str
        Its id in the page.
    title : str
        The heading.
    paragraphs : tuple of str
        Text under it.
    figures, tables : tuple
        After the text, in this order.
    browser : Browser or None
        At the end.
    """

    name: str
    title: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    browser: Browser | None = None

    @property
    def downloads(self) -> tuple[Download, ...]:
        """The files beside its figures and tables."""
        beside_tables = (table.download for table in self.tables if table.download is not None)
        return (*(figure.download for figure in self.figures), *beside_tables)
