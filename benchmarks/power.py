"""Power of the numbers of items that `required_n` gives.

python -m benchmarks.power draws a pilot from a population whose truth is known, asks `required_n` for the items that
show the true change in 80 % of samples, draws so many anew, and counts whether the interval of their change leaves out
0. Each pilot is kept in docs/power.json: it can be interrupted, and the same command continues; then the table in
docs/statistics.md is written. --page writes the table without counting.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np

from benchmarks.coverage.populations import Drawn, Population, draw
from benchmarks.coverage.truths import Truth, truth_of
from calibration import Predictions, change, required_n
from calibration.errors import UndefinedMeasure
from calibration.files.atomic import write_bytes
from calibration.uncertainty.sample_size import RequiredItems

BEGIN, END = "<!-- power: python -m benchmarks.power -->", "<!-- /power -->"
DOCS = Path(__file__).parents[1] / "docs"
# Larger samples than this are not drawn: they would count as pilots that tell nothing.
MOST = 200_000

# Accuracy falls, or confidence grows: from calibrated, from over-confident; accurate models; clusters.
NOISIER = Population(noise=(0.0, 1.0))
SHARPER = Population(temperatures=(1.0, 0.7))
BOTH_OFF = Population(temperatures=(0.7, 0.5))
OFF_TO_RIGHT = Population(temperatures=(0.5, 1.0))
ACCURATE = Population(accuracy=0.97, noise=(0.0, 2.0))
ACCURATE_SHARPER = Population(accuracy=0.97, temperatures=(1.0, 0.6))
CLUSTERS = Population(noise=(0.0, 1.0), layout="57 uneven")
CLUSTERS_SHARPER = Population(temperatures=(1.0, 0.7), layout="57 uneven")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A kind of pilot, and the measure whose change is to be shown.

    Attributes
    ----------
    kind : str
        What the population is called.
    population : Population
    measure : str
        Key of the measure.
    pilot : int
        Items of the pilot.
    paired : bool
        Whether both runs are on the same items.
    """

    kind: str
    population: Population
    measure: str
    pilot: int
    paired: bool = True

    @property
    def name(self) -> str:
        """What tells it from the others."""
        items = "the same items" if self.paired else "different items"
        return f"{self.measure}; {self.kind}; {items}; pilot {self.pilot}"


def cells() -> Iterator[Cell]:
    """All kinds of pilots, those of 200 items first."""
    plain = {
        "signed_gap": ("calibrated → sharper", SHARPER), "brier": ("calibrated → noisier", NOISIER),
        "nll": ("calibrated → noisier", NOISIER), "ece_top": ("calibrated → sharper", SHARPER),
        "ece_choices": ("calibrated → sharper", SHARPER), "debiased_ce2": ("calibrated → sharper", SHARPER),
        "accuracy": ("calibrated → noisier", NOISIER),
    }  # fmt: skip
    for pilot in (200, 60, 1_000):
        for measure, (kind, population) in plain.items():
            for paired in (True, False):
                yield Cell(kind=kind, population=population, measure=measure, pilot=pilot, paired=paired)
        for measure in ("ece_top", "ece_choices", "debiased_ce2"):
            yield Cell(kind="over-confident → more so", population=BOTH_OFF, measure=measure, pilot=pilot)
            yield Cell(kind="over-confident → calibrated", population=OFF_TO_RIGHT, measure=measure, pilot=pilot)
    for measure in ("accuracy", "brier", "signed_gap"):
        yield Cell(kind="accuracy .97 → noisier", population=ACCURATE, measure=measure, pilot=1_000)
    for measure in ("ece_top", "debiased_ce2"):
        yield Cell(kind="accuracy .97 → sharper", population=ACCURATE_SHARPER, measure=measure, pilot=1_000)
    for measure in ("accuracy", "brier"):
        yield Cell(kind="57 clusters → noisier", population=CLUSTERS, measure=measure, pilot=400)
    for measure in ("signed_gap", "ece_top", "debiased_ce2"):
        yield Cell(kind="57 clusters → sharper", population=CLUSTERS_SHARPER, measure=measure, pilot=400)


Pilot = tuple[int, bool] | None
"""Number of items that a pilot asks for, and whether a sample of so many shows the change; None if it tells none."""


@lru_cache(maxsize=8)
def truth(population: Population) -> Truth:
    """What is true of a population."""
    return truth_of(population)


def true_change(cell: Cell) -> float:
    """Change of the measure in the population."""
    first, second = (side[cell.measure] for side in truth(cell.population).values)
    return second - first


def sample(cell: Cell, wanted: RequiredItems, rng: np.random.Generator) -> tuple[Predictions, Predictions]:
    """Runs before and after, of so many items or clusters of the sizes of the pilot's."""
    if wanted.clusters is None:
        return _runs([draw(cell.population, wanted, rng)], None)
    blocks = [draw(cell.population, cell.pilot, rng) for _ in range(-(-wanted.clusters // 57))]
    group = np.concatenate([block.group + 57 * at for at, block in enumerate(blocks)])
    kept = rng.permutation(57 * len(blocks))[: wanted.clusters]
    return _runs(blocks, group, np.isin(group, kept))


def _runs(
    blocks: Sequence[Drawn], group: np.ndarray | None, kept: np.ndarray | slice = slice(None)
) -> tuple[Predictions, Predictions]:
    names = None if group is None else [f"group {index}" for index in group[kept]]
    answer = np.concatenate([block.answer for block in blocks])[kept]
    first, second = (
        Predictions.from_arrays(
            logits=np.concatenate([block.stated[side] for block in blocks])[kept], answer=answer, subject=names
        )
        for side in (0, 1)
    )
    return first, second


def counted(cell: Cell, number: int, seed: int) -> Pilot:
    """One pilot, and one sample of as many items as it asks for."""
    rng = np.random.default_rng([seed, crc32(cell.name.encode()), number])
    size, scheme = true_change(cell), cell.population.scheme
    before, after = _runs_of_pilot(cell, rng)
    try:
        n = required_n(before, cell.measure, change=size, after=after if cell.paired else None, sampling=scheme)
    except UndefinedMeasure:
        return None
    if n > MOST:
        return None
    before, after = sample(cell, n, rng)
    if not cell.paired:
        after = sample(cell, n, rng)[1]
    moved = change(before, after, cell.measure, paired=cell.paired, sampling=scheme)
    return int(n), bool(moved.known and (moved.low > 0 if size > 0 else moved.high < 0))


def _runs_of_pilot(cell: Cell, rng: np.random.Generator) -> tuple[Predictions, Predictions]:
    drawn = draw(cell.population, cell.pilot, rng)
    return _runs([drawn], None if cell.population.scheme == "items" else drawn.group)


Record = dict[str, list[Pilot]]


def read_record(path: Path) -> Record:
    """Pilots by cell; none if there is no file."""
    if not path.exists():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {name: [None if row is None else (row[0], bool(row[1])) for row in rows] for name, rows in stored.items()}


def write_record(record: Record, path: Path) -> None:
    """Write pilots, a line a cell, whole or not at all."""
    plain = {
        name: [None if row is None else [row[0], int(row[1])] for row in rows] for name, rows in record.items() if rows
    }
    lines = (f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(rows)}" for name, rows in plain.items())
    write_bytes(("{\n" + ",\n".join(lines) + "\n}\n").encode(), path)


def count(record: Record, chosen: Sequence[Cell], options: argparse.Namespace) -> None:
    """Draw pilots of every cell in turn, ten at a time, until each has as many as asked for or the time is up."""
    until = time.monotonic() + 60 * options.minutes
    for turn in range(-(-options.times // 10)):
        for cell in chosen:
            pilots = record.setdefault(cell.name, [])
            for number in range(len(pilots), min(10 * (turn + 1), options.times)):
                if time.monotonic() >= until:
                    print("the time is up; the same command continues", file=sys.stderr)
                    return
                pilots.append(counted(cell, number, options.seed))
            write_record(record, options.record)
        print(f"{10 * (turn + 1)} of {options.times} pilots of {len(chosen)} cells", file=sys.stderr, flush=True)


def table(record: Record, known: Sequence[Cell]) -> str:
    """A row a cell that was counted, in Markdown."""
    lines = [
        "| change of | from → to | items | pilot | true change | pilots that tell | items asked for: median (tenth to "
        "nine tenths) | power | of the third of pilots that asks for fewest, most | pilots |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    order = {cell.measure: at for at, cell in reversed(list(enumerate(known)))}
    for cell in sorted(known, key=lambda cell: (order[cell.measure], not cell.paired, cell.kind, cell.pilot)):
        pilots = record.get(cell.name, [])
        told = sorted(pilot for pilot in pilots if pilot is not None)
        row = [cell.measure, cell.kind, "same" if cell.paired else "different", f"{cell.pilot:,}"]
        if not pilots:
            continue
        row += [f"{true_change(cell):+.4f}", f"{len(told) / len(pilots):.2f}"]
        if not told:
            lines.append("| " + " | ".join([*row, "–", "–", "–", str(len(pilots))]) + " |")
            continue
        low, middle, high = np.quantile([n for n, _ in told], [0.1, 0.5, 0.9])
        third = max(len(told) // 3, 1)
        row += [
            f"{middle:,.0f} ({low:,.0f} to {high:,.0f})", f"**{_share(told):.2f}** ± {_error(told):.2f}",
            f"{_share(told[:third]):.2f}, {_share(told[-third:]):.2f}", str(len(pilots)),
        ]  # fmt: skip
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def _share(told: Sequence[tuple[int, bool]]) -> float:
    return float(np.mean([shown for _, shown in told]))


def _error(told: Sequence[tuple[int, bool]]) -> float:
    """Standard error of a power, that of .8 at least."""
    return math.sqrt(max(0.16, _share(told) * (1 - _share(told))) / len(told))


def with_table(document: str, block: str) -> str:
    """A document with the table between its marks."""
    before, _, rest = document.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"the document must hold {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{block}\n\n{END}{after}"


def main() -> None:
    """Count, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200, help="pilots of each cell")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=60, help="no pilot is drawn later")
    parser.add_argument("--only", nargs="*", default=[""], help="cells whose names hold one of these")
    parser.add_argument("--record", type=Path, default=DOCS / "power.json")
    parser.add_argument("--out", type=Path, default=DOCS / "statistics.md", help="the document that holds the table")
    parser.add_argument("--page", action="store_true", help="write the table of what was counted, and count nothing")
    options = parser.parse_args()
    record, known = read_record(options.record), list(cells())
    if not options.page:
        count(record, [cell for cell in known if any(word in cell.name for word in options.only)], options)
    block = table(record, known)
    options.out.write_text(with_table(options.out.read_text(encoding="utf-8"), block), encoding="utf-8")


if __name__ == "__main__":
    main()
