"""Bins of confidence: where they end, and which one a value falls into."""

from __future__ import annotations

from typing import Literal

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray
from .precision import carried_precision
from .ties import level_ties
from .validation import whole_number

Strategy = Literal["uniform", "quantile", "distinct"]


def bin_edges(confidence: FloatArray, *, bins: int = 10, strategy: Strategy = "uniform") -> FloatArray:
    """Edges of the bins, ascending.

    Bins are closed on the left, the last one on both sides.

    Parameters
    ----------
    confidence : ndarray, shape (n,)
        Values in [0, 1].
    bins : int
        How many bins are wanted; ``distinct`` takes no number.
    strategy : {"uniform", "quantile", "distinct"}
        *uniform*: edges ``k / bins``. *quantile*: about equally many values a bin; tied values (see
        `calibration.metrics.ties`) are never split, so that they leave fewer bins. *distinct*: one bin a distinct
        value.

    Raises
    ------
    ValueError
        For fewer than one bin, a part of a bin, or an unknown strategy.

    Examples
    --------
    >>> bin_edges(np.array([0.1, 0.9]), bins=4).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    >>> bin_edges(np.array([0.1, 0.2, 0.2, 0.2, 0.9]), bins=2, strategy="quantile").tolist()
    [0.1, 0.2, 0.9]
    """
    bins = whole_number("bins", bins, least=1)
    if strategy == "uniform":
        return np.arange(bins + 1) / bins
    ordered = np.asarray(np.sort(level_ties(confidence)))
    if strategy == "quantile":
        opens = quantile_opens(ordered, bins)
    elif strategy == "distinct":
        opens = np.unique(ordered)
    else:
        raise ValueError(f"strategy must be uniform, quantile or distinct, got {strategy!r}")
    # Where the last bin holds one value only, it opens and closes there.
    return np.append(opens, np.max(confidence))


def wanted_bins(bins: int | None, n_bins: int | None) -> int:
    """Number of bins by either of its two names; ten if neither is given.

    Raises
    ------
    ValueError
        For two different numbers.

    Examples
    --------
    >>> wanted_bins(None, 15), wanted_bins(None, None)
    (15, 10)
    """
    if bins is not None and n_bins is not None and bins != n_bins:
        raise ValueError(f"bins and n_bins are two names of one number, got {bins} and {n_bins}")
    given = n_bins if bins is None else bins
    return 10 if given is None else given


def quantile_opens(ordered: FloatArray, bins: int) -> FloatArray:
    """Openings of quantile bins of ascending values.

    Ties are never split and leave fewer bins.

    Examples
    --------
    >>> quantile_opens(np.array([0.1, 0.2, 0.2, 0.9]), 2).tolist()
    [0.1, 0.2]
    """
    return np.unique(ordered[len(ordered) * np.arange(bins) // bins])


def assign_bins(confidence: FloatArray, edges: FloatArray) -> IntArray:
    """Bin index of each value.

    Values are compared with the edges rounded to their own precision.

    Examples
    --------
    >>> assign_bins(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.5, 1.0])).tolist()
    [0, 1, 1]
    """
    opens = carried_precision(confidence).lowest_at(edges[:-1])
    return np.maximum(np.searchsorted(opens, np.asarray(confidence), side="right") - 1, 0)


def reaches(confidence: FloatArray, threshold: float) -> BoolArray:
    """Whether each value is at least a threshold, by the comparison of `assign_bins`.

    Examples
    --------
    >>> from calibration.metrics.validation import float_array
    >>> reaches(float_array("confidence", np.float32([0.7, 0.6])), 0.7).tolist()
    [True, False]
    """
    lowest = carried_precision(confidence).lowest_at(np.array(threshold, dtype=np.float64))
    return np.asarray(np.asarray(confidence) >= lowest)
