"""Maps from a stated confidence to accuracy, fitted to right and wrong answers.

Each is fitted to `confidence` (n,) in [0, 1] and `correct` (n,) of 0 and 1, checked as in `ece`, and takes numbers in
[0, 1] to numbers in [0, 1].

They stand on this package's own fits. netcal's of the same kind (`calibration.recalibration.netcal_methods`) find the
minima of Platt and beta only in float64, to about 1e-5; count a confidence on the edge of two bins in the upper one and
look it up in the lower; and its BBQ bins by width, not into quantiles, with a likelihood in float32. The tests compare
with it where it is right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression
from scipy.special import betaln, expit, softmax

from ..metrics.arrays import FloatArray
from ..metrics.bins import assign_bins, quantile_opens
from ..metrics.ties import level_ties
from ..metrics.validation import confidence_pair, float_array, unit_interval, whole_number
from .letter_maps import fit_correction, fit_vector_scaling

# Confidences are taken no nearer to 0 and 1 before logarithms: the spacing of float64 there.
_NEAREST = float(np.finfo(np.float64).eps)
# Prior means of a bin are no nearer to 0 and 1 (as in the code of BBQ's authors).
_PRIOR_EDGE = 5e-3


@dataclass(frozen=True)
class BetaMap:
    r"""Beta calibration of a confidence.

    The log-odds become :math:`a \log c - b \log(1 - c) + \mathrm{intercept}`.

    Attributes
    ----------
    a, b : float
        Slopes at the low and at the high end, above 0; equal for Platt scaling.
    intercept : float
        What is added to the log-odds.
    """

    a: float
    b: float
    intercept: float

    def apply(self, confidence: ArrayLike) -> FloatArray:
        """Recalibrated confidence, of the same shape."""
        log_right, log_wrong = _logarithms(np.asarray(unit_interval(float_array("confidence", confidence))))
        return np.asarray(expit(self.a * log_right - self.b * log_wrong + self.intercept))


@dataclass(frozen=True, eq=False)
class StepMap:
    """A step function.

    Attributes
    ----------
    opens : ndarray, shape (n_steps,)
        Where each step begins, ascending; the first at 0.
    values : ndarray, shape (n_steps,)
        Recalibrated confidence from there up to the next, the next excluded.
    """

    opens: FloatArray
    values: FloatArray

    def apply(self, confidence: ArrayLike) -> FloatArray:
        """Recalibrated confidence, of the same shape."""
        scores = unit_interval(float_array("confidence", confidence))
        return self.values[assign_bins(scores, np.append(self.opens, 1.0))]


@dataclass(frozen=True, eq=False)
class LinearMap:
    """Straight lines between knots, level beyond them.

    Attributes
    ----------
    knots, values : ndarray, shape (n_knots,)
        Confidences, ascending, and what they become.
    """

    knots: FloatArray
    values: FloatArray

    def apply(self, confidence: ArrayLike) -> FloatArray:
        """Recalibrated confidence, of the same shape."""
        return np.asarray(np.interp(np.asarray(float_array("confidence", confidence)), self.knots, self.values))


def fit_platt(confidence: ArrayLike, correct: ArrayLike) -> BetaMap:
    """Platt scaling: slope and intercept of the log-odds with the smallest log loss.

    A temperature and a bias of the two options right and wrong, with the weak prior of `fit_correction`: the map rises,
    and exists where everything came true. Platt (1999), "Probabilistic outputs for support vector machines", MIT Press
    (with a prior of about one answer).

    Examples
    --------
    >>> stated = np.repeat([0.6, 0.9], 5000)
    >>> came_true = np.arange(10_000) % 5000 < np.repeat([2500, 4000], 5000)
    >>> platt = fit_platt(stated, came_true)
    >>> round(platt.a, 2), platt.apply([0.6, 0.9]).round(2).tolist()
    (0.77, [0.5, 0.8])
    """
    letters, right = _two_options(*confidence_pair(confidence, correct))
    correction = fit_correction(letters, right, bias=True, sharpness=True)
    return BetaMap(correction.sharpness, correction.sharpness, float(correction.bias[0] - correction.bias[1]))


def fit_beta(confidence: ArrayLike, correct: ArrayLike) -> BetaMap:
    """Beta calibration: two slopes and an intercept with the smallest log loss.

    One slope is for the low end, the other for the high end.

    Vector scaling of the two options right and wrong, with the weak prior of `fit_correction`, which keeps the slopes
    above 0. Kull, Silva Filho and Flach (2017), doi:10.1214/17-EJS1338SI.

    Examples
    --------
    >>> stated = np.repeat([0.5, 0.7, 0.9], 1000)
    >>> came_true = np.arange(3000) % 1000 < np.repeat([400, 500, 600], 1000)
    >>> fit_beta(stated, came_true).apply([0.5, 0.7, 0.9]).round(2).tolist()
    [0.4, 0.5, 0.6]
    """
    scaling = fit_vector_scaling(*_two_options(*confidence_pair(confidence, correct)))
    return BetaMap(float(scaling.scale[0]), float(scaling.scale[1]), float(scaling.bias[0] - scaling.bias[1]))


def fit_isotonic(confidence: ArrayLike, correct: ArrayLike) -> LinearMap:
    """Isotonic regression: the never-falling map of the smallest squared error, straight between its points.

    Equal confidences are averaged first. Zadrozny and Elkan (2002), doi:10.1145/775047.775151.

    Examples
    --------
    >>> fit_isotonic([0.2, 0.4, 0.6, 0.8], [0, 1, 0, 1]).apply([0.1, 0.3, 0.5]).round(3).tolist()
    [0.0, 0.25, 0.5]
    """
    scores, hits = confidence_pair(confidence, correct)
    distinct, index, count = np.unique(np.asarray(level_ties(scores)), return_inverse=True, return_counts=True)
    values = isotonic_regression(np.bincount(index, weights=hits) / count, weights=count).x
    rises = np.diff(values) > 0
    ends = np.append(True, rises) | np.append(rises, True)  # both ends of each level stretch
    return LinearMap(distinct[ends], values[ends])


def fit_histogram(confidence: ArrayLike, correct: ArrayLike, *, bins: int = 10) -> StepMap:
    """Histogram binning: share that came true in bins of about equal size.

    Equal confidences are never split, so ties leave fewer bins; none is empty. Zadrozny and Elkan (2001), ICML,
    "Obtaining calibrated probability estimates from decision trees and naive Bayesian classifiers".

    Examples
    --------
    >>> histogram = fit_histogram([0.2, 0.4, 0.6, 0.8], [0, 1, 1, 1], bins=2)
    >>> histogram.opens.tolist(), histogram.values.tolist()
    ([0.0, 0.6], [0.5, 1.0])
    """
    bins = whole_number("bins", bins, least=1)
    opens, count, right = _quantile_bins(*_cumulated(*confidence_pair(confidence, correct)), bins)
    return StepMap(opens, right / count)


def fit_bbq(confidence: ArrayLike, correct: ArrayLike) -> StepMap:
    r"""Bayesian binning into quantiles (BBQ): many histogram binnings, weighted by their likelihood.

    From :math:`n^{1/3}/10` to :math:`10 n^{1/3}` bins, of at least five values, are as likely beforehand. Each bin has
    a Beta prior that is worth two values at its midpoint :math:`p`, so that a binning has the likelihood

    .. math:: \prod_b \frac{B(k_b + 2 p_b,\; n_b - k_b + 2 - 2 p_b)}{B(2 p_b,\; 2 - 2 p_b)}

    and states :math:`(k_b + 2 p_b) / (n_b + 2)` where :math:`k_b` of :math:`n_b` came true: nothing with certainty.
    Naeini, Cooper and Hauskrecht (2015), doi:10.1609/aaai.v29i1.9602.

    Examples
    --------
    >>> stated = np.repeat([0.6, 0.9], 500)
    >>> came_true = np.arange(1000) % 500 < np.repeat([250, 400], 500)
    >>> fit_bbq(stated, came_true).apply([0.6, 0.9]).round(2).tolist()
    [0.5, 0.8]
    """
    scores, right_so_far = _cumulated(*confidence_pair(confidence, correct))
    root = len(scores) ** (1 / 3)
    most = min(math.ceil(len(scores) / 5), math.ceil(10 * root))
    binnings, likelihood = [], []
    for bins in range(max(1, math.floor(root / 10)), most + 1):
        opens, count, right = _quantile_bins(scores, right_so_far, bins)
        middle = np.clip((opens + np.append(opens[1:], 1.0)) / 2, _PRIOR_EDGE, 1 - _PRIOR_EDGE)
        prior = betaln(2 * middle, 2 - 2 * middle)
        likelihood.append(float((betaln(right + 2 * middle, count - right + 2 - 2 * middle) - prior).sum()))
        binnings.append((opens, (right + 2 * middle) / (count + 2)))
    weight = softmax(likelihood)
    # A mean of step functions is one: it moves where any of them does.
    moves = [share * np.diff(values, prepend=0.0) for share, (_, values) in zip(weight, binnings, strict=True)]
    opens, index = np.unique(np.concatenate([opens for opens, _ in binnings]), return_inverse=True)
    return StepMap(opens, np.clip(np.cumsum(np.bincount(index, weights=np.concatenate(moves))), 0.0, 1.0))


def _logarithms(confidence: FloatArray) -> tuple[FloatArray, FloatArray]:
    inside = np.clip(confidence, _NEAREST, 1 - _NEAREST)
    return np.log(inside), np.log1p(-inside)


def _two_options(confidence: FloatArray, correct: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Log-probabilities of the options right and wrong, and which it was."""
    return np.column_stack(_logarithms(confidence)), (correct == 0).astype(np.int64)


def _cumulated(confidence: FloatArray, correct: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Ascending confidences, and cumulated counts that came true, shape (n + 1,)."""
    levelled = np.asarray(level_ties(confidence))
    order = np.argsort(levelled, kind="stable")
    return levelled[order], np.append(0.0, np.cumsum(correct[order]))


def _quantile_bins(
    ordered: FloatArray, right_so_far: FloatArray, bins: int
) -> tuple[FloatArray, NDArray[np.int64], FloatArray]:
    """Opening of each quantile bin, number of values, number that came true.

    The first bin opens at 0.
    """
    opens = quantile_opens(ordered, bins)
    first = np.append(np.searchsorted(ordered, opens), len(ordered))
    opens[0] = 0.0
    return opens, np.diff(first), np.diff(right_so_far[first])
