"""Columns of rows that come one by one."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import polars as pl

from .given_table import Column

# Rows that are held as Python objects at once.
_BATCH = 10_000
_TYPES: dict[type, pl.DataType] = {str: pl.String(), float: pl.Float64(), int: pl.Int64(), bool: pl.Boolean()}


class RowColumns:
    """Columns of rows with the same names or others, None for a missing value.

    Attributes
    ----------
    n_rows : int
        Rows that were added.

    Examples
    --------
    >>> columns = RowColumns()
    >>> columns.add({"a": 1})
    >>> columns.add({"a": 2, "b": "x"})
    >>> {name: list(column) for name, column in columns.whole().items()}
    {'a': [1, 2], 'b': [None, 'x']}
    """

    def __init__(self) -> None:
        self.n_rows = 0
        self._rows: list[Mapping[str, Any]] = []
        self._parts: dict[str, list[pl.Series | list[Any]]] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row."""
        self._rows.append(row)
        self.n_rows += 1
        if len(self._rows) == _BATCH:
            self._take()

    def whole(self) -> dict[str, Column]:
        """All columns.

        Texts, numbers and truth values are series, values of several types and nested ones lists.
        """
        self._take()
        return {name: _joined(name, self._parts.pop(name)) for name in list(self._parts)}

    def _take(self) -> None:
        """Make parts of columns of the rows that are held."""
        n_before = self.n_rows - len(self._rows)
        for name in dict.fromkeys(chain.from_iterable(self._rows)):
            self._parts.setdefault(name, [pl.repeat(None, n_before, dtype=pl.Null, eager=True)])
        for name, parts in self._parts.items():
            parts.append(_part([row.get(name) for row in self._rows]))
        self._rows = []


def _part(values: list[Any]) -> pl.Series | list[Any]:
    """Values of one type as a series, others as they are."""
    types = {*map(type, values)} - {type(None)}
    if not types:
        return pl.Series(values, dtype=pl.Null)
    kind = _TYPES.get(next(iter(types))) if len(types) == 1 else None
    try:
        return values if kind is None else pl.Series(values, dtype=kind)
    except (OverflowError, UnicodeEncodeError, TypeError, pl.exceptions.PolarsError):
        return values


def _joined(name: str, parts: list[pl.Series | list[Any]]) -> pl.Series | list[Any]:
    series = [part for part in parts if isinstance(part, pl.Series)]
    kinds = {part.dtype for part in series} - {pl.Null()}
    if len(kinds) == 1 and len(series) == len(parts):
        return pl.concat([part.cast(*kinds) for part in series]).alias(name)
    return [value for part in parts for value in part]
