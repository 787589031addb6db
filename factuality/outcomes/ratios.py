"""Ratios of counts of right, wrong and other answers, with intervals.

Intervals invert score tests; those of paired changes join the intervals of both ratios.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from calibration.metrics.validation import level_in_range
from calibration.uncertainty.independent_answers import independent_answers
from calibration.uncertainty.intervals import Interval

# Which of the three kinds an answer is.
RIGHT, WRONG, OTHER = 0, 1, 2

Kinds = NDArray[np.int64]
"""Kind of the one answer to each question, shape (n_questions,)."""
Parts = NDArray[np.float64]
"""Shares of each question's answers that are right, wrong and other, shape (n_questions, 3)."""
_Cells = tuple[float, float, float]
# Beyond so many standard errors a p-value is 0 for every purpose, and 1 within so few.
_FAR, _NEAR = 37.0, 1e-6
# Relative; two sums of the same numbers in another order differ by less.
_SAME = 1e-12


@dataclass(frozen=True)
class Ratio:
    r"""A score of answers, a ratio of two weighted counts.

    :math:`\sum_j n_j g_j / \sum_j n_j h_j` with :math:`n_j` right, wrong and other answers.

    Attributes
    ----------
    gains : tuple of float
        :math:`g_j`: points of a right, a wrong and an other answer in the numerator; relative to its weight a right one
        has most, a wrong one least.
    weights : tuple of float
        :math:`h_j`: their weights in the denominator, positive for right and wrong answers.

    Notes
    -----
    The interval inverts the score test: :math:`\theta` is inside where the contributions
    :math:`v_j = g_j - \theta h_j` have a mean that their own spread allows, the spread under the likeliest shares of
    answers whose mean is 0. For a plain share it is Wilson's, for the share of right answers among right and wrong ones
    Wilson's of those. It keeps its range and needs no large sample, where the delta method's is a point if all answers
    are of one kind.

    Examples
    --------
    >>> attempted = Ratio((1, 0, 0), (1, 1, 0))
    >>> attempted.value((3, 1, 6))
    0.75
    >>> low, high = attempted.interval((3, 1, 6))
    >>> round(low, 3), round(high, 3)
    (0.301, 0.954)
    """

    gains: _Cells
    weights: _Cells

    def value(self, counts: _Cells) -> float | None:
        """The ratio from counts of right, wrong and other answers.

        None if no answer has weight.
        """
        below = sum(n * h for n, h in zip(counts, self.weights, strict=True))
        return sum(n * g for n, g in zip(counts, self.gains, strict=True)) / below if below else None

    def of(self, answers: Kinds | Parts) -> float | None:
        """The ratio of answers; None if no answer has weight."""
        return self.value(count_kinds(answers))

    def independent_counts(self, answers: Kinds | Parts, *, level: float = 0.95) -> _Cells:
        """Counts of as many independent answers as say as much about the ratio.

        The counts themselves for one answer a question, right, wrong or other.
        """
        counts = count_kinds(answers)
        value = self.value(counts)
        if answers.ndim == 1 or value is None:
            return counts
        spread = sum(n * v**2 for n, v in zip(counts, self._points(value), strict=True)) / len(answers)
        times = independent_answers(self._contributions(answers, value), spread, level=level) / len(answers)
        return counts[RIGHT] * times, counts[WRONG] * times, counts[OTHER] * times

    def interval(self, counts: _Cells, *, level: float = 0.95) -> tuple[float, float]:
        """Interval of the ratio in a population of such answers.

        Raises
        ------
        ValueError
            If no answer has weight.
        """
        z = _critical(level)
        return self._limit(counts, z, "low"), self._limit(counts, z, "high")

    def change(self, before: Kinds | Parts, after: Kinds | Parts, *, level: float = 0.95) -> Interval | None:
        r"""Interval and p-value of a change on the same questions.

        Both intervals, :math:`[l, u]` of the ratios :math:`r`, are joined with the correlation :math:`\rho` of what
        each question adds to them (method of variance estimates recovery):
        :math:`r_2 - r_1 - \sqrt{(r_2 - l_2)^2 - 2 \rho (r_2 - l_2)(u_1 - r_1) + (u_1 - r_1)^2}` is the lower limit, and
        the upper one likewise. The p-value is that of the level at which the interval just touches 0.

        Parameters
        ----------
        before, after : ndarray
            Of int, shape (n_questions,): kind of each answer, `RIGHT`, `WRONG` or `OTHER`; of float, shape
            (n_questions, 3): shares of them among the answers to each question.
        level : float
            Coverage of the interval.

        Returns
        -------
        Interval or None
            None if one of the ratios has no value.

        References
        ----------
        Newcombe (1998), doi:10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C (method 10). Zou and
        Donner (2008), doi:10.1002/sim.3095.
        """
        first, second = self.of(before), self.of(after)
        if first is None or second is None:
            return None
        counts = [self.independent_counts(answers, level=level) for answers in (before, after)]
        correlation = _correlation(self._contributions(before, first), self._contributions(after, second))
        value = difference(first, second)

        def limit(z: float, side: Literal["low", "high"]) -> float:
            opposite: Literal["low", "high"] = "high" if side == "low" else "low"
            bars = first - self._limit(counts[0], z, opposite), second - self._limit(counts[1], z, side)
            joined = math.sqrt(max(bars[0] ** 2 + 2 * correlation * bars[0] * bars[1] + bars[1] ** 2, 0.0))
            return value - joined if side == "low" else value + joined

        z = _critical(level)
        low, high = limit(z, "low"), limit(z, "high")
        inner: Literal["low", "high"] = "low" if value > 0 else "high"
        if value == 0 or limit(_NEAR, inner) * value <= 0:
            p_value = 1.0
        elif limit(_FAR, inner) * value > 0:
            p_value = 0.0
        else:
            p_value = float(2 * ndtr(-brentq(lambda at: limit(at, inner), _NEAR, _FAR, xtol=1e-7)))
        return Interval(low, high, p_value)

    def _limit(self, counts: _Cells, z: float, side: Literal["low", "high"]) -> float:
        value = self.value(counts)
        if value is None:
            raise ValueError(f"a ratio needs answers that count in it, got {counts} right, wrong and other ones")
        worst, best = (self.gains[kind] / self.weights[kind] for kind in (WRONG, RIGHT))
        # At its very ends the ratio has no spread to compare with.
        margin = 1e-9 * (best - worst)
        end, inner, sign = (worst, worst + margin, 1) if side == "low" else (best, best - margin, -1)
        if sign * (value - inner) <= 0 or sign * self._test(counts, inner) <= z:
            return end
        return float(brentq(lambda at: sign * self._test(counts, at) - z, inner, value, xtol=1e-10))

    def _test(self, counts: _Cells, at: float) -> float:
        """Standardised distance of the ratio from `at`."""
        right, wrong, other = self._points(at)
        n = sum(counts)
        # Shares of right and wrong answers as lines of that of the others: mean contribution 0, sum 1.
        width = right - wrong
        lines = (-wrong / width, (wrong - other) / width), (right / width, (other - right) / width)
        (a, b), (c, d) = lines
        constant = counts[OTHER] * a * c
        linear = counts[RIGHT] * b * c + counts[WRONG] * d * a + counts[OTHER] * (a * d + c * b)
        root = math.sqrt(max(linear**2 - 4 * n * b * d * constant, 0.0))
        share = 2 * constant / (root - linear) if root - linear > 0 else 0.0
        variance = (a + b * share) * right**2 + (c + d * share) * wrong**2 + share * other**2
        total = counts[RIGHT] * right + counts[WRONG] * wrong + counts[OTHER] * other
        return total / math.sqrt(max(n * variance, 1e-300))

    def _points(self, value: float) -> _Cells:
        """What each kind of answer adds to the distance of the ratio from `value`."""
        right, wrong, other = (g - value * h for g, h in zip(self.gains, self.weights, strict=True))
        return right, wrong, other

    def _contributions(self, answers: Kinds | Parts, value: float) -> NDArray[np.float64]:
        points = np.array(self._points(value))
        return points[answers] if answers.ndim == 1 else answers @ points


ATTEMPTED = Ratio((1, 0, 0), (1, 1, 0))
"""Share of right answers among right and wrong ones."""
F = Ratio((2, 0, 0), (2, 2, 1))
"""Harmonic mean of the shares of right answers among all, and among right and wrong ones."""


def target_ratio(target: float) -> Ratio:
    """Mean score of answers at a confidence target t.

    A right answer earns 1, a wrong one −t/(1 − t), and any other 0.

    Examples
    --------
    >>> round(target_ratio(0.75).value((6, 2, 2)), 9)
    0.0
    """
    return Ratio((1, -target / (1 - target), 0), (1, 1, 1))


def difference(before: float, after: float) -> float:
    """Change of a ratio; exactly 0 if both are equal but for rounding.

    Examples
    --------
    >>> difference(0.3, 0.1 + 0.2), difference(0.25, 0.5)
    (0.0, 0.25)
    """
    value = after - before
    return 0.0 if abs(value) <= _SAME * max(abs(before), abs(after)) else value


def swapped(answers: Kinds | Parts) -> Kinds | Parts:
    """The answers with right and wrong exchanged."""
    exchanged = np.array([WRONG, RIGHT, OTHER])
    return exchanged[answers] if answers.ndim == 1 else answers[:, exchanged]


def count_kinds(answers: Kinds | Parts) -> _Cells:
    """Numbers of right, wrong and other answers.

    Of questions with several answers sums of their shares.
    """
    counts = np.bincount(answers, minlength=3) if answers.ndim == 1 else answers.sum(axis=0)
    right, wrong, other = counts.tolist()
    return right, wrong, other


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Correlation of contributions with means of 0; 0 if either is constant."""
    scale = math.sqrt(float(first @ first) * float(second @ second))
    return float(first @ second) / scale if scale > 0 else 0.0


def _critical(level: float) -> float:
    return float(ndtri((1 + level_in_range(level)) / 2))
