"""The calibration curve as a spline, and how far confidence lies from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from .arrays import FloatArray
from .logistic_fits import LogisticFit, logistic_fit, logits
from .validation import confidence_pair

# Quantiles of the log-odds at which the knots stand (Harrell 2015, table 2.3).
_KNOTS = (0.05, 0.35, 0.65, 0.95)
_FEWEST_KNOTS = 3
# Log-odds of .999: surer answers have one accuracy. A curve through them would have no end if all are right.
_SUREST = float(np.log(0.999 / 0.001))


@dataclass(frozen=True, eq=False, kw_only=True)
class SmoothCurve:
    """A calibration curve: log-odds of right answers as a spline of stated ones.

    Attributes
    ----------
    knots : ndarray
        Log-odds at which the pieces of the spline meet; none for a straight line.
    fit : LogisticFit
    """

    knots: FloatArray
    fit: LogisticFit

    def accuracy(self, odds: FloatArray) -> FloatArray:
        """Accuracy at log-odds, shape (n,)."""
        return np.asarray(expit(self.columns(odds) @ self.fit.coefficients))

    def columns(self, odds: FloatArray) -> FloatArray:
        """Columns of the fit at log-odds, shape (n, n_columns)."""
        return spline_columns(np.clip(odds, -_SUREST, _SUREST), self.knots)


def spline_columns(odds: FloatArray, knots: FloatArray) -> FloatArray:
    """Columns of a restricted cubic spline, shape (n, max(len(knots), 2)).

    A constant, the log-odds, and a column a knot but for the last two; linear beyond the outer knots.

    References
    ----------
    Stone and Koo (1985), Proceedings of the Statistical Computing Section, ASA, p. 45. Harrell (2015),
    doi:10.1007/978-3-319-19425-7, section 2.4.5.

    Examples
    --------
    >>> spline_columns(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0])).tolist()
    [[1.0, 0.0, 0.0], [1.0, 1.0, 0.25], [1.0, 2.0, 1.5]]
    """
    columns = [np.ones(len(odds)), np.asarray(odds, dtype=np.float64)]
    if len(knots):
        first, inner, last = knots[0], knots[-2], knots[-1]

        def beyond(knot: float) -> FloatArray:
            return np.asarray(np.maximum(odds - knot, 0.0) ** 3 / (last - first) ** 2)

        for knot in knots[:-2]:
            lower, upper = (last - knot) / (last - inner), (inner - knot) / (last - inner)
            cubic = beyond(knot) - lower * beyond(inner) + upper * beyond(last)
            # Beyond the last knot cubes of large numbers cancel: the line is known.
            slope = 3 * ((last - knot) ** 2 - lower * (last - inner) ** 2) / (last - first) ** 2
            end = ((last - knot) ** 3 - lower * (last - inner) ** 3) / (last - first) ** 2
            columns.append(np.where(odds > last, end + slope * (odds - last), cubic))
    return np.column_stack(columns)


def curve_knots(odds: FloatArray) -> FloatArray:
    """Knots for these log-odds: four, three where two coincide, or none.

    At quantiles of those between .001 and .999. None if fewer than three are left, or no more values than knots.
    """
    inner = odds[np.abs(odds) < _SUREST]
    knots = np.unique(np.quantile(inner, _KNOTS)) if len(inner) else inner
    enough = len(knots) >= _FEWEST_KNOTS and len(np.unique(inner)) > len(knots)
    return knots if enough else np.zeros(0)


def smooth_curve(
    odds: FloatArray, correct: FloatArray, weight: FloatArray | None = None, *, knots: FloatArray | None = None
) -> SmoothCurve:
    """The spline of right answers on log-odds, shape (n,).

    With knots at their quantiles if none are given.

    Raises
    ------
    UndefinedMeasure
        As `logistic_fit`.
    """
    knots = curve_knots(odds) if knots is None else knots
    columns = spline_columns(np.clip(odds, -_SUREST, _SUREST), knots)
    return SmoothCurve(knots=knots, fit=logistic_fit(columns, correct, weight=weight))


def ici(confidence: ArrayLike, correct: ArrayLike) -> float:
    r"""Integrated calibration index (ICI): mean distance of confidence from a smooth curve.

    .. math:: \frac{1}{n} \sum_i |\hat g(c_i) - c_i|

    with :math:`\hat g` the accuracy by confidence: a logistic regression on a restricted cubic spline of the log-odds,
    with four knots at their quantiles .05, .35, .65, .95 (three where two coincide; of few distinct confidences a
    straight line); confidences beyond .001 and .999 share one accuracy. Others smooth by lowess
    (`val.prob` of R's rms) or loess; a regression has noise that is known.

    Parameters
    ----------
    confidence : array_like, shape (n,)
        Probabilities strictly between 0 and 1.
    correct : array_like of 0 and 1, shape (n,)
        Whether each answer is right.

    Returns
    -------
    float
        In probability; 0 if the curve is the diagonal. As an ECE it is above 0 for a calibrated model too.

    Raises
    ------
    UndefinedMeasure
        For confidences of exactly 0 or 1; if all answers are right, or all wrong; if all confidences are alike; if
        confidence separates right from wrong answers.
    ValueError
        As `ece`.

    References
    ----------
    Austin and Steyerberg (2019), doi:10.1002/sim.8281. Austin, Harrell and van Klaveren (2020), doi:10.1002/sim.8570
    (splines in place of loess).

    Examples
    --------
    >>> round(ici([0.9, 0.9, 0.9, 0.6, 0.6], [1, 1, 0, 1, 0]), 3)  # accuracies of 2/3 and 1/2
    0.18
    """
    return float(_distances(confidence, correct).mean())


def e50(confidence: ArrayLike, correct: ArrayLike) -> float:
    """E50: median distance of confidence from a smooth curve.

    The curve is that of `ici`, which see for parameters, errors and references.

    Examples
    --------
    >>> round(e50([0.9, 0.9, 0.9, 0.6, 0.6], [1, 1, 0, 1, 0]), 3)
    0.233
    """
    return float(np.quantile(_distances(confidence, correct), 0.5))


def e90(confidence: ArrayLike, correct: ArrayLike) -> float:
    """E90: distance from a smooth curve that nine in ten answers do not exceed.

    The curve is that of `ici`, which see for parameters, errors and references.

    Examples
    --------
    >>> round(e90([0.9, 0.9, 0.9, 0.6, 0.6], [1, 1, 0, 1, 0]), 3)
    0.233
    """
    return float(np.quantile(_distances(confidence, correct), 0.9))


def emax(confidence: ArrayLike, correct: ArrayLike) -> float:
    """Emax: largest distance of confidence from a smooth curve, at the confidences given.

    The curve is that of `ici`, which see for parameters, errors and references.

    Examples
    --------
    >>> round(emax([0.9, 0.9, 0.9, 0.6, 0.6], [1, 1, 0, 1, 0]), 3)
    0.233
    """
    return float(_distances(confidence, correct).max())


def _distances(confidence: ArrayLike, correct: ArrayLike) -> FloatArray:
    scores, hits = confidence_pair(confidence, correct)
    return np.asarray(np.abs(smooth_curve(logits(scores), hits).fit.fitted - np.asarray(scores)))
