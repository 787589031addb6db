"""Files inside the page: tables as CSV."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from calibration.result_tables.csv_text import as_csv


@dataclass(frozen=True)
class Download:
    """A table as a CSV file inside the page.

    No cell of it is a formula to a spreadsheet.

    Attributes
    ----------
    name : str
        The file's name.
    title : str
        A description of the table.
    table : polars.DataFrame
        The numbers.

    Examples
    --------
    >>> Download("bins.csv", "Bins", pl.DataFrame({"bin": [1]})).address
    'data:text/csv;charset=utf-8;base64,YmluCjEK'
    """

    name: str
    title: str
    table: pl.DataFrame

    @cached_property
    def address(self) -> str:
        """The file itself, as a ``data:`` address."""
        return f"data:text/csv;charset=utf-8;base64,{base64.b64encode(as_csv(self.table).encode()).decode()}"
