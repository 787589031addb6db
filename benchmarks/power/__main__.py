"""Power of the numbers of items that `required_n` gives.

python -m benchmarks.power draws pilots from populations whose truth is known and asks `required_n` for the items that
show the true change in 80 % of samples. Then samples of a few sizes around those numbers are drawn anew from the
population, and those counted whose interval of the change leaves out 0 on the right side: the power of each pilot's
number is read from the curve through them. docs/power.json keeps all of it: the command can be interrupted, and the
same command continues; then the table in docs/statistics.md is written. --page writes the table without counting.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from calibration import change, required_n
from calibration.errors import UndefinedMeasure

from ..marked_tables import with_table
from .cells import Cell, cells, draw_pilot, draw_sample, true_change
from .curves import sizes_of
from .record import Record, read_record
from .table import BEGIN, END, table

DOCS = Path(__file__).parents[2] / "docs"
# Larger samples than this are not drawn: their pilots count as ones that tell nothing.
MOST = 200_000
_BLOCK = 10


def asked_for(cell: Cell, number: int, seed: int) -> int | None:
    """Items that a pilot asks for, to show the true change in 80 % of samples."""
    before, after = draw_pilot(cell, _generator(cell.name, number, seed))
    try:
        n = required_n(
            before, cell.measure, change=true_change(cell), after=after if cell.paired else None,
            sampling=cell.population.scheme,
        )  # fmt: skip
    except UndefinedMeasure:
        return None
    return int(n) if n <= MOST else None


def is_shown(cell: Cell, n_items: int, number: int, seed: int) -> bool:
    """Whether a sample of so many items shows the change, to the side where it is."""
    before, after = draw_sample(cell, n_items, _generator(f"{cell.sampled}; sample {n_items}", number, seed))
    moved = change(before, after, cell.measure, paired=cell.paired, sampling=cell.population.scheme)
    return bool(moved.known and (moved.low > 0 if true_change(cell) > 0 else moved.high < 0))


def _generator(name: str, number: int, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(name.encode()), number])


@dataclass(frozen=True)
class Task:
    """A block of pilots of a cell, or of samples of a size."""

    cell: Cell
    size: int | None
    numbers: range
    seed: int

    def done(self) -> list[int | None]:
        """What each pilot asks for, or which samples show the change."""
        if self.size is None:
            return [asked_for(self.cell, number, self.seed) for number in self.numbers]
        return [int(is_shown(self.cell, self.size, number, self.seed)) for number in self.numbers]

    def add(self, outcome: Sequence[int | None], record: Record) -> None:
        """Add it to the record."""
        if self.size is None:
            record.pilots.setdefault(self.cell.name, []).extend(outcome)
        else:
            counts = record.samples.setdefault(self.cell.sampled, {}).setdefault(self.size, [0, 0])
            counts[0] += len(outcome)
            counts[1] += sum(shown or 0 for shown in outcome)


def pilot_tasks(record: Record, chosen: Sequence[Cell], options: argparse.Namespace) -> Iterator[Task]:
    """Pilots that are missing."""
    for cell in chosen:
        yield from _blocks(cell, None, len(record.pilots.get(cell.name, [])), options.times, options.seed)


def sample_tasks(record: Record, chosen: Sequence[Cell], options: argparse.Namespace) -> Iterator[Task]:
    """Samples that are missing, of sizes around what the pilots of all sizes ask for."""
    first: dict[str, Cell] = {}
    for cell in chosen:
        first.setdefault(cell.sampled, cell)
    for name, cell in first.items():
        told = [n for other in chosen if other.sampled == name for n in record.pilots[other.name] if n is not None]
        for size in sizes_of(told) if told else []:
            drawn = record.samples.get(name, {}).get(size, [0, 0])[0]
            yield from _blocks(cell, size, drawn, options.samples, options.seed)


def _blocks(cell: Cell, size: int | None, start: int, stop: int, seed: int) -> Iterator[Task]:
    for first in range(start, stop, _BLOCK):
        yield Task(cell, size, range(first, min(first + _BLOCK, stop)), seed)


def work(tasks: Iterable[Task], record: Record, options: argparse.Namespace, until: float) -> bool:
    """Do tasks in their order; False if the time was up before the last."""
    with ProcessPoolExecutor(options.workers) as pool:
        left, waiting = iter(tasks), list[tuple[Task, Future[list[int | None]]]]()
        while True:
            while len(waiting) < 2 * options.workers and time.monotonic() < until:
                task = next(left, None)
                if task is None:
                    break
                waiting.append((task, pool.submit(task.done)))
            if not waiting:
                return next(left, None) is None
            task, future = waiting.pop(0)
            task.add(future.result(), record)
            record.write(options.record)


def count(record: Record, chosen: Sequence[Cell], options: argparse.Namespace) -> None:
    """Draw pilots, then samples, until there are as many as asked for or the time is up."""
    until = time.monotonic() + 60 * options.minutes
    for tasks in (pilot_tasks, sample_tasks):
        missing = list(tasks(record, chosen, options))
        print(f"{len(missing)} blocks of {_BLOCK}", file=sys.stderr, flush=True)
        if not work(missing, record, options, until):
            print("the time is up; the same command continues", file=sys.stderr)
            return


def main() -> None:
    """Count, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=40, help="pilots of each cell")
    parser.add_argument("--samples", type=int, default=200, help="samples of each size")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=60, help="no pilot is drawn later")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=[""], help="cells whose names hold one of these")
    parser.add_argument("--record", type=Path, default=DOCS / "power.json")
    parser.add_argument("--out", type=Path, default=DOCS / "statistics.md", help="the document that holds the table")
    parser.add_argument("--page", action="store_true", help="write the table of what was counted, and count nothing")
    options = parser.parse_args()
    record, known = read_record(options.record), list(cells())
    if not options.page:
        count(record, [cell for cell in known if any(word in cell.name for word in options.only)], options)
    document = options.out.read_text(encoding="utf-8")
    options.out.write_text(with_table(document, table(record, known), begin=BEGIN, end=END), encoding="utf-8")


if __name__ == "__main__":
    main()
