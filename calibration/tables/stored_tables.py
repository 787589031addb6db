"""Tables of our own as files, which are read back as they were written."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from .stored_lines import stored_lines

RUN_NOTE = "veracal_run"
"""Column, or entry of a Parquet file, whose first cell holds what an export keeps of a run beside its rows."""

FORMULA = "[=+\\-@\t\r\n＝＋－＠]"
"""How a formula begins for some spreadsheet."""

# A text that would be taken for a formula, or for another text with an apostrophe in front.
_GUARDED = rf"^(?:'|{FORMULA})"
_WHOLE = r"^[+-]?[0-9]+$"
_DECIMAL = r"^(?:[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|NaN|-?inf)$"
_TRUTH = r"^(?:true|false)$"
# Bytes of a first line.
_LONGEST = 2**24
_LOOKS_TYPED = (_DECIMAL, _TRUTH)


def text_cells(frame: pl.DataFrame, own: Mapping[str, Any]) -> pl.DataFrame:
    """Cells of a CSV file, from which `typed_columns` makes the table again.

    An apostrophe, as spreadsheets mark a text, goes before a text that they would take for a formula; before one that
    begins with an apostrophe; and before each of a further column whose texts would all be read as numbers or truth
    values. Lists are written as JSON. An empty text stands in quotes, a missing value is nothing.

    Parameters
    ----------
    frame : polars.DataFrame
        The table.
    own : mapping of str to type
        Types of its own columns; those of further ones are told by their cells.

    Examples
    --------
    >>> text_cells(pl.DataFrame({"item": ["7"], "note": ["=1"], "year": ["1999"]}), {"item": pl.String}).row(0)
    ('7', "'=1", "'1999")
    """
    return frame.select(_cells(column, is_own=column.name in own) for column in frame.get_columns())


def typed_columns(cells: pl.DataFrame, own: Mapping[str, Any]) -> pl.DataFrame:
    """The table of cells that `text_cells` made.

    Dates and times of further columns stay texts.

    Raises
    ------
    ValueError
        For a cell of an own column that is not of its type, by column and row.
    """
    return cells.select(
        _own_column(column, pl.DataFrame(schema={"": own[column.name]}).dtypes[0])
        if column.name in own
        else _further_column(column)
        for column in cells.get_columns()
    )


def read_stored(data: object, own: Mapping[str, Any], *, later: Collection[str] = ()) -> pl.DataFrame | None:
    """The table of a CSV or JSONL file with all own columns.

    Nothing in its texts is changed. None for other files and for what is no path. Files of earlier versions do not have
    the columns `later`. The column `RUN_NOTE` is left out unless it is an own one.

    Raises
    ------
    ValueError
        For a file with these columns that is damaged, naming it.
    """
    if (
        not isinstance(data, str | Path)
        or not (path := Path(data)).is_file()
        or not set(own) - set(later) <= set(stored_names(path))
    ):
        return None
    try:
        if _is_json(path):
            table = stored_lines(path, own)
        else:
            table = typed_columns(pl.read_csv(path, infer_schema=False, glob=False), own)
        return table if RUN_NOTE in own else table.drop(RUN_NOTE, strict=False)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{path}: not readable as a table of veracal ({str(error).splitlines()[0]})") from None
    except ValueError as error:
        raise ValueError(f"{path}, {error}") from None


def stored_names(path: Path) -> list[str]:
    """Names of the columns of a CSV or JSONL file, whatever it is called.

    None of other files, and of a CSV file without commas.
    """
    with path.open("rb") as file:
        first = file.readline(_LONGEST)
    try:
        if not _is_json(path):
            # A name of several lines is none of ours.
            return next(csv.reader([first.decode()]), [])
        value = json.loads(first)
    except (ValueError, RecursionError, csv.Error):
        return []
    return list(value) if isinstance(value, dict) else []


def _is_json(path: Path) -> bool:
    """Whether a file begins as JSON does."""
    with path.open("rb") as file:
        return file.read(1) in (b"{", b"[")


def _cells(column: pl.Series, *, is_own: bool) -> pl.Series:
    if column.dtype.is_nested():
        texts = [None if value is None else json.dumps(value, ensure_ascii=False) for value in column.to_list()]
        return pl.Series(column.name, texts, dtype=pl.String)
    if column.dtype != pl.String:
        return column.cast(pl.String)
    given = column.drop_nulls()
    guarded = column.str.contains(_GUARDED)
    if not is_own and len(given) and any(given.str.contains(kind).all() for kind in _LOOKS_TYPED):
        guarded = guarded | column.is_not_null()
    return pl.select(pl.when(guarded).then(pl.lit("'") + column).otherwise(column).alias(column.name)).to_series()


def _plain(column: pl.Series) -> pl.Series:
    """Texts without the apostrophes in front."""
    return column.str.replace(r"^'", "")


def _own_column(column: pl.Series, dtype: pl.DataType) -> pl.Series:
    if dtype == pl.String:
        return _plain(column)
    if dtype.is_nested():
        values = []
        for row, text in enumerate(column):
            try:
                value = None if text is None else json.loads(text)
            except (ValueError, RecursionError):
                value = text
            if not isinstance(value, list | None):
                raise ValueError(f"row {row}: {column.name!r} must hold a list in JSON, got {text!r}")
            values.append(value)
        try:
            return pl.Series(column.name, values, dtype=dtype)
        except (TypeError, pl.exceptions.PolarsError):
            raise ValueError(f"{column.name!r} must hold lists of the type {dtype}") from None
    typed = _truth(column) if dtype == pl.Boolean else column.cast(dtype, strict=False)
    broken = typed.is_null() & column.is_not_null()
    if broken.any():
        row = int(broken.arg_max() or 0)
        raise ValueError(f"row {row}: {column.name!r} must be of the type {dtype}, got {column[row]!r}")
    return typed


def _truth(column: pl.Series) -> pl.Series:
    return column.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)


def _further_column(column: pl.Series) -> pl.Series:
    given = column.drop_nulls()
    if given.is_empty():
        return column
    if given.str.contains(_TRUTH).all():
        return _truth(column)
    if given.str.contains(_WHOLE).all():
        for dtype in (pl.Int64, pl.UInt64):
            if given.cast(dtype, strict=False).null_count() == 0:
                return column.cast(dtype)
    if given.str.contains(_DECIMAL).all():
        return column.cast(pl.Float64)
    return _plain(column)
