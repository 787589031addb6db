"""Run folders of what logs hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ..files.digest import digest, file_digest
from ..predictions.further_columns import joined
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.verdicts import Verdicts
from ..runs.folder import Run
from ..runs.locks import locked
from ..runs.run_kinds import PAIRS, PREDICTIONS, VERDICTS, RunKind
from ..runs.run_writer import RunWriter
from .log import Log


def log_settings(log: Log) -> dict[str, Any]:
    """Settings of a run that is made of a log: what decides its numbers."""
    files = log.files
    digests = [file_digest(path) for path in files]
    return {
        "model": log.model,
        "source": files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1} more",
        "format": log.format,
        "file": digests[0] if len(digests) == 1 else digest(" ".join(digests)),
        **({"task": log.task} if log.task else {}),
        **({"date": log.date} if log.date else {}),
        **log.settings,
    }


def log_notes(log: Log) -> dict[str, Any]:
    """What the manifest of a run says of a log beside its settings."""
    notes = {"origin": dict(log.origin), "remarks": list(log.remarks)}
    return {name: value for name, value in notes.items() if value}


def write_log(log: Log, out: Path) -> None:
    """Write what a log holds into a run folder.

    Parameters
    ----------
    log : Log
        With predictions, pairs or verdicts.
    out : Path
        The folder: new, empty, or an import of the same files with the same choices.

    Raises
    ------
    TypeError
        For free answers, which `factuality` writes.
    SettingsDifferError, ValueError
        If the folder holds something else.
    """
    if isinstance(log.content, Predictions):
        kind: RunKind = PREDICTIONS
    elif isinstance(log.content, Pairs):
        kind = PAIRS
    elif isinstance(log.content, Verdicts):
        kind = VERDICTS
    else:
        raise TypeError(f"a log of {type(log.content).__name__} is written by factuality.logs")
    write_rows(log.content.frame, out, log_settings(log), kind=kind, texts=log.items, notes=log_notes(log))


def write_rows(
    frame: pl.DataFrame,
    out: Path,
    settings: Mapping[str, Any],
    *,
    kind: RunKind,
    texts: pl.DataFrame | None = None,
    notes: Mapping[str, Any] | None = None,
) -> None:
    """Write a table as a complete run, unless the folder holds it already.

    Its further columns stand in the table of texts, which holds nothing but them if there are no texts.

    Raises
    ------
    SettingsDifferError, ValueError
        If the folder holds something else.
    """
    further = [name for name in frame.columns if name not in kind.schema]
    if further:
        known = frame.select(kind.key, *further).unique(kind.key, keep="first", maintain_order=True)
        texts = known if texts is None else joined(texts, known, key=kind.key, besides=())
        frame = frame.select(list(kind.schema))
    with locked(out):
        finished = Run.finished(out, settings, kind=kind)
        if not finished.is_empty() and not finished.equals(frame):
            raise ValueError(f"{out} holds a damaged import of this file; remove it and import again")
        n_items = frame.select(pl.col(kind.key).n_unique()).item() if kind is PREDICTIONS else frame.height
        run = RunWriter.open(out, settings, kind=kind, texts=texts, n_items=n_items, notes=notes)
        if finished.is_empty():
            run.append(frame)
        run.update(state="complete")
