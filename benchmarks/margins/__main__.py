"""Count false claims of decisions, and write the table of docs/statistics.md.

python -m benchmarks.margins counts claims in samples of every cell, adds to docs/margins.json after every block of 50
samples (it can be interrupted, and the same command continues), then counts what is above 5 % again, up to --most
samples. --page writes the table without counting.
"""

from __future__ import annotations

import argparse
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from itertools import islice
from pathlib import Path

from rich.console import Console

from ..marked_tables import with_table
from .claims import BLOCK, Cell, Claims, cells, count_block, names
from .record import Record, Tally, read_record, write_record
from .table import ALLOWED, BEGIN, END, table

DOCS = Path(__file__).parents[2] / "docs"
SIZES = (30, 60, 200, 1_000, 2_000)
Task = tuple[Cell, int, tuple[str, ...]]
"""A cell, the number of a block, and what is counted in it."""


def tasks_up_to(chosen: Sequence[Cell], record: Record, blocks: int) -> Iterator[Task]:
    """Blocks of every cell that are not counted yet, all first ones before all second ones.

    Cells of one population stand together, since its truth takes seconds.
    """
    for block in range(blocks):
        for cell in chosen:
            counted = record.get(cell.name, Tally(n_items=cell.n_items)).blocks
            left = tuple(name for name in names(cell.population) if counted.get(name, 0) <= block)
            if left:
                yield cell, block, left


def tasks_again(chosen: Sequence[Cell], record: Record, blocks: int) -> Iterator[Task]:
    """Further blocks of what is above what is allowed."""
    for cell in chosen:
        if cell.name not in record:
            continue
        tally = record[cell.name]
        above = [name for name, claims in tally.claims.items() if claims.largest > ALLOWED]
        for block in range(min((tally.blocks[name] for name in above), default=blocks), blocks):
            left = tuple(name for name in above if tally.blocks[name] <= block)
            if left:
                yield cell, block, left


def work(tasks: Iterable[Task], record: Record, options: argparse.Namespace, pool: Executor, until: float) -> bool:
    """Count blocks in their order and add them to the record; False if the time was up before the last."""
    waiting: deque[tuple[Cell, Future[dict[str, Claims]]]] = deque()
    left, whole = iter(list(tasks)), True
    while True:
        late = time.monotonic() >= until
        for task in islice(left, 0 if late else 2 * options.workers - len(waiting)):
            waiting.append((task[0], pool.submit(count_block, *task)))
        if not waiting:
            return whole and next(left, None) is None
        cell, future = waiting.popleft()
        record.setdefault(cell.name, Tally(n_items=cell.n_items)).add(future.result())
        write_record(record, options.record)


def count(chosen: Sequence[Cell], record: Record, options: argparse.Namespace, console: Console) -> None:
    """Count every cell, then what is above what is allowed, until the time is up."""
    until = time.monotonic() + 60 * options.minutes
    with ProcessPoolExecutor(options.workers) as pool:
        blocks = -(-options.times // BLOCK)
        for upto in range(1, blocks + 1):
            if not work(tasks_up_to(chosen, record, upto), record, options, pool, until):
                console.print("the time is up; the same command continues")
                return
            console.print(f"{upto * BLOCK:,} of {blocks * BLOCK:,} samples of {len(chosen)} cells", highlight=False)
        if not work(tasks_again(chosen, record, -(-options.most // BLOCK)), record, options, pool, until):
            console.print("the time is up; the same command continues")


def main(argv: Sequence[str] | None = None) -> None:
    """Count, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=400, help="samples of every cell")
    parser.add_argument("--most", type=int, default=2_000, help="samples of what is above 5 %%")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=60, help="no block begins later")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="numbers of items")
    parser.add_argument("--record", type=Path, default=DOCS / "margins.json")
    parser.add_argument("--out", type=Path, default=DOCS / "statistics.md", help="the document that holds the table")
    parser.add_argument("--page", action="store_true", help="write the table of what was counted, and count nothing")
    options = parser.parse_args(argv)
    record, chosen = read_record(options.record), list(cells(options.sizes))
    if not options.page:
        count(chosen, record, options, Console(stderr=True))
    block = table(record, list(cells(sorted({*SIZES, *options.sizes}))))
    document = options.out.read_text(encoding="utf-8")
    options.out.write_text(with_table(document, block, begin=BEGIN, end=END), encoding="utf-8")


if __name__ == "__main__":
    main()
