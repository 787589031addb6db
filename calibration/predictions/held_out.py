"""Held-out items: splits into items to fit on and items to score."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..metrics.arrays import IntArray
from .predictions import Predictions


def fitted_and_scored(
    predictions: Predictions, fit: float | Predictions, *, seed: int
) -> tuple[Predictions, Predictions]:
    """Items to fit on, and held-out items to score.

    The former are a share drawn by id, or another run.

    Raises
    ------
    ValueError
        For a share outside (0, 1), a share that leaves either side without items, items that are in both runs.
    """
    if isinstance(fit, Predictions):
        refuse_shared_items(predictions, fit)
        return fit, predictions
    share_in_range("fit", fit)
    n_items, n_fitted = predictions.n_items, round(fit * predictions.n_items)
    if not 0 < n_fitted < n_items:
        raise ValueError(f"fit must leave items on both sides, got {fit} of {n_items} item{'s' * (n_items > 1)}")
    chosen = np.random.default_rng(seed).permutation(n_items)[rank(predictions)] < n_fitted
    return Predictions(predictions.frame.filter(chosen)), Predictions(predictions.frame.filter(~chosen))


def refuse_shared_items(predictions: Predictions, fit: Predictions) -> None:
    """Raise if two runs have items in common.

    Items with texts are the same if their texts are. Of others only the ids are known, which may be mere row numbers:
    they are the same if their ids are and the right answers of all such pairs agree.

    Raises
    ------
    ValueError
        Naming an item.
    """
    columns = ["item", "content", "answer"]
    first, second = (run.frame.select(columns) for run in (predictions, fit))
    same = first.filter(pl.col("content") != "").join(second, on="content", how="semi")
    pairs = first.join(second, on="item").filter((pl.col("content") == "") | (pl.col("content_right") == ""))
    if (pairs["answer"] == pairs["answer_right"]).all():
        same = pl.concat([same, pairs.select(columns)])
    if not same.is_empty():
        raise ValueError(
            f"items fitted on must be others than those scored; {min(same['item'])} is both, {len(same)} of "
            f"{predictions.n_items} are in all"
        )


def share_in_range(name: str, value: float) -> float:
    """An error rate or a share, strictly between 0 and 1."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must be strictly between 0 and 1, got {value}")
    return value


def rank(predictions: Predictions) -> IntArray:
    """Rank of each item among the sorted ids.

    Draws go by it, so that the order of rows does not matter.
    """
    return predictions.frame["item"].rank("ordinal").to_numpy().astype(np.int64) - 1
