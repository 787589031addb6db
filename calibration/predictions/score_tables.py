"""Scores that a caller gives, as the table of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from ..metrics.arrays import FloatArray, IntArray
from ..metrics.ids import texts_in_order
from ..metrics.validation import float_array
from .given_values import counted_options, refuse_columns_in_disorder, right_options
from .letter_scores import Kind, letter_scores
from .letter_table import letter_table


def score_matrix(name: str, scores: ArrayLike, answer: NDArray[Any]) -> tuple[FloatArray, IntArray]:
    """Scores (n_items, n_options), and how many options each item has.

    Raises
    ------
    ValueError
        For another shape, and for a frame whose columns are not in the order of the options.
    """
    refuse_columns_in_disorder(name, scores)
    values = float_array(name, scores)
    if values.ndim != 2 or answer.shape != values.shape[:1]:
        raise ValueError(
            f"{name} must be (n_items, n_options) and answer (n_items,), got {values.shape} and {answer.shape}"
        )
    return values, np.full(len(values), values.shape[1], dtype=np.int64)


def score_table(
    values: FloatArray,
    n_options: IntArray,
    kind: Kind,
    answer: NDArray[Any],
    *,
    item: Sequence[str] | None,
    subject: Sequence[str] | None,
    model: str,
) -> pl.DataFrame:
    """Table of predictions from scores (n_items, widest), padded beyond an item's options.

    Raises
    ------
    ValueError
        For scores that are not of their kind, answers that are no options, and other numbers of them or of ids.
    """
    n_items = len(values)
    if answer.shape != (n_items,):
        raise ValueError(f"answer must have one entry an item: {n_items} items, got {np.size(answer)}")
    names = [str(row) for row in range(n_items)] if item is None else texts_in_order("item", item, n=n_items)
    subjects = [""] * n_items if subject is None else texts_in_order("subject", subject, n=n_items)

    def where(row: int) -> str:
        return f"row {row} (item {names[row]})"

    values, n_options = counted_options(kind, values, n_options, where=where)
    scores = letter_scores(values, n_options, kind, where=where)
    return letter_table(scores, right_options(answer, n_options, names), names, subjects, model=model)
