"""Scores of options and right options from the columns of a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..files.field_names import Fields
from ..items.answer_keys import Answers
from ..metrics.arrays import FloatArray, IntArray
from ..metrics.precision import known_to, precision_named
from ..metrics.validation import float_array
from ..tables.chosen_columns import chosen_columns, only_model, refuse_repeats
from ..tables.given_table import GivenTable
from .answer_columns import answer_options, labels_of, named_answers, option_texts, refuse_other_order
from .given_values import KINDS, counted_options, scaled_probabilities
from .letter_scores import Kind
from .numbered_names import numbered_options, numbers_of
from .score_objects import in_order, score_objects
from .stated_verdicts import refuse_other_verdicts, verdict_columns

_PREFIXES = {
    "logits": ("logit",),
    "logprobs": ("logprob", "log_probability"),
    "probabilities": ("prob", "probability", "p"),
    "texts": ("", "option", "choice"),
}
LETTER_FIELDS = Fields(
    ("row_id", "group", "index", "gold", "options", "model", *KINDS), required=("gold",), lettered=_PREFIXES
)


@dataclass(frozen=True, kw_only=True)
class LetterColumns:
    """What a table holds of predictions.

    Attributes
    ----------
    values : array, shape (n_items, widest)
        Scores, −inf beyond an item's options.
    n_options : array of int, shape (n_items,)
        Options of each item.
    kind : {"logits", "probabilities", "log-probabilities"}
        What the scores are.
    answer : array of int, shape (n_items,)
        Indices of the right options.
    item, subject : list of str or None
        Ids and groups, if the table has them.
    model : str
        Name of the model; empty if the table has none.
    taken : tuple of str
        Columns that these come from.
    """

    values: FloatArray
    n_options: IntArray
    kind: Kind
    answer: IntArray
    item: list[str] | None
    subject: list[str] | None
    model: str
    taken: tuple[str, ...]


def letter_columns(
    table: GivenTable,
    scores: Mapping[str, str | Sequence[str] | None],
    chosen: Mapping[str, str | None],
    answers: Answers | None,
    *,
    scale: float | None = None,
) -> LetterColumns:
    """Scores and right options of a table.

    Parameters
    ----------
    table : GivenTable
        The table.
    scores : mapping
        Columns of scores that the caller names: one an option, or one of lists, by kind.
    chosen : mapping
        Other columns that the caller names, by field.
    answers : {"letters", "from-zero", "from-one", "text"}, optional
        How right answers are written, if they do not decide it.
    scale : float, optional
        What probabilities are divided by: 100 for per cent.

    Raises
    ------
    ValueError
        For no or several kinds of scores, what `chosen_columns` refuses, scores that are no numbers, answers that are
        no option, and verdicts beside them that are not those of the scores, naming column and row.
    """
    named = {kind: names for kind, names in scores.items() if names is not None}
    if len(named) > 1:
        raise TypeError(f"scores must be of one kind, got {' and '.join(named)}")
    lists = {kind: names for kind, names in named.items() if isinstance(names, str)}
    columns = chosen_columns(table, LETTER_FIELDS, {**chosen, **lists})
    if not named:
        named = {
            kind: columns.named.get(kind) or columns.lettered[kind]
            for kind in KINDS
            if kind in columns.named or len(columns.lettered.get(kind, ())) > 1
        }
    if len(named) != 1:
        raise ValueError(
            f"{table.prefix}there must be scores of one kind: logit_A, logit_B, … or prob_A, … or logprob_A, … (or "
            f"lists in logits, probabilities or logprobs), got {', '.join(map(repr, table.names))}"
        )
    ((kind, names),) = named.items()
    taken = [names] if isinstance(names, str) else list(names)
    unknown = next((name for name in taken if name not in table.columns), None)
    if unknown is not None:
        raise ValueError(f"{table.prefix}no column {unknown!r}; there are: {', '.join(map(repr, table.names))}")
    keys: Sequence[str] = taken
    only_named = False
    if not isinstance(names, str):
        values, n_options = table.matrix(taken)
    elif (objects := score_objects(table, names)) is not None:
        values, n_options, keys = objects
        only_named = not in_order(keys)
    else:
        values, n_options = _lists(table, names)
        keys = ()
    values, n_options = counted_options(KINDS[kind], values, n_options, where=table.where)
    if scale is not None:
        values = scaled_probabilities(KINDS[kind], values, scale, what=table.prefix + ", ".join(map(repr, taken)))
    items, subjects = _identity(table, columns.named)
    if items is not None:
        refuse_repeats(table, items)
    labels = labels_of(table, keys)
    texts = option_texts(table, columns.named, columns.lettered)
    numbers = numbers_of(keys) or numbered_options(table.names, int(n_options.max()))
    refuse_other_order(table, texts or (), labels)
    if only_named:
        answer = named_answers(table, columns.named["gold"], labels)
    else:
        answer = answer_options(table, columns.named["gold"], n_options, (texts, labels, numbers), answers)
    for name in verdict_columns(table.names, (*taken, *columns.named.values())):
        try:
            refuse_other_verdicts(name, table.values(name), values, answer, where=table.where)
        except ValueError as error:
            raise ValueError(f"{table.source}, {error}" if table.source else str(error)) from None
    fields = ("row_id", "group", "index", "gold", "model")
    return LetterColumns(
        values=values,
        n_options=n_options,
        kind=KINDS[kind],
        answer=answer,
        item=items,
        subject=subjects,
        model=only_model(table, columns.named.get("model")),
        taken=(*taken, *(columns.named[name] for name in fields if name in columns.named)),
    )


def _lists(table: GivenTable, name: str) -> tuple[FloatArray, IntArray]:
    """Scores of a column of lists, padded with −inf."""
    column = table.columns[name]
    if isinstance(column, np.ndarray) and column.ndim > 1:
        return float_array(name, column), np.full(len(column), column.shape[1], dtype=np.int64)
    dtype = "float64"
    if isinstance(column, pl.Series) and isinstance(column.dtype, pl.List | pl.Array):
        dtype = str(column.dtype.inner).lower()
    rows = []
    for row, value in enumerate(table.values(name)):
        numbers = _numbers(value)
        if numbers is None:
            raise table.error(row, f"{name!r} must be a list of numbers, got {value!r}")
        rows.append(numbers)
    n_options = np.array([len(numbers) for numbers in rows], dtype=np.int64)
    values = np.full((len(rows), int(n_options.max(initial=2))), -np.inf)
    values[np.arange(values.shape[1]) < n_options[:, None]] = np.concatenate([np.empty(0), *rows])
    return known_to(values, precision_named(dtype)), n_options


def _numbers(value: Any) -> NDArray[np.float64] | None:
    """Numbers of a list, which may be written as JSON; NaN for null."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, list | tuple | np.ndarray):
        return None
    try:
        numbers = np.array([np.nan if number is None else float(number) for number in value])
    except (TypeError, ValueError):
        return None
    return numbers if numbers.ndim == 1 else None


def _identity(table: GivenTable, named: Mapping[str, str]) -> tuple[list[str] | None, list[str] | None]:
    """Ids and groups: an id is its column's, otherwise group and index together."""
    subjects = table.texts(named["group"]) if "group" in named else None
    if "row_id" in named:
        return table.texts(named["row_id"]), subjects
    if subjects is not None and "index" in named:
        index = table.texts(named["index"])
        return [f"{subject}/{number}" for subject, number in zip(subjects, index, strict=True)], subjects
    return None, subjects
