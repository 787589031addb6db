"""The options `--recalibrate`, `--folds-of` and `--by` of commands that show other numbers too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, get_args

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

By = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        metavar="COLUMN[,COLUMN]",
        help="Show numbers by group too: subject, category, language, n_options, position, confidence, "
        "question_length, or any other column of the items; may be repeated.",
    ),
]

FoldsOf = Annotated[
    FoldKind | None,
    typer.Option("--folds-of", help="What --recalibrate splits into folds; if omitted, items."),
]


@dataclass(frozen=True)
class RecalibrateOptions:
    """Values of `--recalibrate`, `--folds-of` and `--by`.

    Attributes
    ----------
    methods : tuple of str
        Methods of recalibration; none if they are not given.
    by : {"items", "subjects"}
        What they split into folds.
    groups : tuple of str
        Columns by which numbers are shown, each a name or several with commas.
    """

    methods: tuple[str, ...]
    by: FoldKind
    groups: tuple[str, ...] = ()


def recalibrate_options(
    methods: Sequence[str] | None, by: Sequence[str] | None, folds_of: FoldKind | None
) -> RecalibrateOptions:
    """The three options, checked.

    ``--by items`` and ``--by subjects`` are folds, as earlier versions had them.

    Raises
    ------
    typer.BadParameter
        For an unknown method, for folds without a method, and for folds of two kinds.
    """
    named: list[FoldKind] = [kind for kind in get_args(FoldKind) if kind in (by or ())]
    folds = {*named, *([folds_of] if folds_of else [])}
    if folds and not methods:
        by_folds = "--by needs --recalibrate METHOD if it is items or subjects (groups are --by subject)"
        raise typer.BadParameter("--folds-of needs --recalibrate METHOD" if folds_of else by_folds)
    if len(folds) > 1:
        raise typer.BadParameter("--folds-of must be items or subjects for the folds of --recalibrate, got both")
    groups = dict.fromkeys(name for name in by or () if name not in named)
    return RecalibrateOptions(
        checked_methods(methods or (), "--recalibrate"), folds.pop() if folds else "items", tuple(groups)
    )


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
