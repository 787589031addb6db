"""Metacognition: how well stated confidence tells right from wrong answers of a binary task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from ..errors import UndefinedMeasure
from .arrays import FloatArray, IntArray
from .validation import confidence_pair, float_array, refuse_first, whole_number

# With a smaller sensitivity, or fewer errors, the ratio of two of them is noise.
_LEAST_SENSITIVITY, _FEWEST_ERRORS = 0.5, 20


@dataclass(frozen=True, kw_only=True)
class Metacognition:
    """Sensitivity of answers, and of the confidence in them.

    No interval of these is known to hold, so none is given.

    Attributes
    ----------
    d_prime : float
        Sensitivity of the answers, in standard deviations of the evidence.
    criterion : float
        Evidence beyond which the second class is answered, from the middle between both.
    meta_d : float
        Sensitivity that an ideal observer of this criterion would need for confidence that tells as much.
    n_ratings : int
        Levels of confidence that were told apart.
    """

    d_prime: float
    criterion: float
    meta_d: float
    n_ratings: int

    @property
    def m_ratio(self) -> float:
        """Metacognitive efficiency: meta-d′ over d′; 1 where confidence tells all that the answers know."""
        return self.meta_d / self.d_prime


def metacognition(
    stimulus: ArrayLike, response: ArrayLike, confidence: ArrayLike, *, n_ratings: int = 4
) -> Metacognition:
    """Meta-d′ and M-ratio of a binary task with stated or sampled confidence.

    Parameters
    ----------
    stimulus, response : array_like of 0 and 1, shape (n,)
        Which of two classes each item is of, and which one was answered.
    confidence : array_like, shape (n,)
        Confidence in the answer, in [0, 1], that was stated in words or is a share of samples. Not the probability of
        the answer itself: answer and confidence would be one number.
    n_ratings : int
        Levels of confidence, made of equally many answers; equal confidences are on one level.

    Returns
    -------
    Metacognition

    Raises
    ------
    UndefinedMeasure
        For a d′ below .5, fewer than 20 wrong answers, and confidences on one level alone.
    ValueError
        For other shapes, other numbers than 0 and 1, a confidence outside [0, 1].

    Notes
    -----
    Signal detection with equal variances: d′ and criterion from the rates of answers; meta-d′ maximises the likelihood
    of the levels of confidence given stimulus and answer, its criterion that of the answers in proportion. If a cell of
    the table of levels is empty, each has 1/(2 × levels) more.

    References
    ----------
    Maniscalco and Lau (2012), doi:10.1016/j.concog.2011.09.021.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> stimulus = rng.integers(0, 2, 2000)
    >>> evidence = rng.normal(1.5 * (stimulus - 0.5))
    >>> sensed = metacognition(stimulus, evidence > 0, 1 / (1 + np.exp(-abs(1.5 * evidence))))
    >>> round(sensed.d_prime, 1), round(sensed.m_ratio, 1)
    (1.5, 1.0)
    """
    shown, answered = np.asarray(float_array("stimulus", stimulus)), np.asarray(float_array("response", response))
    for name, values in (("stimulus", shown), ("response", answered)):
        if values.shape != shown.shape:
            raise ValueError(f"stimulus and response must be of one length, got {shown.shape} and {values.shape}")
        refuse_first((values != 0) & (values != 1), values, f"{name} must hold only 0 and 1")
    stated, correct = confidence_pair(confidence, (shown == answered).astype(np.float64))
    wrong = int(np.count_nonzero(correct == 0))
    if wrong < _FEWEST_ERRORS:
        raise UndefinedMeasure(f"fewer than {_FEWEST_ERRORS} wrong answers say too little of metacognition: {wrong}")
    levels = np.quantile(stated, np.arange(1, whole_number("n_ratings", n_ratings, least=2)) / n_ratings)
    rating = np.unique(np.searchsorted(np.unique(levels), stated, side="left"), return_inverse=True)[1]
    n_levels = int(rating.max()) + 1
    if n_levels < 2:
        raise UndefinedMeasure("all confidences are alike, which says nothing of metacognition")
    return fitted_metacognition(_counts(shown, answered, rating, n_levels))


def _counts(shown: FloatArray, answered: FloatArray, rating: IntArray, n_levels: int) -> FloatArray:
    """Answers by stimulus and rating, shape (2, 2 n_levels).

    From the first class, most confident, to the second, most confident.
    """
    column = np.where(answered == 1, n_levels + rating, n_levels - 1 - rating)
    cells = np.bincount(shown.astype(np.int64) * 2 * n_levels + column, minlength=4 * n_levels)
    return cells.reshape(2, 2 * n_levels).astype(np.float64)


def fitted_metacognition(counts: FloatArray) -> Metacognition:
    """Metacognition from counts of ratings, shape (2, 2 n_ratings).

    Of each stimulus (row) from the first class, most confident, to the second, most confident.

    Raises
    ------
    UndefinedMeasure
        For a d′ below .5.
    """
    n_ratings = counts.shape[1] // 2
    counts = counts + 1 / (2 * n_ratings) if (counts == 0).any() else counts
    rates = counts[:, n_ratings:].sum(axis=1) / counts.sum(axis=1)
    if not ((rates > 0) & (rates < 1)).all():
        raise UndefinedMeasure("one class was never answered")
    false, hit = ndtri(rates)
    sensitivity, criterion = float(hit - false), float(-(hit + false) / 2)
    if sensitivity < _LEAST_SENSITIVITY:
        raise UndefinedMeasure(
            f"a d′ below {_LEAST_SENSITIVITY} leaves no ratio to it: the answers have {sensitivity:.2f}"
        )

    def loss(parameters: FloatArray) -> float:
        meta = parameters[0]
        middle = meta * criterion / sensitivity
        below = middle - np.cumsum(np.exp(parameters[1:n_ratings]))[::-1]
        above = middle + np.cumsum(np.exp(parameters[n_ratings:]))
        edges = np.concatenate([[-np.inf], below, [middle], above, [np.inf]])
        parts = np.diff(ndtr(edges - np.array([[-meta / 2], [meta / 2]])), axis=1).reshape(2, 2, n_ratings)
        chances = parts / np.maximum(parts.sum(axis=2, keepdims=True), 1e-300)
        return -float((counts.reshape(2, 2, n_ratings) * np.log(np.maximum(chances, 1e-300))).sum() / counts.sum())

    start = np.concatenate([[sensitivity], np.full(2 * n_ratings - 2, np.log(0.5))])
    fit = minimize(loss, start, method="BFGS", options={"gtol": 1e-7})
    return Metacognition(d_prime=sensitivity, criterion=criterion, meta_d=float(fit.x[0]), n_ratings=n_ratings)
