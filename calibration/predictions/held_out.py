"""Held-out items: splits into items to fit on and items to score."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..metrics.arrays import IntArray
from .pairs import Pairs
from .predictions import Predictions
from .scored_runs import AnyRun, ScoredRun, refuse_two_kinds, take_rows


def fitted_and_scored(predictions: AnyRun, fit: float | AnyRun, *, seed: int) -> tuple[AnyRun, AnyRun]:
    """Items to fit on, and held-out items to score.

    The former are a share drawn by id, or another run.

    Raises
    ------
    ValueError
        For a share outside (0, 1), a share that leaves either side without items, items that are in both runs.
    """
    if not isinstance(fit, int | float):
        refuse_shared_items(predictions, fit)
        return fit, predictions
    share_in_range("fit", fit)
    n_items, n_fitted = predictions.n_items, round(fit * predictions.n_items)
    if not 0 < n_fitted < n_items:
        raise ValueError(f"fit must leave items on both sides, got {fit} of {n_items} item{'s' * (n_items > 1)}")
    chosen = np.random.default_rng(seed).permutation(n_items)[rank(predictions)] < n_fitted
    return take_rows(predictions, np.flatnonzero(chosen)), take_rows(predictions, np.flatnonzero(~chosen))


def refuse_shared_items(predictions: ScoredRun, fit: ScoredRun) -> None:
    """Raise if two runs have items in common.

    Items with texts are the same if their texts are. Of others only the ids are known, which may be mere row numbers:
    they are the same if their ids are and the right answers (of pairs, confidence and correctness) of all such agree.

    Raises
    ------
    ValueError
        Naming an item.
    """
    refuse_two_kinds(predictions, fit)
    if isinstance(predictions, Predictions):
        same = _shared_questions(predictions.frame, fit.frame)
    else:
        known = ["confidence", "correct"] if isinstance(predictions, Pairs) else ["grade"]
        same = _shared_ids(predictions.frame, fit.frame, known)
    if not same.is_empty():
        raise ValueError(
            f"items fitted on must be others than those scored; {min(same['item'])} is both, {len(same)} of "
            f"{predictions.n_items} are in all"
        )


def _shared_ids(scored: pl.DataFrame, fitted: pl.DataFrame, known: list[str]) -> pl.DataFrame:
    """Items of the same id, unless what is known of one such differs."""
    shared = scored.select("item", *known).join(fitted.select("item", *known), on="item")
    alike = shared.select(pl.all_horizontal(pl.col(name) == pl.col(f"{name}_right") for name in known)).to_series()
    return shared if alike.all() else shared.clear()


def _shared_questions(scored: pl.DataFrame, fitted: pl.DataFrame) -> pl.DataFrame:
    columns = ["item", "content", "answer"]
    first, second = scored.select(columns), fitted.select(columns)
    same = first.filter(pl.col("content") != "").join(second, on="content", how="semi")
    pairs = first.join(second, on="item").filter((pl.col("content") == "") | (pl.col("content_right") == ""))
    if (pairs["answer"] == pairs["answer_right"]).all():
        same = pl.concat([same, pairs.select(columns)])
    return same


def share_in_range(name: str, value: float) -> float:
    """An error rate or a share, strictly between 0 and 1."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must be strictly between 0 and 1, got {value}")
    return value


def rank(predictions: ScoredRun) -> IntArray:
    """Rank of each item among the sorted ids.

    Draws go by it, so that the order of rows does not matter.
    """
    return predictions.frame["item"].rank("ordinal").to_numpy().astype(np.int64) - 1
