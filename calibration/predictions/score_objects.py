"""Scores of options as objects: a number by the name of each option."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from ..items.item import LETTERS
from ..metrics.arrays import FloatArray, IntArray
from ..tables.given_table import GivenTable

_AROUND = re.compile(r"^\W+|\W+$")


def score_objects(table: GivenTable, column: str) -> tuple[FloatArray, IntArray, list[str]] | None:
    """Scores in a column of objects; None if it holds something else.

    Parameters
    ----------
    table : GivenTable
        The table.
    column : str
        Where the objects stand, as they are or as JSON.

    Returns
    -------
    values : array, shape (n_items, widest)
        Scores, −inf beyond an item's options.
    n_options : array of int, shape (n_items,)
        Options of each item.
    names : list of str
        Names of the options: letters or numbers in their order, others in that of the first row.

    Raises
    ------
    ValueError
        For a row that is no object of numbers, or that does not hold the options of the others; by row.
    """
    if isinstance(given := table.columns[column], np.ndarray) or (
        isinstance(given, pl.Series) and not (given.dtype == pl.String or isinstance(given.dtype, pl.Struct))
    ):
        return None
    cells = [_object(cell) for cell in table.values(column)]
    if not any(isinstance(cell, Mapping) for cell in cells):
        return None
    rows: list[dict[str, float]] = []
    for row, cell in enumerate(cells):
        scores = _scores(cell)
        if scores is None:
            raise table.error(row, f"{column!r} must be an object of numbers in every row, got {cell!r:.60}")
        rows.append(scores)
    names = _ordered(dict.fromkeys(name for scores in rows for name in scores))
    is_named = not in_order(names)
    for row, scores in enumerate(rows):
        wanted = names if is_named else names[: len(scores)]
        if scores.keys() != set(wanted):
            raise table.error(
                row, f"{column!r} must hold the options {', '.join(wanted)}, got {', '.join(map(str, scores))}"
            )
    n_options = np.array([len(scores) for scores in rows], dtype=np.int64)
    values = np.full((len(rows), max(len(names), 2)), -np.inf)
    for index, name in enumerate(names):
        values[:, index] = [scores.get(name, -np.inf) for scores in rows]
    return values, n_options, names


def in_order(names: Sequence[str]) -> bool:
    """Whether names of options have an order: letters or numbers."""
    return _are_letters(names) or _are_numbers(names)


def _are_letters(names: Sequence[str]) -> bool:
    return all(name in LETTERS and len(name) == 1 for name in names)


def _are_numbers(names: Sequence[str]) -> bool:
    return all(name.isascii() and name.isdigit() for name in names)


def _object(cell: Any) -> Any:
    if isinstance(cell, str) and cell.lstrip()[:1] == "{":
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return cell
    return cell


def _scores(cell: Any) -> dict[str, float] | None:
    """Numbers by option; None unless all are. Options without a value are left out."""
    if not isinstance(cell, Mapping):
        return None
    scores: dict[str, float] = {}
    for name, value in cell.items():
        if value is None:
            continue
        plain = _AROUND.sub("", str(name)) or str(name)
        plain = plain.upper() if len(plain) == 1 else plain
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or plain in scores:
            return None
        scores[plain] = float(value)
    return scores or None


def _ordered(names: Sequence[str] | Mapping[str, None]) -> list[str]:
    """Letters and numbers in their order, other names in the given one."""
    listed = list(names)
    if _are_letters(listed):
        return sorted(listed)
    return sorted(listed, key=int) if _are_numbers(listed) else listed
