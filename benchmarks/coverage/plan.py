"""What is counted next: every cell, and again what held too seldom."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .cells import AnyCell
from .counting import BLOCK, Counts
from .record import Record

# A coverage below which more samples are drawn, and the share printed below which none counts as printed.
ENOUGH, PRINTED = 0.94, 0.05
# What printed intervals must cover.
HELD = 0.93
# Standard errors below that at which it is known not to be: of ten thousand numbers that cover 95 % none comes so low
# by chance.
_CLEAR = 4.0
# Processor seconds of one sample of one quantity, on average over cells, before any was counted.
_SECONDS = 0.01


@dataclass(frozen=True)
class Task:
    """A block of samples of a cell, and what is counted in them."""

    cell: AnyCell
    wanted: tuple[str, ...]
    block: int


def tasks_up_to(
    cells: Sequence[AnyCell], record: Record, times: int, measures: Sequence[str] | None = None
) -> Iterator[Task]:
    """Blocks that are missing of all quantities, or of those of some measures."""
    for cell in cells:
        blocks = record.tally(cell).blocks
        for block in range(-(-times // BLOCK)):
            missing = (name for name in cell.quantities if blocks[name] <= block)
            wanted = tuple(name for name in missing if measures is None or name.split()[0] in measures)
            if wanted:
                yield Task(cell, wanted, block)


def tasks_again(cells: Sequence[AnyCell], record: Record, times: int) -> Iterator[Task]:
    """Blocks up to `times` of quantities whose printed intervals held too seldom."""
    for cell in cells:
        tally = record.tally(cell)
        again = [name for name in cell.quantities if is_open(tally.counts[name])]
        for block in range(-(-times // BLOCK)):
            wanted = tuple(name for name in again if tally.blocks[name] <= block)
            if wanted:
                yield Task(cell, wanted, block)


def is_open(counts: Counts) -> bool:
    """Whether more samples would tell if enough intervals hold.

    Enough are printed, too few of them held, and not so few that it is known by four standard errors.
    """
    if counts.times == 0 or counts.share < PRINTED:
        return False
    return counts.coverage < ENOUGH and not is_clear(counts)


def is_clear(counts: Counts, *, errors: float = _CLEAR) -> bool:
    """Whether coverage is below what must hold by more than so many standard errors."""
    return counts.coverage < HELD - errors * math.sqrt(HELD * (1 - HELD) / counts.printed)


def stages(times: int, most: int) -> Iterator[int]:
    """Samples of low coverages: twice as many each time, `most` at last."""
    while times < most:
        times = min(2 * times, most)
        yield times


def seconds_of(tasks: Sequence[Task], record: Record) -> float:
    """Processor time of tasks, by what samples took so far."""
    tallies = record.cells.values()
    counted = sum(tally.quantities_counted for tally in tallies)
    mean = sum(tally.seconds for tally in tallies) / counted if counted else _SECONDS * BLOCK
    total = 0.0
    for task in tasks:
        tally = record.tally(task.cell)
        own = tally.seconds / tally.quantities_counted if tally.quantities_counted else mean
        total += own * len(task.wanted)
    return total
