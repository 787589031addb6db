"""Which columns of a table hold what, by the caller or by their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import polars as pl

from ..files.field_names import Columns, Fields
from ..nearest_names import nearest
from .given_table import GivenTable


def chosen_columns(table: GivenTable, fields: Fields, chosen: Mapping[str, str | None]) -> Columns:
    """Columns by the fields that they hold.

    Parameters
    ----------
    table : GivenTable
        The table.
    fields : Fields
        What is looked for.
    chosen : mapping of str to str or None
        Columns that the caller names, by field; others are recognised by their names.

    Raises
    ------
    ValueError
        For a chosen column that the table lacks, two columns that mean one field, and a required field without any.
    """
    named = {name: column for name, column in chosen.items() if column is not None}
    for name, column in named.items():
        if column not in table.columns:
            raise ValueError(
                f"{table.prefix}no column {column!r} for {name}; there are: {', '.join(map(repr, table.names))}"
                f"{nearest(column, table.names)}"
            )
    rest = [column for column in table.names if column not in named.values()]
    wanted = replace(
        fields,
        names=tuple(name for name in fields.names if name not in named),
        required=tuple(name for name in fields.required if name not in named),
    )
    try:
        columns = wanted.match(rest)
    except ValueError as error:
        raise ValueError(f"{table.prefix}{error}") from None
    return Columns({**named, **columns.named}, columns.lettered)


def refuse_repeats(table: GivenTable, items: list[str]) -> None:
    """Raise for an id that occurs twice, naming both rows."""
    rows: dict[str, int] = {}
    for row, item in enumerate(items):
        if item in rows:
            raise table.error(row, f"ids must be unique: {item} is at {table.where(rows[item])} too")
        rows[item] = row


def only_model(table: GivenTable, column: str | None) -> str:
    """The model in a column; empty without such a column.

    Raises
    ------
    ValueError
        For rows of several models, naming two.
    """
    if column is None:
        return ""
    models: dict[str, int] = {}
    for row, name in enumerate(table.texts(column)):
        models.setdefault(name, row)
        if len(models) > 1:
            (first, first_row), (second, second_row) = models.items()
            raise ValueError(
                f"{table.prefix}the rows must be of one model, got {first!r} ({table.where(first_row)}) and "
                f"{second!r} ({table.where(second_row)}); take the rows of each alone"
            )
    return next(iter(models))


def with_further(frame: pl.DataFrame, table: GivenTable, taken: Collection[str]) -> pl.DataFrame:
    """A frame made of a table, with the table's further columns."""
    further = table.further({*taken, *frame.columns})
    return frame.with_columns(further.get_columns())
