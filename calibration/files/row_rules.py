"""Rules that every row of a table must keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl


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
