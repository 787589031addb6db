"""Open questions: ask, grade, and TruthfulQA by likelihood."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

import factuality
from calibration.models.protocol import Model
from calibration.runs.folder import Run
from factuality.answers.asking import refuse_asking
from factuality.answers.asking_options import AskingOptions
from factuality.answers.asking_options import Style as AskingStyle
from factuality.answers.cut_answers import CutAnswers
from factuality.answers.primers import Primer
from factuality.answers.responses import RESPONSES
from factuality.grading.graders import Grader, load_grader, refuse_for_judges
from factuality.grading.graders.templates import TemplateName
from factuality.grading.grading import answered_questions
from factuality.grading.human_labels import load_human_labels
from factuality.multiple_choice.likelihoods import refuse_multiple_choice
from factuality.multiple_choice.scores import Variant, variants_of
from factuality.questions.question import category_label
from factuality.rubrics.rubric import Rubric

from .. import console, sources
from ..labelled_files import FAILURE_COLUMNS, LABELLED, failure_rows, grade_labelled_file
from .idle_options import refuse_idle
from .options import (
    BatchSize,
    BosOption,
    Chats,
    ChatTemplate,
    Cluster,
    Device,
    Dtype,
    GpusPerWorker,
    Json,
    Limit,
    ModelSpec,
    NWorkers,
    PromptDate,
    QuestionSource,
    RayAddress,
    Revision,
    RunFolder,
    ShardOption,
    TemplateArgs,
    TrustRemoteCode,
    load,
    shard_of,
    shown,
    warn_of_unfinished,
)

LabelFormat = Literal["truthfulqa-labels"]


def ask(
    ctx: typer.Context,
    model: ModelSpec,
    questions: QuestionSource,
    out: RunFolder,
    style: Annotated[AskingStyle, typer.Option(help="How a question is put to the model.")] = "completion",
    primer: Annotated[
        Primer, typer.Option(help="What stands in front: nothing, TruthfulQA's six questions, or five solved ones.")
    ] = "none",
    dev: Annotated[
        str | None,
        typer.Option(
            metavar="SRC", help="Solved questions for 5-shot, none of them asked; else of the project's own set."
        ),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Answers to each question; several need a temperature.")] = 1,
    temperature: Annotated[
        float, typer.Option(min=0.0, help="0: the likeliest token each time; above: tokens are drawn.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Where the draws come from: the same seed, the same answers.")] = 0,
    state_confidence: Annotated[
        bool, typer.Option("--state-confidence", help="Have the model end its answer with how sure it is.")
    ] = False,
    confidence_target: Annotated[
        float | None, typer.Option(min=0.0, metavar="T", help="Tell the model how sure it must be to answer, below 1.")
    ] = None,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Where an answer is cut that has not ended.")] = 64,
    stop: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help=r"Ends an answer (\n: a new line); may stand several times."),
    ] = None,
    limit: Limit = None,
    dtype: Dtype = "auto",
    device: Device = "auto",
    revision: Revision = None,
    batch_size: BatchSize = None,
    shard: ShardOption = None,
    workers: NWorkers = None,
    gpus_per_worker: GpusPerWorker = None,
    ray_address: RayAddress = None,
    trust_remote_code: TrustRemoteCode = False,
    template_args: TemplateArgs = None,
    chat_template: ChatTemplate = None,
    date: PromptDate = None,
    bos: BosOption = "auto",
    as_json: Json = False,
) -> None:
    """Let MODEL answer open questions, greedily or drawn at a temperature, into a run folder."""
    if primer != "5-shot" and dev is not None:
        raise typer.BadParameter(
            "the primer 5-shot takes its few-shot examples from --dev SRC; no other primer has any"
        )
    if confidence_target is not None and confidence_target >= 1:
        raise typer.BadParameter(
            f"--confidence-target must be below 1, as 0.75 for 75 per cent, got {confidence_target:g}"
        )
    if samples > 1 and not temperature:
        raise typer.BadParameter("--samples above 1 needs a --temperature above 0: at 0 all would be the same answer")
    if not temperature:
        refuse_idle(ctx, "seed", why="without a --temperature above 0, as nothing is drawn")
    part, cluster = shard_of(shard), Cluster(workers, gpus_per_worker, ray_address)
    chats = Chats(template_args, chat_template, date, bos).options(style=style, out=out)
    asked = sources.questions_of(questions, limit=limit)
    solved = sources.solved_of(dev) if primer == "5-shot" else []
    options = AskingOptions(
        style=style, primer=primer, state_confidence=state_confidence, confidence_target=confidence_target,
        samples=samples, temperature=temperature, seed=seed, max_new_tokens=max_new_tokens,
        stop=tuple(text.replace("\\n", "\n") for text in stop or ()),
    )  # fmt: skip
    refuse_asking(
        asked, options, dev=solved, shard=part, out=out, spec=model, trust_remote_code=trust_remote_code
    )  # fmt: skip
    loaded = load(model, dtype, device, revision, trust_remote_code=trust_remote_code, chats=chats, cluster=cluster)
    with console.progress("Asking") as show:
        answers = factuality.ask(
            loaded, asked, style=style, primer=primer, dev=solved, samples=samples, temperature=temperature, seed=seed,
            state_confidence=state_confidence, confidence_target=confidence_target, max_new_tokens=max_new_tokens,
            stop=options.stop, batch_size=batch_size, shard=part, out=out, progress=show,
            show_prompt=console.show_prompt,
        )  # fmt: skip
    n_answers = answers.frame.height
    if short := CutAnswers.of(answers.frame).short:
        console.say(f"Note: {short}.")
    if as_json:
        console.print_json({"run": str(out), "n_answers": n_answers, **Run(out).manifest["settings"]})
    else:
        then = f"grade them with: veracal grade {out}" if part is None else "next: veracal merge"
        if samples > 1 and part is None:
            then = (
                f"read them with factuality.read_responses({str(out)!r}), for self_consistency and semantic_entropies"
            )
        console.say(f"{n_answers} answers in {out}; {then}")


def grade(
    ctx: typer.Context,
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run folder that `ask` made; with --format, a file of answers.")
    ],
    grader: Annotated[
        str, typer.Option(metavar="SPEC", help="match, similarity, combined, combine:FILE, nli:MODEL, model:SPEC, …")
    ] = "combined",
    template: Annotated[
        TemplateName | None, typer.Option(help="What a judge (model:SPEC) is asked; agreement where absent.")
    ] = None,
    rubric: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Sort the answers into a rubric's classes, by a judge instead.")
    ] = None,
    questions: Annotated[
        str | None, typer.Option(metavar="SRC", help="Other references than those that the run was made with.")
    ] = None,
    format: Annotated[
        LabelFormat | None, typer.Option(help="RUN is a CSV file of answers that people have judged.")
    ] = None,
    labels: Annotated[
        int, typer.Option(min=2, metavar="N", help="With --format: how many labels the corrected rate may look at.")
    ] = 100,
    seed: Annotated[int, typer.Option(help="With --format: which labels these are.")] = 0,
    dtype: Dtype = "auto",
    device: Device = "auto",
    revision: Revision = None,
    batch_size: BatchSize = None,
    trust_remote_code: TrustRemoteCode = False,
    template_args: TemplateArgs = None,
    chat_template: ChatTemplate = None,
    date: PromptDate = None,
    bos: BosOption = "auto",
    as_json: Json = False,
) -> None:
    """Grade the answers of a run and table the rates by category; or measure a grader on answers that people judged."""
    chats = Chats(template_args, chat_template, date, bos).options()
    if format is None:
        refuse_idle(ctx, "labels", "seed", why="without --format, whose file holds the labels")
    else:
        refuse_idle(ctx, "questions", why="beside --format, whose file holds the references")
    if rubric is not None:
        refuse_idle(ctx, "questions", "template", "format", why="beside --rubric, which has no references")
        if not grader.startswith("model:"):
            raise typer.BadParameter("--rubric needs a judge: --grader model:SPEC")
        classes = factuality.load_rubric(rubric)
        _ = factuality.read_responses(run)
        judge = load(
            grader.removeprefix("model:"), dtype, device, revision, trust_remote_code=trust_remote_code, chats=chats
        )
        _classify(run, classes, judge, batch_size, as_json=as_json)
        return
    references = None if questions is None else sources.questions_of(questions)
    # What is wrong with options and answers is told before a judge is loaded.
    refuse_for_judges(grader, template=template, chats=chats != Chats().options())
    if format is None:
        answered_questions(factuality.read_responses(run), references)
    else:
        load_human_labels(run)
    with console.waiting(f"Loading the grader {shown(grader)}"):
        loaded = load_grader(
            grader, template=template, batch_size=batch_size, dtype=dtype, device=device, revision=revision,
            trust_remote_code=trust_remote_code, **chats,
        )  # fmt: skip
    if format is not None:
        _grade_labelled(run, loaded, labels, seed, as_json=as_json)
        return
    warn_of_unfinished(run, Run(run, RESPONSES).read_frame().height, "answers")
    with console.waiting(f"Grading by {loaded.spec}"):
        judgments = factuality.grade(run, references, grader=loaded)
    if judgments.frame["question"].is_duplicated().any():
        raise ValueError(
            f"{run}: its {judgments.n_answers} answers are graded, but there are no rates: they need one answer a "
            f"question, and answers to one question are not independent; read the judgments with "
            f"factuality.read_judgments({str(run)!r}, grader={loaded.spec!r})"
        )
    if short := CutAnswers.of(factuality.read_responses(run).frame).short:
        console.say(f"Note: {short}.")
    rates = factuality.rates(judgments)
    if as_json:
        head = {"run": str(run), "model": judgments.model, "grader": loaded.spec, "n_answers": judgments.n_answers}
        if (grader_model := judgments.frame["grader_model"][0]) is not None:
            head["grader_model"] = grader_model
        console.print_json({**head, **rates.to_dict()})
    else:
        title = f"{judgments.model}, graded by {loaded.spec}: per cent of all answers, 95 % intervals"
        console.print_rates(title, rates)


def _grade_labelled(file: Path, grader: Grader, labels: int, seed: int, *, as_json: bool) -> None:
    with console.waiting(f"Grading by {grader.spec}"):
        found = grade_labelled_file(file, grader, labels=labels, seed=seed)
    if as_json:
        console.print_json(found)
        return
    rows = [[key.replace("_", " "), *_with_interval(found[key])] for key in LABELLED if key in found]
    title = (
        f"{grader.spec} against people: {found['n']} answers, {found['n_unclear']} unclear left out, "
        f"{found['n_ungraded']} ungraded, {found['n_labels']} labels for the corrected rate"
    )
    console.print_rows(title, ["", "value", "95 % interval"], rows)
    console.print_rows("Where it fails", FAILURE_COLUMNS, failure_rows(found["failures"]))


def _classify(run: Path, classes: Rubric, judge: Model, batch_size: int | None, *, as_json: bool) -> None:
    warn_of_unfinished(run, Run(run, RESPONSES).read_frame().height, "answers")
    with console.waiting(f"Sorting by {judge.name}"):
        found = factuality.classify(run, classes, judge=judge, batch_size=batch_size)
    rates = found.rates()
    if as_json:
        flips = {} if math.isnan(found.flips) else {"flips": found.flips}
        console.print_json({"run": str(run), "judge": judge.name, "rubric": classes.title, **flips, **rates.to_dict()})
        return
    rows = [
        [row["name"], str(row["n"]), f"{row['share']:.3f}", f"[{row['low']:.3f}, {row['high']:.3f}]"]
        for row in rates.frame.iter_rows(named=True)
    ]
    console.print_rows(f"{classes.title}, sorted by {judge.name}", ["class", "n", "share", "95 % interval"], rows)


def truthfulqa(
    model: ModelSpec,
    primer: Annotated[Primer, typer.Option(help="What stands in front: nothing, six questions, or five solved ones.")],
    out: RunFolder,
    questions: QuestionSource = "truthfulqa",
    variant: Annotated[
        Variant | None, typer.Option(help="Which score to print; where absent, all that the questions have.")
    ] = None,
    style: Annotated[AskingStyle, typer.Option(help="How a question is put to the model.")] = "completion",
    dev: Annotated[
        str | None,
        typer.Option(
            metavar="SRC", help="Solved questions for 5-shot, none of them asked; else of the project's own set."
        ),
    ] = None,
    limit: Limit = None,
    dtype: Dtype = "auto",
    device: Device = "auto",
    revision: Revision = None,
    batch_size: BatchSize = None,
    trust_remote_code: TrustRemoteCode = False,
    template_args: TemplateArgs = None,
    chat_template: ChatTemplate = None,
    date: PromptDate = None,
    bos: BosOption = "auto",
    as_json: Json = False,
) -> None:
    """TruthfulQA's multiple choice by likelihood: does MODEL find the truth more probable?"""
    if primer != "5-shot" and dev is not None:
        raise typer.BadParameter(
            "the primer 5-shot takes its few-shot examples from --dev SRC; no other primer has any"
        )
    chats = Chats(template_args, chat_template, date, bos).options(style=style, out=out)
    asked = sources.questions_of(questions, limit=limit)
    solved = sources.solved_of(dev) if primer == "5-shot" else []
    refuse_multiple_choice(
        asked, variant=variant or "mc1", primer=primer, style=style, dev=solved, out=out, spec=model,
        trust_remote_code=trust_remote_code,
    )  # fmt: skip
    loaded = load(model, dtype, device, revision, trust_remote_code=trust_remote_code, chats=chats)
    with console.progress("Scoring") as show:
        factuality.truthfulqa_mc(
            loaded,
            asked,
            primer=primer,
            style=style,
            dev=solved,
            batch_size=batch_size,
            out=out,
            progress=show,
            show_prompt=console.show_prompt,
        )
    names = (variant,) if variant else variants_of(asked)
    found = {name: factuality.read_multiple_choice(out, variant=name) for name in names}
    tables = [one.by_category() for one in found.values()]
    if as_json:
        scores = {name: one.to_dict() for name, one in found.items()}
        settings = {"n_questions": len(asked), **Run(out).manifest["settings"]}
        categories = [
            {
                "category": rows[0]["category"],
                "n": rows[0]["n"],
                **{name: _of_category(row) for name, row in zip(names, rows, strict=True)},
            }
            for rows in zip(*(table.iter_rows(named=True) for table in tables), strict=True)
        ]
        console.print_json({"run": str(out), **settings, **scores, "categories": categories})
        return
    title = f"{loaded.name}, {len(asked)} questions, primer {primer}: scores with 95 % intervals"
    lines = [
        [
            category_label(rows[0]["category"]),
            str(rows[0]["n"]),
            *(" ".join(_with_interval(_of_category(row))) for row in rows),
        ]
        for rows in zip(*(table.iter_rows(named=True) for table in tables), strict=True)
    ]
    lines.append(["all", str(len(asked)), *(" ".join(_with_interval(one.to_dict())) for one in found.values())])
    console.print_rows(title, ["", "n", *names], lines)


def _of_category(row: dict[str, Any]) -> dict[str, float]:
    """A category's score with its interval, where it has one."""
    interval = {} if row["low"] is None else {"low": row["low"], "high": row["high"], "level": 0.95}
    return {"value": row["score"], **interval}


def _with_interval(number: dict[str, float]) -> list[str]:
    interval = f"[{number['low']:.4f}, {number['high']:.4f}]" if "low" in number else ""
    return [f"{number['value']:.4f}", interval]
