"""The command `ask`: answers of a model to open questions."""

from __future__ import annotations

from typing import Annotated

import typer

import factuality
from calibration.models.loading_options import ModelOptions
from calibration.number_texts import counted
from calibration.runs.folder import Run
from factuality.answers.asking import refuse_asking, refuse_long_questions
from factuality.answers.asking_options import AskingOptions
from factuality.answers.asking_options import Style as AskingStyle
from factuality.answers.cut_answers import CutAnswers
from factuality.answers.primers import Primer

from .. import console, sources
from ..headlines import asked_headline, headline_text
from .idle_options import refuse_idle, refuse_idle_examples
from .made_by import note_command
from .options import (
    AdapterSpec,
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
    RunName,
    ShardOption,
    TemplateArgs,
    TrustRemoteCode,
    load,
    named_shard,
    refuse_long,
    run_name,
)


def ask(
    ctx: typer.Context,
    model: ModelSpec,
    questions: QuestionSource,
    out: RunFolder,
    style: Annotated[AskingStyle, typer.Option(help="Form of the prompt: raw text, or a chat.")] = "completion",
    primer: Annotated[
        Primer,
        typer.Option(help="Few-shot examples in front: none, TruthfulQA's six (qa-6), or five of --dev (5-shot)."),
    ] = "none",
    dev: Annotated[
        str | None,
        typer.Option(
            metavar="SRC", help="Questions to take few-shot examples from; if omitted, the project's own set."
        ),
    ] = None,
    samples: Annotated[
        int, typer.Option(min=1, metavar="N", help="Answers to each question; several need a temperature.")
    ] = 1,
    temperature: Annotated[
        float, typer.Option(min=0.0, metavar="T", help="0: the likeliest token each time; above: tokens are drawn.")
    ] = 0.0,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Seed of the draws: the same seed gives the same answers.")
    ] = 0,
    state_confidence: Annotated[
        bool, typer.Option("--state-confidence", help="Ask the model to end its answer with its confidence.")
    ] = False,
    confidence_target: Annotated[
        float | None, typer.Option(min=0.0, metavar="T", help="Tell the model how sure it must be to answer, below 1.")
    ] = None,
    max_new_tokens: Annotated[
        int, typer.Option(min=1, metavar="N", help="Most tokens of an answer; a longer answer is cut.")
    ] = 64,
    stop: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help=r"Text that ends an answer (\n: a new line); may be repeated."),
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
    adapter: AdapterSpec = None,
    template_args: TemplateArgs = None,
    chat_template: ChatTemplate = None,
    date: PromptDate = None,
    bos: BosOption = "auto",
    name: RunName = None,
    as_json: Json = False,
) -> None:
    """Let a model answer open questions.

    The answers, greedy or drawn at a temperature, go into a run folder; the same command continues a run that was
    killed.

    Examples
    --------
    veracal ask HuggingFaceTB/SmolLM2-135M-Instruct --questions adversarial --style chat --out runs/post-answers
    veracal ask ./model --questions questions.jsonl --samples 10 --temperature 0.7 --out runs/samples
    """
    refuse_idle_examples(primer, dev)
    if confidence_target is not None and confidence_target >= 1:
        raise typer.BadParameter(
            f"--confidence-target must be below 1, as 0.75 for 75 per cent, got {confidence_target:g}"
        )
    if samples > 1 and not temperature:
        raise typer.BadParameter("--samples above 1 needs a --temperature above 0: at 0 all would be the same answer")
    if not temperature:
        refuse_idle(ctx, "seed", why="without a --temperature above 0, as nothing is drawn")
    called = run_name(name)
    part, cluster = named_shard(shard), Cluster(workers, gpus_per_worker, ray_address)
    chats = Chats(template_args, chat_template, date, bos).options(style=style, out=out)
    options = ModelOptions(
        dtype=dtype, device=device, revision=revision, trust_remote_code=trust_remote_code, adapter=adapter,
        **chats,
    )  # fmt: skip
    asked = sources.read_questions(questions, limit=limit)
    solved = sources.read_solved_questions(dev) if primer == "5-shot" else []
    asking = AskingOptions(
        style=style, primer=primer, state_confidence=state_confidence, confidence_target=confidence_target,
        samples=samples, temperature=temperature, seed=seed, max_new_tokens=max_new_tokens,
        stop=tuple(text.replace("\\n", "\n") for text in stop or ()),
    )  # fmt: skip
    refuse_asking(
        asked, asking, dev=solved, shard=part, out=out, spec=model, trust_remote_code=trust_remote_code,
        adapter=adapter,
    )  # fmt: skip
    refuse_long(
        model, options, cluster=cluster,
        check=lambda reader: refuse_long_questions(reader, asked, asking, dev=solved, shard=part, out=out),
    )  # fmt: skip
    loaded = load(model, options, cluster=cluster)
    with console.progress("Asking") as show:
        answers = factuality.ask(
            loaded, asked, style=style, primer=primer, dev=solved, samples=samples, temperature=temperature, seed=seed,
            state_confidence=state_confidence, confidence_target=confidence_target, max_new_tokens=max_new_tokens,
            stop=asking.stop, batch_size=batch_size, shard=part, out=out, progress=show,
            show_prompt=console.show_prompt,
        )  # fmt: skip
    if called is not None:
        Run(out).rename(called)
    note_command(ctx, out)
    n_answers = answers.frame.height
    if short := CutAnswers.of(answers.frame).short:
        console.say(f"Note: {short}.")
    headline = asked_headline(answers.frame)
    if as_json:
        settings = Run(out).manifest["settings"]
        console.print_json("answers-run", {"run": str(out), "n_answers": n_answers, **settings, "headline": headline})
        return
    console.say(f"{counted(n_answers, 'answer')} in {out}: {headline_text(headline)}")
    then = f"veracal grade {out}" if part is None else "veracal merge"
    if samples > 1 and part is None:
        then += (
            f", or read them with factuality.read_responses({str(out)!r}), for self_consistency and semantic_entropies"
        )
    console.say(f"next: {then}")
