"""Tables of our own as lines of JSON, read in pieces."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

# Halves of characters, which polars lets through.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# Bytes of lines that become a table at once.
_CHUNK = 2**24
_PLAIN = (pl.String, pl.Boolean, pl.Int64, pl.Float64, pl.Null)
# What the numbers of lines may be read as, beside their own type.
_FITTING: dict[str, tuple[Any, ...]] = {
    "texts": (pl.String, pl.Null),
    "truth values": (pl.Boolean, pl.Null),
    "whole numbers": (pl.Int64, pl.Null),
    "numbers": (pl.Float64, pl.Int64, pl.Null),
}


def stored_lines(path: Path, own: Mapping[str, Any]) -> pl.DataFrame:
    """The table of a JSONL file whose lines have the names of the first.

    Parameters
    ----------
    path : Path
        The file.
    own : mapping of str to type
        Types of its own columns; those of further ones are told by their values.

    Raises
    ------
    ValueError
        For a line that is no object with these names, and a column of several types or another than its own, without
        the file.
    """
    parts: list[Mapping[str, pl.Series | list[Any]]] = []
    names: tuple[str, ...] = ()
    n_rows = 0
    with path.open("rb") as file:
        while lines := file.readlines(_CHUNK):
            names = names or _names(lines[0])
            columns = _plain_columns(lines, names, own)
            parts.append(_listed_columns(lines, names, n_rows) if columns is None else columns)
            n_rows += len(lines)
    return pl.DataFrame([_column(name, [part[name] for part in parts], own.get(name)) for name in names])


def _names(line: bytes) -> tuple[str, ...]:
    row = _object(line, 1)
    return tuple(row)


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError(f"line {number}: not JSON") from None
    if not isinstance(row, dict):
        raise ValueError(f"line {number}: must be an object with the names of the first line")
    return row


def _plain_columns(
    lines: Sequence[bytes], names: Sequence[str], own: Mapping[str, Any]
) -> dict[str, pl.Series | list[Any]] | None:
    """Columns as polars reads them; None unless it reads all that the lines hold.

    It takes a missing name for null, and numbers among texts for texts: the number of quotes shows both.
    """
    text = b"".join(lines)
    if _SURROGATE.search(text):
        return None
    try:
        frame = pl.read_ndjson(BytesIO(text), infer_schema_length=None)
        if frame.height != len(lines) or set(frame.columns) != set(names):
            return None
        kinds = [own.get(name) for name in names]
        columns = [frame[name] for name in names]
        if not all(_fits(column, kind) for column, kind in zip(columns, kinds, strict=True)):
            return None
        n_texts = len(lines) * len(names) + sum(map(_n_texts, columns))
        if text.replace(rb"\\", b"").replace(rb"\"", b"").count(b'"') != 2 * n_texts:
            return None
        return {
            column.name: column if kind is None else column.cast(kind)
            for column, kind in zip(columns, kinds, strict=True)
        }
    except pl.exceptions.PolarsError:
        return None


def _fits(column: pl.Series, own: Any) -> bool:
    """Whether a column was read as Python reads its values one by one."""
    if own is None:
        # Of whole numbers and others polars makes the latter.
        is_mixed = column.dtype == pl.Float64 and bool((column == column.floor()).any())
        return column.dtype in _PLAIN and not is_mixed
    read, kind = column.dtype, pl.Series(dtype=own).dtype
    while isinstance(read, pl.List) and isinstance(kind, pl.List):
        read, kind = read.inner, kind.inner  # type: ignore[assignment]
    return read in _FITTING.get(_sort(kind), (pl.Null,))


def _sort(kind: pl.DataType) -> str:
    if kind == pl.String:
        return "texts"
    if kind == pl.Boolean:
        return "truth values"
    return "whole numbers" if kind.is_integer() else "numbers" if kind.is_float() else ""


def _n_texts(column: pl.Series) -> int:
    """Number of texts in a column, in its lists too."""
    while isinstance(column.dtype, pl.List):
        column = column.explode(empty_as_null=False, keep_nulls=False)
    return len(column) - column.null_count() if column.dtype == pl.String else 0


def _listed_columns(lines: Sequence[bytes], names: Sequence[str], n_before: int) -> dict[str, pl.Series | list[Any]]:
    """Columns of values as Python reads them.

    Raises
    ------
    ValueError
        For the first line that is no object with these names.
    """
    columns: dict[str, pl.Series | list[Any]] = {name: [] for name in names}
    for number, line in enumerate(lines, start=n_before + 1):
        row = _object(line, number)
        if row.keys() != columns.keys():
            raise ValueError(f"line {number}: must be an object with the names of the first line")
        for name, value in row.items():
            columns[name].append(value)
    return columns


def _column(name: str, parts: Sequence[pl.Series | list[Any]], own: Any) -> pl.Series:
    """A column of all parts.

    Raises
    ------
    ValueError
        For values of several types, or of another than its own.
    """
    try:
        if own is not None:
            series = [pl.Series(name, part, dtype=own) for part in parts]
            return pl.concat(series)
        kinds = {part.dtype for part in parts if isinstance(part, pl.Series)} - {pl.Null()}
        if len(kinds) < 2 and all(isinstance(part, pl.Series) for part in parts):
            kind = next(iter(kinds), pl.Null())
            return pl.concat([part.cast(kind) for part in parts if isinstance(part, pl.Series)])
        return pl.Series(name, [value for values in map(_values, parts) for value in values])
    except UnicodeEncodeError:
        raise ValueError(f"{name!r} must hold whole characters, and holds half of one") from None
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        rule = f"must be of the type {own}" if own is not None else "must be of one type"
        raise ValueError(f"{name!r} {rule}") from None


def _values(part: pl.Series | list[Any]) -> Iterator[Any]:
    yield from part.to_list() if isinstance(part, pl.Series) else part
