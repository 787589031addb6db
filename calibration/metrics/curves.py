"""The reliability curve: accuracy against confidence, bin by bin."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from .bins import Strategy, assign_bins, bin_edges
from .validation import confidence_pair, item_ids, level_in_range


@dataclass(frozen=True, eq=False, kw_only=True)
class ReliabilityCurve:
    """Accuracy against confidence, one entry a bin.

    Empty bins stay, with count 0 and NaN.

    Attributes
    ----------
    lower, upper : ndarray, shape (n_bins,)
        Edges: a bin holds ``lower <= confidence < upper``, the last one also ``upper``.
    count : ndarray of int, shape (n_bins,)
        How many values fell into the bin.
    confidence : ndarray, shape (n_bins,)
        Their mean confidence (not the midpoint of the bin).
    accuracy : ndarray, shape (n_bins,)
        Their share of right answers.
    low, high : ndarray, shape (n_bins,)
        Interval of the accuracy at `level`.
    level : float
        Coverage of that interval.
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    count: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: float

    @property
    def ece(self) -> float:
        """Expected calibration error of these bins: |accuracy − confidence| weighted by count."""
        filled = self.count > 0
        gap = np.abs(self.accuracy[filled] - self.confidence[filled])
        return float(np.average(gap, weights=self.count[filled]))

    @property
    def frame(self) -> pl.DataFrame:
        """The table that the diagram is drawn from, one row a bin."""
        return pl.DataFrame({field.name: getattr(self, field.name) for field in fields(self) if field.name != "level"})


def reliability_curve(
    confidence: ArrayLike,
    correct: ArrayLike,
    *,
    bins: int = 10,
    strategy: Strategy = "uniform",
    level: float = 0.95,
    item: ArrayLike | None = None,
) -> ReliabilityCurve:
    """Reliability curve (reliability diagram as numbers).

    Parameters
    ----------
    confidence : array_like, shape (n,)
        Probabilities in [0, 1].
    correct : array_like of 0 and 1, shape (n,)
        Whether what the confidence was stated for came true.
    bins : int
        Number of bins for ``uniform`` and ``quantile``.
    strategy : {"uniform", "quantile", "distinct"}
        See `calibration.metrics.bins.bin_edges`.
    level : float
        Coverage of the interval of each bin.
    item : array_like, shape (n,), optional
        What each value belongs to. Give it where several values come from one item (the four letters of a question):
        they are not independent.

    Returns
    -------
    ReliabilityCurve

    Raises
    ------
    ValueError
        For values outside [0, 1], NaN, `correct` other than 0 and 1, empty input, different lengths.

    Notes
    -----
    The interval is Wilson's. Where `item` is given, the count in its formula is the effective one: the binomial
    variance over the variance of the bin's accuracy as a ratio of sums over items (Korn and Graubard 1998 use the
    same idea for surveys).

    References
    ----------
    DeGroot and Fienberg (1983), doi:10.2307/2987588. Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> curve = reliability_curve([0.2, 0.8, 0.9], [0, 1, 1], bins=2)
    >>> curve.count.tolist(), curve.accuracy.tolist()
    ([1, 2], [0.0, 1.0])
    >>> round(curve.ece, 3)
    0.167
    """
    scores, hits = confidence_pair(confidence, correct)
    edges = bin_edges(scores, bins=bins, strategy=strategy)
    bin_index = assign_bins(scores, edges)
    n_bins = len(edges) - 1
    count = np.bincount(bin_index, minlength=n_bins)
    with np.errstate(invalid="ignore"):
        mean_confidence = np.bincount(bin_index, weights=scores, minlength=n_bins) / count
        accuracy = np.bincount(bin_index, weights=hits, minlength=n_bins) / count
    effective = count.astype(np.float64)
    if item is not None:
        unit = item_ids(item, n=len(scores))
        effective = _effective_count(bin_index, hits, unit, count, accuracy)
    low, high = wilson(accuracy, effective, level=level)
    return ReliabilityCurve(
        lower=edges[:-1],
        upper=edges[1:],
        count=count,
        confidence=mean_confidence,
        accuracy=accuracy,
        low=low,
        high=high,
        level=level,
    )


def wilson(
    share: NDArray[np.float64], count: NDArray[np.float64], *, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's score interval of a share.

    An infinite count gives the share itself, NaN gives NaN.

    Examples
    --------
    >>> low, high = wilson(np.array([0.5]), np.array([100.0]))
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.4038], [0.5962])
    """
    z = norm.ppf((1 + level_in_range(level)) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
        half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    # The interval holds the share; at 0 and 1 rounding must not push it off.
    return np.clip(centre - half, 0.0, share), np.clip(centre + half, share, 1.0)


def _effective_count(
    bin_index: NDArray[np.int64],
    hits: NDArray[np.float64],
    item: NDArray[np.generic],
    count: NDArray[np.int64],
    accuracy: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Effective number of independent values in each bin, from the variance between items."""
    unit = np.unique(item, return_inverse=True)[1]
    cell = unit * len(count) + bin_index
    cells, cell_of = np.unique(cell, return_inverse=True)
    residual = np.bincount(cell_of, weights=hits - accuracy[bin_index])  # one an (item, bin)
    squares = np.bincount(cells % len(count), weights=residual**2, minlength=len(count))
    n_units = np.bincount(cells % len(count), minlength=len(count)).astype(np.float64)
    spread = accuracy * (1 - accuracy)
    with np.errstate(divide="ignore", invalid="ignore"):
        # The squares are those of residuals; where items have one value each this is the plain count.
        shrink = np.where(n_units == count, 1.0, (n_units - 1) / n_units)
        effective = spread * count**2 / squares * shrink
    # All right or all wrong, or a single item: the variance says nothing, and the items are what is independent.
    return np.where((spread > 0) & (n_units > 1), effective, n_units)
