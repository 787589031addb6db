"""Results that show themselves as tables: printed, in notebooks, in papers."""

from __future__ import annotations

from abc import abstractmethod

from ..control_characters import escaped_line
from ..number_texts import counted
from .html import as_html
from .latex import as_latex
from .markdown import as_markdown
from .plain_text import as_text
from .result_table import ResultTable


class Shown:
    """What has a table, or several.

    Printed it is plain text, in a notebook a table of HTML.
    """

    @property
    @abstractmethod
    def table(self) -> ResultTable:
        """The table that all formats are written from."""

    @property
    def tables(self) -> tuple[ResultTable, ...]:
        """All of its tables, in the order in which they are shown."""
        return (self.table,)

    def __repr__(self) -> str:
        table = self.table
        lines = [line for line in table.heading if line]
        gist = lines[0] if lines else counted(len(table.rows), "row")
        return f"<{type(self).__name__}: {escaped_line(gist)}; print shows it>"

    def __str__(self) -> str:
        return "\n\n".join(map(as_text, self.tables))

    def _repr_html_(self) -> str:
        return as_html(*self.tables)


class ShownResult(Shown):
    """A result with a table, or several, that papers take too."""

    def to_markdown(self) -> str:
        """The table as GitHub's Markdown."""
        return "\n\n".join(map(as_markdown, self.tables))

    def to_latex(self, *, caption: str | None = None, label: str | None = None) -> str:
        r"""The table in LaTeX, with booktabs and siunitx.

        Parameters
        ----------
        caption : str, optional
            LaTeX in place of the caption that tells items, intervals, bins and noise floor; of several tables the
            first one's.
        label : str, optional
            For ``\ref``, likewise.
        """
        first, *others = self.tables
        return "\n\n".join([as_latex(first, caption=caption, label=label), *map(as_latex, others)])
