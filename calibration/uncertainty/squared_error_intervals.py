"""Intervals of a squared calibration error and of its change.

They hold for calibrated models too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from ..metrics.arrays import FloatArray
from ..metrics.validation import level_in_range
from .quadratic_forms import NOTHING, SquaredGaps, likeliest_gaps

# Share of the misses that is given to the normal approximation; the rest pays for estimated covariances.
_SPENT = 0.8


@dataclass(frozen=True)
class SquaredError:
    """A debiased squared calibration error, or its change, with its uncertainty.

    Attributes
    ----------
    value : float
        The estimate; below 0 where the gaps are smaller than their noise.
    low, high : float
        Interval of the population value.
    p_value : float
        Of the hypothesis that the population value is 0: that the model is calibrated in these bins (one-sided), or
        that nothing changed (two-sided). It is below ``1 − level`` just where the interval leaves out 0.
    """

    value: float
    low: float
    high: float
    p_value: float


def squared_error_interval(
    gaps: FloatArray, shares: FloatArray, spread: FloatArray, *, counts: NDArray[np.int64], units: int, level: float
) -> SquaredError:
    r"""Interval of the squared calibration error, from mean gaps and their covariance.

    Parameters
    ----------
    gaps : ndarray, shape (n_bins,)
        Confidence − correctness summed in each bin, over the number of all values.
    shares : ndarray, shape (n_bins,)
        Share of the values in each bin; empty bins have 0.
    spread : ndarray, shape (2 n_bins, 2 n_bins)
        Covariance of these estimates, the gaps first, between what was drawn: items, or subjects as a whole.
    counts : ndarray of int, shape (n_bins,)
        How many items (subjects) have values in each bin.
    units : int
        How many items (subjects) were drawn.
    level : float
        Coverage of the interval.

    Returns
    -------
    SquaredError
        The value is that of `debiased_ce2` (where units are items), the interval starts at 0 where calibration is not
        rejected.

    Notes
    -----
    The estimate is quadratic in the gaps: of the size of their noise where the model is calibrated, normal where it
    is far from it, and anything between. So the interval holds every error :math:`\theta` that a test does not
    reject. Under :math:`\theta` the squared error of the sample is a quadratic form in normal variables plus what the
    noise of the shares adds; its probability comes from a saddle point approximation, with Student's t for the
    normal distribution (``units − 1`` degrees of freedom). The true gaps under :math:`\theta` are the likeliest ones
    of that error: the observed ones without their noise, drawn in (or out) the more along an axis, the more noise
    it has. The tails are
    not equal (a *tail function*): all misses are above the estimate while the squares make most of its
    variance, so that no interval is empty and 0 is left out just where a one-sided test of calibration rejects; they
    become equal as the variance becomes that of a normal.

    References
    ----------
    Lugannani and Rice (1980), doi:10.2307/1426607; Kuonen (1999), doi:10.1093/biomet/86.4.929 (saddle point for
    quadratic forms). Puza and O'Neill (2006), Canadian Journal of Statistics 34:299 (tail functions). Sun et al.
    (2024), arXiv:2408.08998 (the normal interval).

    Examples
    --------
    >>> error = squared_error_interval(  # 100 values, a gap of 0.1 ± 0.04 in the only bin
    ...     np.array([0.1]), np.array([1.0]), np.diag([0.0016, 0.0]), counts=np.array([100]), units=100, level=0.95
    ... )
    >>> round(error.value, 4), round(error.low, 4), round(error.high, 4), round(error.p_value, 3)
    (0.0084, 0.0008, 0.0338, 0.018)
    """
    tail = _SPENT * (1 - level_in_range(level))
    form = SquaredGaps(gaps[None], shares[None], spread, counts[None], units, np.array([1.0]))

    def tails(error: float) -> tuple[float, float]:
        """Probability of a smaller squared error, and the part of the tails below."""
        linear = form.linear(likeliest_gaps(error, form))
        normal, squares = linear @ linear, 2 * form.weights @ form.weights
        share = normal / (normal + squares) if normal + squares > 0 else 1.0
        return form.probability(error, linear), tail / 2 * max(2 * share - 1, 0.0)

    def too_large(error: float) -> float:
        probability, below = tails(error)
        return probability - (1 - tail + below)

    def too_small(error: float) -> float:
        probability, below = tails(error)
        return probability - below + NOTHING  # an error with no tail below is never too large

    value, scale = form.observed - form.bias, form.observed + form.bias
    p_value = min(1.0, (1 - tails(0.0)[0]) / _SPENT)
    low = _crossing(too_large, 0.0, scale) if too_large(0.0) > 0 else 0.0
    return SquaredError(value, low, max(_crossing(too_small, low, scale), low), p_value)


def squared_error_change(
    gaps: FloatArray, shares: FloatArray, spread: FloatArray, *, counts: NDArray[np.int64], units: int, level: float
) -> SquaredError:
    """Interval of the change of a squared calibration error, paired by item.

    Parameters
    ----------
    gaps, shares, counts : ndarray, shape (2, n_bins)
        As in `squared_error_interval`, before and after.
    spread : ndarray, shape (4 n_bins, 4 n_bins)
        Covariance of the gaps before, the gaps after, the shares before and the shares after.
    units, level
        As in `squared_error_interval`.

    Returns
    -------
    SquaredError
        After − before.

    Notes
    -----
    The estimate less its bias has the noise of a difference of quadratic forms in the gaps of both runs; its linear
    part is that of the observed gaps, with the unbiased estimate of its variance. The probability comes from the
    saddle point of `squared_error_interval`, the tails are equal. Where both errors are within their noise the
    interval is wider than it must be: it covers 97–99 % where 95 % is asked for.

    Examples
    --------
    >>> noise = np.diag([0.0016, 0.0016, 0.0, 0.0])
    >>> error = squared_error_change(
    ...     np.array([[0.0], [0.3]]), np.ones((2, 1)), noise, counts=np.full((2, 1), 100), units=100, level=0.95
    ... )
    >>> round(error.value, 3), round(error.low, 3), round(error.high, 3), error.p_value < 0.01
    (0.09, 0.035, 0.134, True)
    """
    tail = _SPENT * (1 - level_in_range(level))
    form = SquaredGaps(gaps, shares, spread, counts, units, np.array([-1.0, 1.0]))
    linear = form.linear(form.vectors)
    # Observed gaps are larger than true ones, by noise that adds this to the variance of the linear part.
    variance, added = linear @ linear, 4 * form.weights @ form.weights
    linear *= math.sqrt(max(variance - added, 0.0) / variance) if variance > 0 else 0.0

    def below(change: float) -> float:
        return form.probability(change, linear)

    value = form.observed - form.bias
    scale = float((form.vectors**2).sum() + form.noise.sum())
    low = -_crossing(lambda reach: 1 - tail / 2 - below(-reach), -value, scale)
    high = _crossing(lambda reach: below(reach) - tail / 2, value, scale)
    nothing = below(0.0)
    return SquaredError(value, low, high, min(1.0, 2 * min(nothing, 1 - nothing) / _SPENT))


def _crossing(falling: Callable[[float], float], start: float, step: float) -> float:
    """Where a function that falls becomes 0, from `start` up to 1."""
    if falling(start) <= 0:
        return start
    end, step = start, max(step, NOTHING**2)  # gaps that are all 0 have no scale
    while falling(end) > 0:
        if end >= 1:
            return 1.0
        end, step = min(end + step, 1.0), 2 * step
    return float(brentq(falling, start, end, xtol=1e-10, rtol=1e-10))
