"""Tango's score interval of a paired difference of shares, with McNemar's test."""

from __future__ import annotations

import math

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from ..metrics.arrays import FloatArray
from .intervals import Interval


def tango_interval(before: FloatArray, after: FloatArray, *, level: float) -> Interval:
    """Tango's interval of a paired difference of shares, and McNemar's test.

    Parameters
    ----------
    before, after : ndarray of 0 and 1, shape (n_items,)
        Whether each item counted, in each run.
    level : float
        Coverage of the interval.

    References
    ----------
    McNemar (1947), doi:10.1007/BF02295996. Tango (1998),
    doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B.

    Examples
    --------
    >>> import numpy as np
    >>> change = tango_interval(np.zeros(20), np.repeat([1.0, 0.0], [5, 15]), level=0.95)  # 5 of 20 gained, none lost
    >>> round(change.low, 3), round(change.high, 3), round(change.p_value, 3)
    (0.049, 0.469, 0.025)
    """
    moved = after - before
    n_items, value = len(moved), float(moved.mean())
    gained, lost = int((moved > 0).sum()), int((moved < 0).sum())
    if gained + lost == 0:
        return no_change(n_items, level=level)
    z = ndtri((1 + level) / 2)

    def score(difference: float) -> float:
        # Maximum likelihood of the lost share under a given difference (Tango 1998, equation 4).
        a = 2 * n_items
        b = -gained - lost + (2 * n_items - gained + lost) * difference
        c = -lost * difference * (1 - difference)
        share = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
        variance = n_items * (2 * share + difference * (1 - difference))
        return (gained - lost - n_items * difference) / math.sqrt(max(variance, 1e-300))

    edge = 1 - 1e-9
    low = brentq(lambda d: score(d) - z, -edge, value, xtol=1e-12) if value > -edge else -1.0
    high = brentq(lambda d: score(d) + z, value, edge, xtol=1e-12) if value < edge else 1.0
    return Interval(low, high, float(2 * ndtr(-abs(gained - lost) / math.sqrt(gained + lost))))


def no_change(n_items: float, *, level: float) -> Interval:
    """Tango's interval if no item changed: ± z² / (n + z²).

    Examples
    --------
    >>> print(no_change(100, level=0.95))
    [-0.037, 0.037]
    """
    z2 = ndtri((1 + level) / 2) ** 2
    return Interval(-z2 / (n_items + z2), z2 / (n_items + z2), 1.0)
