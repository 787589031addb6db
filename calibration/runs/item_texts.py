"""The table of items beside the parts of a run."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ..files.digest import digest
from ..items.item import Item, content_hash
from ..predictions.further_columns import further_columns
from ..predictions.letter_table import SCHEMA

TEXT_COLUMNS = ("question", "options")
"""Columns that are no further columns of the items."""


def item_texts(items: Sequence[Item]) -> pl.DataFrame:
    """One row an item: ``item`` (its id), ``subject``, ``question``, ``options``, ``answer``, ``content`` (hash).

    Further columns of the items stand behind these, but for those that are called as columns of predictions.
    """
    table = [
        {
            "item": item.id,
            "subject": item.subject,
            "question": item.question,
            "options": list(item.options),
            "answer": item.answer,
            "content": item.content,
        }
        for item in items
    ]
    further = further_columns([item.columns for item in items], besides=(*SCHEMA, *TEXT_COLUMNS))
    return pl.DataFrame(table, infer_schema_length=None).with_columns(further)


def with_content(texts: pl.DataFrame) -> pl.DataFrame:
    """The table with the column ``content``, which earlier versions did not write."""
    if "content" in texts.columns:
        return texts
    pairs = texts.select("question", "options").iter_rows()
    content = [content_hash(question, options) for question, options in pairs]
    return texts.with_columns(content=pl.Series(content, dtype=pl.String))


def hash_of_items(texts: pl.DataFrame) -> str:
    """Hash of ids, texts and right answers, in their order (16 hexadecimal digits)."""
    cells = [pl.col("item"), pl.lit("\x1f"), pl.col("content"), pl.lit("\x1f"), pl.col("answer").cast(pl.String)]
    rows = texts.select(pl.concat_str(*cells, pl.lit("\x1e"))).to_series()
    return digest("".join(rows.to_list()))
