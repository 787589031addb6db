"""What was counted so far, on disk: a run can be interrupted and continued."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import Any

from calibration.files.atomic import write_bytes

from .cells import AnyCell
from .counting import Counts

_PARTS = tuple(part.name for part in fields(Counts))


@dataclass(kw_only=True)
class Tally:
    """Counts of a cell.

    Attributes
    ----------
    kind : str
    n_items : int
    counts : dict of Counts
        By quantity.
    blocks : dict of int
        Blocks of samples that these are of, by quantity.
    seconds : float
        Processor time of all blocks.
    quantities_counted : int
        Blocks of all quantities together.
    """

    kind: str
    n_items: int
    counts: dict[str, Counts] = field(default_factory=dict)
    blocks: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    quantities_counted: int = 0


@dataclass(kw_only=True)
class Record:
    """Counts of all cells by name, and the seed of their samples."""

    seed: int = 0
    cells: dict[str, Tally] = field(default_factory=dict)

    def tally(self, cell: AnyCell) -> Tally:
        """Counts of a cell, none before its first block."""
        empty = Tally(kind=cell.kind, n_items=cell.n_items)
        tally = self.cells.setdefault(cell.name, empty)
        for name in cell.quantities:
            tally.counts.setdefault(name, Counts())
            tally.blocks.setdefault(name, 0)
        return tally

    def add(self, cell: AnyCell, counts: Mapping[str, Counts], seconds: float) -> None:
        """Add a block of samples to a cell."""
        tally = self.tally(cell)
        for name, more in counts.items():
            tally.counts[name].add(more)
            tally.blocks[name] += 1
        tally.seconds += seconds
        tally.quantities_counted += len(counts)

    def results(self) -> Iterator[tuple[str, Tally, str, Counts]]:
        """Cell, its tally, quantity and counts of everything that was counted."""
        for name, tally in self.cells.items():
            for quantity, counts in tally.counts.items():
                if counts.times:
                    yield name, tally, quantity, counts

    def write(self, path: Path) -> None:
        """Write as JSON, a line a cell that was counted."""
        counted = ((name, tally) for name, tally in self.cells.items() if tally.quantities_counted)
        lines = (f"{json.dumps(name)}: {json.dumps(_plain(tally))}" for name, tally in counted)
        text = f'{{"seed": {self.seed}, "cells": {{\n' + ",\n".join(lines) + "\n}}\n"
        write_bytes(text.encode(), path)


def read_record(path: Path, *, seed: int) -> Record:
    """The record of a file, empty if there is none.

    Raises
    ------
    ValueError
        If its samples are of another seed.
    """
    if not path.exists():
        return Record(seed=seed)
    stored = json.loads(path.read_text())
    if stored["seed"] != seed:
        raise ValueError(f"{path} holds samples of seed {stored['seed']}, not {seed}: use that, or another file")
    return Record(seed=seed, cells={name: _tally(plain) for name, plain in stored["cells"].items()})


def _plain(tally: Tally) -> dict[str, Any]:
    counts = {
        name: [
            tally.blocks[name],
            *(float(f"{part:.9g}") if isinstance(part, float) else part for part in astuple(counts)),
        ]
        for name, counts in tally.counts.items()
        if tally.blocks[name]
    }
    return {
        "kind": tally.kind, "n_items": tally.n_items, "seconds": round(tally.seconds, 2),
        "quantities_counted": tally.quantities_counted, "counts": counts,
    }  # fmt: skip


def _tally(plain: Mapping[str, Any]) -> Tally:
    return Tally(
        kind=plain["kind"],
        n_items=plain["n_items"],
        seconds=plain["seconds"],
        quantities_counted=plain["quantities_counted"],
        counts={name: Counts(**dict(zip(_PARTS, row[1:], strict=True))) for name, row in plain["counts"].items()},
        blocks={name: row[0] for name, row in plain["counts"].items()},
    )
