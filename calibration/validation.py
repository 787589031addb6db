"""Checks of the arrays that metrics take, with messages that say what must hold, what was got and where."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Probabilities computed in float32 and summed over 26 options are off by less.
_SUM_TOLERANCE = 1e-4


def confidence_pair(confidence: ArrayLike, correct: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Confidence in [0, 1] and correctness as 0 or 1, as float64 arrays of one length.

    Raises
    ------
    ValueError
        For other shapes, an empty set, NaN, a confidence outside [0, 1], or correctness other than 0 and 1.
    """
    scores, hits = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    if scores.ndim != 1 or scores.shape != hits.shape:
        raise ValueError(f"confidence and correct must be 1-d and of one length, got {scores.shape} and {hits.shape}")
    if scores.size == 0:
        raise ValueError("confidence and correct must hold at least one value, got none")
    _all(~((scores >= 0) & (scores <= 1)), scores, "confidence must be in [0, 1]")
    _all((hits != 0) & (hits != 1), hits, "correct must hold only 0 and 1 (is the order confidence, correct?)")
    return scores, hits


def probability_rows(probabilities: ArrayLike) -> NDArray[np.float64]:
    """A distribution a row, as a float64 matrix.

    Raises
    ------
    ValueError
        For other shapes, an empty set, NaN, a value outside [0, 1], or a row that does not sum to 1.
    """
    rows = np.asarray(probabilities, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[0] == 0 or rows.shape[1] < 2:
        raise ValueError(f"probabilities must be (n_items, n_options) with at least one item, got {rows.shape}")
    _all(~((rows >= 0) & (rows <= 1)).all(axis=1), rows, "probabilities must be in [0, 1]")
    total = rows.sum(axis=1)
    _all(np.abs(total - 1) > _SUM_TOLERANCE, total, "probabilities must sum to 1 in each row")
    return rows


def probability_pair(probabilities: ArrayLike, answer: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A distribution a row, and the index of the right option.

    Raises
    ------
    ValueError
        As `probability_rows`, and for an answer that is no index of an option.
    """
    rows = probability_rows(probabilities)
    right = np.asarray(answer)
    if right.shape != rows.shape[:1]:
        raise ValueError(f"answer must be ({rows.shape[0]},) to fit the probabilities, got {right.shape}")
    if not np.issubdtype(right.dtype, np.integer):
        raise ValueError(f"answer must hold option indices (integers), got {right.dtype}")
    _all((right < 0) | (right >= rows.shape[1]), right, f"answer must be an index from 0 to {rows.shape[1] - 1}")
    return rows, right.astype(np.int64)


def level_in_range(level: float) -> float:
    """The coverage of an interval, strictly between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"level must be strictly between 0 and 1, got {level}")
    return level


def _all(broken: NDArray[np.bool_] | np.bool_, values: NDArray[np.generic], rule: str) -> None:
    if broken.any():
        row = int(np.argmax(broken))
        raise ValueError(f"{rule}; row {row} has {values[row].tolist()}")
