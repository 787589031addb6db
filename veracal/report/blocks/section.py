"""A heading of the page with its text, figures, tables and browser."""

from __future__ import annotations

from dataclasses import dataclass, replace

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


def numbered(section: Section, number: int, *, title: str) -> Section:
    """One of several like sections: a number ends its ids and names of files.

    Examples
    --------
    >>> numbered(Section(name="changes", title="What changed"), 2, title="base → rl").name
    'changes-2'
    """
    return replace(
        section,
        name=f"{section.name}-{number}",
        title=title,
        figures=tuple(
            replace(figure, name=f"{figure.name}-{number}", download=_numbered(figure.download, number, title))
            for figure in section.figures
        ),
        tables=tuple(
            replace(
                table,
                name=f"{table.name}-{number}",
                download=None if table.download is None else _numbered(table.download, number, title),
            )
            for table in section.tables
        ),
    )


def _numbered(file: Download, number: int, title: str) -> Download:
    stem, dot, ending = file.name.rpartition(".")
    return Download(f"{stem}_{number}{dot}{ending}", f"{title}: {file.title[:1].lower()}{file.title[1:]}", file.table)
