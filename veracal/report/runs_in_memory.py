"""Runs in memory as the run folders that a report reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from calibration import Pairs, Predictions, Verdicts
from calibration.files.digest import digest
from calibration.logs.run_folders import write_rows
from calibration.runs.run_kinds import PAIRS, PREDICTIONS, VERDICTS, RunKind

RunInMemory = Predictions | Pairs | Verdicts

_KINDS: dict[type, RunKind] = {Predictions: PREDICTIONS, Pairs: PAIRS, Verdicts: VERDICTS}


def run_folders(runs: Sequence[str | Path | RunInMemory], folder: Path) -> list[Path]:
    """Paths of run folders, those of runs in memory written into a folder.

    Raises
    ------
    TypeError
        For a run that is neither a path nor predictions, pairs or verdicts.
    """
    return [
        Path(run) if isinstance(run, str | Path) else _written(run, folder / f"run-{number}")
        for number, run in enumerate(runs, start=1)
    ]


def _written(run: RunInMemory, path: Path) -> Path:
    kind = _KINDS.get(type(run))
    if kind is None:
        raise TypeError(
            f"a report is made of run folders, Predictions, Pairs and Verdicts, got {type(run).__name__}; graded "
            "answers are read from the folder that veracal import or ask made"
        )
    content = digest(run.frame.write_json())
    model = run.model or path.name
    settings = {"model": model, "source": "memory", "format": "memory", "file": content}
    write_rows(run.frame.with_columns(model=pl.lit(model)), path, settings, kind=kind)
    return path
