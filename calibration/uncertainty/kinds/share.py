"""Shares of items, such as accuracy: Wilson's interval, Tango's for their change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from ...errors import UndefinedMeasure
from ...metrics.arrays import FloatArray
from ..drawn_units import ITEMS, Sampling
from ..few_errors import fewest
from ..independent_answers import is_whole, share_count
from ..intervals import Interval, Range, inverted_p_value, joined_limits, possible, wilson_interval
from ..noise_floor import NullECE
from ..planned_noise import Precision, inflation, mean_times, refuse_few_events, smallest_times
from ..standard_errors import critical, mean_interval, standard_error
from ..tango import no_change, tango_interval
from ..visible_changes import shown_flips, visible_difference, visible_mean_change, visible_share_change


@dataclass(frozen=True, eq=False)
class Share:
    """A share of items.

    Attributes
    ----------
    credit : ndarray, shape (n_items,)
        Part of each item that counts, from 0 to 1.
    weight : ndarray, shape (n_items,), or None
        How much each item counts; None if all count alike.
    graded : bool
        Whether a grader gave the parts, so that they have a mean with Student's t; otherwise ties split them.
    """

    credit: FloatArray
    weight: FloatArray | None = None
    graded: bool = False
    bounds: ClassVar[Range] = (0.0, 1.0)
    at_its_end: ClassVar[bool] = False

    @property
    def value(self) -> float:
        """The share."""
        return float(self.credit.mean() if self.weight is None else np.average(self.credit, weights=self.weight))

    @property
    def influence(self) -> FloatArray:
        """Influence of each item, times n_items; sums to 0."""
        if self.weight is None:
            return np.asarray(self.credit - self.credit.mean())
        return np.asarray((self.credit - self.value) * self.weight / self.weight.mean())

    @property
    def is_whole(self) -> bool:
        """Whether every credit is 0 or 1.

        Credit that ties split has no table of right and wrong to test.
        """
        return is_whole(self.credit)

    @property
    def item_values(self) -> FloatArray | None:
        """The credits; None if items count unevenly."""
        return self.credit if self.weight is None else None

    def interval(self, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int) -> Interval:
        """Wilson's interval, its count the effective one, which gives a share this standard error.

        Of credit that a grader gave with Student's t, and never fewer than items.
        """
        value = self.value
        return possible(wilson_interval(value, _count(self, sampling, level), level=level), value, self.bounds)

    def paired_interval(self, after: Self, sampling: Sampling, *, level: float, seed: int) -> Interval:
        """Interval of the change, paired by item: Tango's for items drawn anew."""
        if sampling is ITEMS and self.is_whole and after.is_whole:
            return tango_interval(self.credit, after.credit, level=level)
        if (
            self.graded
            and not sampling.draws_subjects
            and len(self.credit) > 1
            and np.ptp(after.credit - self.credit) == 0
        ):
            return _alike(self, after, _drawn(self, sampling), level)
        if not sampling.draws_subjects and np.array_equal(self.credit, after.credit):
            return no_change(_drawn(self, sampling), level=level)
        return mean_interval(
            after.value - self.value, after.influence - self.influence, sampling, level=level, paired=True
        )

    def unpaired_interval(
        self, after: Self, samplings: tuple[Sampling, Sampling], *, level: float, seed: int
    ) -> Interval:
        """Newcombe's interval of the change between runs on different items, from both of Wilson's.

        References
        ----------
        Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I (method 10).
        """
        before = self

        def limits(level: float) -> tuple[float, float]:
            first, second = (
                wilson_interval(measure.value, _count(measure, sampling, level), level=level)
                for measure, sampling in zip((before, after), samplings, strict=True)
            )
            return joined_limits((before.value, after.value), (first.low, first.high), (second.low, second.high))

        return Interval(*limits(level), inverted_p_value(limits))

    def visible_change(self, after: Self, samplings: Sequence[Sampling], interval: Interval, *, level: float) -> float:
        """Smallest change that is seen in 80 % of samples."""
        value, first, last = after.value - self.value, samplings[0], samplings[-1]
        if len(samplings) > 1:
            return visible_difference(interval, value, (self.influence, after.influence), (first, last))
        moved = after.credit - self.credit
        if (first is ITEMS and self.is_whole and after.is_whole) or not moved.any():
            return visible_share_change(_drawn(self, first), float(np.abs(moved).mean()), level=level)
        return visible_mean_change(interval, value, after.influence - self.influence, first)

    def has_same_answers(self, after: Self) -> bool:
        """Never known: the same right and wrong answers may stay while all else changes."""
        return False

    def required_times(
        self, after: Self | None, samplings: Sequence[Sampling], wanted: Precision, *, seed: int
    ) -> float:
        """Items needed for a precision, over the items of the run."""
        first, level = samplings[0], wanted.level
        drawn_alone = first.clusters is None and first.strata is None
        moved = self.influence if after is None else after.influence - self.influence
        if after is None:
            if not drawn_alone:
                return mean_times([moved], samplings, wanted)
            refuse_few_events(fewest(self.credit > 0.5), len(moved), "answers that are wrong (or right)")
            return smallest_times(lambda times: self._wilson_half(times, level), wanted.target)
        if len(samplings) > 1:
            return self._unpaired_times(after, samplings, wanted)
        if not (drawn_alone and self.is_whole and after.is_whole) or wanted.change is None:
            return mean_times([moved], samplings, wanted)
        changed, size = int(np.count_nonzero(after.credit != self.credit)), abs(wanted.change)
        refuse_few_events(changed, len(moved), "answers that became right or wrong")
        share = changed / len(moved) * inflation(1 / changed, level=level, power=wanted.power)

        def short(times: float) -> float:
            return wanted.power - shown_flips(len(moved) * times, max(share, size), size, level=level)

        return smallest_times(short, 0.0)

    def _wilson_half(self, times: float, level: float) -> float:
        interval = wilson_interval(self.value, len(self.credit) * times, level=level)
        return (interval.high - interval.low) / 2

    def _unpaired_times(self, after: Self, samplings: Sequence[Sampling], wanted: Precision) -> float:
        """Items of each of two runs on different items.

        A share that changes has the noise of the share that it becomes.
        """
        influences = [self.influence, after.influence]
        if wanted.change is None or after is not self:
            return mean_times(influences, samplings, wanted)
        value = self.value
        moved = value + wanted.change
        if not 0 <= moved <= 1:
            raise UndefinedMeasure(
                f"a share of {value:.3g} cannot change by {wanted.change:+}; of a drop give it below 0"
            )
        noise = value * (1 - value)
        refuse_few_events(fewest(self.credit > 0.5), len(self.credit), "answers that are wrong (or right)")
        scale = math.sqrt((noise + moved * (1 - moved)) / (2 * noise))
        return mean_times([scale * influence for influence in influences], samplings, wanted)


def _alike(before: Share, after: Share, count: float, level: float) -> Interval:
    """Interval of a change that is the same for every item."""
    # As wide as that of no change.
    value = after.value - before.value
    if value == 0:
        return no_change(count, level=level)

    def limits(level: float) -> tuple[float, float]:
        none = no_change(count, level=level)
        return max(-1.0, value + none.low), min(1.0, value + none.high)

    return Interval(*limits(level), inverted_p_value(limits))


def _drawn(measure: Share, sampling: Sampling) -> float:
    """Number of items, or of clusters of items.

    Of uneven ones the effective number (Kish 1965).
    """
    if sampling.clusters is None or sampling.draws_subjects:
        return len(measure.credit)
    return float(1 / (sampling.cluster_shares**2).sum())


def _count(measure: Share, sampling: Sampling, level: float) -> float:
    """Effective number of items: that of a share with this standard error."""
    value, n_items = measure.value, len(measure.credit)
    if sampling.strata is None and sampling.clusters is None:
        if measure.graded:
            return share_count(measure.credit, level=level)
        variance = float(np.mean(measure.influence**2))  # that of a share of whole items is value × (1 − value)
        return n_items * value * (1 - value) / variance if variance > 0 else n_items
    error = standard_error(measure.influence, sampling)
    count = value * (1 - value) / error**2 if error > 0 else _drawn(measure, sampling)
    freedom = sampling.mean_freedom
    if freedom is not None:  # a wider interval is that of fewer items (Korn and Graubard 1998)
        count *= (critical(level, None) / critical(level, freedom)) ** 2
    return count
