"""Limits of d′, meta-d′ and their ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Self

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import beta

from ..metrics.arrays import FloatArray, IntArray
from ..metrics.meta_d import MetaFit, RatedAnswers, filled_counts
from ..metrics.rating_likelihood import cell_moves
from .drawn_units import Sampling
from .standard_errors import critical, influence_covariance

Sensitivity = Literal["d_prime", "meta_d", "m_ratio"]
SENSITIVITIES: tuple[Sensitivity, ...] = ("d_prime", "meta_d", "m_ratio")


@dataclass(frozen=True, eq=False, kw_only=True)
class SensedAnswers:
    r"""d′ and meta-d′ of a model, with what is needed for their limits.

    Attributes
    ----------
    d_prime, meta_d : float
    answers : RatedAnswers
    moves : ndarray, shape (2, 2 n_ratings, 2)
        What one more answer in each cell moves d′ and meta-d′ by.
    sampling : Sampling
        What is drawn anew.

    Notes
    -----
    d′ is the sum of the normal quantiles of both rates of right answers. Its limits join those of the two rates, which
    are exact (Clopper and Pearson 1934), of clusters for as many independent answers as have the jackknife's variance
    of the rate (Korn and Graubard 1998). Meta-d′ has Student's limits with the infinitesimal jackknife's error, which
    holds whether its curve is the right one or not. The ratio has Fieller's limits, in which d′ lies as far off as its
    own limits. Critical values are Student's *t* with half as many degrees of freedom as there are wrong answers less
    one; of clusters half as many as their mean has, if that is less.
    """

    d_prime: float
    meta_d: float
    answers: RatedAnswers
    moves: FloatArray = field(repr=False)
    sampling: Sampling

    @classmethod
    def of_fit(cls, answers: RatedAnswers, fit: MetaFit, sampling: Sampling) -> Self:
        """From answers, and what was fitted to their counts.

        Raises
        ------
        LinAlgError
            As `cell_moves`.
        """
        moves = cell_moves(fit.counts, fit.parameters)
        return cls(d_prime=fit.d_prime, meta_d=fit.meta_d, answers=answers, moves=moves, sampling=sampling)

    def value(self, measure: Sensitivity) -> float:
        """A measure by its name."""
        return {"d_prime": self.d_prime, "meta_d": self.meta_d, "m_ratio": self.meta_d / self.d_prime}[measure]

    @cached_property
    def influences(self) -> FloatArray:
        """What each answer adds to d′, meta-d′ and their ratio, shape (n, 3).

        Their means have the noise of the measures.
        """
        moved = self.moves[self.answers.stimulus, self.answers.column] * len(self.answers.column)
        first, meta = (moved - moved.mean(axis=0)).T
        return np.column_stack([first, meta, (meta - first * self.value("m_ratio")) / self.d_prime])

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of d′, meta-d′ and their ratio, shape (3, 3)."""
        return influence_covariance(self.influences, self.sampling)

    @cached_property
    def wrong(self) -> IntArray:
        """Whether each answer is wrong, shape (n,)."""
        answered = self.answers.column >= self.answers.n_ratings
        return np.asarray(answered != (self.answers.stimulus == 1)).astype(np.int64)

    @cached_property
    def freedom(self) -> float:
        """Degrees of freedom of Student's t."""
        few, clusters = float(self.wrong.sum()) - 1, self.sampling.mean_freedom
        return (few if clusters is None else min(few, clusters)) / 2

    @cached_property
    def class_rates(self) -> tuple[FloatArray, FloatArray, float]:
        """Rates of wrong answers to both classes, as many independent ones, correlation."""
        shown = np.eye(2)[self.answers.stimulus]
        count = shown.sum(axis=0)
        rate = (shown * self.wrong[:, None]).sum(axis=0) / count
        if self.sampling.clusters is None:
            return rate, count, 0.0
        influence = shown * (self.wrong[:, None] - rate) * len(shown) / count
        covariance = influence_covariance(influence, self.sampling)
        variance = np.maximum(np.diag(covariance), np.finfo(float).tiny)
        even = np.minimum(count, rate * (1 - rate) / variance)
        return rate, even, float(covariance[0, 1] / math.sqrt(variance.prod()))

    def limits(self, measure: Sensitivity, level: float) -> tuple[float, float]:
        """Limits of a measure; infinite where it has none."""
        if measure == "d_prime":
            return self._d_prime_limits(level)
        if measure == "m_ratio":
            return self._ratio_limits(level)
        half = critical(level, self.freedom) * self.meta_d_error
        return self.meta_d - half, self.meta_d + half

    @property
    def meta_d_error(self) -> float:
        """Standard error of meta-d′, by the infinitesimal jackknife."""
        return math.sqrt(float(self.covariance[1, 1]))

    def _d_prime_limits(self, level: float) -> tuple[float, float]:
        rate, count, correlation = self.class_rates
        tail = float(ndtr(-critical(level, self.freedom)))
        least = np.where(rate > 0, beta.ppf(tail, np.maximum(rate * count, 1e-9), (1 - rate) * count + 1), 0.0)
        most = np.where(rate < 1, beta.isf(tail, rate * count + 1, np.maximum((1 - rate) * count, 1e-9)), 1.0)
        middle = -ndtri(self.fitted_rates)
        below, above = np.maximum(middle + ndtri(most), 0), np.maximum(-ndtri(least) - middle, 0)
        return self.d_prime - _joined(below, correlation), self.d_prime + _joined(above, correlation)

    @cached_property
    def fitted_rates(self) -> FloatArray:
        """Rates of wrong answers that d′ is made of, shape (2,)."""
        counts = filled_counts(self.answers.counts)
        second = counts[:, self.answers.n_ratings :].sum(axis=1) / counts.sum(axis=1)
        return np.array([second[0], 1 - second[1]])

    def _ratio_limits(self, level: float) -> tuple[float, float]:
        low, high = self._d_prime_limits(level)
        below, above = self.d_prime - low, high - self.d_prime
        correlation = float(self.covariance[0, 1] / math.sqrt(self.covariance[0, 0] * self.covariance[1, 1]))
        half = critical(level, self.freedom) * self.meta_d_error

        def limit(distance: float, sign: int) -> float:
            square = self.d_prime**2 - distance**2
            if not (math.isfinite(distance) and square > 0):
                return sign * math.inf
            product = self.meta_d * self.d_prime - correlation * half * distance
            root = math.sqrt(max(product**2 - square * (self.meta_d**2 - half**2), 0.0))
            return (product + sign * root) / square

        least, most = limit(above, -1), limit(below, 1)
        # A ratio below 0 moves the other way with d′.
        return (least if least >= 0 else limit(below, -1)), (most if most >= 0 else limit(above, 1))


def _joined(distances: FloatArray, correlation: float) -> float:
    """Distance of the limit of a sum from those of both parts."""
    first, second = (float(distance) for distance in distances)
    if not (math.isfinite(first) and math.isfinite(second)):
        return math.inf
    return math.sqrt(max(first**2 + second**2 + 2 * correlation * first * second, 0.0))
