"""Intervals of a mean confidence where nearly all answers state the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ...metrics.arrays import FloatArray, IntArray
from ..drawn_units import Sampling
from ..few_errors import state_the_same
from ..intervals import Interval
from .rare_errors import mean_of_units

# Fewer confidences that are all the same say nothing.
_FEWEST = 10


@dataclass(frozen=True, eq=False)
class SameConfidences:
    """Confidences of which others are rarely stated.

    Attributes
    ----------
    confidence : ndarray, shape (n_items,)
    """

    confidence: FloatArray

    def interval(
        self, values: FloatArray, sampling: Sampling, *, level: float, seed: int, tested: bool = True
    ) -> Interval | None:
        """Limits that allow for one more answer, which may state anything."""
        if len(self.confidence) < _FEWEST or not state_the_same(self.confidence):
            return None
        return mean_of_units(values, (0.0, 1.0), sampling, level=level, seed=seed)

    def change(self, after: Self, moved: FloatArray, sampling: Sampling, *, level: float, seed: int) -> Interval | None:
        """Limits that allow for one more answer, whose confidence may change to anything."""
        if len(self.confidence) < _FEWEST or not state_the_same(after.confidence - self.confidence):
            return None
        return mean_of_units(moved, (-1.0, 1.0), sampling, level=level, seed=seed)

    def take(self, rows: IntArray) -> Self:
        """The confidences of some items."""
        return type(self)(self.confidence[rows])
