"""Bootstrap of clusters, and whether an error shrinks as a root."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..metrics.arrays import FloatArray, IntArray

# Powers of the number of clusters with which an error may shrink; ½ is a root. From 1,000 draws a size the estimate has
# a standard error of .023: a root is taken for none once in ten thousand times, a cube root for a root once in 500.
_SLOWEST, _FASTEST = 0.40, 0.62


def unit_draws(units: IntArray, n_draws: int, *, share: float = 1.0, seed: int = 0) -> Iterator[IntArray]:
    """Rows of clusters drawn with replacement, one array a draw.

    Parameters
    ----------
    units : ndarray of int, shape (n_items,)
        Cluster of each item, from 0.
    n_draws : int
        How many samples to draw.
    share : float
        How many clusters a sample has, over all of them.
    seed : int
        Same seed, same rows.

    References
    ----------
    Davison and Hinkley (1997), doi:10.1017/CBO9780511802843, section 3.8. Field and Welsh (2007),
    doi:10.1111/j.1467-9868.2007.00593.x (clusters drawn whole).

    Examples
    --------
    >>> [rows.tolist() for rows in unit_draws(np.array([0, 0, 1]), 2, seed=0)]
    [[2, 2], [2, 0, 1]]
    """
    rng = np.random.default_rng(seed)
    order, size = np.argsort(units, kind="stable"), np.bincount(units)
    first = np.cumsum(size) - size
    n_clusters = len(size)
    n_drawn = max(2, round(share * n_clusters))
    for _ in range(n_draws):
        chosen = rng.integers(0, n_clusters, n_drawn)
        if n_clusters == len(units):
            yield order[chosen]
            continue
        sizes = size[chosen]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        yield order[np.repeat(first[chosen], sizes) + within]


def no_root_reason(whole: FloatArray, quarter: FloatArray) -> str | None:
    r"""Why an error does not shrink as a root of the number.

    None if it does.

    Parameters
    ----------
    whole, quarter : ndarray, shape (n_draws,)
        Values of samples of all clusters, and of a quarter of them (halved twice).

    Notes
    -----
    The power is :math:`\\log_4` of the ratio of their standard deviations. It is ½ for a mean, 1 for an extreme value,
    ⅓ for a mode. A bootstrap of the last two is wrong however many items there are.

    References
    ----------
    Politis, Romano and Wolf (1999), doi:10.1007/978-1-4612-1554-7, section 8.2 (estimating the rate from subsamples).
    Bickel, Götze and van Zwet (1997), Statistica Sinica 7:1 (where the bootstrap fails).

    Examples
    --------
    >>> error = np.random.default_rng(0).normal(size=1000)
    >>> no_root_reason(error, 2 * error), no_root_reason(error, 4 * error)[:52]
    (None, 'its error does not shrink as a root of the number of')
    """
    spread, wider = float(np.std(whole)), float(np.std(quarter))
    if spread <= 1e-12 * max(1.0, float(np.abs(whole).max())):
        return "all bootstrap samples give the same, which says nothing about its error"
    power = math.log(max(wider, 1e-300) / spread, 4)
    if _SLOWEST <= power <= _FASTEST:
        return None
    return (
        "its error does not shrink as a root of the number of items: with a quarter of them it is "
        f"{wider / spread:.2f} times as large, and would have to be 2 times"
    )
