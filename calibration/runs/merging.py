"""Runs of one whole, made in shards or in parts, put together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import SettingsDifferError
from .collection import collect
from .folder import Run
from .locks import locked
from .run_kinds import PREDICTIONS, RunKind
from .run_writer import RunWriter


def merge_runs(paths: Sequence[str | Path], *, out: str | Path, kind: RunKind = PREDICTIONS) -> Run:
    """Merge runs that hold parts of one, in any order.

    The result is what one process would have written.

    Parameters
    ----------
    paths : sequence of paths
        Folders that ``extract(..., shard=(i, n), out=…)`` or ``factuality.ask`` made. Rows that stand in several, with
        the same values, count once.
    out : str or Path
        Folder of the whole run: a new one, or one with the same settings, which is completed.
    kind : RunKind
        What the runs hold: letters, or `factuality.answers.responses.RESPONSES`.

    Returns
    -------
    Run
        The folder; `read_run` reads it.

    Raises
    ------
    FileNotFoundError
        Where a folder holds no run.
    SettingsDifferError
        Where two of them were made with different settings, naming each that differs.
    ValueError
        Where rows are missing, naming the shards; where two runs have different values of the same row; where another
        process writes to `out`.

    Examples
    --------
    >>> extract(model, items, shard=(1, 2), out="runs/part-1")  # doctest: +SKIP
    >>> extract(model, items, shard=(2, 2), out="runs/part-2")  # doctest: +SKIP
    >>> merge_runs(["runs/part-1", "runs/part-2"], out="runs/base").predictions()  # doctest: +SKIP
    """
    runs = [Run(Path(path), kind) for path in paths]
    if not runs:
        raise ValueError("there must be at least one run to merge, got none")
    first = runs[0]
    manifest = first.manifest
    for run in runs[1:]:
        differ = run.differences(manifest["settings"])
        if differ:
            differences = "; ".join(f"{name}: {value!r}, not {wanted!r}" for name, (value, wanted) in differ.items())
            raise SettingsDifferError(f"{run.path} was made with other settings than {first.path} ({differences})")
    with locked(out):
        finished = Run.finished(out, manifest["settings"], kind=kind)
        target = Run(Path(out), kind)
        sources = [target, *runs] if (target.path / "run.json").exists() else runs
        rows = _rows(sources)
        frame = pl.DataFrame(rows, schema=kind.schema)
        if first.count(frame) < manifest["n_items"]:
            raise ValueError(_missing(sources, frame))
        texts = next((table for run in sources if (table := run.items()) is not None), None)
        notes: dict[str, Any] = {name: manifest[name] for name in ("packages", "name") if name in manifest}
        target = RunWriter.open(
            out, manifest["settings"], kind=kind, texts=texts, n_items=manifest["n_items"], notes=notes
        )  # fmt: skip
        # The rows that the folder has already stand first.
        collect([rows[finished.height :]], run=target, finished=finished, n_items=len(rows))
    return target


def _rows(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Rows of all runs, each once."""
    kind = runs[0].kind
    by_key: dict[tuple[str, str], tuple[Run, dict[str, Any]]] = {}
    for run in runs:
        for row in run.read_frame().iter_rows(named=True):
            key = (row[kind.key], str(row.get(kind.turn)))
            first, first_row = by_key.setdefault(key, (run, row))
            if first_row != row:
                raise ValueError(
                    f"{first.path} and {run.path} must agree where they hold the same {kind.key}, but differ on "
                    f"{row[kind.key]} (another machine or library?); leave one of them out"
                )
    return [row for _, row in by_key.values()]


def _missing(runs: Sequence[Run], frame: pl.DataFrame) -> str:
    """What the runs do not hold, and whose shards it is."""
    first = runs[0]
    n_items = first.manifest["n_items"]
    shards = [(run, shard) for run in runs if (shard := run.manifest.get("shard"))]
    reasons = []
    if len({shard["of"] for _, shard in shards}) == 1:
        of = shards[0][1]["of"]
        absent = sorted(set(range(1, of + 1)) - {shard["number"] for _, shard in shards})
        if absent:
            names = ", ".join(f"{number}/{of}" for number in absent)
            reasons.append(f"no run of shard {names} was given")
    for run, shard in shards:
        n_done = run.count(run.read_frame())
        if n_done < shard["n_items"]:
            name = f"{shard['number']}/{shard['of']}"
            reasons.append(f"{run.path} (shard {name}) holds {n_done} of its {shard['n_items']}")
    why = "; ".join(reasons) or "none of them says that it is a shard"
    return f"a merged run must be whole, but {first.count(frame)} of {n_items} are there: {why}"
