"""The command `truthfulqa`: scores of written answers by likelihood."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import factuality
from calibration.models.loading_options import ModelOptions
from calibration.number_texts import counted
from calibration.runs.folder import Run
from factuality.answers.asking_options import Style as AskingStyle
from factuality.answers.primers import Primer
from factuality.multiple_choice.likelihoods import refuse_multiple_choice
from factuality.multiple_choice.scores import Variant, possible_variants

from .. import console, sources
from ..tables.answers import print_choice_scores
from .idle_options import refuse_idle_examples
from .made_by import note_command
from .options import (
    AdapterSpec,
    BatchSize,
    BosOption,
    Chats,
    ChatTemplate,
    Device,
    Dtype,
    Json,
    Limit,
    ModelSpec,
    PrintedAs,
    PromptDate,
    QuestionSource,
    Revision,
    RunFolder,
    TemplateArgs,
    TrustRemoteCode,
    load,
    prints_json,
)


def truthfulqa(
    ctx: typer.Context,
    model: ModelSpec,
    primer: Annotated[
        Primer,
        typer.Option(help="Few-shot examples in front: none, TruthfulQA's six (qa-6), or five of --dev (5-shot)."),
    ],
    out: RunFolder,
    questions: QuestionSource = "truthfulqa",
    variant: Annotated[
        Variant | None, typer.Option(help="Score to print; if omitted, all that the questions have.")
    ] = None,
    style: Annotated[AskingStyle, typer.Option(help="Form of the prompt: raw text, or a chat.")] = "completion",
    dev: Annotated[
        str | None,
        typer.Option(
            metavar="SRC", help="Questions to take few-shot examples from; if omitted, the project's own set."
        ),
    ] = None,
    limit: Limit = None,
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
    format: PrintedAs = None,
    as_json: Json = False,
) -> None:
    """Score TruthfulQA's written answers by likelihood.

    Nothing is generated: does the model find the true answers more probable than the false ones?

    Examples
    --------
    veracal truthfulqa HuggingFaceTB/SmolLM2-135M --primer qa-6 --out runs/base-mc
    veracal truthfulqa HuggingFaceTB/SmolLM2-135M-Instruct --primer none --style chat --out runs/post-mc
    """
    as_json = prints_json(format, as_json=as_json)
    refuse_idle_examples(primer, dev)
    chats = Chats(template_args, chat_template, date, bos).options(style=style, out=out)
    options = ModelOptions(
        dtype=dtype, device=device, revision=revision, trust_remote_code=trust_remote_code, adapter=adapter,
        **chats,
    )  # fmt: skip
    asked = sources.read_questions(questions, limit=limit)
    solved = sources.read_solved_questions(dev) if primer == "5-shot" else []
    refuse_multiple_choice(
        asked, variant=variant or "mc1", primer=primer, style=style, dev=solved, out=out, spec=model,
        trust_remote_code=trust_remote_code, adapter=adapter,
    )  # fmt: skip
    loaded = load(model, options)
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
    note_command(ctx, out)
    variants = (variant,) if variant else possible_variants(asked)
    scores = {name: factuality.read_multiple_choice(out, variant=name) for name in variants}
    if not as_json:
        title = f"{loaded.name}, {counted(len(asked), 'question')}, primer {primer}: scores with 95 % intervals"
        print_choice_scores(title, scores)
        return
    tables = zip(*(score.by_category().iter_rows(named=True) for score in scores.values()), strict=True)
    categories = [
        {
            "category": rows[0]["category"],
            "n": rows[0]["n"],
            **{name: _of_category(row) for name, row in zip(variants, rows, strict=True)},
        }
        for rows in tables
    ]
    data = {"run": str(out), "n_questions": len(asked), **Run(out).manifest["settings"]}
    data |= {name: score.to_dict() for name, score in scores.items()}
    console.print_json("scores", {**data, "categories": categories})


def _of_category(row: dict[str, Any]) -> dict[str, float]:
    """A category's score with its interval, if it has one."""
    interval = {} if row["low"] is None else {"low": row["low"], "high": row["high"], "level": 0.95}
    return {"value": row["score"], **interval}
