"""Intervals of runs with few wrong (or few right) answers.

Errors that were not seen show no variance, so that a normal interval is far too narrow.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import bdtr, bdtrc, betainccinv, betaincinv, stdtrit

from ..metrics.arrays import BoolArray, FloatArray
from .intervals import Interval

# With fewer answers that state another confidence than the middle one, these others are not known.
_FEWEST_OTHERS = 10
# Draws of the weights of a mean's values, and the most values that have weights of their own.
_N_DRAWS, _ALONE = 4_000, 2_000


def fewest(correct: BoolArray) -> int:
    """Number of wrong or of right answers, whichever is less."""
    right = int(np.count_nonzero(correct))
    return min(right, len(correct) - right)


def mid_p_limits(events: int, n: int, *, level: float) -> tuple[float, float]:
    """Mid-p limits of a rate.

    References
    ----------
    Lancaster (1961), doi:10.1080/01621459.1961.10482105. Berry and Armitage (1995), The
    Statistician 44:417.

    Examples
    --------
    >>> low, high = mid_p_limits(1, 100, level=0.95)
    >>> round(low, 4), round(high, 4)
    (0.0005, 0.0483)
    """
    tail = (1 - level) / 2

    def above(rate: float) -> float:
        return float(bdtrc(events, n, rate) + bdtrc(events - 1, n, rate)) / 2 - tail

    def below(rate: float) -> float:
        fewer = bdtr(events - 1, n, rate) if events else 0.0
        return tail - float(fewer + bdtr(events, n, rate)) / 2

    low = float(brentq(above, 0.0, 1.0, xtol=1e-12)) if events else 0.0
    high = float(brentq(below, 0.0, 1.0, xtol=1e-12)) if events < n else 1.0
    return low, high


def exact_limits(events: int, n: int, *, level: float) -> tuple[float, float]:
    """Clopper and Pearson's limits of a rate: neither is missed too often.

    References
    ----------
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> low, high = exact_limits(0, 30, level=0.95)
    >>> low, round(high, 3)
    (0.0, 0.116)
    """
    tail = (1 - level) / 2
    low = float(betaincinv(events, n - events + 1, tail)) if events else 0.0
    high = float(betainccinv(events + 1, n - events, tail)) if events < n else 1.0
    return low, high


def gap_of_few_errors(confidence: FloatArray, correct: BoolArray, *, level: float) -> tuple[float, float]:
    """Limits of mean confidence − accuracy.

    Mid-p limits of the error rate and limits of the mean confidence, joined as if independent.

    Parameters
    ----------
    confidence : ndarray, shape (n,)
    correct : ndarray of bool, shape (n,)
    level : float
        Coverage of the interval.

    References
    ----------
    Zou and Donner (2008), doi:10.1002/sim.3095.

    Examples
    --------
    >>> low, high = gap_of_few_errors(np.linspace(0.98, 1, 100), np.ones(100, dtype=bool), level=0.95)
    >>> round(low, 3), round(high, 3)
    (-0.011, 0.02)
    """
    n = len(correct)
    wrong = n - int(np.count_nonzero(correct))
    rate, mean = wrong / n, float(confidence.mean())
    rates = mid_p_limits(wrong, n, level=level)
    least, most = mean_confidence_limits(confidence, level=level)
    gap = mean - 1 + rate
    return gap - math.hypot(rate - rates[0], mean - least), gap + math.hypot(rates[1] - rate, most - mean)


def mean_confidence_limits(confidence: FloatArray, *, level: float) -> tuple[float, float]:
    """Limits of a mean confidence: Student's, unless few answers make up its variation.

    How often others are stated, and which, is then not seen: one more may state anything.

    Examples
    --------
    >>> low, high = mean_confidence_limits(np.full(20, 0.9), level=0.95)  # Clopper and Pearson: 0.168 of 20 are others
    >>> round(low, 2), round(high, 2)
    (0.75, 0.92)
    """
    n = len(confidence)
    if state_the_same(confidence):
        interval = mean_with_one_more(confidence, 0.0, 1.0, level=level, seed=0)
        return interval.low, interval.high
    half = float(stdtrit(n - 1, (1 + level) / 2)) * float(confidence.std(ddof=1)) / math.sqrt(n)
    mean = float(confidence.mean())
    return mean - half, mean + half


def state_the_same(confidence: FloatArray) -> bool:
    r"""Whether nearly all answers state nearly the same confidence, next to the few others.

    Of deviations *d* from the median the number that counts is :math:`(\sum |d|)^2 / \sum d^2`, Kish's effective one:
    *m* if *m* of them are alike and the others 0. Fewer than ten say too little of what was not drawn: of a model that
    is sure of most items the unsure ones make up the mean.

    References
    ----------
    Kish (1965), "Survey sampling", Wiley, section 11.7.

    Examples
    --------
    >>> state_the_same(np.array([0.999] * 57 + [0.4] * 3)), state_the_same(np.linspace(0.4, 1, 60))
    (True, False)
    """
    far = np.abs(confidence - np.median(confidence))
    squares = float(far @ far)
    return squares == 0 or float(far.sum()) ** 2 < _FEWEST_OTHERS * squares


def mean_with_one_more(values: FloatArray, lowest: float, highest: float, *, level: float, seed: int) -> Interval:
    r"""Interval of a mean within a known range, with its test of 0.

    The *n* values and one value more, which stands at the end of the range, are weighed by Dirichlet(1, …, 1); the
    limits are quantiles of the weighted means. For values of 0 and 1 they are Clopper and Pearson's. That they hold for
    all values is a conjecture, which no simulation has contradicted.

    Parameters
    ----------
    values : ndarray, shape (n,)
    lowest, highest : float
        Ends of the range.
    level : float
        Coverage of the interval.
    seed : int
        Same seed, same digits.

    References
    ----------
    Gaffke (2005), "Three test statistics for a nonparametric one-sided hypothesis on the mean of a nonnegative
    variable", Mathematical Methods of Statistics 14:451. Learned-Miller and Thomas (2019), arXiv:1905.06208. Phan,
    Thomas and Learned-Miller (2021), arXiv:2106.03163.

    Examples
    --------
    >>> interval = mean_with_one_more(np.zeros(30), 0.0, 1.0, level=0.95, seed=0)
    >>> interval.low, round(interval.high, 2)  # Clopper and Pearson: 0.116
    (0.0, 0.12)
    """
    low, high = _weighed_means(np.asarray(values, dtype=np.float64), lowest, highest, seed)
    tail = (1 - level) / 2
    below, above = ((1 + np.count_nonzero(side)) / (_N_DRAWS + 1) for side in (low <= 0, high >= 0))
    # Order statistics, so that the p-value is below 1 − level just where 0 is left out.
    lower, upper = np.quantile(low, tail, method="lower"), np.quantile(high, 1 - tail, method="higher")
    return Interval(float(lower), float(upper), float(min(1.0, 2 * min(below, above))))


def _weighed_means(values: FloatArray, lowest: float, highest: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Draws of the weighed means, one more value at either end of the range.

    A test that inverts intervals asks for those of few values again and again.
    """
    if len(values) <= _ALONE:
        total, last, sums = _drawn_sums(values.tobytes(), seed)
    else:
        total, last, sums = _exponential_sums(values, np.random.default_rng(seed))
    return (sums + last * lowest) / total, (sums + last * highest) / total


@lru_cache(maxsize=8)
def _drawn_sums(values: bytes, seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    return _exponential_sums(np.frombuffer(values), np.random.default_rng(seed))


def _exponential_sums(values: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Draws of exponential weights: their sum, the last, and the weighted values summed.

    Of many values those that stand out have weights of their own; the sums of the others are as good as normal.
    """
    order = np.argsort(-np.abs(values - np.median(values)), kind="stable")
    alone, others = values[order[:_ALONE]], values[order[_ALONE:]]
    weights = rng.standard_exponential((_N_DRAWS, len(alone) + 1))
    total, sums, last = weights.sum(axis=1), weights[:, :-1] @ alone, weights[:, -1]
    if len(others):
        moments = np.array([[len(others), others.sum()], [others.sum(), np.square(others).sum()]])
        size, moved = rng.multivariate_normal(moments[0], moments, _N_DRAWS, method="eigh").T
        total, sums = total + size, sums + moved
    return total, last, sums
