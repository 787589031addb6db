"""Total probability of letters or tokens in one context, and its rounding."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from .precision import count_decimals

LARGEST_MASS = 1.001
"""What unrounded log-probabilities of one context may sum to: they were computed in half precision at the worst."""

# Log-probabilities are written with one decimal at least: whole numbers are no sign of rounding.
_FEWEST_DECIMALS, _MOST_DECIMALS = 1, 4


def largest_mass(logprobs: ArrayLike) -> float:
    r"""Sum of probabilities that log-probabilities of one context may have.

    Parameters
    ----------
    logprobs : array_like
        Natural log-probabilities of one source.

    Returns
    -------
    float
        1.001, times :math:`\exp(\frac{1}{2} 10^{-d})` where all are multiples of :math:`10^{-d}`: each may then be half
        a unit above what was rounded.

    Examples
    --------
    >>> round(largest_mass([-0.69, -0.7, -6.21]), 4), largest_mass([-0.693147, -0.7])
    (1.006, 1.001)
    """
    decimals = count_decimals(logprobs, fewest=_FEWEST_DECIMALS, most=_MOST_DECIMALS)
    return LARGEST_MASS if decimals is None else LARGEST_MASS * math.exp(0.5 * 10.0**-decimals)


def mass_excess(mass: ArrayLike) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Amount that lowers log-probabilities whose rounded mass is above 1, to 1.

    It is less than the half unit that each was rounded by, and 0 for a mass that needs no such explanation.

    Examples
    --------
    >>> mass_excess([0.5, 1.0005, 1.003]).round(6).tolist()
    [0.0, 0.0, 0.002996]
    """
    mass = np.asarray(mass, dtype=np.float64)
    return np.where(mass > LARGEST_MASS, np.log(np.maximum(mass, 1.0)), 0.0)
