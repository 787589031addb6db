"""The command `grade`: grades of answers to open questions."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

import typer

import factuality
from calibration.models.loading_options import Loading, ModelOptions
from calibration.models.protocol import Model
from calibration.runs.folder import Run
from calibration.runs.manifests import RUN_FILE
from factuality.answers.responses import RESPONSES
from factuality.grading.graders import Grader
from factuality.grading.graders.human import Human
from factuality.grading.graders.loading import load_grader, refuse_for_judges
from factuality.grading.graders.specs import parse_spec
from factuality.grading.graders.templates import TemplateName
from factuality.grading.grading import answered_questions, own_verdicts, refuse_bare
from factuality.grading.human_labels import load_human_labels
from factuality.people.labelled_files import grade_labelled_file
from factuality.rubrics.rubric import Rubric

from .. import console, sources
from ..tables.answers import print_class_rates, print_labelled_file
from .idle_options import refuse_idle
from .judged_rates import print_judgments
from .options import (
    AdapterSpec,
    BatchSize,
    BosOption,
    Chats,
    ChatTemplate,
    Device,
    Dtype,
    Json,
    PrintedOnlyAs,
    PromptDate,
    Revision,
    TemplateArgs,
    TrustRemoteCode,
    hold_back_noise,
    load,
    prints_json,
    shown,
    warn_of_unfinished,
)
from .recalibration_options import By

LabelFormat = Literal["truthfulqa-labels"]


def grade(
    ctx: typer.Context,
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run folder that `ask` made; with --format, a file of answers.")
    ],
    grader: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="match, similarity, combined, combine:FILE, nli:MODEL, model:SPEC, …; if omitted, combined, or the "
            "verdicts that an imported log came with.",
        ),
    ] = None,
    template: Annotated[
        TemplateName | None, typer.Option(help="Question to a judge (model:SPEC); if omitted, agreement.")
    ] = None,
    rubric: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Let a judge sort the answers into the classes of this rubric instead."),
    ] = None,
    questions: Annotated[
        str | None,
        typer.Option(metavar="SRC", help="Questions with other reference answers; if omitted, those of the run."),
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="CSV of people's labels (question, grade) of some answers, drawn by chance: correct "
            "rate and calibration by them.",
        ),
    ] = None,
    format: Annotated[
        LabelFormat | None, typer.Option(help="RUN is a CSV file of answers that people have judged.")
    ] = None,
    labels: Annotated[
        int, typer.Option(min=2, metavar="N", help="With --format: number of labels that the corrected rate uses.")
    ] = 100,
    seed: Annotated[int, typer.Option(metavar="N", help="With --format: seed of the choice of these labels.")] = 0,
    dtype: Dtype = "auto",
    device: Device = "auto",
    revision: Revision = None,
    batch_size: BatchSize = None,
    trust_remote_code: TrustRemoteCode = False,
    adapter: AdapterSpec = None,
    template_args: TemplateArgs = None,
    chat_template: ChatTemplate = None,
    date: PromptDate = None,
    bos: BosOption = "auto",
    by: By = None,
    printed: PrintedOnlyAs = None,
    as_json: Json = False,
) -> None:
    """Grade the answers of a run and print their rates.

    The rates are by category. With --format a grader is measured on answers that people have judged; with --rubric the
    answers are sorted into classes. A run that was imported from a log has its verdicts already.

    Examples
    --------
    veracal grade runs/post-answers --by language
    veracal grade runs/post-answers --grader model:HuggingFaceTB/SmolLM2-1.7B-Instruct
    veracal grade runs/post-answers --people people.csv
    veracal grade labels.csv --format truthfulqa-labels --grader similarity
    """
    as_json = prints_json(printed, as_json=as_json)
    options = ModelOptions(
        dtype=dtype, device=device, revision=revision, trust_remote_code=trust_remote_code, adapter=adapter,
        **Chats(template_args, chat_template, date, bos).options(),
    )  # fmt: skip
    if people is not None:
        Human.load(people)
    if format is None:
        refuse_idle(ctx, "labels", "seed", why="without --format, whose file holds the labels")
    else:
        refuse_idle(ctx, "questions", why="beside --format, whose file holds the references")
        refuse_idle(ctx, "by", why="beside --format, whose answers have no further columns")
        refuse_idle(ctx, "people", why="beside --format, whose file holds the labels")
    kind = Run(run).manifest["kind"] if format is None and (run / RUN_FILE).is_file() else ""
    if kind in ("predictions", "pairs", "verdicts"):
        raise ValueError(
            f"{run}: holds a run of {kind}, not of responses; its numbers are shown by: veracal summarize {run}"
        )
    own = own_verdicts(run) if format is None and rubric is None and questions is None else None
    if own is not None and grader in (None, own):
        refuse_idle(ctx, "template", "batch_size", "adapter", why="on the verdicts of the log; name a --grader")
        print_judgments(run, factuality.read_judgments(run, grader=own), by or (), as_json=as_json, people=people)
        return
    grader = grader or "combined"
    spec = parse_spec(grader)
    if rubric is not None:
        refuse_idle(
            ctx, "questions", "template", "format", "by", "people", why="beside --rubric, which has no references"
        )
        if spec.kind != "model":
            raise typer.BadParameter("--rubric needs a judge: --grader model:SPEC")
        if spec.template:
            raise typer.BadParameter(f"--rubric asks its own question: leave #{spec.template} out of --grader")
        classes = factuality.load_rubric(rubric)
        _ = factuality.read_responses(run)
        judge = load(spec.target, options)
        _classify(run, classes, judge, batch_size, as_json=as_json)
        return
    references = None if questions is None else sources.read_questions(questions)
    # What is wrong with options and answers is told before a judge is loaded.
    refuse_for_judges(spec, template=template, loading=Loading.of(**options))
    if format is None:
        asked = answered_questions(factuality.read_responses(run), references)
        if spec.kind != "human":
            refuse_bare(asked, spec.text)
    else:
        load_human_labels(run)
    if spec.kind == "model":
        hold_back_noise(spec.target)
    with console.waiting(f"Loading the grader {shown(grader)}"):
        loaded = load_grader(spec, template=template, batch_size=batch_size, **options)
    if format is not None:
        _grade_labelled(run, loaded, labels, seed, as_json=as_json)
        return
    warn_of_unfinished(run, Run(run, RESPONSES).read_frame().height, "answers")
    with console.waiting(f"Grading by {loaded.spec}"):
        judgments = factuality.grade(run, references, grader=loaded)
    print_judgments(run, judgments, by or (), as_json=as_json, people=people)


def _grade_labelled(file: Path, grader: Grader, labels: int, seed: int, *, as_json: bool) -> None:
    with console.waiting(f"Grading by {grader.spec}"):
        measures = grade_labelled_file(file, grader, labels=labels, seed=seed)
    if as_json:
        console.print_json("grader-validation", measures)
    else:
        print_labelled_file(grader.spec, measures)


def _classify(run: Path, classes: Rubric, judge: Model, batch_size: int | None, *, as_json: bool) -> None:
    warn_of_unfinished(run, Run(run, RESPONSES).read_frame().height, "answers")
    with console.waiting(f"Sorting by {judge.name}"):
        classifications = factuality.classify(run, classes, judge=judge, batch_size=batch_size)
    rates = classifications.rates()
    if as_json:
        flips = {} if math.isnan(classifications.flips) else {"flips": classifications.flips}
        head = {"run": str(run), "judge": judge.name, "rubric": classes.title}
        console.print_json("class-rates", {**head, **flips, **rates.to_dict()})
    else:
        print_class_rates(f"{classes.title}, sorted by {judge.name}", rates)
