"""Samples of a cell: how often intervals are printed, and hold the truth."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from calibration import Pairs, Predictions
from calibration.errors import UndefinedMeasure
from calibration.uncertainty.changes import Change, measure_change
from calibration.uncertainty.drawn_units import Sampling, run_sampling
from calibration.uncertainty.estimates import Estimate, measure_estimate, measure_floor
from calibration.uncertainty.kinds.protocol import Measure
from calibration.uncertainty.measure_table import MEASURES
from calibration.uncertainty.measures import ece_top
from calibration.uncertainty.same_answers import alike_by_chance

from .cells import SIDES, AnyCell, Cell
from .populations import draw
from .truths import Truth, cached_truth

BLOCK = 50
# Truths closer to 0 than the noise of their own sample, which is that of rounding where it is none.
_ZERO = 1e-6


@dataclass(kw_only=True)
class Counts:
    """What became of a number in samples of a cell.

    Attributes
    ----------
    times, printed : int
        Samples, and those with an interval.
    below, above : int
        Printed intervals with the truth below and above them.
    width, off, off_squared : float
        Sums of the widths of printed intervals, of what their estimates are off by, and of the squares of that.
    tested, rejected : int
        P-values where the hypothesis is true, and those below .05.
    """

    times: int = 0
    printed: int = 0
    below: int = 0
    above: int = 0
    width: float = 0.0
    off: float = 0.0
    off_squared: float = 0.0
    tested: int = 0
    rejected: int = 0

    def add(self, other: Counts) -> None:
        """Add those of other samples."""
        for name in (part.name for part in fields(self)):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def coverage(self) -> float:
        """Share of printed intervals that hold the truth; NaN if none is."""
        return 1 - (self.below + self.above) / self.printed if self.printed else math.nan

    @property
    def share(self) -> float:
        """Share of samples with a printed interval."""
        return self.printed / self.times if self.times else math.nan

    @property
    def error(self) -> float:
        """Monte-Carlo standard error of the coverage, of a true one of .95."""
        return math.sqrt(0.95 * 0.05 / self.printed) if self.printed else math.nan


def count_block(
    cell: AnyCell, wanted: Collection[str], block: int, *, seed: int, times: int = BLOCK
) -> dict[str, Counts]:
    """Counts of one block of samples, the same for all quantities."""
    counts = {name: Counts() for name in wanted}
    rng = np.random.default_rng([seed, cell.key, block])
    for _ in range(times):
        if not isinstance(cell, Cell):
            for name, estimate, true in cell.sample(rng):
                if name in counts:
                    _note(counts[name], estimate, true, null=False)
        else:
            runs = draw(cell.population, cell.n_items, rng).runs()
            _count(cell, runs, cached_truth(cell.population), counts)
    return counts


def _count(cell: Cell, runs: tuple[Any, Any], truth: Truth, counts: dict[str, Counts]) -> None:
    sampling = run_sampling(cell.population.scheme, runs[0])
    alike = alike_by_chance(*runs)
    for key in dict.fromkeys(name.split()[0] for name in counts):
        measures = [_measure(key, run) for run in runs]
        for index, side in enumerate(SIDES[:2]):
            if f"{key} {side}" in counts:
                result = _estimate(measures[index], runs[index], sampling)
                true = truth.of_run(key, index, runs[index])
                _note(counts[f"{key} {side}"], result, true, null=abs(true) < _ZERO)
        if f"{key} change" in counts:
            # One group: an interval for new subjects would be computed beside that of the clusters.
            changed = _change(measures, np.zeros(cell.n_items, dtype=np.str_), sampling, runs[0].weights, alike)
            before, after = (truth.of_run(key, index, run) for index, run in enumerate(runs))
            true = after - before if math.isfinite(before) or math.isfinite(after) else math.nan
            if cell.population.exchangeable and key != "ece_quantile":
                true = 0.0
            _note(counts[f"{key} change"], changed, true, null=abs(true) < _ZERO)


def _measure(key: str, run: Predictions | Pairs) -> Measure | None:
    try:
        if key == "ece_quantile":
            return ece_top(run, strategy="quantile")
        return MEASURES[key](run)
    except UndefinedMeasure:
        return None


def _estimate(measure: Measure | None, run: Predictions | Pairs, sampling: Sampling) -> Estimate | None:
    try:
        return None if measure is None else measure_estimate(measure, measure_floor(measure, run), sampling)
    except UndefinedMeasure:
        return None


def _change(
    measures: Iterable[Measure | None], subject: Any, sampling: Sampling, weight: Any, alike: int
) -> Change | None:
    before, after = measures
    try:
        if before is None or after is None:
            return None
        return measure_change(before, after, subject, these=sampling, weight=weight, alike=alike)
    except UndefinedMeasure:
        return None


def _note(counts: Counts, result: Estimate | Change | None, truth: float, *, null: bool) -> None:
    if math.isnan(truth):  # the population has no such number
        return
    counts.times += 1
    if result is None:
        return
    p_value = result.p_value
    if null and p_value is not None and not math.isnan(p_value):
        counts.tested += 1
        counts.rejected += int(p_value < 0.05)
    if result.known and math.isfinite(result.low) and math.isfinite(result.high):
        counts.printed += 1
        # Limits and truths that are the same may differ by rounding.
        counts.below += int(truth < result.low - 1e-9)
        counts.above += int(truth > result.high + 1e-9)
        counts.width += result.high - result.low
        off = result.value - truth if math.isfinite(truth) else 0.0
        counts.off += off
        counts.off_squared += off**2
