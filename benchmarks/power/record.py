"""Pilots and samples that were drawn, on disk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from calibration.files.atomic import write_bytes

Pilots = list[int | None]
"""Items that each pilot asks for; None if it tells no number."""
Samples = dict[int, list[int]]
"""By number of items: samples, and those of them whose interval shows the change."""


@dataclass
class Record:
    """What was drawn so far.

    Attributes
    ----------
    pilots : dict
        By name of the cell.
    samples : dict
        By name of what is sampled.
    """

    pilots: dict[str, Pilots] = field(default_factory=dict)
    samples: dict[str, Samples] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write it, a line a cell, whole or not at all."""
        parts = (_block("pilots", self.pilots), _block("samples", self.samples))
        write_bytes(("{\n" + ",\n".join(parts) + "\n}\n").encode(), path)


def read_record(path: Path) -> Record:
    """The record of a file; an empty one if there is none."""
    if not path.exists():
        return Record()
    stored = json.loads(path.read_text(encoding="utf-8"))
    samples = {
        name: {int(size): list(counts) for size, counts in sizes.items()} for name, sizes in stored["samples"].items()
    }
    return Record(pilots=stored["pilots"], samples=samples)


def _block(name: str, rows: Mapping[str, object]) -> str:
    return f'"{name}": {{\n' + ",\n".join(_lines(rows)) + "\n}"


def _lines(rows: Mapping[str, object]) -> Iterator[str]:
    return (f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(row)}" for name, row in sorted(rows.items()) if row)
