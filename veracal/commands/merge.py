"""The command `merge`: one run of its shards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import calibration
from calibration.number_texts import counted
from calibration.runs.folder import Run
from calibration.runs.run_kinds import PREDICTIONS
from factuality.answers.responses import RESPONSES

from .. import console
from .options import Json, RunFolder

_KINDS = {kind.name: kind for kind in (PREDICTIONS, RESPONSES)}


def merge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN", help="Run folders of shards, in any order.")],
    out: RunFolder,
    as_json: Json = False,
) -> None:
    """Put the shards of a run together.

    Examples
    --------
    veracal merge runs/base-1 runs/base-2 runs/base-3 --out runs/base
    """
    kind = Run(runs[0]).manifest["kind"]
    if kind not in _KINDS:
        raise ValueError(f"{runs[0]}: runs of {' and of '.join(_KINDS)} can be merged, this one holds {kind}")
    merged = calibration.merge_runs(runs, out=out, kind=_KINDS[kind])
    rows = merged.read_frame().height
    if as_json:
        console.print_json("merged-run", {"run": str(out), "n_rows": rows, **merged.manifest["settings"]})
    else:
        console.say(f"{counted(rows, 'row')} of {counted(len(runs), 'run')} in {out}")
