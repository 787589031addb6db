"""Squared gaps over bins, without the bias that noise adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import ClassVar, Self

import numpy as np

from ...metrics.arrays import FloatArray, IntArray
from ...metrics.squared_error import debiased
from ..cells import Cells, covariance
from ..drawn_units import Sampling
from ..few_errors import fewest, state_the_same
from ..gap_noise import gap_noise
from ..intervals import Interval, Range, too_few_clusters
from ..noise_floor import NullECE, redrawn_gaps
from ..planned_noise import GAP_ALLOWANCE, Precision, refuse_few_events, refuse_small, smallest_times
from ..squared_error_intervals import SquaredError, squared_error_change, squared_error_interval
from ..standard_errors import critical
from ..visible_changes import missed, visible_beyond
from .binned import Binned

_N_DRAWS = 1_000
# Of smaller pilots the number of items lies within a factor of four.
_SMALLEST_PILOT = 50
# Clusters of one size that say as much as those that squares of gaps need: of fewer, their noise is not known.
_FEWEST_EVEN_CLUSTERS = 8


@dataclass(frozen=True, eq=False)
class Squared:
    """Debiased squared gaps over bins; `squared` makes one.

    Attributes
    ----------
    value : float
        The measure.
    cells : Cells
        Gaps of each item, by bin.
    """

    value: float
    cells: Cells
    bounds: ClassVar[Range] = (-1.0, 1.0)
    at_its_end: ClassVar[bool] = False
    item_values: ClassVar[None] = None

    def interval(self, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int) -> Interval:
        """Interval of the population value.

        It starts at the estimate where that is below 0.
        """
        if few := _few_even(sampling):
            return few
        error = squared_error([self], [sampling], level=level)
        if sampling.clusters is None:
            p_value = self._p_value_of_calibration(seed)
            error = replace(error, low=0.0 if p_value >= 1 - level else error.low, p_value=p_value)
        most = min(self._largest(sampling, level=level, seed=seed), 1.0)
        if unseen := self._of_unseen_errors(level):
            cautious = squared_error([self], [sampling], level=(1 + level) / 2)
            # Of few errors a stratum shows none, or all; where few items are unsure, others may lie elsewhere.
            apart = sampling.strata is not None or state_the_same(self.cells.top[0])
            high = most if apart else max(error.high, cautious.high, unseen)
            error = replace(error, high=high)
        error = replace(error, high=max(error.low, min(error.high, most)))
        return Interval(min(error.low, self.value), error.high, error.p_value)

    def _p_value_of_calibration(self, seed: int) -> float:
        """Share of redrawn squared errors that are as large.

        Answers are redrawn from their confidences; the observed error counts among them.
        """
        cells = self.cells
        stated = np.where(cells.present, cells.gap + cells.correct, 0.0)
        redrawn = redrawn_gaps(cells.bin_index, stated, cells.n_bins, draws=_N_DRAWS, seed=seed) / cells.total
        shares = np.maximum(cells.shares, np.finfo(np.float64).tiny)
        errors, observed = (np.square(redrawn) / shares).sum(axis=1), float((np.square(cells.gaps) / shares).sum())
        return float((1 + np.count_nonzero(errors >= observed * (1 - 1e-9))) / (_N_DRAWS + 1))

    def _of_unseen_errors(self, level: float) -> float:
        """Square of the largest signed gap that few errors leave possible.

        No squared error is below that of the signed gap.
        """
        return Binned(self.cells, None).with_unseen_errors(level) ** 2

    def _largest(self, sampling: Sampling, *, level: float, seed: int) -> float:
        """Upper limit of the ECE in the same bins, which no squared error exceeds."""
        ece = Binned(self.cells, None)
        return max(ece.margin(sampling, level=(1 + level) / 2, seed=seed), 0.0)

    def paired_interval(self, after: Self, sampling: Sampling, *, level: float, seed: int) -> Interval:
        """Interval of the change of the measure, paired by item."""
        if few := _few_even(sampling):
            return few
        error = squared_error([self, after], [sampling], level=level)
        return self._with_few_errors(after, error, (sampling, sampling), level=level, seed=seed)

    def unpaired_interval(
        self, after: Self, samplings: tuple[Sampling, Sampling], *, level: float, seed: int
    ) -> Interval:
        """Interval of the change between runs on different items, whose gaps are independent."""
        if few := _few_even(samplings[0]) or _few_even(samplings[1]):
            return few
        error = squared_error([self, after], samplings, level=level)
        return self._with_few_errors(after, error, samplings, level=level, seed=seed)

    def _with_few_errors(
        self, after: Self, error: SquaredError, samplings: tuple[Sampling, Sampling], *, level: float, seed: int
    ) -> Interval:
        """Limits of a change.

        Where either run has few errors they are as far apart as those of both.
        """
        low, high, p_value = error.low, error.high, error.p_value
        if not self.has_same_answers(after) and (self._of_unseen_errors(level) or after._of_unseen_errors(level)):
            first, second = (
                measure.interval(sampling, floor=None, level=level, seed=seed)
                for measure, sampling in zip((self, after), samplings, strict=True)
            )
            low, high = min(low, max(second.low, 0.0) - first.high), max(high, second.high - max(first.low, 0.0))
            p_value = max(p_value, 1 - level) if low <= 0 <= high else p_value
        return Interval(low, high, p_value)

    def visible_change(self, after: Self, samplings: Sequence[Sampling], interval: Interval, *, level: float) -> float:
        """Smallest change that is seen in 80 % of samples, with normal noise."""
        return visible_beyond(interval, after.value - self.value, level=level)

    def has_same_answers(self, after: Self) -> bool:
        """Whether the answers are the same to the last digit."""
        return np.array_equal(self.cells.gap, after.cells.gap)

    def required_times(
        self, after: Self | None, samplings: Sequence[Sampling], wanted: Precision, *, seed: int
    ) -> float:
        """Items needed for a precision, over the items of the run."""
        runs = [self] if after is None else [self, after]
        for measure in runs:
            correct = measure.cells.top[1]
            refuse_few_events(fewest(correct), len(correct), "answers that are wrong (or right)")
        refuse_small(self.cells.n_items, _SMALLEST_PILOT, "many or too few")
        bins = [0, *accumulate(measure.cells.n_bins for measure in runs)]
        noise = np.diag(_joint_noise([measure.cells for measure in runs], samplings)[: bins[-1], : bins[-1]])
        noises = [noise[start:end] for start, end in pairwise(bins)]
        squares = [_likely_squares(measure, own) for measure, own in zip(runs, noises, strict=True)]
        upwards = (wanted.change or 0.0) > 0
        if wanted.change is not None:
            shares = [measure.cells.shares for measure in runs]
            squares = _with_change(squares, shares, wanted.change, kept=after is self)

        def reach(times: float) -> float:
            gaps = [
                np.copysign(np.sqrt(own + own_noise / times), measure.cells.gaps)
                for measure, own, own_noise in zip(runs, squares, noises, strict=True)
            ]
            error = squared_error(runs, samplings, level=wanted.level, times=times, gaps=np.stack(gaps))
            if wanted.change is None:
                return (error.high - error.low) / 2
            side = error.value - error.low if upwards else error.high - error.value
            # The interval is wider than its noise, of which half is left (counted by `benchmarks.power`).
            return side * (1 + missed(wanted.power) / critical(wanted.level, None) / 2)

        allowance = GAP_ALLOWANCE if wanted.change is not None and after is self else 1.0
        return allowance * smallest_times(reach, wanted.target, step=2.0, close=1.01)


def _likely_squares(measure: Squared, noise: FloatArray) -> FloatArray:
    """Squared gaps without what noise adds to them, shape (n_bins,)."""
    return np.asarray(np.maximum(np.square(measure.cells.gaps) - noise, 0.0))


def _with_change(squares: list[FloatArray], shares: list[FloatArray], change: float, *, kept: bool) -> list[FloatArray]:
    """Squared gaps of both runs whose errors differ by a change.

    Those of the run that has more are scaled, or of the run after if those before are `kept`. If it has none, all its
    values are off alike.
    """
    errors = [
        float((own / np.maximum(share, np.finfo(np.float64).tiny)).sum())
        for own, share in zip(squares, shares, strict=True)
    ]
    scaled = 1 if change > 0 or (kept and errors[0] + change >= 0) else 0
    planned = list(squares)
    if kept and scaled == 0:
        planned[1], errors[1] = np.zeros(len(squares[1])), 0.0
    wanted = errors[0] + change if scaled else errors[1] - change
    has_some = errors[scaled] > 0
    planned[scaled] = squares[scaled] * (wanted / errors[scaled]) if has_some else wanted * np.square(shares[scaled])
    return planned


def _few_even(sampling: Sampling) -> Interval | None:
    """A blank interval if clusters are too few, or too uneven."""
    if sampling.dependent is None:
        return None
    return too_few_clusters(sampling.cluster_shares, sampling.unit, least_even=_FEWEST_EVEN_CLUSTERS)


def squared(cells: Cells, clusters: IntArray | None = None) -> Squared:
    """The debiased squared error of gaps in bins.

    Its noise is that between clusters, if items of one are not independent.

    Raises
    ------
    UndefinedMeasure
        If no bin holds values of two items.
    """
    several = cells.bin_index.shape[1] > 1
    item = np.broadcast_to(np.arange(cells.n_items)[:, None], cells.bin_index.shape)[cells.present]
    gap, bin_index = cells.gap[cells.present], cells.bin_index[cells.present]
    weight = None if cells.weight is None else cells.mass[cells.present]
    unit = clusters[item] if clusters is not None else item if several else None
    return Squared(debiased(gap, bin_index, cells.n_bins, unit=unit, weight=weight), cells)


def squared_error(
    measures: Sequence[Squared],
    samplings: Sequence[Sampling],
    *,
    level: float,
    times: float = 1.0,
    gaps: FloatArray | None = None,
) -> SquaredError:
    """Interval of a debiased squared error, or of its change.

    Of runs on different items with two samplings. For a sample so many times as large with other gaps, shape (n_runs,
    n_bins), if given.
    """
    runs = [measure.cells for measure in measures]
    schemes = samplings if len(samplings) == len(runs) else [samplings[0]] * len(runs)
    joint = _joint_noise(runs, samplings)
    units = min(
        _units(cells, sampling, paired=len(samplings) == 1) for cells, sampling in zip(runs, schemes, strict=True)
    )
    shares = np.stack([cells.shares for cells in runs])
    gaps = np.stack([cells.gaps for cells in runs]) if gaps is None else gaps
    counts = np.stack([cells.units(sampling.dependent) for cells, sampling in zip(runs, schemes, strict=True)])
    if times != 1:
        joint, counts, units = joint / times, np.rint(counts * times).astype(np.int64), max(round(units * times), 2)
    if len(runs) == 1:
        return squared_error_interval(gaps[0], shares[0], joint, counts=counts[0], units=units, level=level)
    return squared_error_change(gaps, shares, joint, counts=counts, units=units, level=level)


def _joint_noise(runs: Sequence[Cells], samplings: Sequence[Sampling]) -> FloatArray:
    """Covariance of the gaps of all runs, then of all shares.

    Those of two samplings are independent.
    """
    n_gaps = sum(cells.n_bins for cells in runs)
    if len(samplings) == 1:
        joint = covariance(list(runs), samplings[0])
        joint[:n_gaps, :n_gaps] = gap_noise(runs, samplings[0])
        return joint
    joint, first = np.zeros((2 * n_gaps,) * 2), 0
    for run, sampling in zip(runs, samplings, strict=True):
        own = np.arange(first, first + run.n_bins)
        rows = np.concatenate([own, own + n_gaps])
        joint[np.ix_(rows, rows)] = covariance([run], sampling)
        first += run.n_bins
    return joint


def _units(cells: Cells, sampling: Sampling, *, paired: bool) -> int:
    """Items drawn, or clusters."""
    if paired:
        return cells.n_items if sampling.freedom is None else sampling.freedom + 1
    return cells.n_items if sampling.dependent is None else int(sampling.dependent.max()) + 1
