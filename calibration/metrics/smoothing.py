"""Smooth calibration error: the gap between confidence and accuracy, smoothed instead of binned."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import dct, idct
from scipy.optimize import brentq

from .arrays import FloatArray
from .validation import confidence_pair

# Cells of the grid of a single value; a scale of fewer cells than this gets a finer one.
_GRID, _CELLS_OF_A_SCALE, _FINEST = 4096, 16, 1 << 20
# Halvings of the range of the scale for many draws at a time: to one part in 4,096 of what is not smoothed at all.
_HALVINGS = 12


def smooth_ece(confidence: ArrayLike, correct: ArrayLike) -> float:
    r"""Smooth ECE (smECE): mean absolute gap, smoothed at the scale that equals it.

    .. math:: \mathrm{smECE}_\sigma = \int_0^1 \Big| \frac1n \sum_i (y_i - c_i) K_\sigma(t, c_i) \Big| dt,
              \qquad \mathrm{smECE} = \sigma^* \text{ with } \mathrm{smECE}_{\sigma^*} = \sigma^*

    with :math:`K_\sigma` the Gaussian kernel reflected at 0 and 1.

    Parameters
    ----------
    confidence : array_like, shape (n,)
        Probabilities in [0, 1].
    correct : array_like of 0 and 1, shape (n,)
        Whether it came true.

    Returns
    -------
    float
        In probability. It has no bins to choose, changes continuously with every confidence, and is a consistent
        calibration measure: small where the distance to calibration is, and only there. Like an ECE it is above 0 for a
        calibrated model on a finite sample, and has a noise floor.

    Raises
    ------
    ValueError
        As `ece`.

    Notes
    -----
    Gaps go into the cells of a fine grid, each shared by the two nearest; the reflected kernel is diagonal in the
    discrete cosine transform, and what the sharing blurs is taken off the scale. Its interval (`estimate`, `summarize`)
    is that of an ECE: absolute gaps in cells about half as wide as the scale, smoothed, with a critical value that
    allows for their bias; the scale stays that of the sample.

    References
    ----------
    Błasiok and Nakkiran (2023), arXiv:2309.12236.

    Examples
    --------
    >>> round(smooth_ece([0.9] * 100, [1] * 70 + [0] * 30), 4)
    0.2
    """
    return smooth_error(*confidence_pair(confidence, correct))


def smooth_error(scores: FloatArray, hits: FloatArray, weight: FloatArray | None = None) -> float:
    """`smooth_ece` of checked values; with weights, of their shares in all weight."""
    gaps = hits - scores if weight is None else (hits - scores) * weight
    total = len(scores) if weight is None else float(weight.sum())
    n_cells = _GRID
    while True:
        waves = dct(_shared(scores, gaps, n_cells) / total)
        if not np.abs(waves).max() > 0:
            return 0.0
        scale = _fixed_point(waves)
        if scale * n_cells >= _CELLS_OF_A_SCALE or n_cells >= _FINEST:
            return scale
        n_cells *= 8


def smoothed_errors(gaps: FloatArray) -> FloatArray:
    """Smooth ECE of each row of gaps in equal cells of [0, 1].

    Shape (draws, n_cells) to (draws,).
    """
    n_cells = gaps.shape[1]
    to_cells = idct(np.eye(n_cells), axis=0).T
    waves, frequency = dct(gaps, axis=1), (np.pi * np.arange(n_cells)) ** 2
    low, high = np.zeros(len(gaps)), np.abs(gaps).sum(axis=1)  # smoothing makes an error smaller
    for _ in range(_HALVINGS):
        scale = (low + high) / 2
        damped = waves * np.exp(-0.5 * scale[:, None] ** 2 * frequency)
        above = np.abs(damped @ to_cells).sum(axis=1) > scale
        low, high = np.where(above, scale, low), np.where(above, high, scale)
    return np.asarray((low + high) / 2)


def smoother(n_cells: int, scale: float) -> FloatArray:
    """Matrix that smooths gaps in equal cells of [0, 1].

    The absolute values of what it makes add up to the error. Shape (n_cells, n_cells); `scale` is that of the kernel.
    """
    damping = np.exp(-0.5 * (scale * np.pi * np.arange(n_cells)) ** 2)
    return np.asarray(idct(dct(np.eye(n_cells), axis=0) * damping[:, None], axis=0))


def _shared(scores: FloatArray, gaps: FloatArray, n_cells: int) -> FloatArray:
    """Sum of gaps in each cell.

    Every gap is shared by the two cells whose middles are nearest.
    """
    position = scores * n_cells - 0.5
    left = np.floor(position)
    share = position - left
    # Beyond the first and the last middle a gap's mirror image takes the other share.
    first = np.clip(left, 0, n_cells - 1).astype(np.int64)
    second = np.clip(left + 1, 0, n_cells - 1).astype(np.int64)
    cells = np.bincount(first, weights=gaps * (1 - share), minlength=n_cells)
    return np.asarray(cells + np.bincount(second, weights=gaps * share, minlength=n_cells), dtype=np.float64)


def _fixed_point(waves: FloatArray) -> float:
    n_cells = len(waves)
    frequency = (np.pi * np.arange(n_cells)) ** 2
    blur = 1 / (6 * n_cells**2)  # mean variance of a position that two cells share

    def excess(scale: float) -> float:
        damping = np.exp(-0.5 * max(scale**2 - blur, 0.0) * frequency)
        return float(np.abs(idct(waves * damping)).sum()) - scale

    return float(brentq(excess, 0.0, 1.0 + 1e-9, xtol=1e-12))
