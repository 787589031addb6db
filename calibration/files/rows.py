"""Rows of JSONL, CSV and Parquet files, with the line that each begins at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from .csv_layouts import csv_layout
from .field_names import Columns, Fields
from .text import plain_line_ends, read_text

_SPREADSHEETS = (".xlsx", ".xls", ".xlsb", ".ods", ".numbers")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file.

    Attributes
    ----------
    where : str
        Its position, as ``line 2``.
    values : dict
        Its values by field, and those of lettered columns as a list by family.
    header : tuple of str
        Every name that it has in the file.
    further_values : dict
        Its values by the names of columns that hold no known field.
    """

    where: str
    values: dict[str, Any]
    header: tuple[str, ...]
    further_values: dict[str, Any] = field(default_factory=dict)


def read_rows(path: Path, fields: Fields, *, what: str) -> Iterator[Row]:
    """Rows of a file by its suffix: .jsonl, .csv (.tsv), or .parquet.

    Parameters
    ----------
    path : Path
        The file.
    fields : Fields
        The fields to read.
    what : str
        Content of the file, for messages.

    Yields
    ------
    Row
        In the order of the file.

    Raises
    ------
    ValueError
        For another suffix and everything that the readers refuse, naming the file.
    FileNotFoundError
        If the file does not exist.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        hint = '; save the sheet as "CSV UTF-8"' if suffix in _SPREADSHEETS else ""
        raise ValueError(
            f"{path}: {what} must be a .jsonl, .csv or .parquet file, got {path.suffix or 'no suffix'}{hint}"
        )
    return _READERS[suffix](path, fields)


def jsonl_rows(path: Path, fields: Fields) -> Iterator[Row]:
    """Objects of a JSONL file.

    A field that is null is absent if another of its names is given.

    Raises
    ------
    ValueError
        For a line that is not a JSON object or lacks a required field, naming file and line.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            values = json.loads(line, object_pairs_hook=without_repeats)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"{path}, {where}: not JSON ({error})") from None
        except ValueError as error:
            raise ValueError(f"{path}, {where}: {error}") from None
        if not isinstance(values, dict):
            raise ValueError(f"{path}, {where}: must be a JSON object, got {type(values).__name__}")
        null = frozenset(name for name, value in values.items() if value is None)
        try:
            columns = _columns(fields, tuple(values), null)
        except ValueError as error:
            raise ValueError(f"{path}, {where}: {error}") from None
        values = plain_line_ends(values)
        yield Row(where, columns.row(values), tuple(values), columns.further_values(values))


def csv_rows(path: Path, fields: Fields) -> Iterator[Row]:
    """Rows of a CSV file with a header, by the best-fitting delimiter.

    That is the delimiter by which the header shows most of the fields.

    Blanks around names are left out, and blanks behind delimiters if the header has them. Rows of empty cells are
    passed over.

    Raises
    ------
    ValueError
        For a header without a required field, repeated names, rows with more or fewer cells, wrong quotes,
        naming file and line.
    """
    layout = csv_layout(path, fields)
    columns = layout.columns(path, fields)
    for line, cells in layout.records(path):
        values = dict(zip(layout.header, cells, strict=True))
        yield Row(f"line {line}", columns.row(values), layout.header, columns.further_values(values))


def parquet_rows(path: Path, fields: Fields) -> Iterator[Row]:
    """Rows of a Parquet file.

    A column without a value is absent if another of its names is given.
    """
    from .untrusted_parquet import read_foreign

    try:
        frame = read_foreign(path)
    except ValueError as error:
        raise ValueError(f"{path}: not a readable Parquet file ({error})") from None
    header = tuple(frame.columns)
    null = [name for name in header if frame[name].null_count() == frame.height]
    try:
        columns = fields.match(header, null=null)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    for number, row in enumerate(frame.iter_rows(named=True)):
        values = plain_line_ends(row)
        yield Row(f"row {number}", columns.row(values), header, columns.further_values(values))


@lru_cache(maxsize=1024)
def _columns(fields: Fields, header: tuple[str, ...], null: frozenset[str]) -> Columns:
    return fields.match(header, null=null)


def without_repeats(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object from its pairs, refused if a name is repeated.

    Raises
    ------
    ValueError
        For a repeated name.
    """
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for number, name in enumerate(names) if name in names[:number])
        raise ValueError(f"the field {repeated!r} occurs twice in an object")
    return members


_READERS: dict[str, Callable[[Path, Fields], Iterator[Row]]] = {
    ".jsonl": jsonl_rows,
    ".ndjson": jsonl_rows,
    ".csv": csv_rows,
    ".tsv": csv_rows,
    ".parquet": parquet_rows,
}
