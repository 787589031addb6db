"""Shares of items, such as accuracy: Wilson's interval, Tango's for their change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...metrics.arrays import FloatArray
from ..intervals import Interval, Range, cut, holding, mean_interval, possible_change, wilson_interval
from ..standard_errors import ITEMS, Sampling, critical, degrees_of_freedom, standard_error
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


def share_interval(measure: Share, sampling: Sampling, *, level: float) -> Interval:
    """Wilson's interval, its count the effective one, which gives a share this standard error."""
    value = measure.value
    return cut(holding(wilson_interval(value, _count(measure, sampling, level), level=level), value), *measure.bounds)


def share_change(before: Share, after: Share, sampling: Sampling, *, level: float) -> Interval:
    """Interval of the change, paired by item: Tango's for items drawn anew."""
    value = after.value - before.value
    if sampling is ITEMS and before.is_whole and after.is_whole:
        raw = tango_interval(before.credit, after.credit, level=level)
    elif sampling.clusters is None and np.array_equal(before.credit, after.credit):
        raw = no_change(len(before.credit), level=level)
    else:
        raw = mean_interval(value, after.influence - before.influence, sampling, level=level)
    return possible_change(raw, value, before.bounds, after.bounds)


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
