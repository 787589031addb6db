"""The command `demo`: everything on a tiny pretrained and post-trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import console
from ..demo import run_demo, stage_pair
from ..tables.predictions import print_comparison
from .options import Json


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the runs and the page go.")] = Path("demo"),
    stage: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STAGE",
            help="base, sft or rl; given twice, before and after; given once, after base (base itself before rl).",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask, grade, compare and report tiny models.

    They are the three stages of a tiny pretrained and post-trained model of an invented world.

    Examples
    --------
    veracal demo
    veracal demo --stage base --stage sft --out demo-sft
    """
    names, comparison, page = run_demo(out, stage_pair(stage or ()))
    if as_json:
        console.print_json("comparison", {**comparison.to_dict(), "page": str(page.resolve())})
        return
    print_comparison(names, comparison)
    console.print_line(f"Report: {page.resolve()}")
