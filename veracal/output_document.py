"""What a command prints, as Markdown, LaTeX, HTML or CSV."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from calibration.result_tables.csv_text import as_csv
from calibration.result_tables.html import html_page
from calibration.result_tables.latex import as_latex, latex_text
from calibration.result_tables.markdown import as_markdown, markdown_text
from calibration.result_tables.result_table import ResultTable

DocumentFormat = Literal["md", "latex", "html", "csv"]


@dataclass
class OutputDocument:
    """Tables and lines of a command, which are written at its end.

    Attributes
    ----------
    format : {"md", "latex", "html", "csv"}
        CSV holds the numbers of all tables at full precision, and no lines.
    title : str
        Of a page of HTML.
    parts : list of ResultTable or str
        Tables and lines in their order.
    frames : list of polars.DataFrame
        Numbers of the tables, in their order.
    """

    format: DocumentFormat
    title: str = "veracal"
    parts: list[ResultTable | str] = field(default_factory=list)
    frames: list[pl.DataFrame] = field(default_factory=list)

    def add_line(self, text: str) -> None:
        """Take note of a line; blank ones mean nothing here."""
        if text:
            self.parts.append(text)

    def add_table(self, shown: ResultTable, frame: pl.DataFrame | None = None) -> None:
        """Take note of a table and its numbers; CSV else has its cells."""
        self.parts.append(shown)
        self.frames.append(_cells(shown) if frame is None else frame)

    @property
    def text(self) -> str:
        r"""Everything in the format of choice.

        Examples
        --------
        >>> from calibration.result_tables.result_table import result_columns
        >>> document = OutputDocument("md")
        >>> document.add_line("Before: my_model")
        >>> document.add_table(ResultTable(columns=result_columns(["", "value"]), rows=(("ECE", "0.042"),)))
        >>> print(document.text)
        Before: my\_model
        <BLANKLINE>
        |     | value |
        | :-- | ----: |
        | ECE | 0.042 |
        """
        if self.format == "html":
            return html_page(self.parts, title=self.title)
        if self.format == "csv":
            return self._csv.removesuffix("\n")
        line, table = (latex_text, as_latex) if self.format == "latex" else (markdown_text, as_markdown)
        return "\n\n".join(line(part) if isinstance(part, str) else table(part) for part in self.parts)

    @property
    def _csv(self) -> str:
        """Rows of all tables, of several with their titles in a column."""
        if len(self.frames) == 1:
            return as_csv(self.frames[0])
        titles = [" ".join(part.heading) for part in self.parts if isinstance(part, ResultTable)]
        named = [
            frame.select(pl.lit(title).alias("table"), pl.all())
            for title, frame in zip(titles, self.frames, strict=True)
        ]
        return as_csv(pl.concat(named, how="diagonal_relaxed")) if named else ""


def _cells(shown: ResultTable) -> pl.DataFrame:
    headings = [column.heading for column in shown.columns]
    headings[0] = headings[0] or "name"
    unlike = [
        heading if headings.count(heading) == 1 else f"{heading} {index}".strip()
        for index, heading in enumerate(headings)
    ]
    rows = [[cell.strip() or None for cell in row] for row in shown.rows]
    return pl.DataFrame(rows, schema=dict.fromkeys(unlike, pl.String), orient="row")
