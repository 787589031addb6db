"""Conformity scores of letters, and their thresholds."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal

import numpy as np

from ..metrics.arrays import FloatArray
from ..metrics.ties import level_rows
from ..predictions.held_out import rank
from ..predictions.predictions import Predictions

Score = Literal["lac", "aps", "randomized aps"]
# Scores that are equal but for rounding of the stored log-probabilities differ by less.
SAME_SCORE = 4 * float(np.finfo(np.float32).eps)


def letter_scores(predictions: Predictions, score: Score, seed: np.random.SeedSequence) -> FloatArray:
    """Score of each letter, shape (n_items, n_options)."""
    probability = np.asarray(level_rows(predictions.probabilities))
    if score == "lac":
        return np.asarray(1 - probability)
    above, tied = np.zeros_like(probability), np.zeros_like(probability)
    for column in probability.T:
        other = column[:, None]
        above += other * (other > probability)
        tied += other * (other == probability)
    if score == "aps":
        return np.asarray(above + tied)
    draw = np.random.default_rng(seed).random(predictions.n_items)[rank(predictions)]
    return np.asarray(above + (1 - draw[:, None]) * tied)


def _threshold_rank(n_fitted: int, error: float) -> int:
    # As the decimal that the user wrote: in binary, 0.55 of 100 would be rounded up to 56.
    return math.ceil((n_fitted + 1) * (1 - Fraction(repr(float(error)))))


def find_threshold(right: FloatArray, error: float) -> float:
    """Score that at most a share `error` of the right letters exceeds.

    Infinite if there are too few letters.
    """
    threshold_rank = _threshold_rank(len(right), error)
    return (
        float(np.partition(right, threshold_rank - 1)[threshold_rank - 1]) if threshold_rank <= len(right) else math.inf
    )


def expected_coverage(n_fitted: int, n_items: int, error: float, level: float) -> tuple[float, float]:
    """Range of the coverage of new items, if scores do not tie."""
    threshold_rank = _threshold_rank(n_fitted, error)
    if threshold_rank > n_fitted:
        return 1.0, 1.0
    from scipy.stats import betabinom

    law = betabinom(n_items, threshold_rank, n_fitted + 1 - threshold_rank)
    return float(law.ppf((1 - level) / 2) / n_items), float(law.ppf((1 + level) / 2) / n_items)
