"""The command `export`: a run in the format of another tool."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from calibration.nearest_names import nearest
from calibration.number_texts import counted

from .. import console
from ..exports.export_format import ExportFormat
from ..exports.exporting import Export, export_run, export_to
from ..exports.formats import EXPORT_FORMATS
from ..exports.run_contents import KINDS
from .options import Json, warn_of_unfinished


def _format(name: str | None) -> str | None:
    if name is not None and name not in EXPORT_FORMATS:
        names = ", ".join(EXPORT_FORMATS)
        raise typer.BadParameter(f"must be one of {names}, got {name!r}{nearest(name, EXPORT_FORMATS)}")
    return name


def export(
    run: Annotated[Path | None, typer.Argument(metavar="RUN", help="A run folder.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="PATH", help="File or folder to write; - is standard output.")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(metavar="NAME", callback=_format, help="A name of --list; if omitted, by the suffix of PATH."),
    ] = None,
    list_formats: Annotated[bool, typer.Option("--list", help="Print the formats and end.")] = False,
    grader: Annotated[
        str | None, typer.Option(metavar="SPEC", help="Of graded answers: whose judgments, if there are several.")
    ] = None,
    rubric: Annotated[
        str | None,
        typer.Option(
            metavar="TITLE", help="Of free answers: the rubric whose classes are written in place of verdicts."
        ),
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
    variant: Annotated[
        str | None, typer.Option(metavar="NAME", help="mc1, mc2 or binary: the score of TruthfulQA in eval-results.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a file that exists.")] = False,
    as_json: Json = False,
) -> None:
    """Write a run in the format of another tool.

    No model is asked. What is imported again is equal.

    Examples
    --------
    veracal export runs/base --out base.csv
    veracal export runs/base --format jsonl --out -
    veracal export runs/base --format every-eval-ever --out exports
    veracal export runs/base --format eval-results --dataset cais/mmlu --dataset-task default --out mmlu.yaml
    """
    if list_formats:
        _print_formats(as_json=as_json)
        return
    if run is None:
        raise typer.BadParameter("Missing argument 'RUN'")
    if out is None:
        raise typer.BadParameter("Missing option '--out'")
    if str(out) == "-":
        done = _printed(run, format, grader, rubric, as_json=as_json)
    else:
        done = export_run(
            run, out, format=format, grader=grader, rubric=rubric, task=task, dataset=dataset,
            dataset_task=dataset_task, organization=organization, source=source, variant=variant, replace=replace,
        )  # fmt: skip
    warn_of_unfinished(run, done.run.manifest["n_done"], "answers")
    if as_json:
        console.print_json("exported-run", _as_json(done))
    elif done.files:
        files = ", ".join(map(str, done.files))
        console.say(
            f"{counted(done.run.n_rows, 'row')} of {done.run.kind} of {done.run.model} ({done.format}) in {files}"
        )
    for remark in done.remarks * (not as_json):
        console.say(f"  {remark}")


def _printed(run: Path, format: str | None, grader: str | None, rubric: str | None, *, as_json: bool) -> Export:
    """Write a run to standard output, which then holds nothing else."""
    if format is None:
        raise typer.BadParameter("--out - has no suffix that tells the format: say --format")
    if as_json:
        raise typer.BadParameter("--json and --out - would both be written to standard output")
    done = export_to(run, sys.stdout.buffer, format=format, grader=grader, rubric=rubric)
    sys.stdout.buffer.flush()
    return done


def _print_formats(*, as_json: bool) -> None:
    formats = EXPORT_FORMATS.values()
    if as_json:
        console.print_json("formats", {"formats": {known.name: known.what for known in formats}})
        return
    rows = [[known.name, known.what, _kinds(known)] for known in formats]
    console.print_table("Formats of exports", ["format", "files", "runs of"], rows)


def _kinds(known: ExportFormat) -> str:
    return "every kind" if len(known.kinds) == len(KINDS) else ", ".join(known.kinds)


def _as_json(done: Export) -> dict[str, object]:
    return {
        "run": str(done.run.path),
        "kind": done.run.kind,
        "model": done.run.model,
        "format": done.format,
        "n_rows": done.run.n_rows,
        "files": [str(path) for path in done.files],
        **({"remarks": list(done.remarks)} if done.remarks else {}),
    }
