"""The format ``veracal``: tables of runs that this program wrote, with everything they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from ..files.untrusted_parquet import read_notes
from ..items.item import LETTERS
from ..predictions import pairs, verdicts
from ..predictions.letter_cells import CELL_SCHEMA, from_letter_cells
from ..predictions.letter_table import SCHEMA
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.verdicts import Verdicts
from ..runs.item_texts import TEXT_COLUMNS
from ..tables.stored_tables import RUN_NOTE, read_stored, stored_names
from . import answer_likelihoods
from .answer_likelihoods import AnswerLikelihoods
from .exported_run import exported_run
from .format import Format
from .graded_answers import OF_ANSWERS, OF_CLASSES, OF_QUESTIONS, OF_VERDICTS
from .log import Content, Log
from .options import LogOptions
from .source import Source
from .stored_answers import ANSWERS, CREDIT, JUDGED, REFERENCES, bare_answers_of, graded_answers_of

TEXTS: dict[str, Any] = {"question": pl.String(), "options": pl.List(pl.String())}
"""Texts of items, which stand behind the columns of a run."""

LIKELIHOODS = pl.Schema({"model": pl.String(), "primer": pl.String(), **answer_likelihoods.SCHEMA})
"""Columns of likelihoods of answers."""

_WHOLE = pl.Schema({name: kind for name, kind in verdicts.SCHEMA.items() if name not in verdicts.CREDIT})
# A table is of the first of these whose columns it has.
_SCHEMAS: tuple[pl.Schema, ...] = (SCHEMA, CELL_SCHEMA, pairs.SCHEMA, _WHOLE, JUDGED, ANSWERS, LIKELIHOODS)
# Types of further columns of each, which a table may lack.
_NOTE = {RUN_NOTE: pl.String()}
_FURTHER: tuple[dict[str, Any], ...] = (
    *[{**TEXTS, **_NOTE}] * 3,
    {**TEXTS, **CREDIT, **_NOTE},
    {**REFERENCES, **CREDIT, **OF_QUESTIONS, **OF_ANSWERS, **OF_VERDICTS, **_NOTE},
    {**OF_QUESTIONS, **OF_ANSWERS, **OF_CLASSES, **_NOTE},
    {**answer_likelihoods.KNOWN_TOO, **_NOTE},
)


def _schema_of(source: Source) -> pl.Schema | None:
    names = set(source.columns if source.is_parquet else stored_names(source.path))
    return next((schema for schema in _SCHEMAS if names and set(schema) <= names), None)


def _recognises(source: Source) -> bool:
    try:
        return not source.is_zip and _schema_of(source) is not None
    except ValueError:  # a damaged Parquet file, which other readers name
        return False


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    return [_log(source, options) for source in sources]


def _log(source: Source, options: LogOptions) -> Log:
    schema = _schema_of(source)
    if schema is None:
        raise ValueError(f"{source.path}: not a table that veracal export or save wrote")
    try:
        frame, note = _frame(source, schema)
        model = options.model or str(frame["model"][0] or source.path.stem)
        content, items = _content(frame.with_columns(model=pl.lit(model)), schema)
    except ValueError as error:
        raise error if str(source.path) in str(error) else ValueError(f"{source.path}: {error}") from None
    settings: dict[str, Any] = dict(options.choices)
    if isinstance(content, AnswerLikelihoods) and frame["primer"][0] is not None:
        settings["primer"] = frame["primer"][0]
    if isinstance(content, Predictions) and content.permuted:
        settings["permutations"] = "cyclic"
    log = Log(
        format="veracal", task="", model=model, content=content, items=items, settings=settings, files=(source.path,)
    )
    kept = exported_run(note, str(source.path))
    return log if kept is None else kept.over(log)


def _frame(source: Source, schema: pl.Schema) -> tuple[pl.DataFrame, Any]:
    """The table with its own types, and what an export kept beside it.

    Further columns stand behind its own.
    """
    note: Any = None
    if source.is_parquet:
        frame, note = source.table, read_notes(source.path).get(RUN_NOTE)
    else:
        known = stored_names(source.path)
        further = {name: kind for name, kind in _FURTHER[_SCHEMAS.index(schema)].items() if name in known}
        stored = read_stored(source.path, {**schema, **further})
        if stored is None:
            raise ValueError("the file was changed while it was read")
        frame = stored
        if RUN_NOTE in frame.columns:
            note = frame[RUN_NOTE].drop_nulls().first()
            frame = frame.drop(RUN_NOTE)
    if frame.is_empty():
        raise ValueError("the table holds no rows")
    if frame["model"].n_unique() > 1:
        names = ", ".join(map(repr, frame["model"].unique(maintain_order=True)[:2]))
        raise ValueError(f"the rows must be of one model, got {names}; import each from a file of its own")
    return frame, note


def _content(frame: pl.DataFrame, schema: pl.Schema) -> tuple[Content, pl.DataFrame | None]:
    if schema is LIKELIHOODS:
        return AnswerLikelihoods(frame, "mc1"), None
    if schema is JUDGED:
        return graded_answers_of(frame), None
    if schema is ANSWERS:
        return bare_answers_of(frame), None
    rows = frame.drop(name for name in TEXT_COLUMNS if name in frame.columns)
    if schema is _WHOLE:
        return Verdicts(rows), _texts(frame)
    if schema is pairs.SCHEMA:
        return Pairs(rows), _texts(frame)
    predictions = Predictions(from_letter_cells(rows) if schema is CELL_SCHEMA else rows)
    return predictions, _item_texts(frame, predictions)


def _texts(frame: pl.DataFrame) -> pl.DataFrame | None:
    """Texts of items, a row each; None without any."""
    given = [name for name in TEXT_COLUMNS if name in frame.columns]
    return frame.select("item", *given).unique("item", keep="first", maintain_order=True) if given else None


def _item_texts(frame: pl.DataFrame, predictions: Predictions) -> pl.DataFrame | None:
    """Texts of the items of predictions, letters in place of unknown options."""
    texts = _texts(frame)
    if texts is None:
        return None
    answer = pl.col("order").list.get(pl.col("answer")).cast(pl.Int64)
    letters = pl.lit(list(LETTERS)).list.head(pl.col("order").list.len())
    own = predictions.frame.unique("item", keep="first", maintain_order=True)
    own = own.select("item", "subject", "content", answer=answer, letters=letters)
    joined = own.join(texts, on="item", how="left", maintain_order="left")
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in TEXTS.items() if name not in texts.columns]
    return joined.with_columns(missing).select(
        "item", "subject", pl.col("question").fill_null(""), pl.coalesce("options", "letters").alias("options"),
        "answer", "content",
    )  # fmt: skip


STORED = Format(
    name="veracal",
    what="CSV, JSONL or Parquet that veracal export, or save in Python, wrote",
    recognises=_recognises,
    read=_read,
)
