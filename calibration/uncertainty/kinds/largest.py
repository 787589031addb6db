"""The largest gap of bins: an interval that holds for all bins at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.special import betaincinv, ndtri, stdtrit

from ...metrics.arrays import BoolArray, FloatArray, IntArray
from ...metrics.curves import effective_count
from ..drawn_units import Sampling
from ..intervals import Interval, Range, inverted_p_value, possible
from ..noise_floor import NullECE
from ..planned_noise import Precision


@dataclass(frozen=True, eq=False, kw_only=True)
class LargestGap:
    r"""The largest |confidence − accuracy| of the bins that hold values.

    Attributes
    ----------
    confidence, correct : ndarray, shape (n_values,)
        Of every value.
    bin_index : ndarray of int, shape (n_values,)
        Bin of each value, from 0, empty bins left out.
    item : ndarray of int, shape (n_values,)
        Item of each value.
    weight : ndarray, shape (n_values,), or None
        How much each value counts; None if all count alike.

    Notes
    -----
    Each of *B* bins has an interval of its gap at the level :math:`1 - \alpha'` with
    :math:`(1 - \alpha')^B = 1 - \alpha`, so that all hold together: Clopper and Pearson's of the accuracy, with the
    effective count of independent values, joined with the normal one of the mean confidence. The largest gap is then
    at least the largest of the distances from 0, and at most the largest of the far ends. It is wide where a bin holds
    a few values, whose gap may be anything; it covers more than it says elsewhere.

    References
    ----------
    Šidák (1967), doi:10.1080/01621459.1967.10482935. Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404. Korn and
    Graubard (1998), Survey Methodology 24:193 (effective counts). Zou and Donner (2008), doi:10.1002/sim.3095 (joined
    limits).
    """

    confidence: FloatArray
    correct: BoolArray
    bin_index: IntArray
    item: IntArray
    weight: FloatArray | None = None
    bounds: ClassVar[Range] = (0.0, 1.0)
    at_its_end: ClassVar[bool] = False
    item_values: ClassVar[None] = None

    @property
    def n_bins(self) -> int:
        """Number of bins that hold values."""
        return int(self.bin_index.max()) + 1

    @property
    def value(self) -> float:
        """The largest gap."""
        confidence, accuracy, _ = self._means()
        return float(np.abs(confidence - accuracy).max())

    def interval(self, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int) -> Interval:
        """Interval from those of all bins, without a p-value."""
        return possible(Interval(*self.limits(sampling, level), math.nan), self.value, self.bounds)

    def paired_interval(self, after: Self, sampling: Sampling, *, level: float, seed: int) -> Interval:
        """Interval of the change: both runs' intervals hold together (Bonferroni)."""
        if self.has_same_answers(after):
            return Interval(0.0, 0.0, 1.0)
        return self.unpaired_interval(after, (sampling, sampling), level=level, seed=seed)

    def unpaired_interval(
        self, after: Self, samplings: tuple[Sampling, Sampling], *, level: float, seed: int
    ) -> Interval:
        """Interval of the change between runs on different items."""

        def limits(level: float) -> tuple[float, float]:
            first = self.limits(samplings[0], (1 + level) / 2)
            second = after.limits(samplings[1], (1 + level) / 2)
            return second[0] - first[1], second[1] - first[0]

        return Interval(*limits(level), inverted_p_value(limits))

    def visible_change(self, after: Self, samplings: Sequence[Sampling], interval: Interval, *, level: float) -> None:
        """Not known: the sparsest bin decides it."""
        return

    def has_same_answers(self, after: Self) -> bool:
        """Whether the answers are the same to the last digit."""
        return np.array_equal(self.confidence, after.confidence) and np.array_equal(self.correct, after.correct)

    def required_times(
        self, after: Self | None, samplings: Sequence[Sampling], wanted: Precision, *, seed: int
    ) -> None:
        """Not known: the sparsest bin decides it."""
        return

    def limits(self, sampling: Sampling, level: float) -> tuple[float, float]:
        """Least and largest value of the largest gap."""
        least, most = self.limits_of_bins(sampling, 1 - level ** (1 / self.n_bins))
        nearest = np.maximum(0.0, np.maximum(least, -most))
        return float(nearest.max()), float(np.maximum(np.abs(least), np.abs(most)).clip(0, 1).max())

    def margin(self, sampling: Sampling, *, level: float) -> float:
        """Least margin that may be claimed of all bins.

        A false claim is false in the bin of the largest gap, so that each limit holds alone at the level: an
        intersection-union test (Berger 1982, Technometrics 24:295).
        """
        least, most = self.limits_of_bins(sampling, 2 * (1 - level))
        return float(np.maximum(np.abs(least), np.abs(most)).clip(0, 1).max())

    def limits_of_bins(self, sampling: Sampling, misses: float) -> tuple[FloatArray, FloatArray]:
        """Limits of the gap of each bin, shape (n_bins,), which are missed so often."""
        confidence, accuracy, mass = self._means()
        unit = self.item if sampling.clusters is None else sampling.clusters[self.item]
        count = effective_count(
            self.bin_index, self.correct.astype(np.float64), unit, mass, accuracy, weight=self.weight
        )
        if sampling.clusters is not None:
            count = _cautious(count, self._even_units(unit, mass), misses)
        right = accuracy * count
        with np.errstate(invalid="ignore"):
            low = np.where(right > 0, betaincinv(right, count - right + 1, misses / 2), 0.0)
            high = np.where(right < count, betaincinv(right + 1, count - right, 1 - misses / 2), 1.0)
        weight = np.ones(len(self.confidence)) if self.weight is None else self.weight
        moved = (self.confidence - confidence[self.bin_index]) * weight
        squares = np.bincount(self.bin_index, weights=moved**2)
        half = -ndtri(misses / 2) * np.sqrt(squares) / mass
        gap = confidence - accuracy
        least = np.asarray(gap - np.hypot(high - accuracy, half))
        most = np.asarray(gap + np.hypot(accuracy - low, half))
        return least, most

    def _even_units(self, unit: IntArray, mass: FloatArray) -> FloatArray:
        """Effective number of units in each bin (Kish 1965)."""
        weight = np.ones(len(self.confidence)) if self.weight is None else self.weight
        cells, cell = np.unique(unit * len(mass) + self.bin_index, return_inverse=True)
        squares = np.bincount(cell, weights=weight) ** 2
        return np.asarray(mass**2 / np.bincount(cells % len(mass), weights=squares))

    def _means(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Mean confidence, accuracy and weight of each bin."""
        weight = np.ones(len(self.confidence)) if self.weight is None else self.weight
        mass = np.bincount(self.bin_index, weights=weight).astype(np.float64)
        confidence = np.bincount(self.bin_index, weights=self.confidence * weight) / mass
        accuracy = np.bincount(self.bin_index, weights=self.correct * weight) / mass
        return confidence, accuracy, mass


def _cautious(count: FloatArray, units: FloatArray, misses: float) -> FloatArray:
    """Effective counts that are themselves estimated from so many units (Korn and Graubard 1998).

    No more than there are units, and as much fewer as Student's t is wider than the normal distribution.
    """
    freedom = np.maximum(units - 1, 1.0)
    return np.asarray(np.minimum(count, units) * (ndtri(misses / 2) / stdtrit(freedom, misses / 2)) ** 2)
