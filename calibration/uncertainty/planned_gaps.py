"""Gaps in bins of a planned sample, judged by a pilot."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..errors import UndefinedMeasure
from ..metrics.arrays import FloatArray

# Planned samples that are drawn.
_N_DRAWS = 32
# Steps until a number of items is known well enough, at most.
_STEPS, _WHOLE_STEPS, _CLOSE = 12, 3, 0.03


def likely_gaps(gaps: FloatArray, variance: FloatArray) -> FloatArray:
    """Gaps without what noise adds to their squares, shape (n_bins,)."""
    return np.asarray(np.copysign(np.sqrt(np.maximum(np.square(gaps) - variance, 0.0)), gaps))


def gaps_after(before: FloatArray, *, noise: FloatArray, change: float) -> tuple[FloatArray, FloatArray]:
    """Likely gaps before, and of a run of which the change alone is known.

    The change is that of their absolute sum. What is more is spread over the bins by their standard errors, since
    nothing tells where it is. All have one sign, or those of the first principal component of the noise, whichever
    gives the sum more noise. What is less is off the gaps before; if these are too few, they are more.

    Parameters
    ----------
    before : ndarray, shape (n_bins,)
        Likely gaps.
    noise : ndarray, shape (n_bins, n_bins)
        Covariance of the pilot's gaps.
    change : float
        The sum after less that before.

    Examples
    --------
    >>> noise = np.array([[2.0, -1.0], [-1.0, 2.0]])
    >>> np.abs(gaps_after(np.array([0.1, 0.0]), noise=noise, change=0.2)[1])
    array([0.2, 0.1])
    """
    errors = np.sqrt(np.diag(noise))
    if change >= 0:
        patterns = np.ones(len(before)), np.where(np.linalg.eigh(noise)[1][:, -1] < 0, -1.0, 1.0)
        signs = max(patterns, key=lambda pattern: float(pattern @ noise @ pattern))
        return before, signs * (np.abs(before) + errors / errors.sum() * change)
    after = max(_size(before) + change, 0.0)
    return _scaled(before, errors, after - change), _scaled(before, errors, after)


def _size(gaps: FloatArray) -> float:
    return float(np.abs(gaps).sum())


def _scaled(gaps: FloatArray, errors: FloatArray, size: float) -> FloatArray:
    return np.asarray(gaps * (size / _size(gaps)) if _size(gaps) > 0 else errors / errors.sum() * size)


def gap_draws(noise: FloatArray, *, seed: int) -> FloatArray:
    """Draws of gaps with this covariance around 0, shape (n_draws, n_bins).

    If there are more of them than bins, mean and covariance are those asked for, exactly.
    """
    values, vectors = np.linalg.eigh(noise)
    axes = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = np.random.default_rng([seed, 1]).standard_normal((_N_DRAWS, len(noise)))
    if len(noise) < _N_DRAWS:
        normal = np.linalg.qr(normal - normal.mean(axis=0))[0] * math.sqrt(_N_DRAWS)
    return np.asarray(normal @ axes.T)


def times_that_are_clear(clear: Callable[[float], tuple[float, float]], target: float, distance: float) -> float:
    """Items, over those of the pilot, with which limits are clear of 0.

    So many standard deviations on average.

    Parameters
    ----------
    clear : function
        Mean and standard deviation of how far limits are from 0, of a sample so many times as large.
    target : float
        The mean of a sample without end; what it falls short of that, and the standard deviation, fall about as one
        over the square root of the items.
    distance : float
        Standard deviations.

    Raises
    ------
    UndefinedMeasure
        If no number of items does it.
    """
    times = 1.0
    for step in range(_STEPS):
        mean, spread = clear(times)
        # Later steps go half as far, where whole ones go to and fro.
        following = times * ((distance * spread + target - mean) / target) ** (2 if step < _WHOLE_STEPS else 1)
        following = min(max(following, times / 100), times * 100)
        if abs(following / times - 1) < _CLOSE:
            return following
        times = following
        if not 1e-9 < times < 1e9 or not math.isfinite(times):
            raise UndefinedMeasure("no number of items gives that precision")
    return times
