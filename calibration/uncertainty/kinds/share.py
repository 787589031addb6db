"""Shares of items, such as accuracy: Wilson's interval, Tango's for their change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from ...metrics.arrays import FloatArray
from ..drawn_units import ITEMS, Sampling
from ..intervals import Interval, Range, possible, wilson_interval
from ..noise_floor import NullECE
from ..standard_errors import critical, degrees_of_freedom, mean_interval, needed_times, standard_error
from ..tango import no_change, tango_interval


@dataclass(frozen=True, eq=False)
class Share:
    """A share of items.

    Attributes
    ----------
    credit : ndarray, shape (n_items,)
        Part of each item that counts, from 0 to 1.
    """

    credit: FloatArray
    bounds: ClassVar[Range] = (0.0, 1.0)
    at_its_end: ClassVar[bool] = False

    @property
    def value(self) -> float:
        """The share."""
        return float(self.credit.mean())

    @property
    def influence(self) -> FloatArray:
        """Influence of each item, times n_items; sums to 0."""
        return np.asarray(self.credit - self.credit.mean())

    @property
    def is_whole(self) -> bool:
        """Whether every credit is 0 or 1.

        Credit that ties split has no table of right and wrong to test.
        """
        return bool(((self.credit == 0) | (self.credit == 1)).all())

    @property
    def item_values(self) -> FloatArray:
        """The credits."""
        return self.credit

    def interval(self, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int) -> Interval:
        """Wilson's interval, its count the effective one, which gives a share this standard error."""
        value = self.value
        return possible(wilson_interval(value, _count(self, sampling, level), level=level), value, self.bounds)

    def paired_interval(self, after: Self, sampling: Sampling, *, level: float, seed: int) -> Interval:
        """Interval of the change, paired by item: Tango's for items drawn anew."""
        if sampling is ITEMS and self.is_whole and after.is_whole:
            return tango_interval(self.credit, after.credit, level=level)
        if sampling.clusters is None and np.array_equal(self.credit, after.credit):
            return no_change(len(self.credit), level=level)
        return mean_interval(after.value - self.value, after.influence - self.influence, sampling, level=level)

    def has_same_answers(self, after: Self) -> bool:
        """Never known: the same right and wrong answers may stay while all else changes."""
        return False

    def times_as_many(self, after: Self | None, *, half_width: float, level: float, seed: int) -> float:
        """Items needed for an interval of this half-width, over the items of the run."""
        moved = self.influence if after is None else after.influence - self.influence
        return needed_times(moved, half_width=half_width, level=level)


def _count(measure: Share, sampling: Sampling, level: float) -> float:
    """Effective number of items: that of a share with this standard error."""
    value, n_items = measure.value, len(measure.credit)
    if sampling.strata is None and sampling.clusters is None:
        variance = float(np.mean(measure.influence**2))  # that of a share of whole items is value × (1 − value)
        return n_items * value * (1 - value) / variance if variance > 0 else n_items
    error = standard_error(measure.influence, sampling)
    count = value * (1 - value) / error**2 if error > 0 else n_items
    freedom = degrees_of_freedom(measure.influence, sampling)
    if freedom is not None:  # a wider interval is that of fewer items (Korn and Graubard 1998)
        count *= (critical(level, None) / critical(level, freedom)) ** 2
    return count
