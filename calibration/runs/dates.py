"""Dates in the prompts of a run, kept when the run is continued."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ..models.protocol import DatedModel, Model
from .folder import Run
from .manifests import RUN_FILE


def date_of_run(out: str | Path) -> str | None:
    """Date in the prompts of a run; none in an import."""
    if not (Path(out) / RUN_FILE).is_file():
        return None
    settings = Run(Path(out)).manifest["settings"]
    date = settings.get("date")
    # The date of a log is when it was written.
    return date if isinstance(date, str) and "format" not in settings else None


def dated_as_run(model: Model, out: str | Path | None) -> Model:
    """The model, whose chat template writes the date of the run that it continues.

    Parameters
    ----------
    model : Model
        One that was loaded with a date keeps that.
    out : str or Path, optional
        The run's folder, if there is one.
    """
    date = None if out is None else date_of_run(out)
    if date is None or not isinstance(model, DatedModel):
        return model
    return model.dated(dt.date.fromisoformat(date))
