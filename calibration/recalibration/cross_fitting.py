"""Cross-fitting: every item is treated, and measured, by a fit on others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..metrics.arrays import FloatArray, IntArray
from ..metrics.folds import deal
from ..metrics.validation import whole_number
from ..predictions.letter_table import STEP_COLUMN
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.scored_runs import ScoredRun

FoldKind = Literal["items", "subjects"]


class Fitted(Protocol):
    """A fit on some values that can be applied to others."""

    def apply(self, values: FloatArray, /) -> FloatArray:
        """The values recalibrated, of the same shape."""
        ...


def deal_folds(run: ScoredRun, by: FoldKind, n_folds: int, seed: int) -> IntArray:
    """Fold of each row, from 0; rows of one item (cluster, subject) share one.

    The order of rows does not matter.

    Raises
    ------
    ValueError
        For fewer than two folds, fewer items (subjects) than folds, or another kind of folds.
    """
    if by not in ("items", "subjects"):
        raise ValueError(f"folds must be by 'items' or 'subjects', got {by!r}")
    if whole_number("n_folds", n_folds) < 2:
        raise ValueError(f"there must be at least 2 folds, got {n_folds}")
    together = run.cluster if isinstance(run, Pairs) else run.item
    distinct, unit = np.unique(together if by == "items" else run.subject, return_inverse=True)
    if len(distinct) < n_folds:
        raise ValueError(f"{n_folds} folds need at least {n_folds} {by}, got {len(distinct)}")
    return deal(len(distinct), n_folds, seed=seed)[unit]


def cross_fitted(
    values: FloatArray,
    target: NDArray[Any],
    fold: IntArray,
    fit: Callable[[FloatArray, Any], Fitted],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> FloatArray:
    """Values of each fold, recalibrated by a fit on the others; same shape.

    `progress` is called with the number of folds that are done and of all.
    """
    recalibrated = np.empty_like(values)
    n_folds = int(fold.max()) + 1
    for held_out in range(n_folds):
        part = fold == held_out
        try:
            fitted = fit(values[~part], target[~part])
        except ValueError as error:
            raise ValueError(f"without fold {held_out + 1} of {n_folds} nothing can be fitted: {error}") from error
        recalibrated[part] = fitted.apply(values[part])
        if progress is not None:
            progress(held_out + 1, n_folds)
    return recalibrated


def with_letters(run: Predictions, log_probabilities: FloatArray) -> Predictions:
    """The run with other log-probabilities, shape (n_items, n_options)."""
    rows = pl.DataFrame({"row": run.choice_item, "logprobs": log_probabilities[run.present]})
    return Predictions(
        run.frame.drop(STEP_COLUMN, strict=False).with_columns(  # they are rounded no more
            rows.group_by("row", maintain_order=True).agg("logprobs")["logprobs"],
            # They spread over the letters only now.
            letter_mass=pl.lit(None, dtype=pl.Float32),
            other_form_mass=pl.lit(None, dtype=pl.Float32),
        )
    )
