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
from ..items.answer_keys import Answers, Key, answer_indices
from ..items.item import LETTERS
from ..items.item_files import list_in_text
from ..metrics.arrays import FloatArray, IntArray
from ..metrics.precision import known_to, precision_named
from ..metrics.validation import float_array
from ..tables.chosen_columns import chosen_columns, only_model, refuse_repeats
from ..tables.given_table import GivenTable
from .given_values import KINDS, counted_options, scaled_probabilities
from .letter_scores import Kind
from .numbered_names import numbered_answers, numbered_options, numbers_of
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
    labels = _labels(table, keys)
    texts = _texts(table, columns.named, columns.lettered)
    numbers = numbers_of(keys) or numbered_options(table.names)
    _refuse_other_order(table, texts or (), labels)
    if only_named:
        answer = _named_answers(table, columns.named["gold"], labels)
    else:
        answer = _answers(table, columns.named["gold"], n_options, (texts, labels, numbers), answers)
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


def _labels(table: GivenTable, columns: Sequence[str]) -> dict[str, int]:
    """Index of each column of scores by its name.

    The name is whole, or without what all begin with.

    Raises
    ------
    ValueError
        For columns of letters in another order.
    """
    first, last = min(columns, default=""), max(columns, default="")
    n_common = next((index for index, letter in enumerate(first) if letter != last[index]), len(first))
    ends = [name[n_common:].strip().casefold() for name in columns]
    if ends != sorted(ends) and "".join(sorted(ends)) == LETTERS[: len(ends)].casefold():
        raise ValueError(
            f"{table.prefix}columns of scores must be in the order of their letters, got {', '.join(columns)}"
        )
    return {label: index for names in (ends, map(str.casefold, columns)) for index, label in enumerate(names) if label}


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


def _texts(
    table: GivenTable, named: Mapping[str, str], lettered: Mapping[str, Sequence[str]]
) -> list[tuple[str, ...]] | None:
    """Texts of the options of each row, if the table has them."""
    if "options" in named:
        cells = []
        for row, value in enumerate(table.values(named["options"])):
            is_list = isinstance(value, str) and value.lstrip()[:1] == "["
            try:
                cells.append(list_in_text(named["options"], value) if is_list else value)
            except ValueError as error:
                raise table.error(row, str(error)) from None
        if all(isinstance(cell, list | tuple | np.ndarray) for cell in cells):
            return [tuple(map(str, cell)) for cell in cells]
    names = lettered.get("texts", ())
    if len(names) < 2:
        return None
    columns = [table.values(name) for name in names]
    return [tuple(str(text) for text in row if text is not None) for row in zip(*columns, strict=True)]


def _refuse_other_order(table: GivenTable, texts: Sequence[Sequence[str]], labels: Mapping[str, int]) -> None:
    """Raise for a row whose options, by their texts, stand in another order than their scores."""
    for row, options in enumerate(texts):
        indices = [labels.get(text.strip().casefold()) for text in options]
        if None not in indices and indices != list(range(len(indices))):
            raise table.error(
                row,
                f"the options must be in the order of their scores, got {', '.join(options)} beside {_shown(labels)}",
            )


def _shown(labels: Mapping[str, int]) -> str:
    by_index: dict[int, str] = {}
    for label, index in labels.items():
        by_index.setdefault(index, label)
    return ", ".join(by_index[index] for index in sorted(by_index))


def _named_answers(table: GivenTable, name: str, labels: Mapping[str, int]) -> IntArray:
    """Indices of right options that are named, because nothing gives them an order."""
    indices = []
    for row, value in enumerate(table.values(name)):
        index = labels.get(str(value).strip().casefold())
        if index is None:
            raise table.error(row, f"{name!r} must be one of {_shown(labels)}, got {value!r}; objects have no order")
        indices.append(index)
    return np.array(indices, dtype=np.int64)


def _answers(
    table: GivenTable,
    name: str,
    n_options: IntArray,
    known: tuple[list[tuple[str, ...]] | None, Mapping[str, int], Mapping[int, int]],
    answers: Answers | None,
) -> IntArray:
    """Indices of the right options: given as indices, letters, texts or names of columns."""
    texts, labels, numbers = known
    values = [int(value) if isinstance(value, float) and value.is_integer() else value for value in table.values(name)]
    if None in values:
        raise table.error(values.index(None), f"{name!r} has no value")
    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    source = table.source or name

    def keys() -> list[Key]:
        return [
            Key(value, table.where(row), int(n_options[row]), texts[row] if texts else ())
            for row, value in enumerate(values)
        ]

    if answers is None and numbers:
        numbered = numbered_answers(keys(), numbers, source=source)
        if numbered is not None:
            return np.array(numbered, dtype=np.int64)
    if answers is None and texts is None:
        indices = [labels.get(str(value).strip().casefold()) for value in values]
        if None not in indices:
            return np.array(indices, dtype=np.int64)
    return np.array(answer_indices(keys(), answers, source=source), dtype=np.int64)
