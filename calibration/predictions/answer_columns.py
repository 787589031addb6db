"""Right options in the columns of a table, and the names of options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..items.answer_keys import Answers, answer_indices, distinct_keys
from ..items.item import LETTERS
from ..items.item_files import list_in_text
from ..metrics.arrays import IntArray
from ..tables.given_table import GivenTable
from .numbered_names import numbered_answers
from .score_objects import in_order


def labels_of(table: GivenTable, columns: Sequence[str]) -> dict[str, int]:
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


def option_texts(
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


def refuse_other_order(table: GivenTable, texts: Sequence[Sequence[str]], labels: Mapping[str, int]) -> None:
    """Raise for a row of options in another order than their scores."""
    for row, options in enumerate(texts):
        indices = [labels.get(text.strip().casefold()) for text in options]
        # Letters and numbers as texts are told apart from positions by the answers.
        if None not in indices and indices != list(range(len(indices))) and not in_order([*map(str.upper, options)]):
            raise table.error(
                row,
                f"the options must be in the order of their scores, got {', '.join(options)} beside {_shown(labels)}",
            )


def _shown(labels: Mapping[str, int]) -> str:
    by_index: dict[int, str] = {}
    for label, index in labels.items():
        by_index.setdefault(index, label)
    return ", ".join(by_index[index] for index in sorted(by_index))


def named_answers(table: GivenTable, name: str, labels: Mapping[str, int]) -> IntArray:
    """Indices of right options that are named, because nothing gives them an order."""
    indices = []
    for row, value in enumerate(table.values(name)):
        index = labels.get(str(value).strip().casefold())
        if index is None:
            raise table.error(row, f"{name!r} must be one of {_shown(labels)}, got {value!r}; objects have no order")
        indices.append(index)
    return np.array(indices, dtype=np.int64)


def answer_options(
    table: GivenTable,
    name: str,
    n_options: IntArray,
    known: tuple[list[tuple[str, ...]] | None, Mapping[str, int], Mapping[int, int]],
    answers: Answers | None,
) -> IntArray:
    """Indices of the right options: given as indices, letters, texts or names of columns."""
    texts, labels, numbers = known
    values = table.values(name)
    if None in values:
        raise table.error(values.index(None), f"{name!r} has no value")
    if not {*map(type, values)} <= {str, int}:
        values = [int(value) if isinstance(value, float) and value.is_integer() else value for value in values]
        values = [value.item() if isinstance(value, np.generic) else value for value in values]
    source = table.source or name
    keys, key_of_row = distinct_keys(values, n_options.tolist(), texts, where=table.where)
    indices: list[int] | None = None
    if answers is None and numbers:
        indices = numbered_answers(keys, numbers, source=source)
    if indices is None and answers is None and texts is None:
        by_label = [labels.get(str(key.value).strip().casefold(), -1) for key in keys]
        indices = None if -1 in by_label else by_label
    if indices is None:
        indices = answer_indices(keys, answers, source=source)
    return np.array(indices, dtype=np.int64)[key_of_row]
