"""The reliability curve: accuracy against confidence, bin by bin."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from ..number_texts import counted, interval_text
from ..result_tables.result_table import ResultTable, result_columns
from ..result_tables.shown_result import Shown
from .bins import Strategy, assign_bins, bin_edges, wanted_bins
from .ids import item_ids
from .validation import confidence_pair, level_in_range, positive_weights


class StatedRun(Protocol):
    """A run with one confidence an answer, such as `calibration.Pairs`."""

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Confidences, shape (n,)."""
        ...

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each came true, shape (n,)."""
        ...


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ReliabilityCurve(Shown):
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
    share : ndarray, shape (n_bins,), or None
        Share of each bin in the weight of all values; None if all count alike.
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    count: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: float
    share: NDArray[np.float64] | None = None

    @property
    def ece(self) -> float:
        """Expected calibration error of these bins.

        |accuracy − confidence| weighted by count, or by share of weight.
        """
        filled = self.count > 0
        gap = np.abs(self.accuracy[filled] - self.confidence[filled])
        return float(np.average(gap, weights=(self.count if self.share is None else self.share)[filled]))

    @property
    def table(self) -> ResultTable:
        """A row a bin that holds values."""
        title = f"Reliability curve of {counted(int(self.count.sum()), 'value')}: ECE {self.ece:.3f}"
        interval = f"{100 * self.level:g} % interval"
        return ResultTable(
            columns=result_columns(("bin", "n", "confidence", "accuracy", interval)),
            rows=tuple(
                (
                    f"{row['lower']:.3g}–{row['upper']:.3g}", f"{row['count']:,}", f"{row['confidence']:.3f}",
                    f"{row['accuracy']:.3f}", interval_text(row["low"], row["high"], form=".3f"),
                )
                for row in self.frame.iter_rows(named=True)
                if row["count"]
            ),
            heading=(title,),
            caption=f"{title}, with {interval}s.",
        )  # fmt: skip

    @property
    def frame(self) -> pl.DataFrame:
        """The table that the diagram is drawn from, one row a bin."""
        columns = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "level"}
        return pl.DataFrame({name: values for name, values in columns.items() if values is not None})


def reliability_curve(
    confidence: ArrayLike | StatedRun,
    correct: ArrayLike | None = None,
    *,
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
    level: float = 0.95,
    item: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> ReliabilityCurve:
    """Reliability curve (reliability diagram as numbers).

    Parameters
    ----------
    confidence : array_like, shape (n,), or a run
        Probabilities in [0, 1]; or `calibration.Pairs`, whose clusters and weights are then taken (of
        `calibration.Predictions` the predicted letters), and nothing else is given.
    correct : array_like of 0 and 1, shape (n,)
        Whether what the confidence was stated for came true.
    bins, n_bins : int, optional
        Number of bins for ``uniform`` and ``quantile``, 10 if omitted; two names of one number.
    strategy : {"uniform", "quantile", "distinct"}
        See `calibration.metrics.bins.bin_edges`.
    level : float
        Coverage of the interval of each bin.
    item : array_like, shape (n,), optional
        What each value belongs to. Give it where several values come from one item (the four letters of a question):
        they are not independent.
    weight : array_like, shape (n,), optional
        How much each value counts; alike if omitted.

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
    given: Any = confidence
    if correct is None:
        given, correct, item, weight = _columns(confidence, item, weight)
    scores, hits = confidence_pair(given, correct)
    edges = bin_edges(scores, bins=wanted_bins(bins, n_bins), strategy=strategy)
    bin_index = assign_bins(scores, edges)
    n_bins = len(edges) - 1
    count = np.bincount(bin_index, minlength=n_bins)
    weights = None if weight is None else positive_weights(weight, n=len(scores))
    mass = count if weights is None else np.bincount(bin_index, weights=weights, minlength=n_bins)
    with np.errstate(invalid="ignore"):
        mean_confidence, accuracy = (
            np.bincount(bin_index, weights=values if weights is None else values * weights, minlength=n_bins) / mass
            for values in (scores, hits)
        )
    effective = count.astype(np.float64)
    if item is not None or weights is not None:
        unit = np.arange(len(scores)) if item is None else item_ids(item, n=len(scores))
        effective = effective_count(bin_index, hits, unit, mass, accuracy, weight=weights)
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
        share=None if weights is None else mass / mass.sum(),
    )


def _columns(run: Any, item: Any, weight: Any) -> tuple[Any, Any, Any, Any]:
    """Confidence, correctness, clusters and weights of a run."""
    if not (hasattr(run, "confidence") and hasattr(run, "correct")):
        raise TypeError(f"correct must be given beside an array of confidences, got {type(run).__name__} alone")
    if item is not None or weight is not None:
        raise TypeError("a run holds its clusters and weights: leave item and weight out")
    return run.confidence, run.correct, run.units, run.weights


def wilson(
    share: NDArray[np.float64], count: NDArray[np.float64], *, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's score interval of a share.

    An infinite count gives the share itself, NaN gives NaN.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> low, high = wilson(np.array([0.5]), np.array([100.0]))
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.4038], [0.5962])
    """
    z = ndtri((1 + level_in_range(level)) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
        half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    # The interval holds the share; at 0 and 1 rounding must not push it off.
    return np.clip(centre - half, 0.0, share), np.clip(centre + half, share, 1.0)


def effective_count(
    bin_index: NDArray[np.int64],
    hits: NDArray[np.float64],
    item: NDArray[np.generic],
    mass: NDArray[np.float64] | NDArray[np.int64],
    accuracy: NDArray[np.float64],
    *,
    weight: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Effective number of independent values in each bin, from the variance between items.

    `mass` is the number of values in each bin, or their weight.
    """
    n_bins = len(mass)
    unit = np.unique(item, return_inverse=True)[1]
    cell = unit * n_bins + bin_index
    cells, cell_of = np.unique(cell, return_inverse=True)
    moved = hits - accuracy[bin_index]
    residual = np.bincount(cell_of, weights=moved if weight is None else moved * weight)  # one an (item, bin)
    squares = np.bincount(cells % n_bins, weights=residual**2, minlength=n_bins)
    n_units = np.bincount(cells % n_bins, minlength=n_bins).astype(np.float64)
    alone = n_units == (mass if weight is None else 0)
    if weight is not None:  # as many even items as say the same (Kish 1965)
        even = np.bincount(cell_of, weights=weight) ** 2
        with np.errstate(invalid="ignore"):
            n_units = mass**2 / np.bincount(cells % n_bins, weights=even, minlength=n_bins)
    spread = accuracy * (1 - accuracy)
    with np.errstate(divide="ignore", invalid="ignore"):
        # The squares are those of residuals; where items have one value each this is the plain count.
        shrink = np.where(alone, 1.0, (n_units - 1) / n_units)
        effective = spread * mass**2 / squares * shrink
    # All right or all wrong, or a single item: the variance says nothing, and the items are what is independent.
    return np.where((spread > 0) & (n_units > 1), effective, n_units)
