"""The command `import`: run folders from logs of other tools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, get_args

import typer

from calibration.logs.formats import FORMATS, format_names
from calibration.logs.log import CONTENTS, SINGLE_CONTENTS
from calibration.logs.options import Epoch, Normalize, Which
from calibration.predictions.credit import Partial
from calibration.runs.folder import Run

from .. import console
from ..importing import ImportedRun, import_logs
from .made_by import note_command
from .options import AnswerKeys, Json, RunName, run_name


def _format(name: str) -> str:
    if name not in format_names():
        raise typer.BadParameter(f"must be one of {', '.join(format_names())}, got {name!r}")
    return name


def _epoch(text: str | None) -> Epoch | None:
    if text is None:
        return None
    if text in get_args(Which):
        return "mean" if text == "mean" else "all"
    if not (text.isascii() and text.isdigit() and int(text)):
        raise typer.BadParameter(f"--epoch must be a number from 1, mean or all, got {text!r}")
    return int(text)


def _columns(texts: Sequence[str] | None) -> dict[str, str] | None:
    """Columns by what they hold, as they are written: FIELD=COLUMN."""
    if not texts:
        return None
    parts = [text.partition("=") for text in texts]
    for text, (field, _, column) in zip(texts, parts, strict=True):
        if not (field.strip() and column):
            raise typer.BadParameter(f"--column must be FIELD=COLUMN, as confidence=prob, got {text!r}")
    columns = {field.strip(): column for field, _, column in parts}
    if len(columns) < len(parts):
        raise typer.BadParameter(f"--column must name each field once, got {', '.join(texts)}")
    return columns


def import_(
    ctx: typer.Context,
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="SRC…", help="Log files, or a folder that holds them.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="RUN", help="Run folder to write.")] = None,
    format: Annotated[
        str, typer.Option(metavar="NAME", callback=_format, help="auto: decided by content; or a name of --list.")
    ] = "auto",
    list_formats: Annotated[bool, typer.Option("--list", help="Print the formats and end.")] = False,
    task: Annotated[str | None, typer.Option(metavar="NAME", help="One task; all of them if omitted.")] = None,
    normalize: Annotated[
        Normalize | None,
        typer.Option(help="Divide log-likelihoods of options by their length; none if omitted."),
    ] = None,
    filter: Annotated[str | None, typer.Option(metavar="NAME", help="One of several filters of answers.")] = None,
    scorer: Annotated[
        str | None, typer.Option(metavar="NAME[.KEY]", help="One of several scorers, or one of its values.")
    ] = None,
    metric: Annotated[str | None, typer.Option(metavar="NAME", help="The metric that is the verdict.")] = None,
    split: Annotated[str | None, typer.Option(metavar="NAME", help="One of several splits.")] = None,
    epoch: Annotated[
        str | None,
        typer.Option(metavar="N|mean|all", help="Of several answers to an item: the N-th, their mean, or all."),
    ] = None,
    partial: Annotated[
        Partial | None, typer.Option(help="What partial credit becomes; half: it counts. Ungraded if omitted.")
    ] = None,
    scale: Annotated[
        float | None, typer.Option(metavar="X", help="What confidences are divided by: 100 for per cent.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=COLUMN",
            help="Of a table: which column holds what, as confidence=prob; may be repeated. Fields: question, "
            "response, verdict (or correct), confidence, item, subject (or category), reference, reason, model; of "
            "letters answer, item and subject.",
        ),
    ] = None,
    answers: AnswerKeys = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the model that answered; if omitted, the log's.")
    ] = None,
    name: RunName = None,
    as_json: Json = False,
) -> None:
    """Make run folders from logs of other tools.

    No model is asked. A folder with several tasks becomes a run folder for each.

    Examples
    --------
    veracal import letters.csv --out runs/base --model base
    veracal import graded.csv --column verdict=human --column confidence=prob --out runs/graded
    veracal import --list
    """
    if list_formats:
        if as_json:
            console.print_json("formats", {"formats": {known.name: known.what for known in FORMATS}})
        else:
            console.print_table(
                "Formats of logs", ["format", "files"], [[known.name, known.what] for known in FORMATS], texts=True
            )
        return
    if not sources:
        raise typer.BadParameter("Missing argument 'SRC…'")
    if out is None:
        raise typer.BadParameter("Missing option '--out'")
    columns, called = _columns(column), run_name(name)
    with console.late_progress("Reading") as show:
        runs = import_logs(
            sources, out, format="table" if columns and format == "auto" else format, progress=show, task=task,
            model=model, normalize=normalize, filter=filter, scorer=scorer, metric=metric, split=split,
            epoch=_epoch(epoch), partial=partial, answers=answers, scale=scale, columns=columns,
        )  # fmt: skip
    for run in runs if called is not None else ():
        Run(run.path).rename(str(called))
    note_command(ctx, *(run.path for run in runs))
    if as_json:
        if len(runs) > 1:
            console.print_json("imported-runs", {"runs": [_as_json(run) for run in runs]})
        else:
            console.print_json("imported-run", _as_json(runs[0]))
        return
    for run in runs:
        log = run.log
        name = f"{log.task}: " if log.task else ""
        console.say(f"{name}{_content(run)} of {log.model} ({log.format}) in {run.path}")
        for remark in log.remarks:
            console.say(f"  {remark}")
    console.say(f"look at them with: veracal {_shown_by(runs[0])}")


def _content(run: ImportedRun) -> str:
    """What a run holds, with its number."""
    names = SINGLE_CONTENTS if run.n_items == 1 else CONTENTS
    return f"{run.n_items} {names[type(run.log.content)]}"


def _shown_by(run: ImportedRun) -> str:
    """The command that shows a run."""
    kind = type(run.result).__name__
    if kind == "MultipleChoice":
        return f"report {run.path} --html PAGE"
    return f"{'grade' if kind in ('Judgments', 'Responses') else 'summarize'} {run.path}"


def _as_json(run: ImportedRun) -> dict[str, object]:
    log = run.log
    fields = {
        "run": str(run.path), "n_items": run.n_items, "model": log.model, "format": log.format, "task": log.task,
        "date": log.date, "kind": CONTENTS[type(run.log.content)], "remarks": list(log.remarks),
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value not in ("", [])}
