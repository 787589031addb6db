"""Measures with an influence function: their error is that of a mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np

from ...metrics.arrays import FloatArray, IntArray
from ..drawn_units import ITEMS, Sampling
from ..intervals import Interval, Range, blank, inverted_p_value, joined_limits, possible, wilson_interval
from ..noise_floor import NullECE
from ..planned_noise import Precision, mean_reach, mean_times, smallest_times
from ..skewed_limits import skewed_interval
from ..standard_errors import (
    critical,
    difference_interval,
    mean_interval,
    refuse_single_units,
    standard_error,
)
from ..tango import no_change
from ..visible_changes import visible_difference, visible_mean_change, visible_share_change
from .rare_errors import LossErrors, RankErrors, RareErrors

Scale = Literal["identity", "log", "logit"]
# For p-values to four digits of limits that take milliseconds.
_HALVINGS = 20


@dataclass(frozen=True, eq=False, kw_only=True)
class MeanLike:
    """A measure with an influence function (asymptotically linear).

    Attributes
    ----------
    value : float
        The measure.
    influence : ndarray, shape (n_items,)
        Influence of each item on it, times n_items; sums to 0 (for subjects of one item, on average).
    scale : {"identity", "log", "logit"}
        Scale on which its interval is symmetric.
    zero_means_calibrated : bool
        Whether 0 is a hypothesis worth a p-value.
    count : float
        Number of comparisons behind a measure at the end of its scale, where the influence is 0. A mean over items
        that has one is made of right and wrong answers alone.
    bounds : tuple of float
        Least and largest possible value.
    clustered : ndarray, shape (n_items,), or None
        Influence for subjects drawn anew, if it differs from that for fixed subjects.
    weighted : bool
        Whether items count unevenly; their influence then holds their weight.
    errors : RareErrors or None
        The wrong and right answers behind it, if few of them make its noise unknown.
    """

    value: float
    influence: FloatArray
    scale: Scale = "identity"
    zero_means_calibrated: bool = False
    count: float = math.nan
    bounds: Range = (-math.inf, math.inf)
    clustered: FloatArray | None = None
    weighted: bool = False
    errors: RareErrors | None = None

    @property
    def is_mean(self) -> bool:
        """Whether the value is the plain mean of ``value + influence`` over the items."""
        return self.scale == "identity" and self.clustered is None and not self.weighted

    @property
    def of_answers(self) -> bool:
        """Whether it is made of right and wrong answers alone.

        They may stay while all else changes.
        """
        return self.scale == "identity" and math.isfinite(self.count)

    @property
    def at_its_end(self) -> bool:
        """Whether an AUROC or AURC is exactly 0 or 1.

        The influence is then 0 and bounds nothing.
        """
        return self.scale == "logit" and self.value in (0, 1)

    @property
    def item_values(self) -> FloatArray | None:
        """Values of the items, shape (n_items,), if the measure is their bounded mean."""
        return self.value + self.influence if self.is_mean and np.isfinite(self.bounds).all() else None

    def influence_under(self, sampling: Sampling) -> FloatArray:
        """Influence of each item if subjects are drawn anew, otherwise for fixed subjects."""
        return self.influence if self.clustered is None or not sampling.draws_subjects else self.clustered

    def interval(self, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int) -> Interval:
        """Interval of the measure; its p-value is NaN unless 0 means calibrated."""
        value = self.value
        rare = self.rare_interval(sampling, level, seed, tested=self.zero_means_calibrated)
        if rare is not None:
            return possible(self._with_test(rare), value, self.bounds)
        all_alike = self.of_answers and value in (0, 1) and not sampling.draws_subjects
        if self.at_its_end or all_alike:
            raw = wilson_interval(value, self.count, level=level)
        elif self.scale == "log" and sampling.clusters is not None:
            raw = self._with_test(skewed_interval([value], [self.influence], [1.0], sampling, level=level))
        elif self.scale != "identity":
            freedom = sampling.mean_freedom
            half = critical(level, freedom) * standard_error(self.influence, sampling)
            low, high = _symmetric(value, half, self.scale)
            if sampling.dependent is not None:
                skewed = mean_interval(value, self.influence, sampling, level=level)
                low, high = min(low, skewed.low), max(high, skewed.high)
            raw = Interval(low, high, math.nan)
        else:
            raw = mean_interval(value, self.influence_under(sampling), sampling, level=level)
            raw = self._with_test(raw)
        return possible(raw, value, self.bounds)

    def paired_interval(self, after: Self, sampling: Sampling, *, level: float, seed: int) -> Interval:
        """Interval of the change of the measure, paired by item."""
        value = after.value - self.value
        if self.of_answers and sampling.clusters is None and np.array_equal(self.influence, after.influence):
            return no_change(self.count, level=level)
        moved = after.influence_under(sampling) - self.influence_under(sampling)
        if self.errors is not None and after.errors is not None and not self.has_same_answers(after):
            refuse_single_units(len(self.influence), sampling)
            rare = self.errors.change(after.errors, value + moved, sampling, level=level, seed=seed)
            if rare is not None:
                return rare
        if self.scale == "log" and sampling.clusters is not None:
            values, influences = (self.value, after.value), (self.influence, after.influence)
            return self._within_reach(after, skewed_interval(values, influences, (-1.0, 1.0), sampling, level=level))
        return self._within_reach(after, mean_interval(value, moved, sampling, level=level, paired=True))

    def unpaired_interval(
        self, after: Self, samplings: tuple[Sampling, Sampling], *, level: float, seed: int
    ) -> Interval:
        """Interval of the change between runs on different items.

        Where either has few errors, or is the temperature of clusters, both runs' own limits are joined.
        """
        skewed = self.scale == "log" and any(sampling.clusters is not None for sampling in samplings)
        rare = (
            measure.rare_interval(sampling, level, seed, tested=False)
            for measure, sampling in zip((self, after), samplings, strict=True)
        )
        if skewed or any(rare):
            return self._within_reach(after, self._joined(after, samplings, level=level, seed=seed))
        influences = self.influence_under(samplings[0]), after.influence_under(samplings[1])
        interval = difference_interval(after.value - self.value, influences, samplings, level=level)
        return self._within_reach(after, interval)

    def rare_interval(self, sampling: Sampling, level: float, seed: int, *, tested: bool) -> Interval | None:
        """The interval that few errors leave, blank ones too; None if they are enough."""
        if self.errors is None or self.at_its_end:
            return None
        refuse_single_units(len(self.influence), sampling)
        values = self.value + self.influence_under(sampling)
        return self.errors.interval(values, sampling, level=level, seed=seed, tested=tested)

    def _with_test(self, interval: Interval) -> Interval:
        return interval if self.zero_means_calibrated else replace(interval, p_value=math.nan)

    def _joined(self, after: Self, samplings: tuple[Sampling, Sampling], *, level: float, seed: int) -> Interval:
        def both(level: float) -> tuple[Interval, Interval]:
            first, second = (
                replace(measure, zero_means_calibrated=False).interval(sampling, floor=None, level=level, seed=seed)
                for measure, sampling in zip((self, after), samplings, strict=True)
            )
            return first, second

        def limits(level: float) -> tuple[float, float]:
            first, second = both(level)
            return joined_limits((self.value, after.value), (first.low, first.high), (second.low, second.high))

        own = both(level)
        unknown = next((interval for interval in own if not interval.known), None)
        label = own[0].label or own[1].label
        return unknown or Interval(*limits(level), inverted_p_value(limits, halvings=_HALVINGS), label=label)

    def _within_reach(self, after: Self, interval: Interval) -> Interval:
        """The interval of a change; blank if it reaches beyond both temperatures."""
        # Temperatures have no upper end that bounds a change.
        reach = self.value + after.value if self.scale == "log" else math.inf
        if max(abs(interval.low), abs(interval.high)) > reach:
            return blank(f"too few items: the interval would reach beyond both temperatures together, {reach:.3g}")
        return interval

    def visible_change(self, after: Self, samplings: Sequence[Sampling], interval: Interval, *, level: float) -> float:
        """Smallest change that is seen in 80 % of samples."""
        value, first, last = after.value - self.value, samplings[0], samplings[-1]
        influences = self.influence_under(first), after.influence_under(last)
        if len(samplings) > 1:
            return visible_difference(interval, value, influences, (first, last))
        moved = influences[1] - influences[0]
        if self.of_answers and not moved.any():
            return visible_share_change(self.count, 0.0, level=level)
        return visible_mean_change(interval, value, moved, first)

    def has_same_answers(self, after: Self) -> bool:
        """Whether the answers, not right and wrong alone, are exactly the same."""
        if self.of_answers or self.value != after.value or not np.array_equal(self.influence, after.influence):
            return False
        # Answers can have the same ranks, or losses to the last digit, in runs that differ.
        errors, others = self.errors, after.errors
        if isinstance(errors, RankErrors) and isinstance(others, RankErrors):
            return errors.is_same(others)
        return not (isinstance(errors, LossErrors) and isinstance(others, LossErrors)) or errors.is_same(others)

    def required_times(
        self, after: Self | None, samplings: Sequence[Sampling], wanted: Precision, *, seed: int
    ) -> float:
        """Items needed for a precision, over the items of the run."""
        first, last = samplings[0], samplings[-1]
        if after is None:
            influences = [self.influence_under(first)]
        elif len(samplings) > 1:
            influences = [self.influence_under(first), after.influence_under(last)]
        else:
            influences = [after.influence_under(first) - self.influence_under(first)]
        needed = mean_times(influences, samplings, wanted)
        if len(samplings) > 1 or first.clusters is not None or first.strata is not None or self.errors is None:
            return needed
        return self._few_times(after, influences[0], wanted, needed, seed=seed)

    def _few_times(
        self, after: Self | None, moved: FloatArray, wanted: Precision, needed: float, *, seed: int
    ) -> float:
        """Items needed where a sample of so many would hold few errors."""
        order = np.argsort(moved, kind="stable")

        def sample(times: float) -> tuple[IntArray, MeanLike, MeanLike | None]:
            count = max(round(len(moved) * times), 2)
            rows = order[((np.arange(count) + 0.5) * len(moved) / count).astype(np.int64)]
            return rows, self.take(rows), None if after is None else after.take(rows)

        def reach(times: float) -> float:
            rows, run, later = sample(times)
            if run.has_many(later, moved[rows], level=wanted.level, seed=seed):
                return mean_reach([moved], [ITEMS], times, level=wanted.level, power=wanted.shown)
            if later is None:
                interval = run.interval(ITEMS, floor=None, level=wanted.level, seed=seed)
                return (interval.high - interval.low) / 2 if interval.known else math.inf
            interval = run.paired_interval(later, ITEMS, level=wanted.level, seed=seed)
            if not interval.known:
                return math.inf
            if wanted.change is None:
                return (interval.high - interval.low) / 2
            return visible_mean_change(interval, later.value - run.value, moved[rows], power=wanted.power)

        rows, run, later = sample(needed)
        if run.has_many(later, moved[rows], level=wanted.level, seed=seed):
            return needed
        return smallest_times(reach, wanted.target, start=needed, step=1.5, close=1.02)

    def has_many(self, after: Self | None, moved: FloatArray, *, level: float, seed: int) -> bool:
        """Whether errors are so many that an interval is that of a mean."""
        if self.errors is None:
            return True
        if after is None:
            return self.errors.interval(self.value + self.influence, ITEMS, level=level, seed=seed) is None
        return after.errors is None or self.errors.change(after.errors, moved, ITEMS, level=level, seed=seed) is None

    def take(self, rows: IntArray) -> Self:
        """The measure as some of its items would have it, at the same value."""
        errors = None if self.errors is None else self.errors.take(rows)
        clustered = None if self.clustered is None else self.clustered[rows]
        return replace(self, influence=self.influence[rows], clustered=clustered, errors=errors)


def plain_mean(
    values: FloatArray,
    bounds: Range,
    *,
    zero_means_calibrated: bool = False,
    weight: FloatArray | None = None,
    errors: RareErrors | None = None,
) -> MeanLike:
    r"""The mean of one value an item, shape (n_items,).

    With weights the ratio :math:`\sum w x / \sum w` (Hájek's estimator), whose influence is :math:`(x - \bar x) w /
    \bar w`.

    References
    ----------
    Hájek (1971), in "Foundations of statistical inference", Holt, Rinehart and Winston, p. 236. Särndal, Swensson and
    Wretman (1992), doi:10.1007/978-1-4612-4378-6, section 5.7.
    """
    mean = np.average(values, weights=weight) if weight is not None else values.mean()
    moved = values - mean
    return MeanLike(
        value=float(mean),
        influence=moved if weight is None else moved * weight / weight.mean(),
        bounds=bounds,
        zero_means_calibrated=zero_means_calibrated,
        weighted=weight is not None,
        errors=errors,
    )


def _symmetric(value: float, half: float, scale: Scale) -> tuple[float, float]:
    """Limits of an interval that is symmetric on its scale.

    `half` is its half-width on the natural one.
    """
    if scale == "log":
        return value * math.exp(-half / value), value * math.exp(half / value)
    centre, width = math.log(value / (1 - value)), half / (value * (1 - value))
    return 1 / (1 + math.exp(-(centre - width))), 1 / (1 + math.exp(-(centre + width)))
