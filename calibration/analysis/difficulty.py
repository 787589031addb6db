"""How hard items are, told by something else than the runs compared."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..metrics.arrays import FloatArray
from ..predictions.pairing import paired_rows
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.scored_runs import GivenRun, ScoredRun, scored_run, take_rows
from ..predictions.verdicts import Verdicts
from .matched_difficulty import NEAREST

Difficulty = GivenRun | str | ArrayLike


def item_difficulty(given: Difficulty, runs: tuple[ScoredRun, ScoredRun]) -> FloatArray:
    """One number an item that tells how hard it is, shape (n_items,).

    Parameters
    ----------
    given : run, str or array_like
        A third run on these items, or on more: the log-odds that it gives to what is right (of verdicts: right or
        wrong). A column of numbers of the first run. Or one number an item, in the order of the first run. Large
        numbers may mean easy or hard.
    runs : pair of Predictions, Pairs or Verdicts
        The runs that are compared, on the same items in one order.

    Raises
    ------
    ValueError
        For a run that is one of those compared, or lacks items; for an unknown column, and numbers that are not finite.
    """
    first, _ = runs
    if isinstance(given, str):
        name = f"the column {given!r}"
        if given not in first.rows.columns:
            raise ValueError(f"there is no column {given!r}; there are {', '.join(first.rows.columns)}")
        if not first.rows.schema[given].is_numeric():
            raise ValueError(f"a difficulty must be a number, {name} holds {first.rows.schema[given]}")
        numbers = first.rows[given].to_numpy()
    elif isinstance(given, Predictions | Pairs | Verdicts | tuple) or hasattr(given, "pairs"):
        return _of_run(scored_run(given), runs)
    else:
        name, numbers = "difficulty", np.asarray(given)
    values = np.asarray(numbers, dtype=np.float64)
    if values.shape != (first.n_items,):
        raise ValueError(f"difficulty must hold one number an item, {first.n_items}, got the shape {values.shape}")
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values)))
        raise ValueError(f"{name} must be finite numbers, got {values[row]} in row {row} (item {first.item[row]})")
    return values


def _of_run(third: ScoredRun, runs: tuple[ScoredRun, ScoredRun]) -> FloatArray:
    """Log-odds of what is right in a third run, in the first run's order."""
    first, _ = runs
    held = set(third.rows["item"].to_list())
    missing = [item for item in first.item.tolist() if item not in held]
    if missing:
        named = ", ".join(missing[:3]) + " …" * (len(missing) > 3)
        raise ValueError(f"the run that tells the difficulty lacks items: {named} ({len(missing)} in all)")
    if third.n_items > first.n_items:
        wanted = set(first.item.tolist())
        third = take_rows(third, [row for row, item in enumerate(third.item.tolist()) if item in wanted])
    third = take_rows(third, paired_rows(first.rows["item"], third.rows["item"], what="items"))
    if any(_same_answers(third, run) for run in runs):
        raise ValueError(
            "the run that tells the difficulty is one of those compared: its own outcomes would choose the items; "
            "give a third run, or none"
        )
    if isinstance(third, Verdicts):
        return third.correct.astype(np.float64)
    if isinstance(third, Pairs):
        chance = np.where(third.correct, third.confidence, 1 - third.confidence)
    else:
        chance = third.probabilities[np.arange(third.n_items), third.answer]
    inside = np.clip(chance, NEAREST, 1 - NEAREST)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def _same_answers(third: ScoredRun, run: ScoredRun) -> bool:
    """Whether two runs give the same answers to the last digit."""
    if not np.array_equal(third.correct, run.correct):
        return False
    confidences: list[Any] = [getattr(side, "confidence", None) for side in (third, run)]
    return all(values is not None for values in confidences) and np.array_equal(*confidences)
