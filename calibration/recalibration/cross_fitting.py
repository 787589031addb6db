"""Cross-fitting: every item is treated by what was learnt on others, and measured so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..metrics.arrays import FloatArray, IntArray
from ..metrics.validation import whole_number
from ..predictions.predictions import Predictions
from ..uncertainty.changes import Change, change_of, has_change
from ..uncertainty.estimates import Estimate, estimate_of
from ..uncertainty.labels import text_label
from ..uncertainty.measures import Measure
from ..uncertainty.noise_floor import NullECE

FoldKind = Literal["items", "subjects"]
_Run = TypeVar("_Run")


class Fitted(Protocol):
    """What was learnt from some values and can be applied to others."""

    def apply(self, values: FloatArray, /) -> FloatArray:
        """The values recalibrated, of the same shape."""
        ...


def folds_of(run: Predictions, by: FoldKind, n_folds: int, seed: int) -> IntArray:
    """Fold of each row, from 0; rows of one item (subject) share one, and the order of rows does not matter.

    Raises
    ------
    ValueError
        For fewer than two folds, fewer items (subjects) than folds, or another kind of folds.
    """
    if by not in ("items", "subjects"):
        raise ValueError(f"folds must be by 'items' or 'subjects', got {by!r}")
    if whole_number("n_folds", n_folds) < 2:
        raise ValueError(f"there must be at least 2 folds, got {n_folds}")
    distinct, place = np.unique(run.item if by == "items" else run.subject, return_inverse=True)
    if len(distinct) < n_folds:
        raise ValueError(f"{n_folds} folds need at least {n_folds} {by}, got {len(distinct)}")
    return np.random.default_rng(seed).permutation(len(distinct))[place] % n_folds


def cross_fitted(
    values: FloatArray,
    target: NDArray[Any],
    fold: IntArray,
    fit: Callable[[FloatArray, Any], Fitted],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> FloatArray:
    """The values of each fold recalibrated by what the other folds taught, of the same shape.

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
        run.frame.with_columns(
            rows.group_by("row", maintain_order=True).agg("logprobs")["logprobs"],
            # They spread over the letters only now.
            letter_mass=pl.lit(None, dtype=pl.Float32),
            other_form_mass=pl.lit(None, dtype=pl.Float32),
        )
    )


def measured(run: _Run, table: Mapping[str, Callable[[_Run], Measure]]) -> tuple[dict[str, Measure], list[str]]:
    """The measures of a table that are defined, and why the others are not."""
    measures, notes = {}, []
    for key, measure in table.items():
        try:
            measures[key] = measure(run)
        except ValueError as error:  # such as an AUROC without a wrong answer
            notes.append(f"{text_label(key)} is left out: {error}")
    return measures, notes


def estimated(
    measures: dict[str, Measure], floor: Callable[[Measure], NullECE | None], *, level: float, seed: int
) -> tuple[dict[str, Estimate], dict[str, float]]:
    """Each measure with its interval, and the noise floors of those that have one."""
    values, floors = {}, {}
    for key, measure in measures.items():
        null = floor(measure)
        values[key] = estimate_of(measure, null, level=level, seed=seed)
        if null is not None:
            floors[key] = null.quantile95
    return values, floors


def changed(
    before: dict[str, Measure], after: dict[str, Measure], subject: NDArray[np.str_], *, level: float, seed: int
) -> dict[str, Change]:
    """The change of every measure that both have, where it has an interval."""
    return {
        key: change_of(measure, after[key], subject, level=level, seed=seed)
        for key, measure in before.items()
        if key in after and has_change(measure, after[key])
    }
