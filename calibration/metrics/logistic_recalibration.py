"""Logistic recalibration: the line that log-odds of right answers follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UndefinedMeasure
from .arrays import FloatArray
from .logistic_fits import LogisticFit, logistic_fit, logits
from .validation import confidence_pair


def calibration_slope(confidence: ArrayLike, correct: ArrayLike) -> float:
    r"""Calibration slope: how much log-odds of right answers rise with stated ones.

    The *b* of :math:`\mathrm{logit}\, P(\mathrm{right}) = a + b\, \mathrm{logit}(c)`, by maximum likelihood.

    Parameters
    ----------
    confidence : array_like, shape (n,)
        Probabilities strictly between 0 and 1.
    correct : array_like of 0 and 1, shape (n,)
        Whether each answer is right.

    Returns
    -------
    float
        1 for a calibrated model; below 1 where confidences are too extreme, above 1 where they are not extreme enough,
        0 where they say nothing.

    Raises
    ------
    UndefinedMeasure
        For confidences of exactly 0 or 1; if all answers are right, or all wrong; if all confidences are alike; if a
        confidence separates right from wrong answers.
    ValueError
        As `ece`.

    References
    ----------
    Cox (1958), doi:10.1093/biomet/45.3-4.562. Van Calster et al. (2019), doi:10.1186/s12916-019-1466-7.

    Examples
    --------
    >>> round(calibration_slope([0.9, 0.9, 0.9, 0.6, 0.6], [1, 1, 0, 1, 0]), 3)
    0.387
    """
    return float(_line(confidence, correct).coefficients[1])


def calibration_intercept(confidence: ArrayLike, correct: ArrayLike) -> float:
    r"""Calibration intercept: log-odds of right answers where the stated ones are 0.

    The *a* of :math:`\mathrm{logit}\, P(\mathrm{right}) = a + b\, \mathrm{logit}(c)`, fitted together with the slope
    *b*: of answers with a confidence of ½. The difference on average is `calibration_in_the_large`.

    Parameters
    ----------
    confidence, correct
        As in `calibration_slope`.

    Returns
    -------
    float
        In log-odds; 0 for a calibrated model.

    Raises
    ------
    UndefinedMeasure, ValueError
        As `calibration_slope`.

    References
    ----------
    Cox (1958), doi:10.1093/biomet/45.3-4.562.

    Examples
    --------
    >>> round(calibration_intercept([0.9, 0.9, 0.9, 0.6, 0.6], [1, 1, 0, 1, 0]), 3)
    -0.157
    """
    return float(_line(confidence, correct).coefficients[0])


def calibration_in_the_large(confidence: ArrayLike, correct: ArrayLike) -> float:
    r"""Calibration in the large: how far log-odds of right answers lie above stated ones.

    The *a* of :math:`\mathrm{logit}\, P(\mathrm{right}) = a + \mathrm{logit}(c)`, whose slope is 1.

    Parameters
    ----------
    confidence, correct
        As in `calibration_slope`.

    Returns
    -------
    float
        In log-odds; 0 if confidence is right on average, negative for an over-confident model.

    Raises
    ------
    UndefinedMeasure, ValueError
        As `calibration_slope`; alike confidences, and such that separate, are no obstacle.

    References
    ----------
    Van Calster et al. (2019), doi:10.1186/s12916-019-1466-7.

    Examples
    --------
    >>> round(calibration_in_the_large([0.8, 0.8], [1, 0]), 3)  # −log 4
    -1.386
    """
    scores, hits = confidence_pair(confidence, correct)
    return float(shift_fit(logits(scores), hits).coefficients[0])


def _line(confidence: ArrayLike, correct: ArrayLike) -> LogisticFit:
    scores, hits = confidence_pair(confidence, correct)
    return line_fit(logits(scores), hits)


def line_fit(odds: FloatArray, correct: FloatArray, weight: FloatArray | None = None) -> LogisticFit:
    """Intercept and slope of right answers on log-odds, shape (n,).

    Raises
    ------
    UndefinedMeasure
        As `calibration_slope`.
    """
    right = correct == 1
    if right.any() and not right.all():
        if odds.min() == odds.max():
            raise UndefinedMeasure("all confidences are alike, so that no slope is known")
        if odds[~right].max() <= odds[right].min() or odds[right].max() <= odds[~right].min():
            raise UndefinedMeasure("confidence separates right from wrong answers, so that the slope has no end")
    return logistic_fit(np.column_stack([np.ones(len(odds)), odds]), correct, weight=weight)


def shift_fit(odds: FloatArray, correct: FloatArray, weight: FloatArray | None = None) -> LogisticFit:
    """Intercept of right answers on log-odds, shape (n,), with a slope of 1."""
    return logistic_fit(np.ones((len(odds), 1)), correct, offset=odds, weight=weight)
