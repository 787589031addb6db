"""Counts of pages and of those with a false sentence, kept in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from calibration.files.atomic import write_bytes


@dataclass
class Count:
    """Pages of a scene and a size, and those that are not free of false sentences.

    Attributes
    ----------
    pages : int
        Pages made.
    wrong : int
        Those with a false sentence.
    sentences : list of str
        The first such sentences.
    """

    pages: int = 0
    wrong: int = 0
    sentences: list[str] = field(default_factory=list)

    def add(self, false: Sequence[str]) -> None:
        """Count a page with these false sentences."""
        self.pages += 1
        self.wrong += bool(false)
        self.sentences = [*self.sentences, *false][:10]


Record = dict[str, dict[str, Count]]


def read_record(path: Path) -> Record:
    """Counts by scene and number of items; none if there is no file."""
    if not path.exists():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {scene: {size: Count(**count) for size, count in counts.items()} for scene, counts in stored.items()}


def write_record(record: Record, path: Path) -> None:
    """Write counts, whole or not at all."""
    plain = {scene: {size: asdict(count) for size, count in counts.items()} for scene, counts in record.items()}
    write_bytes((json.dumps(plain, indent=1, ensure_ascii=False) + "\n").encode(), path)
