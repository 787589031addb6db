"""Count pages with a false sentence, and write the table of docs/statistics.md.

python -m benchmarks.false_sentences makes pages of runs drawn from known populations and holds each of their sentences
against the truth; it adds to docs/false_sentences.json after every page: it can be interrupted, and the same command
continues. --page writes the table without making pages.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
from rich.console import Console

from ..marked_tables import with_table
from .pages import false_sentences
from .record import Count, Record, read_record, write_record
from .scenes import Scene, scenes
from .table import BEGIN, END, table
from .truths import Truth

DOCS = Path(__file__).parents[2] / "docs"
# A page of so many items takes six times as long.
_LARGE, _FEWER = 10_000, 6


def count(record: Record, chosen: Sequence[Scene], arguments: argparse.Namespace, console: Console) -> None:
    """Make pages of every scene and size in turn, until each has as many as asked for or the time is up."""
    until = time.monotonic() + 60 * arguments.minutes
    truths = cache(_truth_of)
    for scene, size, number in _pages(chosen, arguments.times, arguments.largest):
        counted = record.setdefault(scene.name, {}).setdefault(str(size), Count())
        if number < counted.pages:
            continue
        if time.monotonic() >= until:
            console.print("the time is up; the same command continues")
            return
        rng = np.random.default_rng([arguments.seed, crc32(f"{scene.name} {size}".encode()), number])
        false = false_sentences(scene, size, truths(scene), rng)
        counted.add(false)
        write_record(record, arguments.record)
        for sentence in false:
            console.print(f"{scene.name}, {size:,} items: {sentence}", markup=False)


def _pages(chosen: Sequence[Scene], times: int, largest: int) -> Iterator[tuple[Scene, int, int]]:
    """Each page to make: its scene, its size and its number among those."""
    for turn in range(times):
        for scene in chosen:
            for size in scene.sizes:
                if size <= min(largest, _LARGE):
                    yield scene, size, turn
                elif size <= largest and turn % _FEWER == 0:
                    yield scene, size, turn // _FEWER


def _truth_of(scene: Scene) -> Truth:
    return scene.truth()


def main(argv: Sequence[str] | None = None) -> None:
    """Count, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100, help="pages of every scene and size; a sixth of 14,042 items")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=110, help="no page begins later")
    parser.add_argument("--largest", type=int, default=14_042, help="sizes of at most so many items")
    parser.add_argument("--only", default="", help="scenes whose names begin so")
    parser.add_argument("--record", type=Path, default=DOCS / "false_sentences.json")
    parser.add_argument("--out", type=Path, default=DOCS / "statistics.md", help="the document that holds the table")
    parser.add_argument("--page", action="store_true", help="write the table of what was counted, and make no pages")
    arguments = parser.parse_args(argv)
    record, known = read_record(arguments.record), list(scenes())
    if not arguments.page:
        chosen = [scene for scene in known if scene.name.startswith(arguments.only)]
        count(record, chosen, arguments, Console(stderr=True))
    document = arguments.out.read_text(encoding="utf-8")
    arguments.out.write_text(with_table(document, table(record, known), begin=BEGIN, end=END), encoding="utf-8")


if __name__ == "__main__":
    main()
