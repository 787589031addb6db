"""Files inside the page: tables as CSV, and packed data of the browsers."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

# How a formula begins for some spreadsheet, and what looks so but is a number.
_FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


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
        table = self.table
        texts = [name for name, kind in table.schema.items() if kind == pl.String]
        cells = table.with_columns(pl.col(name).map_elements(cell, pl.String) for name in texts)
        content = cells.rename({name: cell(name) for name in table.columns}).write_csv()
        return f"data:text/csv;charset=utf-8;base64,{base64.b64encode(content.encode()).decode()}"


def cell(text: str) -> str:
    """A text as a cell of a CSV file.

    An apostrophe goes before what begins like a formula. It tells a spreadsheet that the cell is text; a number stays
    one. `page.js` does the same.

    References
    ----------
    OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection.

    Examples
    --------
    >>> print(cell("=1+1"), cell("-0.5"), cell("a = b"))
    '=1+1 -0.5 a = b
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def packed(data: dict[str, Any]) -> str:
    """Data for the page's script: JSON, gzip, base64; the same bytes each time.

    Examples
    --------
    >>> json.loads(gzip.decompress(base64.b64decode(packed({"a": [1]}))))
    {'a': [1]}
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
