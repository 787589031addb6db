"""Power of the numbers of items that `required_n` gives.

A pilot is drawn, `required_n` is asked for the items that show the true change in 80 % of samples, so many are drawn
anew, and it is counted whether the interval of their change leaves out 0. `python -m benchmarks.power` prints a table
of the cells below, in some ten minutes; `--write` puts it into `docs/statistics.md`, between its marks.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibration import Pairs, change, estimate, required_n
from calibration.errors import UndefinedMeasure

_MARKS = ("<!-- power: python -m benchmarks.power --write -->", "<!-- /power -->")
_STATISTICS = Path(__file__).parents[1] / "docs" / "statistics.md"
_POPULATION = 400_000


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A kind of pilot, and the measure whose change is to be shown.

    Attributes
    ----------
    name, measure : str
        What the row is called, and the key of the measure.
    pilot : int
        Items of the pilot.
    easy, spread : float
        Mean and standard deviation of the logit of a right answer, as the model before knows it.
    redrawn, gain : float
        Share of items that the model after answers anew, and by how much the logit is then larger.
    sharpness : pair of float
        How many times too sharp the confidence of both is.
    noise : float
        Standard deviation of what else moves the logit of the confidence after.
    paired : bool
        Whether both are on the same items.
    size, together : int, float
        Items of a cluster, and the share of the logit's variance that is between clusters.
    """

    name: str
    measure: str
    pilot: int
    easy: float = 1.0
    spread: float = 1.2
    redrawn: float = 0.3
    gain: float = 0.0
    sharpness: tuple[float, float] = (1.0, 1.0)
    noise: float = 0.2
    paired: bool = True
    size: int = 1
    together: float = 0.0


CELLS: tuple[Cell, ...] = (
    Cell(name="accuracy", measure="accuracy", pilot=500, gain=0.6),
    Cell(name="accuracy, runs on different items", measure="accuracy", pilot=500, redrawn=1.0, gain=0.6, paired=False),
    Cell(name="signed gap", measure="signed_gap", pilot=500, sharpness=(1.0, 1.25)),
    Cell(name="signed gap, a pilot of 60", measure="signed_gap", pilot=60, sharpness=(1.0, 1.6)),
    Cell(name="Brier score", measure="brier_top", pilot=500, gain=0.6),
    Cell(name="Brier score, runs on different items", measure="brier_top", pilot=500,
          redrawn=1, gain=0.8, paired=False),
    Cell(name="log loss", measure="nll_top", pilot=500, sharpness=(1.0, 2.2)),
    Cell(name="AUROC", measure="auroc", pilot=500, noise=1.0),
    Cell(name="ECE from a calibrated model", measure="ece_top", pilot=500, sharpness=(1.0, 1.7)),
    Cell(name="ECE, half as far off", measure="ece_top", pilot=1000, sharpness=(1.0, 1.35)),
    Cell(name="ECE of a model that is off", measure="ece_top", pilot=500, sharpness=(1.5, 2.5)),
    Cell(name="debiased squared error", measure="debiased_ce2", pilot=500, sharpness=(1.0, 1.7)),
    Cell(name="accuracy .98", measure="accuracy", pilot=1000, easy=5.5, spread=1.8, redrawn=0.6, gain=-0.7),
    Cell(name="signed gap, accuracy .98", measure="signed_gap", pilot=1000, easy=5.5, spread=1.8,
          redrawn=0.6, gain=-0.7),
    Cell(name="Brier score, accuracy .98", measure="brier_top", pilot=1000, easy=5.5, spread=1.8,
          redrawn=0.6, gain=-0.7),
    Cell(name="accuracy, clusters of 5", measure="accuracy", pilot=400, gain=0.6, size=5, together=0.5),
    Cell(name="Brier score, clusters of 5", measure="brier_top", pilot=400, gain=0.6, size=5, together=0.5),
    Cell(name="signed gap, 20 clusters of 20", measure="signed_gap", pilot=400, gain=-0.8, size=20, together=0.3),
    Cell(name="ECE, clusters of 5", measure="ece_top", pilot=500, sharpness=(1.0, 1.7), size=5, together=0.5),
)  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """What was counted of a cell.

    Attributes
    ----------
    change : float
        The true change.
    answered : float
        Share of pilots that give a number.
    items : float
        Median of these.
    power : float
        Share of their samples that show the change.
    times : int
        Number of pilots.
    """

    change: float
    answered: float
    items: float
    power: float
    times: int


def _chances(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-logit)))


def pair_of(cell: Cell, n: int, rng: np.random.Generator) -> tuple[Pairs, Pairs]:
    """Two runs on the same items."""
    n_clusters = -(-n // cell.size)
    cluster = np.repeat(np.arange(n_clusters), cell.size)
    n = len(cluster)
    between, within = np.sqrt(cell.together), np.sqrt(1 - cell.together)
    logit = cell.easy + cell.spread * (between * rng.normal(size=n_clusters)[cluster] + within * rng.normal(size=n))
    first = rng.random(n) < _chances(logit)
    anew = rng.random(n) < _chances(logit + cell.gain)
    second = np.where(rng.random(n) < cell.redrawn, anew, first)
    sure = [cell.sharpness[0] * logit, cell.sharpness[1] * logit + cell.noise * rng.normal(size=n)]
    names = cluster.astype(str).tolist() if cell.size > 1 else None
    before, after = (
        Pairs.from_arrays(_chances(logits), correct, cluster=names)
        for logits, correct in zip(sure, (first, second), strict=True)
    )
    return before, after


@cache
def true_change(cell: Cell) -> float:
    """Change of the population, of which a large sample is taken."""
    before, after = pair_of(cell, _POPULATION, np.random.default_rng(1))
    values = [estimate(run, cell.measure).value for run in (before, after)]
    return values[1] - values[0]


def counted(cell: Cell, *, times: int, seed: int = 0) -> Counted:
    """The cell's power, counted over pilots and samples."""
    rng = np.random.default_rng(seed)
    truth, numbers, shown = true_change(cell), [], 0
    for _ in range(times):
        before, after = pair_of(cell, cell.pilot, rng)
        try:
            n = required_n(before, cell.measure, change=truth, after=after if cell.paired else None)
        except UndefinedMeasure:
            continue
        numbers.append(int(n))
        before, after = pair_of(cell, n, rng)
        if not cell.paired:
            after = pair_of(cell, n, rng)[1]
        moved = change(before, after, cell.measure, paired=cell.paired)
        shown += moved.low > 0 if truth > 0 else moved.high < 0
    power = shown / len(numbers) if numbers else float("nan")
    items = float(np.median(numbers)) if numbers else float("nan")
    return Counted(truth, len(numbers) / times, items, power, times)


def table(cells: Sequence[Cell], *, times: int) -> str:
    """A row a cell, in Markdown."""
    lines = [
        "| change of | pilot | true change | pilots that tell | items (median) | power |",
        "|---|---|---|---|---|---|",
    ]
    for number, cell in enumerate(cells):
        row = counted(cell, times=times, seed=number)
        lines.append(
            f"| {cell.name} | {cell.pilot:,} | {row.change:+.3f} | {row.answered:.2f} | {row.items:,.0f} | "
            f"{row.power:.2f} |"
        )
        print(lines[-1], flush=True)
    return "\n".join(lines)


def main() -> None:
    """Print the table, or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=400, help="Pilots of each cell.")
    parser.add_argument("--only", default="", help="Cells whose name begins so.")
    parser.add_argument("--write", action="store_true", help="Write the table into docs/statistics.md.")
    options = parser.parse_args()
    cells = [cell for cell in CELLS if cell.name.startswith(options.only)]
    rows = table(cells, times=options.times)
    if options.write:
        text = _STATISTICS.read_text(encoding="utf-8")
        start, end = text.index(_MARKS[0]) + len(_MARKS[0]), text.index(_MARKS[1])
        _STATISTICS.write_text(f"{text[:start]}\n{rows}\n\n{text[end:]}", encoding="utf-8")


if __name__ == "__main__":
    main()
