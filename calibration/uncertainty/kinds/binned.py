"""Sums of absolute gaps over bins: the ECEs, the smooth one among them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from ...metrics.arrays import FloatArray
from ...metrics.bins import Strategy
from ...metrics.smoothing import smoothed_errors
from ...predictions.predictions import Predictions, View
from ..cells import Cells, covariance
from ..drawn_units import ITEMS, Sampling
from ..intervals import Interval, Range, possible
from ..noise_floor import NullECE, null_distribution
from ..stated_noise_floor import StatedConfidence, stated_null_distribution

# Two sums of the same gaps in another order differ by less.
_SAME = 1e-12


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
    n_draws: ClassVar[int] = 10_000

    @property
    def value(self) -> float:
        """The measure: the absolute mean gaps, summed."""
        return float(self.of_gaps(self.cells.gaps))

    def of_gaps(self, gaps: FloatArray) -> FloatArray:
        """The measure of other gaps in the same bins, shape (…, n_bins) to (…,)."""
        return np.asarray(np.abs(gaps).sum(axis=-1))

    def interval(self, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int) -> Interval:
        """Basic interval of the measure, from 0 if within its noise floor.

        Its p-value is that of the floor.
        """
        errors = redrawn([self], sampling, seed=seed)[0]
        low, high = np.quantile(errors, [(1 - level) / 2, (1 + level) / 2])
        low, high = max(2 * self.value - high, 0.0), max(2 * self.value - low, 0.0)
        if floor is not None and floor.p_value >= 1 - level:
            low = 0.0
        p_value = math.nan if floor is None else floor.p_value
        return possible(Interval(float(low), float(high), p_value), self.value, self.bounds)

    def paired_interval(self, after: Self, sampling: Sampling, *, level: float, seed: int) -> Interval:
        """Basic interval of the change, paired by item, and its test of 0."""
        return self._basic_change(after, *redrawn([self, after], sampling, seed=seed), level=level)

    def unpaired_interval(
        self, after: Self, samplings: tuple[Sampling, Sampling], *, level: float, seed: int
    ) -> Interval:
        """Basic interval of the change between runs on different items, each drawn by itself."""
        (drawn_before,), (drawn_after,) = (
            redrawn([measure], sampling, seed=[seed, number])
            for number, (measure, sampling) in enumerate(zip((self, after), samplings, strict=True))
        )
        return self._basic_change(after, drawn_before, drawn_after, level=level)

    def _basic_change(
        self, after: Self, drawn_before: FloatArray, drawn_after: FloatArray, *, level: float
    ) -> Interval:
        value = after.value - self.value
        error = np.sort(drawn_after - drawn_before - value)
        low, high = np.quantile(error, [(1 - level) / 2, (1 + level) / 2])
        # Inverts the basic interval: 0 is outside it at just this level.
        above = (1 + np.count_nonzero(error >= value - _SAME)) / (len(error) + 1)
        below = (1 + np.count_nonzero(error <= value + _SAME)) / (len(error) + 1)
        return Interval(float(value - high), float(value - low), float(min(1.0, 2 * min(above, below))))

    def has_same_answers(self, after: Self) -> bool:
        """Whether the answers are the same to the last digit."""
        return np.array_equal(self.cells.gap, after.cells.gap)

    def times_as_many(self, after: Self | None, *, half_width: float, level: float, seed: int) -> float:
        """Items needed for an interval of this half-width, over the items of the run."""
        measures = [self] if after is None else [self, after]

        def half(times: float) -> float:
            errors = redrawn(measures, ITEMS, seed=seed, times_as_many=times)
            moved = errors[0] if after is None else errors[1] - errors[0]
            low, high = np.quantile(moved, [(1 - level) / 2, (1 + level) / 2])
            return float(high - low) / 2

        return _smallest(half, half_width)


@dataclass(frozen=True, eq=False)
class SmoothECE(Binned):
    """Smooth ECE: absolute gaps in narrow bins, smoothed before they are summed.

    Attributes
    ----------
    exact : float
        The measure itself; the bins are for its noise.
    """

    exact: float = math.nan
    n_draws: ClassVar[int] = 2_000

    @property
    def value(self) -> float:
        """The measure."""
        return self.exact

    def of_gaps(self, gaps: FloatArray) -> FloatArray:
        """The measure of other gaps in the same bins, shape (n_draws, n_bins) to (n_draws,)."""
        return smoothed_errors(gaps)


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


def redrawn(
    measures: Sequence[Binned], sampling: Sampling, *, seed: int | list[int], times_as_many: float = 1.0
) -> list[FloatArray]:
    """Draws of one or two measures, shape (n_draws,) each, from `draw_gaps` in their bins."""
    noises = draw_gaps(
        [measure.cells for measure in measures],
        sampling,
        n_draws=measures[0].n_draws,
        seed=seed,
        times_as_many=times_as_many,
    )
    errors = []
    for measure, noise in zip(measures, noises, strict=True):
        centre = measure.cells.gaps[None, :]
        # What the bins of a smooth error leave out is the same in every draw.
        errors.append(measure.of_gaps(centre + noise) + (measure.value - measure.of_gaps(centre)))
    return errors


def draw_gaps(
    runs: Sequence[Cells], sampling: Sampling, *, n_draws: int, seed: int | list[int], times_as_many: float = 1.0
) -> list[FloatArray]:
    """Joint noise of the gaps in bins, of one run or two.

    Parameters
    ----------
    runs : sequence of Cells
        One run, or two on the same items in the same order.
    sampling : Sampling
        What is drawn anew.
    n_draws : int
        Number of draws.
    seed : int or list of int
        Same seed, same digits.
    times_as_many : float
        Size of the imagined sample over that of the real one; its noise is smaller by the root.

    Returns
    -------
    list of ndarray, shape (n_draws, n_bins)
        One array a run; rows of both belong together.
    """
    n_bins = [cells.n_bins for cells in runs]
    gaps = covariance(runs, sampling.dependent, sampling.strata)[: sum(n_bins), : sum(n_bins)]
    values, vectors = np.linalg.eigh(gaps)
    # What is left of a covariance of 0 after rounding is no noise.
    values[values < 1e-12 * values.max()] = 0
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((n_draws, len(values))) @ (vectors * np.sqrt(np.maximum(values, 0))).T
    if sampling.freedom is not None:  # few subjects: Student's t instead of the normal
        noise *= np.sqrt(sampling.freedom / rng.chisquare(sampling.freedom, n_draws))[:, None]
    noise /= np.sqrt(times_as_many)
    return np.split(noise, np.cumsum(n_bins)[:-1], axis=1)


def _smallest(half: Callable[[float], float], half_width: float) -> float:
    """Argument at which a falling function reaches `half_width`, to 0.1 %."""
    low = high = 1.0
    while half(high) > half_width:
        low, high = high, 4 * high
    while low == high or (low > 1e-9 and half(low) <= half_width):
        low, high = low / 4, low
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if half(middle) <= half_width else (middle, high)
    return high
