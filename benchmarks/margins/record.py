"""Claims that were counted, kept in a file: counting can be interrupted and continued."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from calibration.files.atomic import write_bytes

from .claims import Claims


@dataclass(kw_only=True)
class Tally:
    """Claims of a cell.

    Attributes
    ----------
    n_items : int
    claims : dict of Claims
        By the number that they are of.
    blocks : dict of int
        Blocks of samples that these are of, by number.
    """

    n_items: int
    claims: dict[str, Claims] = field(default_factory=dict)
    blocks: dict[str, int] = field(default_factory=dict)

    def add(self, counted: Mapping[str, Claims]) -> None:
        """Add a block of samples."""
        for name, claims in counted.items():
            self.claims.setdefault(name, Claims()).join(claims)
            self.blocks[name] = self.blocks.get(name, 0) + 1


Record = dict[str, Tally]


def read_record(path: Path) -> Record:
    """Tallies by cell; none if there is no file."""
    if not path.exists():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {
        cell: Tally(
            n_items=plain["n_items"],
            claims={name: Claims(**row["claims"]) for name, row in plain["numbers"].items()},
            blocks={name: row["blocks"] for name, row in plain["numbers"].items()},
        )
        for cell, plain in stored.items()
    }


def write_record(record: Record, path: Path) -> None:
    """Write tallies, a line a cell, whole or not at all."""
    lines = (f"{json.dumps(cell)}: {json.dumps(_plain(tally), ensure_ascii=False)}" for cell, tally in record.items())
    write_bytes(("{\n" + ",\n".join(lines) + "\n}\n").encode(), path)


def _plain(tally: Tally) -> dict[str, object]:
    numbers = {
        name: {"blocks": tally.blocks[name], "claims": {**asdict(claims), "margins": float(f"{claims.margins:.6g}")}}
        for name, claims in tally.claims.items()
    }
    return {"n_items": tally.n_items, "numbers": numbers}
