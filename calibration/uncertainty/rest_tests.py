"""Tests of whether the items of a group differ from the others."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtr

from ..metrics.arrays import FloatArray, IntArray

# The smaller side has at most so many items if its means are redrawn; the mean of more is as good as normal.
_FEW = 200
_N_DRAWS = 9_999
# Two means of the same numbers in another order differ by less.
_SAME = 1e-12


def differs_from_rest(values: FloatArray, rows: IntArray, *, seed: int = 0) -> tuple[float, float]:
    """Difference of a group's mean from that of all other items, and its p-value.

    Parameters
    ----------
    values : ndarray, shape (n_items,)
        One value an item.
    rows : ndarray of int
        The items of the group; some are left.
    seed : int
        Same seed, same digits.

    Notes
    -----
    Right and wrong: Fisher's exact test. Other values: a permutation test, which asks how often as many items drawn
    from all are as far from the others as the group is; its least p-value is 0.0001. Where both sides have more than
    200 items, Student's t with the variance of all. The group's own variance is not used: three answers that are all
    right have next to none, which is no proof.

    References
    ----------
    Fisher (1935), The Design of Experiments. Pitman (1937), doi:10.2307/2984124.

    Examples
    --------
    >>> difference, p_value = differs_from_rest(np.array([1.0, 1, 1, 0, 0, 0]), np.array([0, 1, 2]))
    >>> round(difference, 3), round(p_value, 3)
    (1.0, 0.1)
    """
    n_items, n_group = len(values), len(rows)
    inside = np.zeros(n_items, dtype=bool)
    inside[rows] = True
    group, rest = values[inside], values[~inside]
    difference = float(group.mean() - rest.mean())
    if ((values == 0) | (values == 1)).all():
        from scipy.stats import fisher_exact

        table = [[group.sum(), n_group - group.sum()], [rest.sum(), len(rest) - rest.sum()]]
        return difference, float(fisher_exact(table).pvalue)
    few = min(n_group, len(rest))
    # Of the mean of a group drawn without replacement, as a share of the difference to its rest.
    scale = n_items / (n_items - few)
    centred = values - values.mean()
    if few > _FEW:
        error = centred.std(ddof=2) * np.sqrt(1 / n_group + 1 / len(rest))
        return difference, float(2 * stdtr(n_items - 2, -abs(difference) / error)) if error > 0 else 1.0
    rng = np.random.default_rng(seed)
    chunk = max(1, 2_000_000 // n_items) if n_items <= 10 * few else _N_DRAWS
    far = 0
    for start in range(0, _N_DRAWS, chunk):
        size = min(chunk, _N_DRAWS - start)
        if n_items <= 10 * few:
            drawn = rng.permuted(np.broadcast_to(centred, (size, n_items)), axis=1)[:, :few].mean(axis=1)
        else:
            # With replacement, shrunk to the variance without it.
            drawn = rng.choice(centred, (size, few)).mean(axis=1) * np.sqrt((n_items - few) / (n_items - 1))
        far += int(np.count_nonzero(np.abs(drawn) * scale >= abs(difference) - _SAME))
    return difference, (1 + far) / (_N_DRAWS + 1)
