"""Results that show themselves as tables: printed, in notebooks, in papers."""

from __future__ import annotations

from abc import abstractmethod

from .html import as_html
from .latex import as_latex
from .markdown import as_markdown
from .plain_text import as_text
from .result_table import ResultTable


class ShownResult:
    """A result with a table.

    Printed it is plain text, in a notebook a table of HTML.
    """

    @property
    @abstractmethod
    def table(self) -> ResultTable:
        """The table that all formats are written from."""

    def __str__(self) -> str:
        return as_text(self.table)

    def _repr_html_(self) -> str:
        return as_html(self.table)

    def to_markdown(self) -> str:
        """The table as GitHub's Markdown."""
        return as_markdown(self.table)

    def to_latex(self, *, caption: str | None = None, label: str | None = None) -> str:
        r"""The table in LaTeX, with booktabs and siunitx.

        Parameters
        ----------
        caption : str, optional
            LaTeX in place of the caption that tells items, intervals, bins and noise floor.
        label : str, optional
            For ``\ref``.
        """
        return as_latex(self.table, caption=caption, label=label)
