"""Count false claims of decisions, where they are likeliest: at the boundary.

    python -m benchmarks.margins [--times 400] [--most 2000] [--workers 2]

A margin is the true distance itself, so that *within* is as wrong as it can be while it is wrong at all, and so is
*worse* (or *better*) by more than that. What is above 5 % is counted again, up to --most samples.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from benchmarks.coverage.populations import Layout, Population, draw
from benchmarks.coverage.truths import Curve, Truth, truth_of
from calibration import Change, Estimate, Predictions, change
from calibration.errors import UndefinedMeasure
from calibration.metrics.arrays import FloatArray
from calibration.metrics.bins import bin_edges
from calibration.uncertainty.drawn_units import Sampling, run_sampling
from calibration.uncertainty.estimates import Origin, measure_estimate, measure_floor
from calibration.uncertainty.measure_table import MEASURES
from calibration.uncertainty.measures import ece_top, max_calibration_error

BLOCK = 50
ALLOWED = 0.05
SIZES = (60, 200, 1_000)
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
        for name in ("times", "claimed", "within", "beyond", "margins"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def largest(self) -> float:
        """The larger of both shares of false claims."""
        return max(self.within, self.beyond) / max(self.times, 1)


def cells(sizes: Sequence[int]) -> Iterator[Cell]:
    """Accurate and ordinary models and clusters; calibrated, over- and under-confident."""
    layouts: tuple[Layout, ...] = ("ten even", "ten uneven", "57 uneven")
    for n_items in sizes:
        for temperatures in ((1.0, 0.7), (0.6, 1.4)):
            for accuracy in (0.994, 0.95, 0.7):
                yield Cell(Population(accuracy=accuracy, temperatures=temperatures), n_items)
            for layout in layouts if n_items > SIZES[0] else ():
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


Name = tuple[str, str]


def count_block(cell: Cell, block: int, wanted: Iterable[Name] | None = None) -> dict[Name, Claims]:
    """Claims in one block of samples, by number and by what was drawn."""
    population = cell.population
    rng = np.random.default_rng([block, cell.n_items, round(1000 * population.accuracy), len(population.text)])
    truth, chosen = cached_truth(population), None if wanted is None else set(wanted)
    claims: dict[Name, Claims] = defaultdict(Claims)
    for sample in range(BLOCK):
        runs: tuple[Any, Any] = draw(population, cell.n_items, rng).runs()
        sampling = run_sampling(population.scheme, runs[0])
        for key, label in RUNS.items():
            for side, run in enumerate(runs):
                name = (label, f"temperature {population.temperatures[side]:g}")
                if _is_counted(key, sample) and (chosen is None or name in chosen):
                    claims[name].add(_estimate(key, run, sampling), _distance(truth, key, side, run))
        for key, label in CHANGES.items():
            if _is_counted(key, sample) and (chosen is None or (label, "change") in chosen):
                moved = abs(truth.values[1][key] - truth.values[0][key])
                claims[label, "change"].add(_change(key, runs, population), moved)
    return dict(claims)


def _is_counted(key: str, sample: int) -> bool:
    """Whether a sample counts: of what takes long every fifth."""
    return key not in ("smooth_ece", "debiased_ce2") or sample % 5 == 0


def _estimate(key: str, run: Predictions, sampling: Sampling) -> Estimate | None:
    """A number of a run; of a smooth ECE alone with its noise floor, which makes claims of others rarer still."""
    try:
        if key == "ece_quantile":
            measure: Any = ece_top(run, strategy="quantile")
        elif key == "curve":
            measure = max_calibration_error(run, strategy="quantile")
        else:
            measure = MEASURES[key](run)
        floor = measure_floor(measure, run) if key == "smooth_ece" else None
        return measure_estimate(measure, floor, sampling, origin=Origin(key, run.n_items))
    except UndefinedMeasure:
        return None


def _change(key: str, runs: tuple[Any, Any], population: Population) -> Change | None:
    try:
        return change(*runs, key, sampling=population.scheme)
    except UndefinedMeasure:
        return None


def _distance(truth: Truth, key: str, side: int, run: Predictions) -> float:
    if key == "curve":
        return largest_gap(truth.curves[side], bin_edges(np.asarray(run.confidence), strategy="quantile"))
    return abs(truth.of_run(key, side, run))


def count(options: argparse.Namespace) -> dict[tuple[Cell, Name], Claims]:
    """Claims of every number in every cell; more samples of what seems above what is allowed."""
    total: dict[tuple[Cell, Name], Claims] = defaultdict(Claims)
    with ProcessPoolExecutor(options.workers) as pool:
        first = range(options.times // BLOCK)
        tasks = [(cell, block, None) for cell in cells(options.sizes) for block in first]
        _count(pool, tasks, total)
        print("\n".join(table(total, options.sizes)), file=sys.stderr)
        again = defaultdict(list)
        for (cell, name), claims in total.items():
            if claims.largest > ALLOWED:
                again[cell].append(name)
        more = range(options.times // BLOCK, options.most // BLOCK)
        _count(pool, [(cell, block, tuple(names)) for cell, names in again.items() for block in more], total)
    return total


def _count(pool: ProcessPoolExecutor, tasks: Sequence[Any], total: dict[tuple[Cell, Name], Claims]) -> None:
    for (cell, *_), claims in zip(
        tasks, pool.map(count_block, *zip(*tasks, strict=True)) if tasks else (), strict=True
    ):
        for name, counted in claims.items():
            total[cell, name].join(counted)


def table(total: dict[tuple[Cell, Name], Claims], sizes: Sequence[int]) -> Iterator[str]:
    """A line a number: false claims, and margins of ordinary calibrated models."""
    yield (
        "| claim | cells | *within*: mean, largest | beyond: mean, largest | margin claimed, n "
        + " / ".join(f"{n:,}" for n in sizes)
        + " |"
    )
    yield "| --- | --- | --- | --- | --- |"
    for label in (*RUNS.values(), *CHANGES.values()):
        every = [claims for (_, name), claims in total.items() if name[0] == label and claims.claimed]
        if not every:
            continue
        within, beyond = ([getattr(claims, key) / claims.times for claims in every] for key in ("within", "beyond"))
        margins = " / ".join(_margin(total, label, n) for n in sizes)
        yield (
            f"| {label} | {len(every)} | {np.mean(within):.3f}, {max(within):.3f} | "
            f"{np.mean(beyond):.3f}, {max(beyond):.3f} | {margins} |"
        )


def _margin(total: dict[tuple[Cell, Name], Claims], label: str, n_items: int) -> str:
    """Mean margin of items alone, accuracy .7, temperature 1; of a change, to temperature .7."""
    for (cell, name), claims in total.items():
        population = cell.population
        plain = population.accuracy == 0.7 and population.layout == "items" and population.temperatures[0] == 1
        if plain and cell.n_items == n_items and name in ((label, "temperature 1"), (label, "change")):
            return f"{claims.margins / claims.claimed:.3f}" if claims.claimed else "–"
    return "–"


def main() -> None:
    """Print the table, then every cell above what is allowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=400)
    parser.add_argument("--most", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    options = parser.parse_args()
    total = count(options)
    print("\n".join(table(total, options.sizes)))
    for (cell, name), claims in total.items():
        if claims.largest > ALLOWED:
            error = (ALLOWED * (1 - ALLOWED) / claims.times) ** 0.5
            print(
                f"{', '.join(name)}: within {claims.within / claims.times:.3f}, beyond "
                f"{claims.beyond / claims.times:.3f} of {claims.times} (error {error:.3f}): {cell.name}"
            )


if __name__ == "__main__":
    main()
