"""Files of tables: CSV, TSV, JSONL, Parquet, Arrow and workbooks, as columns."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import polars as pl

from ..files.csv_columns import csv_cells
from ..files.csv_layouts import csv_layout
from ..files.field_names import Fields
from ..files.rows import without_repeats
from ..files.text import plain_line_ends, read_text
from ..files.untrusted_parquet import Reader, read_foreign
from ..files.zip_members import LARGEST, ZipMembers
from .given_table import GivenTable
from .memory_tables import table_in_memory
from .row_columns import RowColumns
from .stored_tables import read_stored
from .table_kinds import CSV_SUFFIXES, JSON_SUFFIXES, TABLE_SUFFIXES, table_kind

# How polars reads a file, by its kind.
_READERS: dict[str, Reader] = {
    ".parquet": "read_parquet",
    ".pq": "read_parquet",
    ".arrow": "read_ipc",
    ".feather": "read_ipc",
    ".ipc": "read_ipc",
    ".arrows": "read_ipc_stream",
    ".xlsx": "read_excel",
    ".xlsm": "read_excel",
    ".xlsb": "read_excel",
    ".xls": "read_excel",
}
_DECODER = json.JSONDecoder(object_pairs_hook=without_repeats)
# How JSON writes the line end of other systems.
_RETURN = re.compile(r"\\r|\\u000[dD]")


def given_table(data: object, fields: Fields) -> GivenTable:
    """A table from a path, a frame of any library, or a mapping.

    Parameters
    ----------
    data : path, frame, mapping or GivenTable
        A file by its content, or a table in memory (`calibration.tables.memory_tables.table_in_memory`); one that was
        read before as it is.
    fields : Fields
        Names that are looked for; by them the delimiter of a CSV file is decided.

    Raises
    ------
    ValueError
        For a file that is no table or cannot be read, a workbook of several filled sheets.
    FileNotFoundError
        If the file does not exist.
    TypeError
        For anything else.
    """
    if isinstance(data, GivenTable):
        return data
    if not isinstance(data, str | Path):
        return table_in_memory(data)
    return read_table_file(Path(data), fields)


def own_or_given(
    data: object, own: Mapping[str, Any], fields: Fields, *, later: Collection[str] = ()
) -> pl.DataFrame | GivenTable:
    """A table with all own columns, or any other as it is given.

    Parameters
    ----------
    data : path, frame or mapping
        As `given_table` takes it.
    own : mapping of str to type
        Types of the own columns.
    fields : Fields
        Names that are looked for in another table.
    later : collection of str
        Own columns that tables of earlier versions do not have.

    Raises
    ------
    ValueError, FileNotFoundError, TypeError
        As `given_table`, and as `calibration.tables.stored_tables.read_stored`.
    """
    stored = read_stored(data, own, later=later)
    if stored is not None:
        return stored
    table = given_table(data, fields)
    return table.whole() if set(own) - set(later) <= set(table.names) else table


def read_table_file(path: Path, fields: Fields) -> GivenTable:
    """A table from a file, by its content.

    Raises
    ------
    ValueError, FileNotFoundError
        As `given_table`.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    kind = table_kind(path)
    if kind in CSV_SUFFIXES:
        return _csv_table(path, fields)
    if kind in JSON_SUFFIXES:
        return _json_table(path)
    if kind not in _READERS:
        raise ValueError(
            f"{path}: a table must be a file of {', '.join(TABLE_SUFFIXES)}, got {path.suffix or 'no suffix'}"
        )
    if is_zipfile(path):  # the workbooks of today
        ZipMembers(path, most=LARGEST)
    try:
        frame = read_foreign(path, reader=_READERS[kind])
    except ValueError as error:
        raise ValueError(f"{path}: not a readable {kind} file ({error})") from None
    if frame.is_empty():
        raise ValueError(f"{path}: the table holds no rows")
    return GivenTable(dict(table_in_memory(frame).columns), source=str(path))


def _csv_table(path: Path, fields: Fields) -> GivenTable:
    layout = csv_layout(path, fields)
    frame, lines = csv_cells(path, layout)
    if frame.is_empty():
        raise ValueError(f"{path}: the file holds no rows under its header")
    columns = zip(layout.header, frame.get_columns(), strict=True)
    named = {name: column.alias(name) for name, column in columns if name}
    return GivenTable(dict(named), source=str(path), lines=lines.tolist())


def _json_table(path: Path) -> GivenTable:
    """Objects of JSONL, or of an array in one JSON file."""
    text = read_text(path)
    is_array = text.lstrip()[:1] == "["
    lines: list[int] = []
    columns = RowColumns()
    for number, value in _members(path, text) if is_array else _lines(path, text):
        if not isinstance(value, dict):
            where = "record" if is_array else "line"
            raise ValueError(f"{path}, {where} {number}: must be a JSON object, got {type(value).__name__}")
        if not is_array:
            lines.append(number)
        columns.add(value)
    if not columns.n_rows:
        raise ValueError(f"{path}: the file holds no rows")
    return GivenTable(columns.whole(), source=str(path), lines=lines)


def _members(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    try:
        listed = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not JSON ({error})") from None
    yield from enumerate(map(plain_line_ends, listed))


def _lines(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    begin, end = 0, -1
    for number in count(1):
        begin, end = end + 1, text.find("\n", end + 1)
        line = text[begin : end if end >= 0 else None]
        if line.strip():
            try:
                value = _DECODER.decode(line)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{path}, line {number}: not JSON ({error})") from None
            yield number, plain_line_ends(value) if _RETURN.search(line) else value
        if end < 0:
            return
