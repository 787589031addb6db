"""Kinds of runs: which table, key and rules each has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ..predictions import pairs, verdicts
from ..predictions.letter_table import SCHEMA
from .item_texts import TEXT_COLUMNS, hash_of_items, with_content

Key = tuple[Any, ...]
"""What names one answer of a run: the values of the kind's `key` and `turn`."""

Rules = Mapping[str, pl.Expr]
"""What must hold, as a message says it, and the expression that tells of each row whether it does."""


def _no_rules(_: Mapping[str, Any]) -> Rules:
    return {}


def _as_it_is(texts: pl.DataFrame) -> pl.DataFrame:
    return texts


def _unknown_hash(_: pl.DataFrame) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class RunKind:
    """What a run holds.

    Attributes
    ----------
    name : str
        What the manifest calls it.
    schema : polars.Schema
        The columns of its parts.
    key : str
        The column that names what was asked.
    texts : str
        Name of the file beside the parts that holds the texts of what was asked, without its suffix; and of the
        setting that is their hash.
    turn : str
        The column that tells rows of the same key apart, if there are several.
    drawn : bool
        Whether such rows are answers drawn to one prompt; otherwise each has a prompt of its own.
    defaults : mapping
        What the settings are that manifests of earlier versions do not name.
    later : tuple of str
        Columns that parts of earlier versions do not have; null there.
    rules : callable
        What must hold of a row, given the settings of the run.
    asked_rules : mapping
        What must hold of a row beside the text of what it answers: columns of the text have the suffix ``_asked``.
    read_texts : callable
        The table of texts, as the rules need it, from the one that an earlier version may have written.
    hash_texts : callable
        The hash of the table of texts that the settings hold, or an empty text if it cannot be told from the table.
    text_columns : tuple of str, optional
        Columns of the table of texts that do not belong to the rows; all others are further columns of them. None if
        rows have no further columns.
    """

    name: str
    schema: pl.Schema
    key: str
    texts: str
    turn: str = ""
    drawn: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    later: tuple[str, ...] = ()
    rules: Callable[[Mapping[str, Any]], Rules] = _no_rules
    asked_rules: Rules = field(default_factory=dict)
    read_texts: Callable[[pl.DataFrame], pl.DataFrame] = _as_it_is
    hash_texts: Callable[[pl.DataFrame], str] = _unknown_hash
    text_columns: tuple[str, ...] | None = None

    def keys(self, frame: pl.DataFrame) -> list[Key]:
        """Key of each row, a list in it as a tuple."""
        columns = [self.key, self.turn] if self.turn else [self.key]
        return [_as_key(row) for row in frame.select(columns).iter_rows()]

    def key_of(self, row: Mapping[str, Any]) -> Key:
        """Key of one row."""
        return _as_key([row[self.key], row[self.turn]] if self.turn else [row[self.key]])


def _as_key(values: Iterable[Any]) -> Key:
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


# What must hold of a row beside its item.
_ITEM_RULES: Rules = {
    "the subject must be that of the item": pl.col("subject") == pl.col("subject_asked"),
    # Rows that were recorded elsewhere do not know it.
    "the content must be the hash of the item's question and options": (
        (pl.col("content") == pl.col("content_asked")) | (pl.col("content") == "")
    ),
    "there must be as many letters as the item has options": (
        pl.col("order").list.len() == pl.col("options_asked").list.len()
    ),
    "the right option must be that of the item": (
        pl.col("order").list.get(pl.col("answer"), null_on_oob=True) == pl.col("answer_asked")
    ),
}


def _order_rules(settings: Mapping[str, Any]) -> Rules:
    """Rule for the order of a row's options, given the settings of its run."""
    if "permutations" not in settings:  # recorded elsewhere
        return {}
    order = pl.col("order").list
    n_steps = order.len().cast(pl.Int64) - 1
    steps = order.diff(null_behavior="drop").list
    n_ascending = steps.count_matches(1).cast(pl.Int64)
    own = n_ascending == n_steps
    if settings["permutations"] == "none":
        return {"the options must be in their own order": own & (order.first() == 0)}
    # One step of a rotation goes back from the last option to the first.
    rotated = (n_ascending == n_steps - 1) & (steps.min() == -n_steps)
    return {"the options must be in a rotation of their own order": own | rotated}


PREDICTIONS = RunKind(
    name="predictions",
    schema=SCHEMA,
    key="item",
    texts="items",
    turn="order",
    rules=_order_rules,
    asked_rules=_ITEM_RULES,
    read_texts=with_content,
    hash_texts=hash_of_items,
    text_columns=TEXT_COLUMNS,
)

PAIRS = RunKind(name="pairs", schema=pairs.SCHEMA, key="item", texts="items", text_columns=TEXT_COLUMNS)
VERDICTS = RunKind(
    name="verdicts", schema=verdicts.SCHEMA, key="item", texts="items", later=verdicts.CREDIT,
    text_columns=TEXT_COLUMNS,
)  # fmt: skip
