"""Margins that a command names."""

from __future__ import annotations

import math
from collections.abc import Sequence

import typer

Margins = float | dict[str, float] | None
_KINDS = ("predictions", "pairs", "verdicts")


def named_margins(texts: Sequence[str], kind: str = "predictions") -> Margins:
    """A margin of every measure, or of some by name, if any.

    Raises
    ------
    typer.BadParameter
        For a margin that is no number of 0 or more, for two of one measure, for one of all beside others, and for
        runs of a kind that has none.

    Examples
    --------
    >>> named_margins(["0.02"]), named_margins(["ece=0.02", "accuracy=0.01"])
    (0.02, {'ece': 0.02, 'accuracy': 0.01})
    """
    if texts and kind not in _KINDS:
        raise typer.BadParameter(f"--margin is for runs of letters, confidences or verdicts; these hold {kind}")
    margins: dict[str, float] = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        if name in margins:
            raise typer.BadParameter(f"--margin names {name or 'every measure'} twice: {', '.join(texts)}")
        margins[name] = _number(number, text)
    if "" not in margins:
        return margins or None
    if len(margins) > 1:
        raise typer.BadParameter(f"--margin is of every measure, or of some by name, not both: {', '.join(texts)}")
    return margins[""]


def _number(number: str, text: str) -> float:
    try:
        margin = float(number)
    except ValueError:
        margin = math.nan
    if not (margin >= 0 and math.isfinite(margin)):
        raise typer.BadParameter(f"--margin must be [MEASURE=]X with X a number of 0 or more, got {text!r}")
    return margin
