"""The command `import`: a run folder from recorded letters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import calibration
from calibration.extraction.recorded_logs import LogFormat

from .. import console
from .options import (
    AnswerKeys,
    Json,
)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recorded log.")],
    out: Annotated[Path, typer.Option(metavar="RUN", help="Run folder to write.")],
    format: Annotated[
        LogFormat,
        typer.Option(help="csv: answer; logit_A, logit_B, … or prob_A, … or logprob_A, …; subject, index or id."),
    ] = "csv",
    answers: AnswerKeys = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="A name for tables and figures; if omitted, the file's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a run folder from recorded letters.

    The letters come from a log of another tool; no model is asked.

    Examples
    --------
    veracal import letters.csv --out runs/base --model base
    """
    predictions = calibration.import_log(file, format=format, out=out, model=model, answers=answers)
    if as_json:
        console.print_json({"run": str(out), "n_items": predictions.n_items, "model": predictions.model})
    else:
        console.say(f"{predictions.n_items} items in {out}; look at them with: veracal summarize {out}")
