"""The command `recalibrate`: every measure before and after recalibration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import calibration
from calibration.recalibration.cross_fitting import FoldKind
from calibration.runs.folder import Run

from .. import console
from ..recalibrations import N_FOLDS, cross_fitting
from ..tables.predictions import print_recalibration
from .idle_options import refuse_idle
from .options import Json, PrintedAs, prints_json, read_scored
from .recalibration_options import METHODS, checked_methods


def recalibrate(
    ctx: typer.Context,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    method: Annotated[str | None, typer.Option(metavar="METHOD", help=METHODS)] = None,
    fit: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN", help="Fit on this run of other items; if omitted, on the other folds of the run itself."
        ),
    ] = None,
    by: Annotated[FoldKind, typer.Option("--folds-of", "--by", help="What is split into folds.")] = "items",
    folds: Annotated[int, typer.Option(min=2, metavar="N", help="Number of folds.")] = N_FOLDS,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the folds and of the draws.")] = 0,
    format: PrintedAs = None,
    as_json: Json = False,
) -> None:
    """Print measures before and after a recalibration.

    Every item is recalibrated by what was fitted on other items: on the other folds, or on the run of --fit.

    Examples
    --------
    veracal recalibrate runs/post --method temperature
    veracal recalibrate runs/post --method 'letter bias' --folds-of subjects
    veracal recalibrate runs/post --method isotonic --fit runs/post-dev
    """
    as_json = prints_json(format, as_json=as_json)
    if fit is not None:
        refuse_idle(ctx, "by", "folds", why="beside --fit RUN, by which nothing is split into folds")
    checked_methods([method] if method else [], "--method")
    predictions = read_scored(run)
    other = None if fit is None else read_scored(fit)
    splits: dict[str, Any] = {} if fit is not None else {"by": by, "n_folds": folds}
    with console.progress("Recalibrating, folds", rate=False) as progress:
        result = calibration.recalibrate(predictions, method, fit=other, seed=seed, progress=progress, **splits)
    if as_json:
        console.print_json("recalibration", result.to_dict())
        return
    fitting = cross_fitting(by, folds) if fit is None else f"fitted on {fit}"
    print_recalibration(Run(run).name, result, fitting)
