"""Scores, labels, weights and questions of answers, checked."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from calibration.metrics.arrays import FloatArray, IntArray
from calibration.metrics.validation import float_array, refuse_first, unit_interval


def checked_labels(
    score: ArrayLike, label: ArrayLike, weight: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Scores without gaps, labels, and weights that add up to the number of answers."""
    scores, labels = unit_interval(_with_gaps("score", score)), _with_gaps("label", label)
    if scores.ndim != 1 or scores.shape != labels.shape:
        raise ValueError(f"score and label must be 1-d and of one length, got {scores.shape} and {labels.shape}")
    refuse_first((scores < 0) | (scores > 1), scores, "a score must be in [0, 1] or NaN")
    known = ~np.isnan(labels)
    refuse_first(known & (labels != 0) & (labels != 1), labels, "a label must be 0, 1 or NaN")
    if known.sum() < 2:
        raise ValueError(f"there must be at least two labels, got {known.sum()}")
    weights = np.ones(len(scores)) if weight is None else np.array(float_array("weight", weight))
    if weights.shape != scores.shape:
        raise ValueError(f"there must be one weight an answer: {scores.shape}, got {weights.shape}")
    refuse_first(
        known & ~((weights > 0) & np.isfinite(weights)), weights, "a labelled answer must have a positive weight"
    )
    without = np.isnan(scores)
    scores[without] = 0.5 if without.all() else scores[~without].mean()
    weights[~known] = 0.0
    # An answer represents at least itself.
    return scores, labels, np.where(known, np.maximum(weights * len(scores) / weights.sum(), 1.0), 0.0)


def question_index(question: ArrayLike | None, n_answers: int) -> IntArray:
    """Index of each answer's question, from 0."""
    if question is None:
        return np.arange(n_answers)
    names = np.asarray(question)
    if names.shape != (n_answers,):
        raise ValueError(f"there must be one question an answer: ({n_answers},), got {names.shape}")
    return np.asarray(np.unique(names, return_inverse=True)[1])


def _with_gaps(name: str, values: ArrayLike) -> FloatArray:
    """Numbers of which some may be missing, as NaN or None."""
    if isinstance(values, list | tuple | pl.Series):
        values = [np.nan if value is None else value for value in values]
    return np.array(float_array(name, values))
