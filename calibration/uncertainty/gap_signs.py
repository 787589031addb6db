"""Sums of gaps with given signs, which no sum of absolute gaps is below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..metrics.arrays import BoolArray, FloatArray
from .cells import Cells
from .noisy_gaps import NoisyGaps

# Agreement of two runs' right and wrong answers beyond chance (Cohen's kappa) from which they are nearly one model.
_NEARLY_ONE = 0.9


def is_nearly_one(before: BoolArray, after: BoolArray) -> bool:
    """Whether right and wrong answers agree nearly as those of one model.

    Each has shape (n_items,). Their agreement beyond chance, Cohen's kappa, is at least 0.9.

    References
    ----------
    Cohen (1960), doi:10.1177/001316446002000104.

    Examples
    --------
    >>> right = np.arange(100) < 70
    >>> is_nearly_one(right, right), is_nearly_one(right, right[::-1])
    (True, False)
    """
    first, second = float(before.mean()), float(after.mean())
    by_chance = first * (1 - second) + second * (1 - first)
    return bool(np.mean(before != after) <= (1 - _NEARLY_ONE) * by_chance)


def likely_signs(before: Cells, after: Cells, smoothers: Sequence[FloatArray | None]) -> tuple[FloatArray, FloatArray]:
    """Signs in which confidence changes, in the bins before and after.

    Shape (n_bins,) each, smoothed as the gaps are. A map of confidences moves them as it thinks that they are off, and
    which answers are right has no part in it. Of a run with fewer bins than another the last ones are empty.
    """
    surer = np.where(before.present, after.confidence - before.confidence, 0.0) * before.mass
    signs = []
    for cells, smoother in zip((before, after), smoothers, strict=True):
        sums = np.bincount(cells.bin_index.ravel(), weights=surer.ravel(), minlength=cells.n_bins)
        signs.append(np.where((sums if smoother is None else smoother @ sums) < 0, -1.0, 1.0))
    most = max(len(own) for own in signs)
    first, second = (np.pad(own, (0, most - len(own)), constant_values=1.0) for own in signs)
    return first, second


def sides_of_change(
    left: NoisyGaps, right: NoisyGaps, signs: tuple[FloatArray, FloatArray]
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    r"""Least and most that a sum of absolute gaps changes by, on average.

    Each with its standard error, for the signs and for the opposite ones.

    Parameters
    ----------
    left, right : NoisyGaps
        Gaps before and after, with the same draws of noise.
    signs : tuple of ndarray, shape (n_bins,)
        Signs that gaps before and after may have; not chosen by which answers are right.

    Notes
    -----
    With signs :math:`e_b` that are given, :math:`\sum e_b \gamma_b \le \sum |\gamma_b| \le E \sum |g_b|`. So the
    signed sum after less the absolute one before is too small on average, the absolute one after less the signed one
    before too large. Runs that are nearly one model have most of this noise in common, and it cancels.

    Examples
    --------
    >>> from calibration.uncertainty.noisy_gaps import noisy_gaps
    >>> same = noisy_gaps(np.array([0.2, 0.1]), np.diag([0.0001, 0.0001]), seed=0)
    >>> least, most = sides_of_change(same, same, (np.ones(2), np.ones(2)))
    >>> [round(value, 2) for value, _ in least], [round(value, 2) for value, _ in most]
    ([0.0, -0.6], [0.0, 0.6])
    """
    first, second = (np.vstack([side.gaps, side.gaps + side.noise]) for side in (left, right))
    sizes = [np.abs(gaps).sum(axis=1) for gaps in (first, second)]
    sums = [gaps @ sign for gaps, sign in zip((first, second), signs, strict=True)]
    least = [_mean_and_error(turn * sums[1] - sizes[0]) for turn in (1, -1)]
    return least, [_mean_and_error(sizes[1] - turn * sums[0]) for turn in (1, -1)]


def _mean_and_error(observed_first: FloatArray) -> tuple[float, float]:
    return float(observed_first[0]), float(observed_first[1:].std())
