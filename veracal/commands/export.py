"""The command `export`: a run in the format of another tool."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from calibration.nearest_names import nearest

from .. import console
from ..exports.export_format import ExportOptions
from ..exports.formats import EXPORT_FORMATS
from ..exports.run_contents import read_content
from .options import Json, warn_of_unfinished


def _format(name: str) -> str:
    if name not in EXPORT_FORMATS:
        names = ", ".join(EXPORT_FORMATS)
        raise typer.BadParameter(f"must be one of {names}, got {name!r}{nearest(name, EXPORT_FORMATS)}")
    return name


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    format: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            callback=_format,
            help="; ".join(f"{known.name}: {known.what}" for known in EXPORT_FORMATS.values()),
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="PATH", help="File or folder to write.")],
    grader: Annotated[
        str | None, typer.Option(metavar="SPEC", help="Of graded answers: whose judgments, if there are several.")
    ] = None,
    task: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the evaluation; if omitted, the run's.")
    ] = None,
    dataset: Annotated[str | None, typer.Option(metavar="ID", help="Id of the data set on the hub.")] = None,
    dataset_task: Annotated[str | None, typer.Option(metavar="ID", help="Id of the task within that data set.")] = None,
    organization: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who provides the results; unknown if omitted.")
    ] = None,
    source: Annotated[str | None, typer.Option(metavar="URL", help="A page about the results.")] = None,
    as_json: Json = False,
) -> None:
    """Write a run in the format of another tool.

    No model is asked. What is imported again is equal.

    Examples
    --------
    veracal export runs/base --format every-eval-ever --out exports
    veracal export runs/base --format eval-results --dataset cais/mmlu --dataset-task default --out mmlu.yaml
    """
    chosen = EXPORT_FORMATS[format]
    options = ExportOptions(
        task=task, dataset=dataset, dataset_task=dataset_task, organization=organization, source=source
    )
    options.refuse_idle(format, chosen.options)
    content = read_content(run, grader=grader)
    warn_of_unfinished(run, content.manifest["n_done"], "answers")
    files = chosen.write(content, out, options)
    if as_json:
        console.print_json({"run": str(run), "format": format, "files": [str(file) for file in files]})
    else:
        console.say(f"{run} as {format} in {', '.join(map(str, files))}")
