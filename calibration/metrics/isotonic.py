"""Isotonic calibration: accuracy that never falls as confidence rises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

from ..number_texts import counted
from ..result_tables.preview import preview
from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import Shown
from .arrays import FloatArray
from .ties import level_ties
from .validation import confidence_pair, level_in_range, whole_number

# Most groups of neighbouring confidences that the band redraws. At MMLU's 14,042 items a group holds seven, a step of a
# calibrated model's curve hundreds.
_GROUPS = 2000


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class IsotonicCurve(Shown):
    """The CORP reliability diagram as numbers, one entry a distinct confidence, ascending.

    Attributes
    ----------
    confidence : ndarray, shape (n_distinct,)
        The distinct values.
    count : ndarray of int, shape (n_distinct,)
        How many values are equal to it.
    right : ndarray of int, shape (n_distinct,)
        How many of them came true.
    accuracy : ndarray, shape (n_distinct,)
        Recalibrated accuracy: the isotonic regression of what came true on confidence, a step function.
    low, high : ndarray, shape (n_distinct,)
        Consistency band: where the accuracy of a calibrated model lies with probability `level`, point by point.
    level : float
        Coverage of the band.
    """

    confidence: FloatArray
    count: NDArray[np.int64]
    right: NDArray[np.int64]
    accuracy: FloatArray
    low: FloatArray
    high: FloatArray
    level: float

    @property
    def brier(self) -> float:
        """Mean squared error of the confidence, from 0 to 1.

        It is miscalibration − discrimination + uncertainty.
        """
        return self.miscalibration - self.discrimination + self.uncertainty

    @property
    def miscalibration(self) -> float:
        """Part of the squared error that recalibration removes.

        It is 0 for a curve on the diagonal, and biased upwards in a sample.
        """
        mean = self.right / self.count
        gap = (self.confidence - self.accuracy) * (self.confidence + self.accuracy - 2 * mean)
        return _not_negative(np.average(gap, weights=self.count))

    @property
    def discrimination(self) -> float:
        """Gain of the recalibrated confidence over stating the overall accuracy each time."""
        return _not_negative(np.average(np.square(self.accuracy - self._base), weights=self.count))

    @property
    def uncertainty(self) -> float:
        """Squared error of stating the overall accuracy each time, from 0 to ¼."""
        return self._base * (1 - self._base)

    @property
    def _base(self) -> float:
        return float(self.right.sum() / self.count.sum())

    @property
    def table(self) -> ResultTable:
        """Its sizes, and its first points."""
        points = counted(len(self.confidence), "distinct confidence")
        return preview(self.frame, heading=f"Isotonic curve of {counted(int(self.count.sum()), 'value')}, {points}")

    @property
    def frame(self) -> pl.DataFrame:
        """The table that the diagram is drawn from, one row a distinct confidence."""
        names = ("confidence", "count", "right", "accuracy", "low", "high")
        return pl.DataFrame({name: getattr(self, name) for name in names})


def isotonic_curve(
    confidence: ArrayLike, correct: ArrayLike, *, level: float = 0.95, draws: int = 1000, seed: int = 0
) -> IsotonicCurve:
    r"""Isotonic reliability curve (CORP: consistent, optimal, reproducible, by pool-adjacent-violators).

    The accuracies :math:`a` that never fall as confidence :math:`c` rises and are closest to what came true,

    .. math:: \min_{a_1 \le \dots \le a_m} \sum_j n_j \left( a_j - \frac{k_j}{n_j} \right)^2

    over the distinct confidences, of which the j-th stands :math:`n_j` times and came true :math:`k_j` times. There are
    no bins to choose. The Brier score of the confidence is then

    .. math:: \underbrace{\overline{(c - y)^2} - \overline{(a - y)^2}}_{\text{miscalibration}}
              - \underbrace{\bigl(\overline{(\bar y - y)^2} - \overline{(a - y)^2}\bigr)}_{\text{discrimination}}
              + \underbrace{\overline{(\bar y - y)^2}}_{\text{uncertainty}} .

    Parameters
    ----------
    confidence : array_like, shape (n,)
        Probabilities in [0, 1].
    correct : array_like of 0 and 1, shape (n,)
        Whether what the confidence was stated for came true.
    level : float
        Coverage of the consistency band.
    draws : int
        How many times the labels are redrawn for the band.
    seed : int
        Same seed, same digits.

    Returns
    -------
    IsotonicCurve

    Raises
    ------
    ValueError
        As `ece`, for a level outside (0, 1), and for fewer than one draw.

    Notes
    -----
    The band answers "could this curve be a calibrated model's?": labels are redrawn from the confidences,
    independently, and each point has the quantiles of the curves that come of it. With more than 2,000 distinct
    confidences, neighbours are drawn together at their mean, in groups of about n / 2,000 values. Where several values
    belong to one item (all letters pooled) exactly one of them comes true; independent draws then spread more, and the
    band errs on the wide side.

    Miscalibration is biased upwards, as the curve bends to the noise of the sample; `isotonic_ce2` is not.

    References
    ----------
    Dimitriadis, Gneiting and Jordan (2021), doi:10.1073/pnas.2016191118. Bröcker and Smith (2007),
    doi:10.1175/WAF993.1 (consistency resampling).

    Examples
    --------
    >>> curve = isotonic_curve([0.2, 0.4, 0.6, 0.8], [0, 1, 0, 1])
    >>> curve.accuracy.tolist()
    [0.0, 0.5, 0.5, 1.0]
    >>> [round(part, 3) for part in (curve.miscalibration, curve.discrimination, curve.uncertainty, curve.brier)]
    [0.075, 0.125, 0.25, 0.2]
    """
    scores, hits = confidence_pair(confidence, correct)
    scores = np.asarray(level_ties(scores))
    level_in_range(level)
    draws = whole_number("draws", draws, least=1)
    order = np.argsort(scores)
    distinct, count, right = tally(scores[order], hits[order])
    low, high = _consistency_band(distinct, count, level, draws, seed)
    return IsotonicCurve(
        confidence=distinct,
        count=count,
        right=right.astype(np.int64),
        accuracy=pooled(right / count, count),
        low=low,
        high=high,
        level=level,
    )


def tally(scores: FloatArray, hits: FloatArray) -> tuple[FloatArray, NDArray[np.int64], FloatArray]:
    """Distinct values of ascending scores, their counts, and counts that came true."""
    opens = np.flatnonzero(np.diff(scores, prepend=-1.0))
    return scores[opens], np.diff(opens, append=len(scores)), np.add.reduceat(hits, opens)


def pooled(mean: FloatArray, count: NDArray[np.int64]) -> FloatArray:
    """Pool-adjacent-violators: the closest values to the means, weighted by count, that never fall."""
    return np.asarray(isotonic_regression(mean, weights=count).x)


def _consistency_band(
    distinct: FloatArray, count: NDArray[np.int64], level: float, draws: int, seed: int
) -> tuple[FloatArray, FloatArray]:
    # Ranks cut into equal parts; one heavy value may span several, and leaves fewer groups.
    part = (np.cumsum(count) - count) * _GROUPS // count.sum() if len(distinct) > _GROUPS else np.arange(len(distinct))
    group = np.unique(part, return_inverse=True)[1]
    size = np.bincount(group, weights=count).astype(np.int64)
    # A mean of values at 1 may be rounded above it.
    centre = np.clip(np.bincount(group, weights=count * distinct) / size, 0.0, 1.0)
    rng = np.random.default_rng(seed)
    curves = np.empty((draws, len(size)))
    for curve in curves:
        curve[:] = pooled(rng.binomial(size, centre) / size, size)
    low, high = np.quantile(curves, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low[group], high[group]


def _not_negative(value: float) -> float:
    """Both parts are at least 0; rounding must not push them below."""
    return max(float(value), 0.0)
