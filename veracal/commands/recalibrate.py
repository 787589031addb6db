"""Recalibration of a run of letters: the command, and the option of commands that show it beside other numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

import calibration
from calibration.metrics.temperature import Temperature
from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.netcal_methods import NetcalMap
from calibration.recalibration.recalibration import Recalibration

from .. import console
from ..recalibrations import N_FOLDS, cross_fitting, known_methods
from .idle_options import refuse_idle
from .options import Json, read_letters

_METHODS = (
    "temperature, vector scaling, letter bias, platt, beta, isotonic, histogram, bbq, or one of netcal's "
    "by its name: netcal:ENIR for whole rows, netcal:ENIR:top for the confidence in the predicted letter."
)
Recalibrate = Annotated[
    list[str] | None,
    typer.Option(
        "--recalibrate",
        metavar="METHOD",
        help=f"Also what recalibration does on held-out items; may stand several times. {_METHODS}",
    ),
]
RecalibrateBy = Annotated[
    FoldKind | None,
    typer.Option("--by", help="What --recalibrate splits into folds; items if omitted."),
]


@dataclass(frozen=True)
class RecalibrateOptions:
    """What `--recalibrate` and `--by` ask for; no methods if they are not given."""

    methods: tuple[str, ...]
    by: FoldKind


def recalibrate_options(methods: Sequence[str] | None, by: FoldKind | None) -> RecalibrateOptions:
    """The two options, checked.

    Raises
    ------
    typer.BadParameter
        For an unknown method, and for folds without a method.
    """
    if by is not None and not methods:
        raise typer.BadParameter("--by needs --recalibrate METHOD")
    return RecalibrateOptions(_known(methods or (), "--recalibrate"), by or "items")


def recalibrate(
    ctx: typer.Context,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    method: Annotated[str, typer.Option(metavar="METHOD", help=_METHODS)] = "temperature",
    fit: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Fit on this run of other items; on the run's own other folds if omitted."),
    ] = None,
    by: Annotated[FoldKind, typer.Option(help="What is split into folds.")] = "items",
    folds: Annotated[int, typer.Option(min=2, metavar="N", help="Into how many parts.")] = N_FOLDS,
    seed: Annotated[int, typer.Option(help="Of the folds and the draws.")] = 0,
    as_json: Json = False,
) -> None:
    """Every measure before and after recalibration, on items that it was not fitted on."""
    if fit is not None:
        refuse_idle(ctx, "by", "folds", why="beside --fit RUN, by which nothing is split into folds")
    _known([method], "--method")
    predictions = read_letters(run)
    other = None if fit is None else read_letters(fit)
    splits: dict[str, Any] = {} if fit is not None else {"by": by, "n_folds": folds}
    with console.progress("Recalibrating, folds", rate=False) as progress:
        result = calibration.recalibrate(predictions, method, fit=other, seed=seed, progress=progress, **splits)
    if as_json:
        console.print_json(result.to_dict())
        return
    show(predictions.model, result, f"fitted on {fit}" if fit is not None else cross_fitting(by, folds))


def show(model: str, result: Recalibration, fitting: str) -> None:
    """A recalibration and how it was fitted, on stdout."""
    title = f"{model}, {result.method}, {fitting}: {len(result.confidence)} items"
    console.print_recalibration(title, result)
    if isinstance(result.fitted, Temperature | NetcalMap) and result.fitted.temperature is not None:
        console.print_line(f"Temperature of all items to fit on: {result.fitted.temperature:.3f}.")


def _known(methods: Sequence[str], option: str) -> tuple[str, ...]:
    try:
        return known_methods(methods)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
