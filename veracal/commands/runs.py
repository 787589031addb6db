"""The command `runs`: run folders below a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from calibration.number_texts import counted

from .. import console
from ..run_list import ListedRun, list_runs, listed_frame
from .options import Json, PrintedAs, prints_json

_COLUMNS = ("run", "model", "task", "n", "state", "headline")
# What a narrow terminal goes without, in this order.
_DROPPED = ((), ("task",), ("task", "model"))
# Blanks between two columns.
_GAP = 2


def runs(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to look; if omitted, here.")] = Path(),
    format: PrintedAs = None,
    as_json: Json = False,
) -> None:
    """List the runs in a folder and below it.

    Each with its model, what was asked, how many items, whether it is complete, and its headline.

    Examples
    --------
    veracal runs
    veracal runs runs --json
    """
    as_json = prints_json(format, as_json=as_json)
    listed = list_runs(folder)
    if as_json:
        console.print_json([run.to_dict() for run in listed])
        return
    if not listed:
        console.say(f"no runs in {folder.resolve()}")
        return
    rows = [_cells(run, folder) for run in listed]
    columns = _fitting(rows, console.OUT.width) if console.SHOWN.document is None else list(_COLUMNS)
    console.print_table(
        "", columns, [[row[name] for name in columns] for row in rows], texts=True,
        caption=f"Runs below {folder.name or folder.resolve().name}", frame=listed_frame(listed),
    )  # fmt: skip
    unfinished = [run for run in listed if run.state == "unfinished"]
    if unfinished:
        console.say(f"{counted(len(unfinished), 'run')} unfinished: the command that made it continues it")


def _cells(run: ListedRun, folder: Path) -> dict[str, str]:
    name = str(run.path) if run.path == folder else str(run.path.relative_to(folder))
    return dict(zip(_COLUMNS, (name, run.model, run.task, run.counts, run.state, run.shown), strict=True))


def _fitting(rows: Sequence[dict[str, str]], width: int) -> list[str]:
    """Columns that fit beside one another, with least left out."""
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in _COLUMNS}
    choices = [[name for name in _COLUMNS if name not in dropped] for dropped in _DROPPED]
    fitting = (names for names in choices if sum(widths[name] + _GAP for name in names) - _GAP <= width)
    return next(fitting, choices[-1])
