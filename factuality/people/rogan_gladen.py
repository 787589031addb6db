"""Rogan–Gladen: verdicts of a grader, corrected by its error rates."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from calibration.metrics.arrays import BoolArray, FloatArray, IntArray
from calibration.uncertainty.estimates import Estimate

# An answer counts as right if its score is above this.
_DECIDED = 0.5
_GRID = np.linspace(0, 1, 2001)


def rogan_gladen(
    scores: FloatArray, labels: FloatArray, weights: FloatArray, question: IntArray | None, *, level: float
) -> Estimate | None:
    """Rate of right answers from a grader's verdicts, corrected.

    None if the labels hold only right or only wrong answers. Scores have no gaps; labels are NaN
    and weights 0 where people gave none. `question` is that of each answer if questions are drawn anew.
    """
    known = ~np.isnan(labels)
    called, y, w = scores > _DECIDED, labels[known], weights[known]
    if y.min() == y.max():
        return None
    shares, noises = [], []
    for kind in (1.0, 0.0):
        mine = w[y == kind]
        share = float(np.average(called[known][y == kind], weights=mine))
        count = mine.sum() ** 2 / (mine @ mine)
        # One answer of each verdict more (Agresti and Coull): no error rate is known to be 0.
        smoothed = (share * count + 1) / (count + 2)
        shares.append((share, smoothed))
        noises.append(smoothed * (1 - smoothed) / (count + 2))
    (hit, hit_smoothed), (alarm, alarm_smoothed) = shares
    calls = float(called.mean())
    value = (calls - alarm) / (hit - alarm) if hit > alarm else float(y @ w / w.sum())
    expected = _GRID * hit_smoothed + (1 - _GRID) * alarm_smoothed
    error = np.sqrt(_GRID**2 * noises[0] + (1 - _GRID) ** 2 * noises[1] + _drawn_noise(called, question))
    held = _GRID[np.abs(calls - expected) <= ndtri((1 + level) / 2) * error]
    value = float(np.clip(value, 0, 1))
    if held.size == 0:
        return Estimate(value=value, low=value, high=value, level=level)
    return Estimate(value=value, low=min(value, float(held[0])), high=max(value, float(held[-1])), level=level)


def _drawn_noise(called: BoolArray, question: IntArray | None) -> float:
    """Variance of the share of answers that the grader calls right, over new questions."""
    if question is None:
        return 0.0
    sums = np.bincount(question, weights=called - called.mean())
    return float(np.square(sums).sum()) / len(called) ** 2 * len(sums) / max(len(sums) - 1, 1)
