"""Calibration errors: how far confidence and accuracy lie apart."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .bins import Strategy
from .curves import ReliabilityCurve, reliability_curve
from .validation import confidence_pair, probability_pair

Norm = Literal["l1", "l2", "max"]


def ece(
    confidence: ArrayLike,
    correct: ArrayLike,
    *,
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
    norm: Norm = "l1",
) -> float:
    r"""Expected calibration error (ECE).

    .. math:: \sum_b \frac{n_b}{n} \left| \mathrm{acc}_b - \mathrm{conf}_b \right|

    with ``l2`` the root of the weighted mean of squares instead, with ``max`` the largest of them:

    .. math:: \sqrt{\sum_b \frac{n_b}{n} (\mathrm{acc}_b - \mathrm{conf}_b)^2}, \qquad
              \max_{b : n_b > 0} \left| \mathrm{acc}_b - \mathrm{conf}_b \right| .

    Parameters
    ----------
    confidence : array_like, shape (n,)
        Probabilities in [0, 1]. The confidence of predicted letters gives the *top* ECE, the probabilities of all
        letters pooled give the *choices* ECE of the GPT-4 report; the two must not be compared.
    correct : array_like of 0 and 1, shape (n,)
        Whether it came true.
    bins, n_bins : int, optional
        Number of bins, 10 if omitted; two names of one number.
    strategy : {"uniform", "quantile", "distinct"}
        Equal width (left-closed, last bin closed), equal mass (ties never split), or one bin a distinct value.
    norm : {"l1", "l2", "max"}
        What is made of the gaps of the bins. ``l1`` is what is called ECE without further words, ``max`` is
        `max_calibration_error`; the first is never above the second, nor the second above the third.

    Returns
    -------
    float
        In probability, from 0 to 1. The estimate is biased upwards: a perfectly calibrated model scores above 0 on a
        finite sample (see `null_ece`).

    Raises
    ------
    ValueError
        For values outside [0, 1], NaN, `correct` other than 0 and 1, empty input, different lengths, an unknown norm.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), doi:10.1609/aaai.v29i1.9602.
    Guo et al. (2017), arXiv:1706.04599. Kumar, Liang and Ma (2019), arXiv:1909.10155 (l2).

    Examples
    --------
    >>> round(ece([0.9, 0.9, 0.9, 0.9], [1, 1, 1, 0]), 3)
    0.15
    >>> round(ece([0.2, 0.9], [0, 0], norm="l2"), 3)  # √((0.2² + 0.9²) / 2)
    0.652
    """
    curve = reliability_curve(confidence, correct, bins=bins, n_bins=n_bins, strategy=strategy)
    if norm == "l1":
        return curve.ece
    gap = _filled_gaps(curve)
    if norm == "l2":
        return float(np.sqrt(np.average(gap**2, weights=curve.count[curve.count > 0])))
    if norm == "max":
        return float(gap.max())
    raise ValueError(f"norm must be 'l1', 'l2' or 'max', got {norm!r}")


def max_calibration_error(
    confidence: ArrayLike,
    correct: ArrayLike,
    *,
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
) -> float:
    """Maximum calibration error (MCE): the largest |accuracy − confidence| of the bins.

    Parameters
    ----------
    confidence, correct, bins, n_bins, strategy
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
    return ece(confidence, correct, bins=bins, n_bins=n_bins, strategy=strategy, norm="max")


def average_calibration_error(
    confidence: ArrayLike,
    correct: ArrayLike,
    *,
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
) -> float:
    """Average calibration error: the plain mean of |accuracy − confidence| over filled bins.

    One of two quantities called ACE; the other is `adaptive_calibration_error`.

    Parameters
    ----------
    confidence, correct, bins, n_bins, strategy
        As in `ece`.

    Returns
    -------
    float
        In probability. A bin of one answer counts as much as one of a thousand, so sparse bins, and their noise, have
        a larger part in it than in an ECE.

    Raises
    ------
    ValueError
        As `ece`.

    References
    ----------
    Neumann, Zisserman and Vedaldi (2018), "Relaxed softmax: efficient confidence auto-calibration for safe pedestrian
    detection", NeurIPS workshop on machine learning for intelligent transportation systems.

    Examples
    --------
    >>> round(average_calibration_error([0.1, 0.9, 0.9], [0, 1, 0]), 3)  # (0.1 + 0.4) / 2
    0.25
    """
    return float(
        _filled_gaps(reliability_curve(confidence, correct, bins=bins, n_bins=n_bins, strategy=strategy)).mean()
    )


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
    probabilities: ArrayLike,
    answer: ArrayLike,
    *,
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
) -> float:
    """Class-wise ECE: the mean over the letters of the ECE of each.

    Parameters
    ----------
    probabilities : array_like, shape (n_items, n_options)
        A distribution a row.
    answer : array_like of int, shape (n_items,)
        Index of the right option.
    bins, n_bins, strategy
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
    errors = [ece(rows[:, k], right == k, bins=bins, n_bins=n_bins, strategy=strategy) for k in range(rows.shape[1])]
    return float(np.mean(errors))


def adaptive_calibration_error(
    probabilities: ArrayLike, answer: ArrayLike, *, bins: int | None = None, n_bins: int | None = None
) -> float:
    r"""Adaptive calibration error: class-wise, in bins of equal mass.

    .. math:: \frac{1}{K R} \sum_{k=1}^K \sum_{r=1}^R \left| \mathrm{acc}_{kr} - \mathrm{conf}_{kr} \right|

    over K options and R bins. One of two quantities called ACE; the other is `average_calibration_error`.

    Parameters
    ----------
    probabilities : array_like, shape (n_items, n_options)
        A distribution a row.
    answer : array_like of int, shape (n_items,)
        Index of the right option.
    bins, n_bins : int, optional
        Number of bins for each option, 10 if omitted; two names of one number.

    Returns
    -------
    float
        In probability. Equal probabilities are never split over bins; where bins cannot have equal mass for it, they
        are weighted by their count. It is `classwise_ece` with ``strategy="quantile"``.

    Raises
    ------
    ValueError
        As `classwise_ece`.

    References
    ----------
    Nixon et al. (2019), arXiv:1904.01685.

    Examples
    --------
    >>> rows = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.2, 0.8]]
    >>> round(adaptive_calibration_error(rows, [0, 1, 1, 1], bins=2), 3)  # |½ − 0.85| and |0 − 0.25|, for both
    0.3
    """
    return classwise_ece(probabilities, answer, bins=bins, n_bins=n_bins, strategy="quantile")


def _filled_gaps(curve: ReliabilityCurve) -> NDArray[np.float64]:
    """|accuracy − confidence| of the bins that are not empty."""
    filled = curve.count > 0
    return np.asarray(np.abs(curve.accuracy[filled] - curve.confidence[filled]))
