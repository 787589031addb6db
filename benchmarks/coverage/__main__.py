"""Count how often intervals hold, and write docs/simulation.md.

python -m benchmarks.coverage counts all cells (under two hours on two idle cores) and adds to docs/simulation.json
after every block of samples: it can be interrupted, and the same command continues. The page is written from that file
alone; --page writes it without counting.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .analyses import analysis_cells
from .cells import AnyCell, grid_cells, named_cells
from .counting import Counts, count_block
from .page import page
from .plan import Task, seconds_of, stages, tasks_again, tasks_up_to
from .rates import RateCell, rate_cells
from .record import Record, read_record

DOCS = Path(__file__).parents[2] / "docs"


def counted(task: Task, seed: int) -> tuple[dict[str, Counts], float]:
    """Counts of a task, and the processor time that it took."""
    start = time.process_time()
    counts = count_block(task.cell, task.wanted, task.block, seed=seed)
    return counts, time.process_time() - start


def work(tasks: Iterable[Task], record: Record, path: Path, pool: Executor, workers: int, until: float) -> bool:
    """Count tasks in their order and add them to the record.

    False if the time was up before the last.
    """
    waiting: deque[tuple[Task, Future[tuple[dict[str, Counts], float]]]] = deque()
    left = iter(tasks)
    whole = True
    while True:
        late = time.monotonic() >= until
        for task in islice(left, 0 if late else 2 * workers - len(waiting)):
            waiting.append((task, pool.submit(counted, task, record.seed)))
        if not waiting:
            return whole and next(left, None) is None
        task, future = waiting.popleft()
        record.add(task.cell, *future.result())
        record.write(path)


def chosen_cells(arguments: argparse.Namespace) -> list[AnyCell]:
    """The cells that were asked for, populations in an order by chance.

    What was counted when the time is up is then of all kinds; the truth of a population is found once for its cells.
    """
    cells: list[AnyCell] = [
        *named_cells(),
        *rate_cells(),
        *analysis_cells(),
        *grid_cells(arguments.share, arguments.seed),
    ]
    if arguments.kinds:
        cells = [cell for cell in cells if any(cell.kind.startswith(kind) for kind in arguments.kinds)]
    cells = [cell for cell in cells if cell.n_items <= arguments.largest]
    together: dict[object, list[AnyCell]] = {}
    for cell in cells:
        together.setdefault(cell if isinstance(cell, RateCell) else cell.population, []).append(cell)
    groups = list(together.values())
    order = np.random.default_rng(arguments.seed).permutation(len(groups))
    return [cell for at in order for cell in groups[at]]


def count(cells: Sequence[AnyCell], record: Record, arguments: argparse.Namespace, console: Console) -> None:
    """Count every cell, then what held too seldom, until the time is up."""
    until = time.monotonic() + 60 * arguments.minutes
    first = list(tasks_up_to(cells, record, arguments.times, arguments.measures))
    minutes = seconds_of(first, record) / 60 / arguments.workers
    console.print(
        f"{len(cells)} cells: {arguments.times} samples of each are about {minutes:.0f} minutes more on idle cores, "
        f"cells below .94 again as long; no block begins after {arguments.minutes:g} minutes"
    )
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )
    executor = ProcessPoolExecutor if arguments.workers > 1 else ThreadPoolExecutor
    with executor(arguments.workers) as pool, bar:
        for times, tasks in _rounds(cells, record, first, arguments):
            line = bar.add_task(f"{times:,} samples", total=len(tasks))
            if not work(bar.track(tasks, task_id=line), record, arguments.record, pool, arguments.workers, until):
                console.print("the time is up; the same command continues")
                return


def _rounds(
    cells: Sequence[AnyCell], record: Record, first: list[Task], arguments: argparse.Namespace
) -> Iterable[tuple[int, list[Task]]]:
    yield arguments.times, first
    for times in stages(arguments.times, arguments.most):
        yield times, list(tasks_again(cells, record, times))


def main(argv: Sequence[str] | None = None) -> None:
    """Count, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200, help="samples of every cell")
    parser.add_argument(
        "--most", type=int, default=4_000, help="samples of what held in under 94 %% and is not known to fail"
    )
    parser.add_argument("--share", type=float, default=0.000005, help="share of the whole grid that is drawn")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=110, help="no block of samples begins later")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--largest", type=int, default=14_042, help="cells of at most so many items")
    parser.add_argument("--kinds", nargs="*", help="beginnings of the names of tables; all if left out")
    parser.add_argument("--measures", nargs="*", help="keys of measures; all if left out")
    parser.add_argument("--record", type=Path, default=DOCS / "simulation.json")
    parser.add_argument("--out", type=Path, default=DOCS / "simulation.md")
    parser.add_argument("--page", action="store_true", help="write the page of what was counted, and count nothing")
    arguments = parser.parse_args(argv)
    console = Console(stderr=True)
    record = read_record(arguments.record, seed=arguments.seed)
    if not arguments.page:
        count(chosen_cells(arguments), record, arguments, console)
    arguments.out.write_text(page(record))
    console.print(f"{arguments.out} holds what was counted")


if __name__ == "__main__":
    main(sys.argv[1:])
