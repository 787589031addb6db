"""Tables that a caller gives: columns, and where their rows stand."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..metrics.arrays import FloatArray
from ..metrics.ids import is_missing
from ..metrics.precision import known_to, precision_named
from ..metrics.validation import plain_array

Column = pl.Series | NDArray[Any] | list[Any]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
EMPTY_CELLS = frozenset({"", "na", "n/a", "nan", "<na>", "#n/a", "none", "null", "-", "–", "—"})
"""What stands in a cell without a value, in small letters."""

# Digits in groups of three, unless a decimal comma stands in front of the last.
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
# Types without a missing value of their own.
_NEVER_MISSING = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True, eq=False)
class GivenTable:
    """Columns of a table, and where its rows stand.

    Attributes
    ----------
    columns : dict of str to Series, array or list
        Lists hold values of several types, arrays of two dimensions a row of numbers each.
    source : str
        The file; empty for a table in memory.
    lines : sequence of int
        Line at which each row begins; empty if rows have no lines.
    """

    columns: dict[str, Column]
    source: str = ""
    lines: Sequence[int] = ()

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            short, long = min(lengths, key=lengths.__getitem__), max(lengths, key=lengths.__getitem__)
            raise ValueError(
                f"the columns of a table must be of one length, got {lengths[short]} of {short!r} and {lengths[long]} "
                f"of {long!r}"
            )
        if not self.n_rows:
            raise ValueError(f"{self.prefix}the table holds no rows")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.columns)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values()), ()))

    @property
    def prefix(self) -> str:
        """The file at the beginning of a message; nothing in memory."""
        return f"{self.source}: " if self.source else ""

    def where(self, row: int) -> str:
        """A row in words: its line, or its number from 0."""
        return f"line {self.lines[row]}" if self.lines else f"row {row}"

    def error(self, row: int, text: str) -> ValueError:
        """An error about a row, with its file."""
        comma = f"{self.source}, " if self.source else ""
        return ValueError(f"{comma}{self.where(row)}: {text}")

    def named(self, error: ValueError) -> ValueError:
        """An error about the whole table, with its file unless it names it."""
        return error if self.source and self.source in str(error) else ValueError(f"{self.prefix}{error}")

    def values(self, name: str) -> list[Any]:
        """Values of a column, None for missing ones."""
        column = self.columns[name]
        listed = column.to_list() if isinstance(column, pl.Series) else list(column)
        if {*map(type, listed)} <= _NEVER_MISSING:
            return listed
        return [None if not isinstance(value, list | np.ndarray) and is_missing(value) else value for value in listed]

    def texts(self, name: str) -> list[str]:
        """Values of a column as texts, whole numbers without a decimal point.

        Raises
        ------
        ValueError
            For a missing or empty one, by its row.
        """
        values = self.values(name)
        if {*map(type, values)} == {str} and all(map(str.strip, values)):
            return values
        texts = []
        for row, value in enumerate(values):
            text = str(int(value)) if isinstance(value, float | np.floating) and value.is_integer() else str(value)
            if value is None or not text.strip():
                raise self.error(row, f"{name!r} is empty")
            texts.append(text)
        return texts

    def numbers(self, name: str, *, missing: bool = False) -> FloatArray:
        """Values of a column as numbers, which remember their precision.

        Texts are read with decimal points, or with decimal commas throughout.

        Parameters
        ----------
        name : str
            The column.
        missing : bool
            Whether values may be missing; they are NaN.

        Raises
        ------
        ValueError
            For a missing value and for what is no number, by its row.
        """
        column = self.columns[name]
        dtype = str(column.dtype).lower() if isinstance(column, pl.Series | np.ndarray) else "float64"
        if isinstance(column, pl.Series) and (column.dtype.is_numeric() or column.dtype == pl.Boolean):
            numbers = column.cast(pl.Float64).to_numpy()
        elif isinstance(column, np.ndarray) and column.dtype.kind in "biuf":
            numbers = column.astype(np.float64)
        else:
            numbers = self._read(name)
        if not missing and np.isnan(numbers).any():
            raise self.error(int(np.argmax(np.isnan(numbers))), f"{name!r} has no value")
        return known_to(numbers, precision_named(dtype))

    def _read(self, name: str) -> FloatArray:
        values = self.values(name)
        texts = [value.strip() for value in values if isinstance(value, str)]
        commas = not any("." in text for text in texts)
        grouped = [row for row, value in enumerate(values) if isinstance(value, str) and "," in value]
        if commas and grouped and all(_GROUPED.fullmatch(values[row].strip()) for row in grouped):
            raise self.error(
                grouped[0],
                f"{name!r} may have decimal commas or commas between thousands, got {values[grouped[0]]!r}; write it "
                "with a decimal point, or without commas",
            )
        numbers = np.full(len(values), np.nan)
        for row, value in enumerate(values):
            if value is None or (isinstance(value, str) and value.strip().casefold() in EMPTY_CELLS):
                continue
            if isinstance(value, str):
                text = value.strip()
                text = text.replace(",", ".") if commas and text.count(",") == 1 else text
                if not _NUMBER.fullmatch(text):
                    percent = "; per cent? give the numbers alone, with scale=100 (--scale 100)" if "%" in text else ""
                    raise self.error(row, f"{name!r} must be a number, got {value!r}{percent}")
                numbers[row] = float(text)
            else:
                try:
                    numbers[row] = float(plain_array(name, value))
                except (ValueError, TypeError):
                    raise self.error(row, f"{name!r} must be a number, got {value!r}") from None
        return numbers

    def matrix(self, names: Sequence[str]) -> tuple[FloatArray, NDArray[np.int64]]:
        """Numbers of several columns as a matrix, and how many each row has.

        The last of a row may be missing; they become −inf.

        Raises
        ------
        ValueError
            For a missing number in front of a given one, by its row.
        """
        columns = [self.numbers(name, missing=True) for name in names]
        values = np.stack([np.asarray(column) for column in columns], axis=1)
        given = ~np.isnan(values)
        n_given = given.sum(axis=1)
        broken = given != (np.arange(len(names)) < n_given[:, None])
        if broken.any():
            row = int(np.argmax(broken.any(axis=1)))
            raise self.error(
                row, f"{names[int(np.argmin(given[row]))]!r} is empty; only the last columns of a row may be"
            )
        values[~given] = -np.inf
        precision = getattr(columns[0], "precision", None)
        return (known_to(values, precision) if precision else values), n_given.astype(np.int64)

    def further(self, taken: Collection[str]) -> pl.DataFrame:
        """Columns by which items can be grouped, no lists and objects.

        Parameters
        ----------
        taken : collection of str
            Names that a column must not have, whatever their case.
        """
        names = {name.casefold() for name in taken}
        kept: dict[str, pl.Series] = {}
        for name, column in self.columns.items():
            if not name.strip() or name.strip().casefold() in names or getattr(column, "ndim", 1) > 1:
                continue
            series = column.alias(name) if isinstance(column, pl.Series) else _series(name, column)
            if series is not None and not (series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object)):
                names.add(name.strip().casefold())
                kept[name] = series
        return pl.DataFrame(kept)

    def whole(self) -> pl.DataFrame:
        """All columns, lists too."""
        columns = {
            name: column if isinstance(column, pl.Series) else _series(name, column)
            for name, column in self.columns.items()
        }
        return pl.DataFrame({name: column for name, column in columns.items() if column is not None})


def _series(name: str, values: NDArray[Any] | list[Any]) -> pl.Series | None:
    """A column of values of one type, or of texts; None for objects."""
    try:
        return pl.Series(name, values)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        if any(isinstance(value, dict | list | np.ndarray) for value in values):
            return None
        return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)
