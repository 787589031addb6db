"""The squared calibration error without its bias."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UndefinedMeasure
from .arrays import FloatArray, IndexArray
from .bins import Strategy, assign_bins, bin_edges, wanted_bins
from .ids import item_ids
from .validation import confidence_pair


def debiased_ce2(
    confidence: ArrayLike,
    correct: ArrayLike,
    *,
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
    item: ArrayLike | None = None,
) -> float:
    r"""Debiased squared calibration error.

    .. math:: \sum_b \frac{n_b}{n} \left[ (\mathrm{conf}_b - \mathrm{acc}_b)^2 - \frac{s_b^2}{n_b} \right]

    with :math:`s_b^2` the sample variance of confidence − correctness within bin *b*. It estimates
    :math:`\sum_b P(b)\, E[\mathrm{confidence} - \mathrm{correct} \mid b]^2`, the population value in the same bins.

    Parameters
    ----------
    confidence, correct, bins, n_bins, strategy
        As in `ece`.
    item : array_like, shape (n,), optional
        What each value belongs to, where several come from one item (the four letters of a question). The noise that
        is subtracted is then the variance between items of what each adds to a bin.

    Returns
    -------
    float
        In squared probability. Unbiased, so that a calibrated model scores below 0 about as often as above.

    Raises
    ------
    ValueError
        As `ece`, and where no bin holds values of two items.

    Notes
    -----
    A bin with the values of a single item says nothing about its noise and adds 0.

    References
    ----------
    Kumar, Liang and Ma (2019), arXiv:1909.10155. Lee et al. (2022), arXiv:2203.01850. Sun et al. (2024),
    arXiv:2408.08998.

    Examples
    --------
    >>> round(debiased_ce2([0.9, 0.9, 0.9, 0.9], [1, 1, 0, 0]), 4)  # 0.4² less a third of the variance
    0.0767
    """
    scores, hits = confidence_pair(confidence, correct)
    edges = bin_edges(scores, bins=wanted_bins(bins, n_bins), strategy=strategy)
    unit = None if item is None else item_ids(item, n=len(scores))
    return debiased(scores - hits, assign_bins(scores, edges), len(edges) - 1, unit=unit)


def debiased(
    gap: FloatArray,
    bin_index: IndexArray,
    n_bins: int,
    *,
    unit: NDArray[np.generic] | None = None,
    weight: FloatArray | None = None,
) -> float:
    """`debiased_ce2` of gaps whose bins are known.

    With weights, sums of weighted gaps over those of weights, and the noise of such a ratio.
    """
    units = np.bincount(bin_index, minlength=n_bins)
    count = units if weight is None else np.bincount(bin_index, weights=weight, minlength=n_bins)
    total = np.bincount(bin_index, weights=gap if weight is None else gap * weight, minlength=n_bins)
    residual, home = gap - (total / np.where(units, count, 1))[bin_index], bin_index
    if weight is not None:
        residual = residual * weight
    if unit is not None:
        cells, cell = np.unique(np.unique(unit, return_inverse=True)[1] * n_bins + bin_index, return_inverse=True)
        residual = np.bincount(cell, weights=residual).astype(np.float64)  # one an (item, bin)
        home = cells % n_bins
        units = np.bincount(home, minlength=n_bins)
    known = units > 1
    if not known.any():
        raise UndefinedMeasure(
            f"a debiased squared error needs a bin with two items, got {units.sum()} items in as many bins"
        )
    noise = np.bincount(home, weights=residual**2, minlength=n_bins)[known] * units[known] / (units[known] - 1)
    return float(((total[known] ** 2 - noise) / count[known]).sum() / (len(gap) if weight is None else weight.sum()))
