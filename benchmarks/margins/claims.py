"""Claims in blocks of samples, counted where they are as wrong as they can be.

A margin is the true distance itself, so that *within* is as wrong as it can be while it is wrong at all, and so is
*worse* (or *better*) by more than that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np

from benchmarks.coverage.populations import Layout, Population, draw
from benchmarks.coverage.truths import Curve, Truth, truth_of
from calibration import Change, Estimate, Predictions
from calibration.errors import UndefinedMeasure
from calibration.metrics.arrays import FloatArray
from calibration.metrics.bins import bin_edges
from calibration.uncertainty.changes import measure_changes
from calibration.uncertainty.drawn_units import Sampling, run_sampling
from calibration.uncertainty.estimates import Origin, measure_estimate, measure_floor
from calibration.uncertainty.kinds.mean_like import MeanLike
from calibration.uncertainty.kinds.protocol import Measure
from calibration.uncertainty.measure_table import MEASURES
from calibration.uncertainty.measures import ece_top, max_calibration_error

BLOCK = 50
RUNS = {
    "ece_top": "ECE, top", "ece_quantile": "ECE, top, bins of equal mass", "ece_choices": "ECE, choices",
    "smooth_ece": "smooth ECE, top", "signed_gap": "signed gap", "debiased_ce2": "debiased CE², top",
    "curve": "every bin of the curve",
}  # fmt: skip
CHANGES = {
    "ece_top": "change of ECE, top", "ece_choices": "change of ECE, choices", "smooth_ece": "change of smooth ECE, top",
    "signed_gap": "change of signed gap", "brier": "change of Brier score", "nll": "change of log loss",
    "accuracy": "change of accuracy",
}  # fmt: skip
# What takes long is counted in every fifth sample.
_SLOW = ("smooth_ece", "debiased_ce2", "nll")
# Fewer items have too few clusters.
_FEWEST_OF_CLUSTERS = 200


@dataclass(frozen=True)
class Cell:
    """A population and a number of items."""

    population: Population
    n_items: int

    @property
    def name(self) -> str:
        """What tells it from the others."""
        return f"{self.population.text}; n {self.n_items:,}"


@dataclass(kw_only=True)
class Claims:
    """Claims of a number in samples of a cell: how many, false ones, and the sum of their margins."""

    times: int = 0
    claimed: int = 0
    within: int = 0
    beyond: int = 0
    margins: float = 0.0

    def add(self, number: Estimate | Change | None, distance: float) -> None:
        """Count a sample whose true value lies so far off."""
        self.times += 1
        if number is None or not number.known:
            return
        margin = max(abs(number.least), abs(number.most))
        self.claimed += 1
        self.within += margin < distance - 1e-9
        self.beyond += number.low > distance + 1e-9 or number.high < -distance - 1e-9
        self.margins += margin

    def join(self, other: Claims) -> None:
        """Add those of other samples."""
        for part in fields(self):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))

    @property
    def largest(self) -> float:
        """The larger of both shares of false claims."""
        return max(self.within, self.beyond) / max(self.times, 1)


def cells(sizes: Sequence[int]) -> Iterator[Cell]:
    """Accurate and ordinary models and clusters; calibrated, over- and under-confident."""
    layouts: tuple[Layout, ...] = ("ten even", "ten uneven", "57 uneven")
    for temperatures in ((1.0, 0.7), (0.6, 1.4)):
        for accuracy in (0.994, 0.95, 0.7):
            for n_items in sizes:
                yield Cell(Population(accuracy=accuracy, temperatures=temperatures), n_items)
        for layout in layouts:
            for n_items in sizes:
                if n_items >= _FEWEST_OF_CLUSTERS:
                    yield Cell(Population(temperatures=temperatures, layout=layout), n_items)


@lru_cache(maxsize=4)
def cached_truth(population: Population) -> Truth:
    """Truth of a population."""
    return truth_of(population)


def largest_gap(curve: Curve, edges: FloatArray) -> float:
    """Largest gap of a population in bins with these edges."""
    first = np.searchsorted(curve.confidence, edges[1:-1], side="left")
    ends = np.concatenate([[0], first, [len(curve.confidence)]])
    shares = np.diff(ends) / len(curve.confidence)
    return float(np.abs(np.diff(curve.gap[ends])[shares > 0] / shares[shares > 0]).max())


def count_block(cell: Cell, block: int, wanted: Collection[str] | None = None) -> dict[str, Claims]:
    """Claims in one block of samples, by name; of `wanted` numbers alone, if given."""
    population = cell.population
    rng = np.random.default_rng([block, cell.n_items, round(1000 * population.accuracy), len(population.text)])
    truth, claims = cached_truth(population), {name: Claims() for name in names(population)}
    chosen = set(claims if wanted is None else wanted)
    for sample in range(BLOCK):
        runs: tuple[Any, Any] = draw(population, cell.n_items, rng).runs()
        sampling = run_sampling(population.scheme, runs[0])
        keys = [key for key in dict.fromkeys([*RUNS, *CHANGES]) if key not in _SLOW or sample % 5 == 0]
        before, after = ({key: measure for key in keys if (measure := _measure(key, run))} for run in runs)
        for side, (run, measures) in enumerate(zip(runs, (before, after), strict=True)):
            for key in keys:
                name = _name_of_run(key, population.temperatures[side]) if key in RUNS else ""
                if name in chosen:
                    claims[name].add(_estimate(key, measures, run, sampling), _distance(truth, key, side, run))
        for key in keys:
            if (name := CHANGES.get(key, "")) in chosen:
                moved = abs(truth.values[1][key] - truth.values[0][key])
                claims[name].add(_change(key, before, after, sampling), moved)
    return {name: claims[name] for name in claims if name in chosen}


def names(population: Population) -> list[str]:
    """All numbers of a cell."""
    of_runs = [_name_of_run(key, temperature) for key in RUNS for temperature in population.temperatures]
    return [*of_runs, *CHANGES.values()]


def _name_of_run(key: str, temperature: float) -> str:
    return f"{RUNS[key]}; temperature {temperature:g}"


def _measure(key: str, run: Predictions) -> Measure | None:
    """A measure without the test of calibration, whose p-value takes long and decides nothing."""
    try:
        if key == "ece_quantile":
            return ece_top(run, strategy="quantile")
        if key == "curve":
            return max_calibration_error(run, strategy="quantile")
        measure = MEASURES[key](run)
    except UndefinedMeasure:
        return None
    return replace(measure, zero_means_calibrated=False) if isinstance(measure, MeanLike) else measure


def _estimate(key: str, measures: Mapping[str, Measure], run: Predictions, sampling: Sampling) -> Estimate | None:
    """A number of a run; of a smooth ECE alone with its noise floor, which makes claims of others rarer still."""
    if key not in measures:
        return None
    try:
        floor = measure_floor(measures[key], run) if key == "smooth_ece" else None
        return measure_estimate(measures[key], floor, sampling, origin=Origin(key, run.n_items))
    except UndefinedMeasure:
        return None


def _change(key: str, before: Mapping[str, Measure], after: Mapping[str, Measure], sampling: Sampling) -> Change | None:
    """A change, without its second interval for subjects drawn anew."""
    if key not in before or key not in after:
        return None
    alike = np.full(2, "all")
    try:
        changes = measure_changes({key: before[key]}, after, alike, these=sampling, level=0.95, seed=0, claims=True)
    except UndefinedMeasure:
        return None
    return changes.get(key)


def _distance(truth: Truth, key: str, side: int, run: Predictions) -> float:
    if key == "curve":
        return largest_gap(truth.curves[side], bin_edges(np.asarray(run.confidence), strategy="quantile"))
    return abs(truth.of_run(key, side, run))
