"""The format ``veracal``: tables of runs that this program wrote, with everything they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ..items.item import LETTERS
from ..predictions import pairs, verdicts
from ..predictions.letter_cells import CELL_SCHEMA, from_letter_cells
from ..predictions.letter_table import SCHEMA
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.verdicts import Verdicts
from ..runs.item_texts import TEXT_COLUMNS
from ..tables.stored_tables import read_stored, stored_names
from . import answer_likelihoods, graded_answers
from .answer_likelihoods import AnswerLikelihoods
from .format import Format
from .graded_answers import GradedAnswers
from .log import Content, Log
from .options import LogOptions
from .source import Source

TEXTS: dict[str, Any] = {"question": pl.String(), "options": pl.List(pl.String())}
"""Texts of items, which stand behind the columns of a run."""

JUDGED = pl.Schema(
    {
        "model": pl.String(),
        "question": pl.String(),
        "category": pl.String(),
        "sample": pl.Int32(),
        "text": pl.String(),
        "response": pl.String(),
        "ideal": pl.String(),
        "grade": pl.String(),
        "grader": pl.String(),
        "confidence": pl.Float64(),
        "reason": pl.String(),
    }
)
"""Columns of judgments that are kept of graded answers."""

REFERENCES: dict[str, Any] = {"references": pl.List(pl.String())}
"""The column of all right answers, behind those of judgments."""

CREDIT: dict[str, Any] = {"credit": pl.Float64()}
"""The column of partial credit, which earlier versions did not write."""

LIKELIHOODS = pl.Schema({"model": pl.String(), "primer": pl.String(), **answer_likelihoods.SCHEMA})
"""Columns of likelihoods of answers."""

# A table is of the first of these whose columns it has.
_SCHEMAS: tuple[pl.Schema, ...] = (SCHEMA, CELL_SCHEMA, pairs.SCHEMA, verdicts.SCHEMA, JUDGED, LIKELIHOODS)


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
        frame = _frame(source, schema)
        model = options.model or str(frame["model"][0] or source.path.stem)
        content, items = _content(frame.with_columns(model=pl.lit(model)), schema)
    except ValueError as error:
        raise error if str(source.path) in str(error) else ValueError(f"{source.path}: {error}") from None
    settings: Mapping[str, Any] = options.choices
    if isinstance(content, AnswerLikelihoods) and frame["primer"][0] not in (None, "none"):
        settings = {**settings, "primer": frame["primer"][0]}
    if isinstance(content, Predictions) and content.permuted:
        settings = {**settings, "permutations": "cyclic"}
    return Log(
        format="veracal", task="", model=model, content=content, items=items, settings=settings, files=(source.path,)
    )


def _frame(source: Source, schema: pl.Schema) -> pl.DataFrame:
    """The table with its own types, further columns behind them."""
    further = {**REFERENCES, **CREDIT} if schema is JUDGED else TEXTS if schema is not LIKELIHOODS else {}
    if source.is_parquet:
        frame = source.table
    else:
        known = stored_names(source.path)
        further = {name: kind for name, kind in further.items() if name in known}
        stored = read_stored(source.path, {**schema, **further})
        if stored is None:
            raise ValueError("the file was changed while it was read")
        frame = stored
    if frame.is_empty():
        raise ValueError("the table holds no rows")
    if frame["model"].n_unique() > 1:
        names = ", ".join(map(repr, frame["model"].unique(maintain_order=True)[:2]))
        raise ValueError(f"the rows must be of one model, got {names}; import each from a file of its own")
    return frame


def _content(frame: pl.DataFrame, schema: pl.Schema) -> tuple[Content, pl.DataFrame | None]:
    if schema is LIKELIHOODS:
        return AnswerLikelihoods(frame, "mc1"), None
    if schema is JUDGED:
        return _graded(frame), None
    rows = frame.drop(name for name in TEXT_COLUMNS if name in frame.columns)
    if schema is verdicts.SCHEMA:
        return Verdicts(rows), _texts(frame)
    if schema is pairs.SCHEMA:
        return Pairs(rows), _texts(frame)
    predictions = Predictions(from_letter_cells(rows) if schema is CELL_SCHEMA else rows)
    return predictions, _item_texts(frame, predictions)


def _graded(frame: pl.DataFrame) -> GradedAnswers:
    if "references" not in frame.columns:
        frame = frame.with_columns(references=pl.lit([], dtype=REFERENCES["references"]))
    if "credit" not in frame.columns:
        frame = frame.with_columns(credit=pl.lit(None, dtype=CREDIT["credit"]))
    # The ideal answer stands first; one without a word is among the right ones of no question.
    known = (pl.col("ideal") == "") | (pl.col("references").list.first() == pl.col("ideal")).fill_null(value=False)
    references = pl.when(known).then("references").otherwise(pl.concat_list("ideal", "references"))
    renamed = frame.select(
        "sample", "category", "response", "grade", "confidence", "reason", "credit", references.alias("references"),
        item=pl.col("question"), question=pl.col("text"),
    )  # fmt: skip
    graders = frame["grader"].unique(maintain_order=True)
    if len(graders) > 1:
        raise ValueError(f"the verdicts must be of one grader, got {graders[0]!r} and {graders[1]!r}")
    return GradedAnswers(renamed.select(list(graded_answers.SCHEMA)), str(graders[0]).removeprefix("log:"))


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
