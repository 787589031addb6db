"""Proper scoring rules: one number that rewards calibration and discrimination together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .validation import binary_pair, probability_pair


def brier_score(probabilities: ArrayLike, answer: ArrayLike) -> float:
    r"""Brier score, summed over the options.

    From 0 (certain and right) to 2 (certain and wrong).

    .. math:: \frac{1}{n} \sum_i \sum_k (p_{ik} - [k = y_i])^2

    Parameters
    ----------
    probabilities : array_like, shape (n_items, n_options), or (n,)
        A distribution a row; or probabilities of something that comes true or not.
    answer : array_like of int, shape (n_items,), or of 0 and 1, shape (n,)
        Index of the right option; or what came true.

    Returns
    -------
    float
        Of one dimension the binary score, :math:`\frac1n \sum_i (p_i - y_i)^2`, from 0 to 1: half of the sum over the
        two options ``[1 − p, p]``, and what libraries report that score one option of two.

    Raises
    ------
    ValueError
        For probabilities that are outside [0, 1] or do not sum to 1, or an answer out of range, naming the row.

    References
    ----------
    Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Examples
    --------
    >>> round(brier_score([[0.5, 0.5], [1.0, 0.0]], [0, 0]), 3)
    0.25
    >>> round(brier_score([0.5, 1.0], [1, 1]), 3)  # of one dimension: half
    0.125
    """
    if pair := binary_pair(probabilities, answer):
        return float(np.square(pair[0] - pair[1]).mean())
    rows, right = probability_pair(probabilities, answer)
    hit = rows[np.arange(len(rows)), right]
    return float((np.square(rows).sum(axis=1) - 2 * hit + 1).mean())


def log_loss(probabilities: ArrayLike, answer: ArrayLike) -> float:
    r"""Log loss: mean negative log-probability of the right option, in nats.

    Parameters
    ----------
    probabilities : array_like, shape (n_items, n_options), or (n,)
        A distribution a row; or probabilities of something that comes true or not.
    answer : array_like of int, shape (n_items,), or of 0 and 1, shape (n,)
        Index of the right option; or what came true.

    Returns
    -------
    float
        Of one dimension the mean of :math:`-\log p_i` where it came true and :math:`-\log(1 - p_i)` elsewhere, the same
        as with the two options ``[1 − p, p]``. Infinite where what came true has probability 0; nothing is clipped.
        `estimate` and `summarize` take the log-softmax in float64 instead and stay finite wherever the
        log-probabilities are.

    Raises
    ------
    ValueError
        As `brier_score`.

    References
    ----------
    Good (1952), doi:10.1111/j.2517-6161.1952.tb00104.x.

    Examples
    --------
    >>> round(log_loss([[0.5, 0.5], [0.25, 0.75]], [0, 0]), 4)
    1.0397
    >>> round(log_loss([0.5, 0.75], [1, 0]), 4)  # of one dimension: the same
    1.0397
    """
    if pair := binary_pair(probabilities, answer):
        stated = np.where(pair[1] == 1, pair[0], 1 - pair[0])
        with np.errstate(divide="ignore"):
            return float(-np.log(stated).mean())
    rows, right = probability_pair(probabilities, answer)
    with np.errstate(divide="ignore"):
        return float(-np.log(rows[np.arange(len(rows)), right]).mean())
