"""Intervals of a difference of two halves' signed gaps where few answers are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from ...metrics.arrays import BoolArray, FloatArray, IntArray
from ..drawn_units import Sampling
from ..few_errors import fewest
from ..intervals import Interval
from .rare_errors import ENOUGH_FLIPS, GapErrors, mean_of_units

# Of clusters with fewer wrong answers, or right ones, one more may lie apart.
_FEWEST_OF_CLUSTERS = 3


@dataclass(frozen=True, eq=False)
class ErrorsOfHalves:
    """Errors behind the signed gap of some items less that of the others.

    Attributes
    ----------
    first, second : GapErrors
        Of both halves.
    is_first : ndarray of bool, shape (n_items,)
        Whether an item is in the first.

    Notes
    -----
    The difference is the mean of what each item adds to it: a deviation from the mean of its half, over the half's
    share of the items. So one item more lies as far as the gaps of either half may, over that share.
    """

    first: GapErrors
    second: GapErrors
    is_first: BoolArray

    def interval(
        self, values: FloatArray, sampling: Sampling, *, level: float, seed: int, tested: bool = True
    ) -> Interval | None:
        """Limits that allow for one more cluster, all of it wrong.

        None if errors are enough, and of items.
        """
        halves = self.first, self.second
        if (
            sampling.clusters is None
            or fewest(np.concatenate([half.correct for half in halves])) >= _FEWEST_OF_CLUSTERS
        ):
            return None
        gaps = [half.confidence - half.correct for half in halves]
        ends = [(float(half.confidence.min()) - 1, float(half.confidence.max())) for half in halves]
        return mean_of_units(values, self._ends(float(values.mean()), gaps, ends), sampling, level=level, seed=seed)

    def change(self, after: Self, moved: FloatArray, sampling: Sampling, *, level: float, seed: int) -> Interval | None:
        """Limits that allow for a change in either half that was not drawn."""
        pairs = (self.first, after.first), (self.second, after.second)
        flips = sum(int(np.count_nonzero(before.correct != later.correct)) for before, later in pairs)
        if sampling.clusters is not None and flips >= ENOUGH_FLIPS:  # a whole cluster of flips would be far too many
            return None
        own = [before.ends_of_change(later) for before, later in pairs]
        if own == [None, None]:
            return None
        gaps = [(later.confidence - later.correct) - (before.confidence - before.correct) for before, later in pairs]
        ends = [
            (float(gap.min()), float(gap.max())) if known is None else known
            for known, gap in zip(own, gaps, strict=True)
        ]
        return mean_of_units(moved, self._ends(float(moved.mean()), gaps, ends), sampling, level=level, seed=seed)

    def take(self, rows: IntArray) -> Self:
        """The errors of some items."""
        row_in_half = np.where(self.is_first, np.cumsum(self.is_first), np.cumsum(~self.is_first)) - 1
        kept, in_first = row_in_half[rows], self.is_first[rows]
        return type(self)(self.first.take(kept[in_first]), self.second.take(kept[~in_first]), in_first)

    def _ends(
        self, value: float, gaps: Sequence[FloatArray], ends: Sequence[tuple[float, float]]
    ) -> tuple[float, float]:
        """Range of one item more, from where one more of either half may lie."""
        parts = self.is_first.mean(), self.is_first.mean() - 1
        every = [
            value + float((end - gap.mean()) / part)
            for gap, part, both in zip(gaps, parts, ends, strict=True)
            for end in both
        ]
        return min(every), max(every)
