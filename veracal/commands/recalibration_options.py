"""The options `--recalibrate` and `--by` of commands that show other numbers too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from calibration.recalibration.cross_fitting import FoldKind

from ..recalibrations import known_methods

METHODS = (
    "temperature, vector scaling, letter bias, platt, beta, isotonic, histogram, bbq, or one of netcal's "
    "by its name: netcal:ENIR for whole rows, netcal:ENIR:top for the confidence in the predicted letter."
)

Recalibrate = Annotated[
    list[str] | None,
    typer.Option(
        "--recalibrate",
        metavar="METHOD",
        help=f"Show too what recalibration does on held-out items; may be repeated. {METHODS}",
    ),
]

RecalibrateBy = Annotated[
    FoldKind | None,
    typer.Option("--by", help="What --recalibrate splits into folds; if omitted, items."),
]


@dataclass(frozen=True)
class RecalibrateOptions:
    """Values of `--recalibrate` and `--by`; no methods if they are not given."""

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
    return RecalibrateOptions(checked_methods(methods or (), "--recalibrate"), by or "items")


def checked_methods(methods: Sequence[str], option: str) -> tuple[str, ...]:
    """The methods, each named once.

    Raises
    ------
    typer.BadParameter
        For an unknown method, with the name of the option.
    """
    try:
        return known_methods(methods)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
