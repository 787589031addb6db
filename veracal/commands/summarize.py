"""The command `summarize`: every measure of a run."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

import calibration
from calibration.analysis.label_noise import label_noise
from calibration.analysis.position_bias import position_bias
from calibration.items.annotations import load_annotations
from calibration.items.answer_keys import Answers
from calibration.predictions.rotations import complete_items
from calibration.predictions.scored_runs import ScoredRun
from calibration.runs.folder import Run
from factuality.confidence.confidences import confidence_pairs
from factuality.grading.grading import read_judgments
from factuality.grading.judgments import Judgments

from .. import console
from ..groups import run_groups
from ..recalibrations import cross_fitting, recalibrations
from ..tables.groups import print_groups
from ..tables.predictions import print_label_noise, print_position_bias, print_recalibration, print_summary
from .idle_options import refuse_idle
from .judged_rates import print_judgments
from .options import (
    AVERAGED,
    Json,
    PrintedAs,
    prints_json,
    read_scored,
)
from .recalibration_options import By, FoldsOf, Recalibrate, recalibrate_options


def summarize(
    ctx: typer.Context,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    annotations: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Faults of items (item, or subject and index; error_type; corrected_answer): "
            "the measures again without faulty items, and with corrected answers.",
        ),
    ] = None,
    answers: Annotated[
        Answers | None, typer.Option(help="What the corrected answers of --annotations are: letters, or digits.")
    ] = None,
    grader: Annotated[
        str | None, typer.Option(metavar="SPEC", help="Of graded answers: whose judgments, if there are several.")
    ] = None,
    measures: Annotated[
        str | None,
        typer.Option(metavar="KEYS", help="Further measures, with commas between; an unknown key lists all."),
    ] = None,
    recalibrate: Recalibrate = None,
    folds_of: FoldsOf = None,
    by: By = None,
    format: PrintedAs = None,
    as_json: Json = False,
) -> None:
    """Print every measure of a run, with intervals.

    ECEs come with their noise floors. Numbers of a run that asked every rotation are of the mean over the rotations; of
    graded answers, of their confidence; without any, their rates.

    Examples
    --------
    veracal summarize runs/base
    veracal summarize runs/base --annotations faults.csv --recalibrate temperature
    veracal summarize runs/base --by category --by language,subject
    veracal summarize runs/base --measures calibration_in_the_large,augrc
    """
    as_json = prints_json(format, as_json=as_json)
    options = recalibrate_options(recalibrate, by, folds_of)
    if answers is not None and annotations is None:
        raise typer.BadParameter("--answers is of the corrected answers of --annotations FILE, and none is given")
    predictions = _scored(run, grader)
    if isinstance(predictions, Judgments):
        reason = f"there is nothing to calibrate: {_without_confidence(predictions)}"
        refuse_idle(ctx, "annotations", "measures", "recalibrate", "folds_of", why=f"on {run}: {reason}")
        print_judgments(run, predictions, options.groups, as_json=as_json, notes=[reason])
        return
    if annotations is not None and not isinstance(predictions, calibration.Predictions):
        raise typer.BadParameter(f"--annotations is for multiple-choice items; {run} holds none")
    noise, called = None, Run(run).name
    if annotations is not None and isinstance(predictions, calibration.Predictions):
        noise = label_noise(predictions, load_annotations(annotations, answers=answers))
    summary = calibration.summarize(predictions, measures=_keys(measures))
    bias = position_bias(complete_items(calibration.read_run(run))) if Run(run).permuted else None
    with console.progress("Recalibrating, folds", rate=False) if options.methods else nullcontext() as progress:
        results = recalibrations(predictions, options.methods, by=options.by, name=called, progress=progress)
    groups = [run_groups(predictions, columns, texts=Run(run).items()) for columns in options.groups]
    if as_json:
        data = {**summary.to_dict(), **({"position_bias": bias.to_dict()} if bias else {})}
        data |= {"annotations": noise.to_dict()} if noise else {}
        data |= {"groups": [group.to_dict() for group in groups]} if groups else {}
        data |= {"recalibration": [result.to_dict() for result in results]} if results else {}
        console.print_json("summary", data)
        return
    print_summary(called, summary)
    if bias is not None:
        console.print_line(AVERAGED.format(called))
        print_position_bias(bias)
    if noise is not None:
        print_label_noise(noise)
    for group in groups:
        print_groups(called, group)
    for result in results:
        print_recalibration(called, result, cross_fitting(options.by))


def _keys(measures: str | None) -> list[str]:
    return [] if measures is None else [key.strip() for key in measures.split(",")]


def _scored(path: Path, grader: str | None) -> ScoredRun | Judgments:
    """What a run holds; of graded answers their confidences, if they have any."""
    if Run(path).manifest["kind"] != "responses":
        if grader is not None:
            raise typer.BadParameter(f"--grader is for runs of graded answers; {path} holds none")
        return read_scored(path)
    judgments = read_judgments(path, grader=grader)
    if _without_confidence(judgments):
        return judgments
    try:
        pairs = confidence_pairs(judgments)
    except ValueError as error:
        raise ValueError(f"{error}; the rates are shown by: veracal grade {path}") from None
    for note in (f"the confidence of each answer is of the kind {pairs.kind}", *pairs.notes):
        console.say(f"Note: {note}.")
    return pairs.pairs


def _without_confidence(judgments: Judgments) -> str:
    """Why no answer has a confidence to calibrate; empty if one has."""
    decided = judgments.frame.filter(pl.col("grade").is_in(["correct", "incorrect"]))
    if decided.is_empty():
        return f"none of {judgments.n_answers:,} answers is right or wrong"
    if decided["confidence"].is_null().all():
        return f"none of {decided.height:,} answers that are right or wrong has a confidence"
    return ""
