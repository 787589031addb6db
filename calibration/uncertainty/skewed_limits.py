"""Limits of a temperature, or of its change, where few clusters make it skewed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..metrics.arrays import FloatArray
from .drawn_units import Sampling
from .intervals import Interval, blank, inverted_p_value
from .standard_errors import cluster_sums, critical

# For p-values to four digits.
_HALVINGS = 20


def skewed_interval(
    values: Sequence[float],
    influences: Sequence[FloatArray],
    signs: Sequence[float],
    sampling: Sampling,
    *,
    level: float,
) -> Interval:
    r"""Interval of a signed sum of positive values over clusters.

    With its test of 0.

    A few sharp clusters make a temperature, so that its estimates are skewed to the right. With *c* the critical value
    of Student's t and :math:`a_k` the covariance of :math:`\log v_k` with the sum, in standard errors of the sum,
    limits are :math:`\sum s_k v_k f(\pm c\,a_k)`: symmetric in the logarithms for :math:`f(x) = e^x`, in the inverses
    for :math:`f(x) = 1/(1 - x)`. The interval is the hull of both. Where clusters
    are few it may still hold too seldom: docs/simulation.md has what is counted.

    Parameters
    ----------
    values : sequence of float
        The positive values.
    influences : sequence of ndarray, shape (n_items,)
        Influence of each item on each of them, times n_items.
    signs : sequence of float
        What each counts in the sum.
    sampling : Sampling
        Clusters.
    level : float
        Coverage of the interval.
    """
    value = float(np.dot(signs, values))
    if sampling.clusters is None:
        raise ValueError("only clusters make a sum skewed")
    sums = [cluster_sums(influence, sampling.clusters, sampling.cluster_shares) for influence in influences]
    whole = np.dot(np.array(signs), np.array(sums))
    error = math.sqrt(float(whole @ whole))
    if error == 0:
        return Interval(value, value, 1.0 if value == 0 else 0.0)
    steps = np.array([part @ whole / own / error for part, own in zip(sums, values, strict=True)])
    weights = np.array(signs) * np.array(values)

    def limits(level: float) -> tuple[float, float]:
        moves = critical(level, sampling.mean_freedom) * steps
        if np.abs(moves).max() >= 1:
            return -math.inf, math.inf
        ends = [(weights @ f(-moves), weights @ f(moves)) for f in (np.exp, lambda move: 1 / (1 - move))]
        return float(min(low for low, _ in ends)), float(max(high for _, high in ends))

    low, high = limits(level)
    if math.isinf(high):
        return blank("too few clusters: they leave the temperature without an upper limit")
    return Interval(low, high, inverted_p_value(limits, halvings=_HALVINGS))
