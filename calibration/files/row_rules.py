"""Rules that a table and every row of it must keep."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import polars as pl


def own_columns(
    frame: pl.DataFrame, schema: pl.Schema, *, table: str, row: str, later: Collection[str] = ()
) -> pl.DataFrame:
    """Columns of a schema, of its types, without further ones.

    Parameters
    ----------
    frame : polars.DataFrame
        The table.
    schema : polars.Schema
        Its own columns.
    table, row : str
        What the table and one of its rows hold, for the messages.
    later : collection of str
        Columns that tables of earlier versions do not have; null there.

    Raises
    ------
    ValueError
        For a column that is missing, and for a table without rows.

    Examples
    --------
    >>> own_columns(pl.DataFrame({"n": 1}), pl.Schema({"item": pl.String()}), table="annotations", row="item")
    Traceback (most recent call last):
    ValueError: annotations must have the columns item; missing: item
    """
    frame = frame.with_columns(pl.lit(None).alias(name) for name in later if name not in frame.columns)
    missing = [name for name in schema if name not in frame.columns]
    if missing:
        raise ValueError(f"{table} must have the columns {', '.join(schema)}; missing: {', '.join(missing)}")
    if frame.is_empty():
        raise ValueError(f"{table} must hold at least one {row}, got none")
    return frame.select(list(schema)).cast(schema)


def refuse_broken(frame: pl.DataFrame, rules: Mapping[str, pl.Expr], contents: Callable[[dict[str, Any]], str]) -> None:
    """Raise for the first rule that a row breaks, naming the first such row.

    Parameters
    ----------
    frame : polars.DataFrame
        The table.
    rules : mapping of str to polars.Expr
        For each rule, in words, whether a row breaks it; null for a row that does not.
    contents : function
        Words for a row, which follow the rule; the row has its index as ``row``.

    Raises
    ------
    ValueError
        As ``rule; contents``.

    Examples
    --------
    >>> table = pl.DataFrame({"item": ["a", "b", "a"]})
    >>> rules = {"each item must occur once": pl.col("item").is_duplicated()}
    >>> refuse_broken(table, rules, lambda row: f"row {row['row']} has {row['item']}")
    Traceback (most recent call last):
    ValueError: each item must occur once; row 0 has a
    """
    numbered = frame.with_row_index("row")
    for rule, is_broken in rules.items():
        broken = numbered.filter(is_broken)
        if not broken.is_empty():
            raise ValueError(f"{rule}; {contents(broken.row(0, named=True))}")
