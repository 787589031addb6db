"""Further columns of a table, beyond its schema, such as a language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import polars as pl

# Kinds of values by which items can be grouped, as Polars names them.
_CATEGORIES = (pl.Categorical, pl.Enum, pl.Null)


def with_further_columns(own: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """Columns of a schema, then the table's further ones.

    Parameters
    ----------
    own : polars.DataFrame
        The columns of the schema.
    given : polars.DataFrame
        The same rows with all columns. Further ones hold a text, number, truth value, date or time in each cell, or
        null; categories become texts.

    Raises
    ------
    ValueError
        For a further column of lists or objects, and for names that differ from another one only by case.

    Examples
    --------
    >>> given = pl.DataFrame({"item": ["a"], "language": ["de"]})
    >>> with_further_columns(given.select("item"), given).columns
    ['item', 'language']
    """
    further = [name for name in given.columns if name not in own.columns]
    if not further:
        return own
    names = {name.casefold(): name for name in own.columns}
    for name in further:
        other = names.setdefault(name.strip().casefold(), name)
        if other != name:
            raise ValueError(f"columns must differ by more than case and blanks, got {other!r} and {name!r}")
        if not name.strip():
            raise ValueError("every column must have a name, got an empty one")
        kind = given.schema[name]
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise ValueError(
                f"a further column must hold one text, number, truth value, date or time an item; {name!r} holds {kind}"
            )
    columns = [given[name].cast(pl.String) if given.schema[name] in _CATEGORIES else given[name] for name in further]
    return own.with_columns(columns)


def refuse_several_values(frame: pl.DataFrame, names: Collection[str]) -> None:
    """Raise for an item whose rows differ in a column.

    Raises
    ------
    ValueError
        Naming column and item.
    """
    for name in names:
        differ = frame.filter(pl.col(name).n_unique().over("item") > 1)
        if not differ.is_empty():
            raise ValueError(
                f"an item must have one {name} in every order of its options, item {differ['item'][0]} has more"
            )


def joined(frame: pl.DataFrame, texts: pl.DataFrame | None, *, key: str, besides: Collection[str]) -> pl.DataFrame:
    """Rows with the further columns of the table of texts.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows, several a key perhaps.
    texts : polars.DataFrame or None
        One row a key.
    key : str
        The column by which they are joined.
    besides : collection of str
        Columns of the texts that are no further ones.
    """
    if texts is None:
        return frame
    further = [name for name in texts.columns if name not in {key, *besides, *frame.columns}]
    return frame.join(texts.select(key, *further), on=key, how="left", maintain_order="left") if further else frame


def further_columns(rows: Sequence[Mapping[str, Any]], *, besides: Iterable[str]) -> list[pl.Series]:
    """Columns from a mapping a row, null where a row lacks one.

    A column of texts and numbers becomes one of texts. Names that differ from those of `besides`, or from an earlier
    one, only by case are left out.

    Examples
    --------
    >>> [column.to_list() for column in further_columns([{"language": "de"}, {"year": 1}], besides=["item"])]
    [['de', None], [None, 1]]
    """
    taken = {name.casefold() for name in besides}
    names = []
    for name in dict.fromkeys(name for row in rows for name in row):
        if name.casefold() not in taken:
            taken.add(name.casefold())
            names.append(name)
    return [_column(name, [row.get(name) for row in rows]) for name in names]


def _column(name: str, values: Sequence[Any]) -> pl.Series:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        values = [None if value is None else float(value) for value in values]
    if kinds and (len(kinds) == 1 or kinds == {int, float}):
        with suppress(TypeError, OverflowError, pl.exceptions.PolarsError):
            column = pl.Series(name, values)
            if column.dtype != pl.Int128:  # which few other programs know
                return column
    return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)
