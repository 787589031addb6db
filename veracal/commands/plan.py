"""The command `plan`: how many items a wanted precision needs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import calibration
from calibration.errors import UndefinedMeasure
from calibration.predictions.scored_runs import ScoredRun
from calibration.uncertainty.drawn_units import Scheme
from calibration.uncertainty.visible_changes import POWER

from .. import console
from ..tables.plans import Plan, print_plans, wanted_text
from .idle_options import refuse_idle
from .options import Json, PrintedAs, prints_json, read_scored

# What is planned if no measure is named; of verdicts without confidence the first alone.
_MEASURES = ("accuracy", "signed_gap", "ece_top")


def plan(
    ctx: typer.Context,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder: the pilot, on items like those to ask.")],
    half_width: Annotated[
        float | None, typer.Option(metavar="X", help="Wanted half-width of the interval, as 0.01.")
    ] = None,
    change: Annotated[
        float | None,
        typer.Option(metavar="X", help="Change that is to be shown, as 0.02: its interval leaves out 0."),
    ] = None,
    after: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            help="A run of the other model on the same items: the number is for their paired change. If omitted, a "
            "change is between runs on different items, so many items each.",
        ),
    ] = None,
    measures: Annotated[
        str | None,
        typer.Option(
            metavar="KEYS",
            help="Measures, with commas between; an unknown key lists all. If omitted, accuracy, signed gap and ECE.",
        ),
    ] = None,
    power: Annotated[
        float, typer.Option(metavar="P", help="Share of samples of so many items that show the change.")
    ] = POWER,
    sampling: Annotated[
        Scheme, typer.Option(help="What is drawn anew: items, or clusters or subjects whole.")
    ] = "items",
    format: PrintedAs = None,
    as_json: Json = False,
) -> None:
    """Print how many items a wanted precision needs.

    Either a half-width of the interval is wanted, or that it shows a change. Judged by a run, the pilot.

    Examples
    --------
    veracal plan runs/pilot --half-width 0.01
    veracal plan runs/pilot --change 0.02 --measures ece_top,brier
    veracal plan runs/base --after runs/post --change 0.02 --power 0.9
    """
    as_json = prints_json(format, as_json=as_json)
    if (half_width is None) == (change is None):
        raise typer.BadParameter("give --half-width X or --change X, one of them")
    if change is None:
        refuse_idle(ctx, "power", why="beside --half-width, which shows no change")
    pilot = read_scored(run)
    later = None if after is None else read_scored(after)
    wanted = wanted_text(half_width=half_width, change=change, power=power, after=later is not None)
    keys = _keys(measures, pilot)
    with console.waiting("Planning"):
        plans = {
            key: _planned(pilot, later, key, half_width=half_width, change=change, power=power, sampling=sampling)
            for key in keys
        }
    if as_json:
        wish = {"half_width": half_width, "change": change, "power": None if change is None else power}
        pair = None if later is None else later.model
        plain = {key: planned.to_dict() for key, planned in plans.items()}
        console.print_json(
            "plan", {"pilot": pilot.model, "after": pair, **wish, "sampling": sampling, "measures": plain}
        )
        return
    print_plans(pilot.model, plans, wanted, whole=isinstance(pilot, calibration.Predictions))


def _keys(measures: str | None, pilot: ScoredRun) -> list[str]:
    if measures is not None:
        return [key.strip() for key in measures.split(",")]
    return list(_MEASURES[:1] if isinstance(pilot, calibration.Verdicts) else _MEASURES)


def _planned(
    pilot: ScoredRun, after: ScoredRun | None, key: str, *, half_width: float | None, change: float | None,
    power: float, sampling: Scheme,
) -> Plan:  # fmt: skip
    """Items that a measure needs, or why its pilot cannot tell."""
    try:
        needed = calibration.required_n(
            pilot, key, half_width=half_width, change=change, power=power, after=after, sampling=sampling
        )
    except UndefinedMeasure as error:
        return Plan(reason=str(error))
    return Plan(n_items=int(needed), n_clusters=needed.clusters)
