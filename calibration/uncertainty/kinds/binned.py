"""Sums of absolute gaps over bins: the ECEs, the smooth one among them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from scipy.linalg import block_diag

from ...metrics.arrays import FloatArray
from ...metrics.bins import Strategy
from ...metrics.smoothing import smoothed_errors, smoother
from ...predictions.predictions import Predictions, View
from ..absolute_gaps import Limits, Tails, absolute_gaps_change, absolute_gaps_interval
from ..cells import Cells
from ..drawn_units import Sampling
from ..few_errors import fewest, gap_of_few_errors
from ..gap_noise import gap_noise
from ..gap_posterior import possible_gaps
from ..gap_signs import is_nearly_one, likely_signs
from ..intervals import Interval, Range, blank, possible
from ..noise_floor import NullECE, null_distribution
from ..planned_gaps import gap_draws, gaps_after, likely_gaps, times_that_are_clear
from ..planned_noise import GAP_ALLOWANCE, Precision, refuse_few_events, refuse_small, scaled_freedom, smallest_times
from ..stated_noise_floor import StatedConfidence, stated_null_distribution
from ..visible_changes import missed

# With fewer wrong answers, or right ones, those that were not seen count.
FEW_ERRORS = 10
# Of weighted items in bins of equal size, the most weight that may lie in bins without a wrong, or right, answer.
_MOST_UNSEEN = 0.6
# A change from a calibrated model that is seen in 80 % of samples, in half-widths of its interval (1.7 to 1.9).
_VISIBLE = 1.8
# Of fewer items a pilot's gaps are too much noise to plan a change of them (counted by `benchmarks.power`).
_SMALLEST_PILOT = 100


@dataclass(frozen=True, eq=False)
class Binned:
    """A sum of absolute gaps over bins.

    Attributes
    ----------
    cells : Cells
        Gaps of each item, by bin.
    view : {"top", "choices"} or None
        View of its noise floor; None if it has none.
    bins : int or None
        Number of bins that was asked for, if ties may leave fewer.
    strategy : {"uniform", "quantile", "distinct"}
        How the bins were made.
    """

    cells: Cells
    view: View | None
    bins: int | None = None
    strategy: Strategy = "uniform"
    bounds: ClassVar[Range] = (0.0, 1.0)
    at_its_end: ClassVar[bool] = False
    item_values: ClassVar[None] = None

    @property
    def value(self) -> float:
        """The measure: the absolute mean gaps, summed."""
        return float(self.of_gaps(self.cells.gaps))

    def of_gaps(self, gaps: FloatArray) -> FloatArray:
        """The measure of other gaps in the same bins, shape (…, n_bins) to (…,)."""
        return np.asarray(np.abs(gaps).sum(axis=-1))

    def interval(self, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int) -> Interval:
        """Interval that allows for bias, from 0 within the noise floor.

        Its p-value is that of the floor.
        """
        if unknown := self._unseen_in_bins():
            return unknown
        limits = self.limits(sampling, level=level, seed=seed)
        p_value = math.nan if floor is None else floor.p_value
        interval = replace(_as_interval(limits), p_value=p_value)
        if floor is not None and floor.p_value >= 1 - level:
            interval = replace(interval, low=0.0, least=0.0)
        return possible(interval, self.value, self.bounds)

    def noise(self, sampling: Sampling, after: Self | None = None) -> FloatArray:
        """Covariance of the gaps, also with another run's on the same items."""
        return gap_noise([self.cells] if after is None else [self.cells, after.cells], sampling)

    @property
    def smoother(self) -> FloatArray | None:
        """Matrix from gaps in the bins to those summed, shape (n, n_bins).

        None if they are those in the bins.
        """
        return None

    @property
    def left_out(self) -> float:
        """What the measure is larger by than the sum over its bins."""
        return 0.0

    def limits(self, sampling: Sampling, *, level: float, seed: int, times_as_many: float = 1.0) -> Limits:
        """Limits for the sample, or for one so many times as large."""
        noise = self.noise(sampling) / times_as_many
        (gaps,), noise = _summed([self], noise)
        tails = _tails([sampling], level, self.cells, times=times_as_many)
        limits = absolute_gaps_interval(gaps, noise, tails, seed=seed)
        more = self.left_out
        return Limits(
            max(limits.low + more, 0.0),
            max(limits.high + more, self.with_unseen_errors(level, times_as_many), 0.0),
            least=max(limits.least + more, 0.0),
            most=max(limits.most + more, self.with_unseen_errors(2 * level - 1, times_as_many), 0.0),
        )

    def margin(self, sampling: Sampling, *, level: float, seed: int) -> float:
        """Least margin that may be claimed: the one-sided upper limit of the measure."""
        return self.limits(sampling, level=level, seed=seed).most

    def with_unseen_errors(self, level: float, times_as_many: float = 1.0) -> float:
        """Upper limit of the measure where few answers are wrong, or few right.

        0 otherwise.

        It is at least the size of the signed gap, whose limits are then those of a rate. Of all letters pooled the
        predicted one and the right one are 2 of the options.
        """
        confidence, correct = self.cells.top
        # A larger sample is expected to hold more errors; where none was seen, as many as if it had been half a one.
        if max(fewest(correct), 0.5) * times_as_many >= FEW_ERRORS:
            return 0.0
        share = min(1.0, 2 * self.cells.n_items / self.cells.present.sum())
        low, high = gap_of_few_errors(confidence, correct, level=level)
        return float(share * max(abs(low), abs(high)))

    def _unseen_in_bins(self) -> Interval | None:
        """A blank interval if most weight has noise that is not seen.

        It lies in bins of equal size where no answer is wrong, or none right.
        """
        cells = self.cells
        if cells.weight is None or self.strategy != "quantile":
            return None
        right, wrong = (
            np.bincount(cells.bin_index[cells.present], weights=kind[cells.present], minlength=cells.n_bins)
            for kind in (cells.correct, ~cells.correct)
        )
        share = float(cells.shares[(right == 0) | (wrong == 0)].sum())
        if share <= _MOST_UNSEEN:
            return None
        return blank(
            f"{share:.0%} of the weight is in bins where no answer is wrong, or none right: of equal size they say too "
            "little of uneven weights; take bins of equal width".replace("%", " %")
        )

    def paired_interval(self, after: Self, sampling: Sampling, *, level: float, seed: int) -> Interval:
        """Interval of the change, paired by item, and its test of 0."""
        if unknown := self._unseen_in_bins() or after._unseen_in_bins():
            return unknown
        return _as_interval(self.limits_of_change(after, (sampling,), level=level, seed=seed))

    def unpaired_interval(
        self, after: Self, samplings: tuple[Sampling, Sampling], *, level: float, seed: int
    ) -> Interval:
        """Interval of the change between runs on different items, whose noise is independent."""
        if unknown := self._unseen_in_bins() or after._unseen_in_bins():
            return unknown
        return _as_interval(self.limits_of_change(after, samplings, level=level, seed=seed))

    def noise_of_change(self, after: Self, samplings: Sequence[Sampling]) -> FloatArray:
        """Joint covariance of the gaps of both runs, independent under two samplings."""
        if len(samplings) == 1:
            return self.noise(samplings[0], after)
        return np.asarray(block_diag(self.noise(samplings[0]), after.noise(samplings[1])))

    def limits_of_change(
        self, after: Self, samplings: Sequence[Sampling], *, level: float, seed: int, times: float = 1.0
    ) -> Limits:
        """Limits of the change, paired by item under one sampling.

        Under two their noise is independent. Of the sample, or of one so many times as large.
        """
        noise = self.noise_of_change(after, samplings)
        limits = self._change_limits(after, noise / times, samplings, level=level, seed=seed, times=times)
        # Of a run against itself nothing is unseen.
        if limits.low >= limits.high or not self._has_unseen_errors(after, level, times):
            return limits
        first, second = self._own_limits(after, samplings, level=level, seed=seed, times=times)
        low, high = min(limits.low, second.low - first.high), max(limits.high, second.high - first.low)
        return Limits(
            low,
            high,
            max(limits.p_value, 1 - level) if low <= 0 <= high else limits.p_value,
            least=min(limits.least, second.least - first.most),
            most=max(limits.most, second.most - first.least),
        )

    def _has_unseen_errors(self, after: Self, level: float, times: float) -> bool:
        return bool(self.with_unseen_errors(level, times) or after.with_unseen_errors(level, times))

    def _own_limits(
        self, after: Self, samplings: Sequence[Sampling], *, level: float, seed: int, times: float
    ) -> tuple[Limits, Limits]:
        first, second = (
            measure.limits(sampling, level=level, seed=seed, times_as_many=times)
            for measure, sampling in zip((self, after), (samplings[0], samplings[-1]), strict=True)
        )
        return first, second

    def _change_limits(
        self,
        after: Self,
        noise: FloatArray,
        samplings: Sequence[Sampling],
        *,
        level: float,
        seed: int,
        times: float,
        gaps: tuple[FloatArray, FloatArray] | None = None,
    ) -> Limits:
        """Limits from these gaps in the bins; from those of the runs if omitted."""
        (first, second), noise = _summed([self, after], noise, gaps)
        tails = _tails(samplings, level, self.cells, after.cells, times=times)
        paired = len(samplings) == 1 and is_nearly_one(self.cells.top[1], after.cells.top[1])
        signs = likely_signs(self.cells, after.cells, [self.smoother, after.smoother]) if paired else None
        limits = absolute_gaps_change(first, second, noise, tails, seed=seed, signs=signs)
        more = after.left_out - self.left_out
        return Limits(limits.low + more, limits.high + more, limits.p_value, limits.least + more, limits.most + more)

    def visible_change(self, after: Self, samplings: Sequence[Sampling], interval: Interval, *, level: float) -> float:
        """Smallest change that is seen in 80 % of samples.

        If one of the runs is calibrated; where both are off it is less.
        """
        return _VISIBLE * (interval.high - interval.low) / 2

    def has_same_answers(self, after: Self) -> bool:
        """Whether the answers are the same to the last digit."""
        return np.array_equal(self.cells.gap, after.cells.gap)

    def required_times(
        self, after: Self | None, samplings: Sequence[Sampling], wanted: Precision, *, seed: int
    ) -> float:
        """Items needed for a precision, over the items of the run."""
        level = wanted.level
        if after is None:
            return smallest_times(lambda times: self._half(samplings[0], times, level, seed), wanted.target)
        if wanted.change is None:

            def reach(times: float) -> float:
                limits = self.limits_of_change(after, samplings, level=level, seed=seed, times=times)
                return (limits.high - limits.low) / 2

            return smallest_times(reach, wanted.target)
        for measure in (self, after):
            correct = measure.cells.top[1]
            refuse_few_events(fewest(correct), len(correct), "answers that are wrong (or right)")
        refuse_small(self.cells.n_items, _SMALLEST_PILOT, "few")
        return self._times_that_show(after, samplings, wanted, seed=seed)

    def _times_that_show(self, after: Self, samplings: Sequence[Sampling], wanted: Precision, *, seed: int) -> float:
        """Items with which a change is shown as often as asked for.

        Gaps of planned samples are drawn around those that the pilot leaves possible; limits of their change are taken
        as of any sample.
        """
        noise = self.noise_of_change(after, samplings)
        n_bins, level, change = self.cells.n_bins, wanted.level, wanted.change or 0.0
        upwards, side = change > 0, 1 if change > 0 else -1
        draws = gap_draws(noise, seed=seed)
        if after is self:
            own = noise[:n_bins, :n_bins]
            planned = gaps_after(likely_gaps(self.cells.gaps, np.diag(own)), noise=own, change=change)
            centres = np.broadcast_to(np.concatenate(planned), draws.shape)
        else:
            observed = np.concatenate([self.cells.gaps, after.cells.gaps])
            centres = possible_gaps(
                (self.cells, after.cells), observed, noise, change=change, n_draws=len(draws) // 2, seed=seed
            )

        def clear(times: float) -> tuple[float, float]:
            """Mean and standard deviation of how far limits stay on their side of 0."""
            ends = []
            for drawn in centres + draws / math.sqrt(times):
                gaps = drawn[:n_bins], drawn[n_bins:]
                limits = self._change_limits(
                    after, noise / times, samplings, level=level, seed=seed, times=times, gaps=gaps
                )
                ends.append(limits.low if upwards else -limits.high)
            mean = float(np.mean(ends))
            if self._has_unseen_errors(after, level, times):
                own = self._own_limits(after, samplings, level=level, seed=seed, times=times)
                far = own[1].low - own[0].high if upwards else own[0].low - own[1].high
                mean = min(mean, wanted.target + far - side * (after.value - self.value))
            return mean, float(np.std(ends))

        return GAP_ALLOWANCE * times_that_are_clear(clear, wanted.target, missed(wanted.power))

    def _half(self, sampling: Sampling, times: float, level: float, seed: int) -> float:
        limits = self.limits(sampling, level=level, seed=seed, times_as_many=times)
        return (limits.high - limits.low) / 2


@dataclass(frozen=True, eq=False)
class SmoothECE(Binned):
    """Smooth ECE: absolute gaps in narrow bins, smoothed before they are summed.

    Attributes
    ----------
    exact : float
        The measure itself; the bins are for its noise.
    """

    exact: float = math.nan

    @property
    def value(self) -> float:
        """The measure."""
        return self.exact

    def of_gaps(self, gaps: FloatArray) -> FloatArray:
        """The measure of other gaps in the same bins, shape (n_draws, n_bins) to (n_draws,)."""
        return smoothed_errors(gaps)

    @cached_property
    def smoother(self) -> FloatArray:
        """Smoothed gaps of those in the bins, shape (n_bins, n_bins)."""
        return smoother(self.cells.n_bins, self.exact)

    @property
    def left_out(self) -> float:
        """What the measure is larger by than the sum over its bins."""
        return self.exact - float(np.abs(self.smoother @ self.cells.gaps).sum())


def binned_floor(measure: Binned, run: Predictions | StatedConfidence, *, seed: int) -> NullECE | None:
    """Noise floor of the measure on its run; None without a view.

    Items may have fewer options than others.
    """
    if measure.view is None:
        return None
    bins = measure.bins or measure.cells.n_bins
    if not isinstance(run, Predictions):
        return stated_null_distribution(run, bins=bins, strategy=measure.strategy, seed=seed, of_gaps=measure.of_gaps)
    return null_distribution(
        run.probabilities,
        run.answer,
        run.present,
        view=measure.view,
        bins=bins,
        strategy=measure.strategy,
        seed=seed,
        of_gaps=measure.of_gaps,
    )


def _summed(
    measures: Sequence[Binned], noise: FloatArray, gaps: Sequence[FloatArray] | None = None
) -> tuple[list[FloatArray], FloatArray]:
    """Gaps whose absolute values are summed, run by run, and the covariance of all.

    Of a run with fewer bins than another the last ones are empty.
    """
    gaps = [measure.cells.gaps for measure in measures] if gaps is None else gaps
    maps = [
        np.eye(len(own)) if measure.smoother is None else measure.smoother
        for measure, own in zip(measures, gaps, strict=True)
    ]
    most = max(len(smoothed) for smoothed in maps)
    maps = [np.pad(smoothed, ((0, most - len(smoothed)), (0, 0))) for smoothed in maps]
    joint = block_diag(*maps)
    return [smoothed @ own for smoothed, own in zip(maps, gaps, strict=True)], joint @ noise @ joint.T


def _tails(samplings: Sequence[Sampling], level: float, *runs: Cells, times: float = 1.0) -> Tails:
    """How limits are taken of what is drawn anew, so many times as much."""
    freedoms = [freedom for sampling in samplings if (freedom := scaled_freedom(sampling, times)) is not None]
    units = math.inf if freedoms else times * min(cells.n_items for cells in runs)
    return Tails(level=level, units=units, freedom=min(freedoms, default=None))


def _as_interval(limits: Limits) -> Interval:
    return Interval(limits.low, limits.high, limits.p_value, least=limits.least, most=limits.most)
