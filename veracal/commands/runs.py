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
# What a narrow terminal goes without, in this order; a model's name is shortened first.
_DROPPED = ((), ("task",), ("task", "model"))
_SHORTEST_NAME = 12
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
        console.print_json("run-list", {"runs": [run.to_dict() for run in listed]})
        return
    if not listed:
        console.say(f"no runs in {folder.resolve()}")
        return
    rows = [_cells(run, folder) for run in listed]
    if console.SHOWN.document is None:
        columns, n_of_model = _fitting(rows, console.OUT.width)
        rows = [row | {"model": _shortened(row["model"], n_of_model)} for row in rows]
    else:
        columns = list(_COLUMNS)
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


def _fitting(rows: Sequence[dict[str, str]], width: int) -> tuple[list[str], int]:
    """Columns that fit, with least left out, and characters left for a model."""
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in _COLUMNS}
    for dropped in _DROPPED:
        columns = [name for name in _COLUMNS if name not in dropped]
        over = sum(widths[name] + _GAP for name in columns) - _GAP - width
        if over <= 0:
            return columns, widths["model"]
        if "model" in columns and widths["model"] - over >= _SHORTEST_NAME:
            return columns, widths["model"] - over
    return columns, widths["model"]


def _shortened(name: str, width: int) -> str:
    """A name without its beginning, which says less than its end.

    Examples
    --------
    >>> _shortened("HuggingFaceTB/SmolLM2-135M", 13), _shortened("base", 13)
    ('…SmolLM2-135M', 'base')
    """
    return name if len(name) <= width else f"…{name[len(name) - width + 1 :]}"
