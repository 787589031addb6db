"""Verdicts that a table states beside scores of options, which must agree with these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..items.item import LETTERS
from ..metrics.arrays import FloatArray, IntArray
from .grades import cell_grades

_NAMES = frozenset({"correct", "iscorrect", "verdict", "acc"})


def verdict_columns(header: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Columns that state whether each row is right, or which option is.

    Examples
    --------
    >>> verdict_columns(["prob_A", "prob_B", "answer", "Is Correct"], ["prob_A", "prob_B", "answer"])
    ['Is Correct']
    """
    keys = {name: "".join(sign for sign in name.casefold() if sign.isalnum()) for name in header}
    return [name for name, key in keys.items() if key in _NAMES and name not in taken]


def refuse_other_verdicts(
    name: str, cells: Sequence[Any], values: FloatArray, answer: IntArray, *, where: Callable[[int], str]
) -> None:
    """Raise for a row whose stated verdict is not that of its scores.

    Parameters
    ----------
    name : str
        The column of verdicts.
    cells : sequence
        Its cells: verdicts, or right options again; anything else says nothing.
    values : array, shape (n_items, widest)
        Scores, −inf beyond an item's options. One of several likeliest options may count as right or wrong.
    answer : array of int, shape (n_items,)
        Indices of the right options.
    where : callable
        Names a row, for messages.

    Raises
    ------
    ValueError
        Naming the row.
    """
    grades = cell_grades(cells)
    options = [_option(cell) for cell in cells]
    plain = np.asarray(values)
    likeliest = plain.max(axis=1)
    score = plain[np.arange(len(plain)), answer]
    alone = (plain == likeliest[:, None]).sum(axis=1) == 1
    if None not in options and (np.array(options) == answer).all():
        return
    if None not in grades:
        stated = np.array(grades)
        differ = ((stated == "correct") & (score < likeliest)) | (
            (stated == "incorrect") & (score == likeliest) & alone
        )
        if differ.any():
            row = int(np.argmax(differ))
            raise ValueError(
                f"{where(row)}: {name!r} says {cells[row]!r}, but option {LETTERS[int(plain[row].argmax())]} is the "
                f"likeliest and {LETTERS[int(answer[row])]} is right; rename or remove the column that is not meant"
            )
    elif None not in options and all(isinstance(cell, str) and not cell.strip().isdigit() for cell in cells):
        row = int(np.argmax(np.array(options) != answer))
        raise ValueError(
            f"{where(row)}: {name!r} names option {cells[row]!r} where the answer is {LETTERS[int(answer[row])]}; "
            "rename or remove the column that is not meant"
        )


def _option(cell: Any) -> int | None:
    """Index of the option that a cell names, by its letter or from 0."""
    text = str(cell).strip().upper()
    if len(text) == 1 and text in LETTERS:
        return LETTERS.index(text)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("26") else None
