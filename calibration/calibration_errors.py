"""Calibration errors: how far confidence and accuracy lie apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .bins import Strategy
from .curves import reliability_curve
from .validation import confidence_pair, probability_pair


def ece(confidence: ArrayLike, correct: ArrayLike, *, bins: int = 10, strategy: Strategy = "uniform") -> float:
    r"""Expected calibration error (ECE).

    .. math:: \sum_b \frac{n_b}{n} \left| \mathrm{acc}_b - \mathrm{conf}_b \right|

    Parameters
    ----------
    confidence : array_like, shape (n,)
        Probabilities in [0, 1]. The confidence of predicted letters gives the *top* ECE, the probabilities of all
        letters pooled give the *choices* ECE of the GPT-4 report; the two must not be compared.
    correct : array_like of 0 and 1, shape (n,)
        Whether it came true.
    bins : int
        Number of bins.
    strategy : {"uniform", "quantile", "distinct"}
        Equal width (left-closed, last bin closed), equal mass (ties never split), or one bin a distinct value.

    Returns
    -------
    float
        In probability, from 0 to 1. The estimate is biased upwards: a perfectly calibrated model scores above 0 on a
        finite sample (see `null_ece`).

    Raises
    ------
    ValueError
        For values outside [0, 1], NaN, `correct` other than 0 and 1, empty input, different lengths.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), AAAI, "Obtaining well calibrated probabilities using Bayesian binning".
    Guo et al. (2017), arXiv:1706.04599.

    Examples
    --------
    >>> round(ece([0.9, 0.9, 0.9, 0.9], [1, 1, 1, 0]), 3)
    0.15
    """
    return reliability_curve(confidence, correct, bins=bins, strategy=strategy).ece


def max_calibration_error(
    confidence: ArrayLike, correct: ArrayLike, *, bins: int = 10, strategy: Strategy = "uniform"
) -> float:
    """Maximum calibration error (MCE): the largest |accuracy − confidence| of any bin that is not empty.

    Parameters
    ----------
    confidence, correct, bins, strategy
        As in `ece`.

    Returns
    -------
    float
        In probability. One sparse bin decides it, so read it beside the counts of the bins.

    Raises
    ------
    ValueError
        As `ece`.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), AAAI.

    Examples
    --------
    >>> round(max_calibration_error([0.1, 0.9, 0.9], [0, 1, 0]), 3)
    0.4
    """
    curve = reliability_curve(confidence, correct, bins=bins, strategy=strategy)
    return float(np.nanmax(np.abs(curve.accuracy - curve.confidence)))


def signed_gap(confidence: ArrayLike, correct: ArrayLike) -> float:
    """Signed gap: mean confidence − accuracy, positive for an over-confident model.

    Parameters
    ----------
    confidence, correct
        As in `ece`.

    Returns
    -------
    float
        In probability, from −1 to 1; unbiased, with a normal interval. Over all letters pooled it is 0 by
        construction, so it says something in the *top* view only.

    Raises
    ------
    ValueError
        As `ece`.

    Examples
    --------
    >>> round(signed_gap([0.9, 0.7], [1, 0]), 3)
    0.3
    """
    scores, hits = confidence_pair(confidence, correct)
    return float(scores.mean() - hits.mean())


def classwise_ece(
    probabilities: ArrayLike, answer: ArrayLike, *, bins: int = 10, strategy: Strategy = "uniform"
) -> float:
    """Class-wise ECE: the ECE of each letter's probability against that letter being right, averaged over letters.

    Parameters
    ----------
    probabilities : array_like, shape (n_items, n_options)
        A distribution a row.
    answer : array_like of int, shape (n_items,)
        Index of the right option.
    bins, strategy
        As in `ece`; bins are made for each letter by itself.

    Returns
    -------
    float
        In probability.

    Raises
    ------
    ValueError
        For probabilities that are outside [0, 1] or do not sum to 1, or an answer out of range, naming the row.

    References
    ----------
    Kull et al. (2019), arXiv:1910.12656.

    Examples
    --------
    >>> round(classwise_ece([[0.8, 0.2], [0.6, 0.4]], [0, 1]), 3)
    0.4
    """
    rows, right = probability_pair(probabilities, answer)
    errors = [ece(rows[:, k], right == k, bins=bins, strategy=strategy) for k in range(rows.shape[1])]
    return float(np.mean(errors))
