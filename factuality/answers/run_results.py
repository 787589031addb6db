"""Tables of judgments and classes in a run folder, checked against its answers."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from calibration.files.atomic import read_table, write_parquet
from calibration.runs.folder import Run
from calibration.runs.locks import locked
from calibration.runs.manifests import shown, writes

from .responses import RESPONSES, Responses, read_responses

# Seconds to wait for another process that writes a part, or reads the answers too.
_PATIENCE = 10.0
_ANSWERED = "_answered"


def settled_responses(run: str | Path) -> Responses:
    """Answers of a run folder, read while no other process writes to it.

    Raises
    ------
    FileNotFoundError
        If there is no run.
    ValueError
        As `read_responses`; if another process writes to the run.
    """
    _ = Run(Path(run)).manifest  # before a lock makes the folder
    with locked(run, patience=_PATIENCE):
        return read_responses(run)


def write_results(results: pl.DataFrame, file: Path) -> None:
    """Write a table into a folder of the run atomically.

    Raises
    ------
    ValueError
        If that folder is a link, which might lead out of the run.
    """
    if file.parent.is_symlink():
        raise ValueError(f"{file.parent}: must be a folder of the run's own, got a link; remove it")
    file.parent.mkdir(exist_ok=True)
    write_parquet(results, file)


def read_results(file: Path, *, what: str) -> pl.DataFrame:
    """Read a table that `write_results` wrote.

    Raises
    ------
    ValueError
        If it cannot be read, or lacks its checksum though the run's version writes one.
    """
    manifest = Run(file.parent.parent, RESPONSES).manifest
    try:
        table = read_table(file)
    except (pl.exceptions.PolarsError, ValueError, OSError) as error:
        raise ValueError(f"{file}: not readable {what} ({str(error).splitlines()[0]})") from None
    if not table.checked and writes(manifest, "checksum"):
        raise ValueError(f"{file}: must carry its checksum, and does not: something else than veracal wrote it")
    return table.frame


def refuse_other_answers(results: pl.DataFrame, run: Path) -> None:
    """Raise unless the rows are exactly the answers that the run holds.

    Parameters
    ----------
    results : polars.DataFrame
        With ``model``, ``question``, ``sample`` and ``response``.
    run : Path
        The folder of the answers.

    Raises
    ------
    ValueError
        By question and sample; for another number of rows.
    """
    answers = read_responses(run).frame.select("question", "sample", "model", "response")
    own = answers.rename({name: name + _ANSWERED for name in ("model", "response")})
    beside = results.join(own, on=["question", "sample"], how="left", maintain_order="left")
    for name in ("model", "response"):
        others = beside.filter(~pl.col(name).eq_missing(pl.col(name + _ANSWERED)))
        if not others.is_empty():
            row = others.row(0, named=True)
            raise ValueError(
                f"question {shown(row['question'])}, sample {row['sample']}: the {name} must be that of the run's "
                f"answer, {shown(row[name + _ANSWERED])}, got {shown(row[name])}"
            )
    if results.height != answers.height:
        raise ValueError(f"holds {results.height} of {answers.height} answers")
