"""Columns of a CSV file with a header, for tables of many rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .csv_layouts import CsvLayout, csv_layout
from .field_names import Columns, Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvColumns:
    """The cells of a CSV file, column by column.

    Attributes
    ----------
    header : tuple of str
        Names as written in the file, without blanks around them.
    columns : Columns
        Those of them that hold known fields.
    cells : tuple of polars.Series
        A column of texts for each name of the header; rows of empty cells are left out.
    line : array of int, shape (n_rows,)
        Line that each row begins at.
    """

    header: tuple[str, ...]
    columns: Columns
    cells: tuple[pl.Series, ...]
    line: NDArray[np.int64]

    def field(self, name: str) -> pl.Series | None:
        """Cells of a field; None if the file has none."""
        column = self.columns.named.get(name)
        return None if column is None else self.cells[self.header.index(column)]

    def lettered(self, family: str) -> list[pl.Series]:
        """Cells of the columns of a family, from A on."""
        return [self.cells[self.header.index(column)] for column in self.columns.lettered.get(family, ())]

    def further_columns(self, *, besides: Iterable[str]) -> list[pl.Series]:
        """Columns that hold no known field, null for empty cells.

        Empty columns are left out.

        Parameters
        ----------
        besides : iterable of str
            Names that columns are left out for, in any case.
        """
        taken = {name.casefold() for name in besides}
        known = {*self.columns.named.values(), *(name for names in self.columns.lettered.values() for name in names)}
        further = []
        for name, cells in zip(self.header, self.cells, strict=True):
            if name and name not in known and name.casefold() not in taken:
                taken.add(name.casefold())
                column = cells.replace("", None).alias(name)
                further += [column] if column.null_count() < len(column) else []
        return further

    def where(self, row: int) -> str:
        """Position of a row, for messages."""
        return f"line {self.line[row]}"


def read_csv_columns(path: Path, fields: Fields) -> CsvColumns:
    """Columns of a CSV file with a header, by the best-fitting delimiter.

    Raises
    ------
    ValueError
        As `calibration.files.rows.csv_rows`.
    """
    layout = csv_layout(path, fields)
    columns = layout.columns(path, fields)
    frame, line = csv_cells(path, layout)
    return CsvColumns(header=layout.header, columns=columns, cells=tuple(frame.get_columns()), line=line)


def csv_cells(path: Path, layout: CsvLayout) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Cells of a CSV file in numbered columns, and the line of each row.

    Rows of empty cells are left out.

    Raises
    ------
    ValueError
        As `CsvLayout.records`.
    """
    frame, line = _plain_cells(layout) or _quoted_cells(path, layout)
    if frame.is_empty():
        return frame, line[:0]
    filled = frame.select(pl.any_horizontal(pl.all().str.strip_chars() != "")).to_series()
    return (frame, line) if filled.all() else (frame.filter(filled), line[filled.to_numpy()])


def _plain_cells(layout: CsvLayout) -> tuple[pl.DataFrame, NDArray[np.int64]] | None:
    """Cells of a text without quotes, a line a record; otherwise None."""
    width = len(layout.header)
    if '"' in layout.text or layout.skip_blanks or width < 2 or layout.header_line != layout.first_line:
        return None
    body = layout.text.partition("\n")[2]
    n_lines = body.count("\n") + bool(body and not body.endswith("\n"))
    # Lines with more or fewer cells, which a message must name, take the other way.
    if not n_lines or body.count(layout.delimiter) != n_lines * (width - 1):
        return None
    try:
        frame = pl.read_csv(
            BytesIO(body.encode()),
            has_header=False,
            separator=layout.delimiter,
            quote_char=None,
            new_columns=_names(width),
            infer_schema=False,
        )
    except pl.exceptions.PolarsError:
        return None
    if frame.shape != (n_lines, width):
        return None
    return frame.fill_null(""), np.arange(n_lines, dtype=np.int64) + layout.header_line + 1


def _quoted_cells(path: Path, layout: CsvLayout) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Cells by Python's reader, which knows quotes and the line of each record."""
    records = list(layout.records(path))
    schema = dict.fromkeys(_names(len(layout.header)), pl.String)
    frame = pl.DataFrame([cells for _, cells in records], schema=schema, orient="row")
    return frame, np.array([line for line, _ in records], dtype=np.int64)


def _names(width: int) -> list[str]:
    return [str(number) for number in range(width)]
