"""Rows of options with scores, and the predictions that they become."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

import numpy as np
import polars as pl

from ..items.item import LETTERS, content_hash
from ..metrics.arrays import FloatArray, IntArray
from ..metrics.letter_mass import LARGEST_MASS, largest_mass
from ..predictions.letter_scores import UNKNOWN, LetterScores, letter_scores
from ..predictions.letter_table import letter_table
from ..predictions.predictions import Predictions

OptionKind = Literal["log-probabilities", "log-likelihoods"]
"""Of letters as the next token in one context; or of the texts of options."""

Cell = str | int | float | bool | None

SCHEMA = pl.Schema(
    {
        "item": pl.String(),
        "subject": pl.String(),
        "scores": pl.List(pl.Float64()),
        "most": pl.Float64(),
        "answer": pl.Int64(),
        "question": pl.String(),
        "options": pl.List(pl.String()),
        "content": pl.String(),
        "where": pl.String(),
    }
)
# Rows that are held as Python objects at once.
_BATCH = 5_000
# Further columns are kept beside those of the table.
_FURTHER = "further."


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionRow:
    """The scores of one item's options in a log.

    Attributes
    ----------
    item : str
        Pairs the item between logs.
    scores : sequence of float or None
        Natural log-probability or log-likelihood of each option; None for a letter that the log does not give.
    where : str
        The record, for messages.
    subject : str
        Group of the item; empty if there is none.
    answer : int or None
        Index of the right option; None if it is decided later, from the whole file.
    most : float or None
        Upper bound of the log-probabilities that the log does not give, such as the least of the listed ones.
    question : str or None
        The question alone, if the log has it.
    options : sequence of str or None
        Texts of the options, if the log has them.
    content : str
        Hash of the item's text as the log has it; used if question and options are not both known.
    columns : mapping
        Further columns of the item, which can group.
    """

    item: str
    scores: Sequence[float | None]
    where: str
    subject: str = ""
    answer: int | None = None
    most: float | None = None
    question: str | None = None
    options: Sequence[str] | None = None
    content: str = ""
    columns: Mapping[str, Cell] = field(default_factory=dict)


def option_table(rows: Iterable[OptionRow]) -> pl.DataFrame:
    """Table of rows, which never stand in memory all at once.

    Parameters
    ----------
    rows : iterable of OptionRow
        In the order of the log.

    Returns
    -------
    polars.DataFrame
        The columns of `SCHEMA`, where ``content`` is the hash of question and options if both are known, and further
        columns as ``further.NAME``.
    """
    kinds: dict[str, set[type]] = {}
    left = iter(rows)
    tables = [_table(batch, kinds) for batch in iter(lambda: list(islice(left, _BATCH)), [])]
    table = pl.concat(tables, how="diagonal") if tables else pl.DataFrame(schema=SCHEMA)
    return table.with_columns(
        pl.col(name).cast(_type(types)) if _type(types) != pl.Boolean() else pl.col(name) == "True"
        for name, types in kinds.items()
    )


def fits_one_context(table: pl.DataFrame) -> bool:
    """Whether scores may be log-probabilities of tokens in one context.

    They then sum to at most 1 in each item.
    """
    values, _ = score_matrix(table)
    known = values[np.isfinite(values)]
    mass = np.exp(np.nan_to_num(np.minimum(values, 1.0), nan=-np.inf, neginf=-np.inf)).sum(axis=1)
    return bool((known <= LARGEST_MASS - 1).all() and (mass <= largest_mass(known)).all())


def excess_of(rows: Iterable[tuple[str, Sequence[float | None]]]) -> str:
    """Why log-probabilities of letters are none of one distribution; empty if they may be.

    Parameters
    ----------
    rows : iterable of tuples
        Where each row stands, and its log-probabilities; None for a letter that the log does not give.
    """
    listed = [(where, np.array([score for score in scores if score is not None])) for where, scores in rows]
    known = np.concatenate([np.empty(0), *(scores for _, scores in listed)])
    most = largest_mass(known) if known.size else 1.0
    for where, scores in listed:
        mass = float(np.exp(scores).sum())
        if mass > most:
            return (
                f"log-probabilities of the letters sum to {mass:.4g} as probabilities in {where}, more than one "
                "distribution gives"
            )
    return ""


def predictions_of(table: pl.DataFrame, kind: OptionKind, *, source: str, model: str) -> Predictions:
    """Predictions from a table of options.

    Parameters
    ----------
    table : polars.DataFrame
        As from `option_table`, with all answers.
    kind : {"log-probabilities", "log-likelihoods"}
        *log-probabilities*: of letters as the next token in one context; their sum is the letter mass. One that is
        not given is an upper bound, never zero. *log-likelihoods*: of texts; only their log-softmax is kept.
    source : str
        The log, for messages.
    model : str
        A name for tables and figures.

    Raises
    ------
    ValueError
        For an item that occurs twice, an answer beyond the options, scores that are not of their kind; the message
        names the log and the record.
    """
    where = table["where"]
    if table.is_empty():
        raise ValueError(f"{source}: holds no items")
    repeated = table["item"].is_duplicated()
    if repeated.any():
        item = table["item"].filter(repeated)[0]
        first, second, *_ = table.filter(pl.col("item") == item)["where"]
        raise ValueError(f"{source}: each item must occur once, {first} and {second} are both {item}")
    values, n_options = score_matrix(table)
    answer = table["answer"].fill_null(-1).to_numpy()
    beyond = (answer < 0) | (answer >= n_options)
    if beyond.any():
        row = int(np.argmax(beyond))
        raise ValueError(
            f"{source}, {where[row]}: the answer must be one of the {n_options[row]} options, got "
            f"{table['answer'][row]}"
        )
    if kind == "log-probabilities":
        not_given = np.isnan(values) | (values <= UNKNOWN)
        values = np.where(not_given & (np.arange(values.shape[1]) < n_options[:, None]), UNKNOWN, values)
    try:
        scores = letter_scores(values, n_options, kind, where=where.__getitem__)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None
    columns = table["item"].to_list(), table["subject"].to_list()
    frame = letter_table(_bounded(scores, table), answer, *columns, model=model)
    return Predictions(frame.with_columns(content=table["content"]))


def item_table(table: pl.DataFrame) -> pl.DataFrame | None:
    """Texts and further columns of the items of a table of options.

    Returns
    -------
    polars.DataFrame or None
        ``item``, ``subject``, ``question`` (empty if unknown), ``options`` (letters if unknown), ``answer``,
        ``content`` and further columns; None if nothing but the scores is known.
    """
    further = {name: name.removeprefix(_FURTHER) for name in table.columns if name.startswith(_FURTHER)}
    if not further and table["question"].null_count() == table["options"].null_count() == table.height:
        return None
    letters = pl.lit(list(LETTERS)).list.head(pl.col("scores").list.len())
    return table.select(
        "item",
        "subject",
        pl.col("question").fill_null(""),
        pl.when(pl.col("options").is_null()).then(letters).otherwise(pl.col("options")).alias("options"),
        "answer",
        "content",
        *(pl.col(name).alias(plain) for name, plain in further.items()),
    )


def _table(rows: Sequence[OptionRow], kinds: dict[str, set[type]]) -> pl.DataFrame:
    """A few rows as a table; further columns are texts, whose types are noted."""
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA}
    further = dict.fromkeys(name for row in rows for name in row.columns if name not in SCHEMA)
    for row in rows:
        known = row.question is not None and row.options is not None
        content = content_hash(row.question or "", row.options or ()) if known else row.content
        values = (row.item, row.subject, [math.nan if score is None else score for score in row.scores], row.most)
        texts = (row.answer, row.question, row.options, content, row.where)
        for column, value in zip(columns.values(), (*values, *texts), strict=True):
            column.append(value)
    cells = {_FURTHER + name: [row.columns.get(name) for row in rows] for name in further}
    for name, cell in cells.items():
        kinds.setdefault(name, set()).update(type(value) for value in cell if value is not None)
    schema = pl.Schema({**SCHEMA, **dict.fromkeys(cells, pl.String())})
    texts_only = {name: [None if value is None else str(value) for value in cell] for name, cell in cells.items()}
    return pl.DataFrame({**columns, **texts_only}, schema=schema)


def _type(types: set[type]) -> pl.DataType:
    """Type of a further column: of numbers only if all its values are."""
    if types == {bool}:
        return pl.Boolean()
    if types == {int}:
        return pl.Int64()
    return pl.Float64() if types and types <= {int, float} else pl.String()


def score_matrix(table: pl.DataFrame) -> tuple[FloatArray, IntArray]:
    """Scores (n_items, widest), −inf beyond an item's options, and their numbers."""
    n_options = table["scores"].list.len().to_numpy().astype(np.int64)
    values = np.full((table.height, int(n_options.max(initial=2))), -np.inf)
    values[np.arange(values.shape[1]) < n_options[:, None]] = table["scores"].explode(empty_as_null=False).to_numpy()
    return values, n_options


def _bounded(scores: LetterScores, table: pl.DataFrame) -> LetterScores:
    """The scores with the log's own upper bounds, where these are less."""
    most = table["most"].fill_null(np.inf).to_numpy()[:, None]
    logprobs = np.where(scores.bounded, np.minimum(scores.logprobs, most), scores.logprobs)
    return LetterScores(
        logprobs=logprobs, bounded=scores.bounded, n_options=scores.n_options, letter_mass=scores.letter_mass
    )
