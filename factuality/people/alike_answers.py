"""How much alike answers to a question are, from few labels."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import overload

import numpy as np
from scipy.special import ndtri, stdtrit

from calibration.metrics.arrays import FloatArray, IntArray
from calibration.uncertainty.estimates import Estimate
from calibration.uncertainty.intervals import too_few_clusters

# Pairs of labels that a correlation of 1 counts as: until pairs show otherwise, answers to a question are all alike.
_PRIOR_PAIRS = 4.0


def drawn_share(question: IntArray, labels: FloatArray, weights: FloatArray, *, level: float) -> float:
    r"""Variance of a rate over new questions, in units of p (1 − p).

    .. math:: \frac{1}{N} \left( 1 + \hat\rho \left( \frac{\sum_q m_q^2}{N} - 1 \right) \right)

    for :math:`m_q` answers to question *q*. :math:`\hat\rho` is the mean product of residuals over pairs of labels of
    one question, over p (1 − p), drawn towards 1: answers of which no two to a question have a label may all be alike.
    A pair counts less at rates near 0 and 1, where it says less. Where questions have several answers, Student's t of
    their number stands for the normal distribution.

    Parameters
    ----------
    question : ndarray of int, shape (n_answers,)
        Question of each answer, from 0.
    labels, weights : ndarray, shape (n_answers,)
        NaN and 0 where people gave none.
    level : float
        Coverage of the interval that it is for.

    Examples
    --------
    >>> question = np.repeat(np.arange(100), 5)
    >>> first = np.arange(500) % 5 == 0
    >>> round(drawn_share(question, np.where(first, question % 2, np.nan), first * 5.0, level=0.95), 4)  # no pairs
    0.0102
    >>> drawn_share(np.arange(500), np.where(first, question % 2, np.nan), first * 5.0, level=0.95)
    0.002
    """
    n_answers = len(question)
    answers = np.bincount(question)
    if len(answers) == n_answers:
        return 1 / n_answers
    alike = float(np.square(answers).sum()) / n_answers
    few = float(stdtrit(max(len(answers) - 1, 1), (1 - level) / 2) / ndtri((1 - level) / 2)) ** 2
    return few * (1 + _correlation(question, labels, weights) * (alike - 1)) / n_answers


def too_few_questions(question: IntArray) -> str | None:
    """Why there is no interval for new questions; None if there is one.

    Examples
    --------
    >>> too_few_questions(np.repeat(np.arange(3), 50))
    'an interval for new questions needs at least 10 questions, got 3'
    """
    answers = np.bincount(question)
    blank = None if len(answers) == len(question) else too_few_clusters(answers / len(question), "questions")
    return None if blank is None else blank.reason


@overload
def withheld(estimate: Estimate, reason: str | None) -> Estimate: ...


@overload
def withheld(estimate: Estimate | None, reason: str | None) -> Estimate | None: ...


def withheld(estimate: Estimate | None, reason: str | None) -> Estimate | None:
    """The estimate, without its interval if there is a reason."""
    if estimate is None or reason is None:
        return estimate
    return replace(estimate, low=math.nan, high=math.nan, reason=reason)


def _correlation(question: IntArray, labels: FloatArray, weights: FloatArray) -> float:
    """Correlation of two answers to a question, drawn towards 1."""
    known = ~np.isnan(labels)
    y, w = labels[known], weights[known]
    rate = float((w @ y + 0.5 * w.mean()) / (w.sum() + w.mean()))
    moved, own = w * (y - rate), question[known]
    # Sums over pairs: a square less the squares, halved.
    product, mass, squares = (
        float((np.bincount(own, weights=values) ** 2 - np.bincount(own, weights=values**2)).sum()) / 2
        for values in (moved, w, w**2)
    )
    if mass <= 1e-9 * w @ w:  # no pair
        return 1.0
    spread = rate * (1 - rate)
    pairs = mass**2 / squares * 4 * spread
    # The rate is of the same labels, which draws their residuals apart.
    shown = min(product / mass / spread + 1 / len(y), 1.0)
    return float(np.clip((pairs * shown + _PRIOR_PAIRS) / (pairs + _PRIOR_PAIRS), 0.0, 1.0))
