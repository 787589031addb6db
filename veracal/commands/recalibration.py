"""Recalibration of a run of letters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import calibration
from calibration.cross_fitting import FoldKind
from calibration.netcal_methods import NetcalMap
from calibration.recalibration import method_fit
from calibration.temperature import Temperature

from .. import console
from .options import Json, read_letters


def recalibrate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    method: Annotated[
        str,
        typer.Option(
            metavar="METHOD",
            help="temperature, vector scaling, letter bias, platt, beta, isotonic, histogram, bbq, or one of netcal's "
            "by its name: netcal:ENIR for whole rows, netcal:ENIR:top for the confidence in the predicted letter.",
        ),
    ] = "temperature",
    fit: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Fit on this run of other items; on the run's own other folds if omitted."),
    ] = None,
    by: Annotated[FoldKind, typer.Option(help="What is split into folds.")] = "items",
    folds: Annotated[int, typer.Option(min=2, metavar="N", help="Into how many parts.")] = 5,
    seed: Annotated[int, typer.Option(help="Of the folds and the draws.")] = 0,
    as_json: Json = False,
) -> None:
    """Every measure before and after recalibration, on items that it was not fitted on."""
    try:
        method_fit(method)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--method") from None
    predictions = read_letters(run)
    other = None if fit is None else read_letters(fit)
    with console.waiting("Recalibrating"):
        found = calibration.recalibrate(predictions, method, fit=other, by=by, n_folds=folds, seed=seed)
    if as_json:
        console.print_json(found.to_dict())
        return
    where = f"fitted on {fit}" if fit is not None else f"cross-fitted in {folds} folds of {by}"
    console.print_recalibration(f"{predictions.model}, {method}, {where}: {predictions.n_items} items", found)
    if isinstance(found.fitted, Temperature | NetcalMap) and found.fitted.temperature is not None:
        console.print_line(f"Temperature of all items to fit on: {found.fitted.temperature:.3f}.")
