"""Meta-d′: sensitivity of answers to a binary task, and of the confidence in them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from ..errors import UndefinedMeasure
from .arrays import FloatArray, IntArray
from .validation import confidence_pair, float_array, refuse_first, whole_number

# With a smaller sensitivity, or fewer errors, the ratio of two of them is noise.
_LEAST_SENSITIVITY, _FEWEST_ERRORS = 0.5, 20
# Each level costs two criteria; people's scales have four to six levels.
_MOST_RATINGS = 20


@dataclass(frozen=True, eq=False, kw_only=True)
class RatedAnswers:
    """Answers to a binary task with levels of confidence.

    Attributes
    ----------
    stimulus : ndarray of int, shape (n,)
        Class of each item, 0 or 1.
    column : ndarray of int, shape (n,)
        Answer and level, from 0 (the first class, most confident) to 2 n_ratings − 1 (the second, most confident).
    n_ratings : int
        Levels that were told apart.
    """

    stimulus: IntArray
    column: IntArray
    n_ratings: int

    @property
    def counts(self) -> FloatArray:
        """Answers by stimulus and column, shape (2, 2 n_ratings)."""
        width = 2 * self.n_ratings
        cells = np.bincount(self.stimulus * width + self.column, minlength=2 * width)
        return cells.reshape(2, width).astype(np.float64)


@dataclass(frozen=True, eq=False, kw_only=True)
class MetaFit:
    """Signal detection of answers and of their confidence, fitted to counts.

    Attributes
    ----------
    d_prime, criterion, meta_d, n_ratings
        As in `Metacognition`.
    counts : ndarray, shape (2, 2 n_ratings)
        What was fitted: counts, with some more in each cell if a cell was empty.
    parameters : ndarray, shape (2 n_ratings − 1,)
        meta-d′, and logarithms of the distances between the criteria of confidence: outwards from the middle, those of
        the first class, then those of the second.
    """

    d_prime: float
    criterion: float
    meta_d: float
    n_ratings: int
    counts: FloatArray = field(repr=False)
    parameters: FloatArray = field(repr=False)

    @property
    def m_ratio(self) -> float:
        """Meta-d′ over d′."""
        return self.meta_d / self.d_prime


def rated_answers(stimulus: ArrayLike, response: ArrayLike, confidence: ArrayLike, *, n_ratings: int) -> RatedAnswers:
    """Answers with levels of confidence, each of about equally many answers.

    Raises
    ------
    UndefinedMeasure
        For fewer than 20 wrong answers, and confidences on one level alone.
    ValueError
        As `metacognition`.
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
    rating = _ratings(stated, whole_number("n_ratings", n_ratings, least=2, most=_MOST_RATINGS))
    n_levels = int(rating.max()) + 1
    if n_levels < 2:
        raise UndefinedMeasure("all confidences are alike, which says nothing of metacognition")
    column = np.where(answered == 1, n_levels + rating, n_levels - 1 - rating)
    return RatedAnswers(stimulus=shown.astype(np.int64), column=column, n_ratings=n_levels)


def _ratings(confidence: FloatArray, n_ratings: int) -> IntArray:
    """Level of each confidence, by the share of answers below its middle.

    Examples
    --------
    >>> _ratings(np.array([0.1, 0.2, 0.3, 0.4]), 2).tolist(), _ratings(np.array([0.01, *[0.99] * 9]), 4).tolist()
    ([0, 0, 1, 1], [0, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    """
    share = (rankdata(confidence) - 0.5) / len(confidence)
    return np.unique(np.floor(n_ratings * share), return_inverse=True)[1]


def fitted_meta_d(counts: FloatArray) -> MetaFit:
    """Meta-d′ from counts of ratings, shape (2, 2 n_ratings).

    Of each stimulus (row) from the first class, most confident, to the second, most confident.

    Raises
    ------
    UndefinedMeasure
        For a d′ below .5.
    """
    n_ratings = counts.shape[1] // 2
    counts = filled_counts(counts)
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
    return MetaFit(
        d_prime=sensitivity, criterion=criterion, meta_d=float(fit.x[0]), n_ratings=n_ratings, counts=counts,
        parameters=fit.x,
    )  # fmt: skip


def filled_counts(counts: FloatArray) -> FloatArray:
    """Counts, with 1/(number of columns) more in each cell if one is empty.

    Examples
    --------
    >>> filled_counts(np.array([[3.0, 0.0], [1.0, 2.0]])).tolist()
    [[3.5, 0.5], [1.5, 2.5]]
    """
    return counts + 1 / counts.shape[1] if (counts == 0).any() else counts
