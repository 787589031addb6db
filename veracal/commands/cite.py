"""The command `cite`: a paragraph on methods, with its sources."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from calibration.files.atomic import written_file

from .. import console
from ..citations.citation import cite as cite_runs
from .options import Json


def cite(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders, of one kind or several.")],
    measures: Annotated[
        str | None,
        typer.Option(metavar="KEYS", help="Reported measures, with commas between; if omitted, all of the table."),
    ] = None,
    grader: Annotated[
        str | None, typer.Option(metavar="SPEC", help="Of graded answers: whose judgments, if there are several.")
    ] = None,
    all_pairs: Annotated[
        bool, typer.Option("--all-pairs", help="All pairs of three runs or more were compared.")
    ] = False,
    bib: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the BibTeX there, and print the paragraph alone.")
    ] = None,
    format: Annotated[
        Literal["text", "md", "latex", "json"],
        typer.Option("--as", "--format", help="Plain text, Markdown of Pandoc, LaTeX, or JSON."),
    ] = "text",
    as_json: Json = False,
) -> None:
    """Print a methods paragraph on runs, with its BibTeX.

    It tells how the models were asked, how every number and interval is estimated, and with which versions.

    Examples
    --------
    veracal cite runs/base runs/post
    veracal cite runs/base runs/post --format latex --measures accuracy,ece_top
    veracal cite runs/post-answers --grader match --bib methods.bib
    """
    if as_json and format not in ("text", "json"):
        raise typer.BadParameter(f"--json is --format json: leave it out, or --format {format}")
    keys = None if measures is None else [key.strip() for key in measures.split(",")]
    citation = cite_runs(runs, measures=keys, grader=grader, all_pairs=all_pairs)
    if bib is not None:
        with written_file(bib) as file:
            file.write(f"{citation.bibtex}\n".encode())
    if as_json or format == "json":
        console.print_json("citation", citation.to_dict())
    else:
        console.print_whole(citation.text(format, with_bibtex=bib is None))
