"""Data that leave the page as files: tables as links that need no script, and the packed data of the browsers."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Download:
    """A CSV file inside the page.

    Attributes
    ----------
    name : str
        What the file is called.
    title : str
        What it holds.
    address : str
        The file itself, as a ``data:`` address.
    """

    name: str
    title: str
    address: str


def csv_of(frame: pl.DataFrame, name: str, title: str) -> Download:
    """A table as a CSV file inside the page.

    Examples
    --------
    >>> csv_of(pl.DataFrame({"bin": [1]}), "bins.csv", "Bins").address
    'data:text/csv;charset=utf-8;base64,YmluCjEK'
    """
    encoded = base64.b64encode(frame.write_csv().encode()).decode()
    return Download(name, title, f"data:text/csv;charset=utf-8;base64,{encoded}")


def packed(data: dict[str, Any]) -> str:
    """Data for the page's script: JSON, gzip, base64; the same bytes each time.

    Examples
    --------
    >>> json.loads(gzip.decompress(base64.b64decode(packed({"a": [1]}))))
    {'a': [1]}
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
