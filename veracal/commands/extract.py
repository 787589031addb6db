"""The command `extract`: letters of a model on multiple-choice items."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

import calibration
from calibration.extraction.extraction import refuse_extraction, refuse_long_items
from calibration.extraction.plans import PromptOptions
from calibration.extraction.prompts import Style
from calibration.items.orders import Permutations
from calibration.models.loading_options import ModelOptions
from calibration.number_texts import counted
from calibration.runs.folder import Run

from .. import console, sources
from ..headlines import headline_text, scored_headline
from ..tables.predictions import print_letter_audit
from .idle_options import refuse_idle
from .made_by import note_command
from .options import (
    AdapterSpec,
    AnswerKeys,
    BatchSize,
    BosOption,
    Chats,
    ChatTemplate,
    Cluster,
    Device,
    Dtype,
    GpusPerWorker,
    Json,
    NWorkers,
    PrintedAs,
    PromptDate,
    RayAddress,
    Revision,
    RunName,
    ShardOption,
    TemplateArgs,
    TrustRemoteCode,
    load,
    named_shard,
    prints_json,
    refuse_long,
    run_name,
)


def extract(
    ctx: typer.Context,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A hub name, a folder, a .gguf file, openai:NAME@URL, or vllm:NAME.")
    ],
    items: Annotated[str, typer.Option(metavar="SRC", help=sources.HELP)],
    out: Annotated[Path | None, typer.Option(metavar="RUN", help="Run folder to write or to continue.")] = None,
    shots: Annotated[
        int, typer.Option(min=0, metavar="N", help="Few-shot examples of its subject in front of each item.")
    ] = 0,
    dev: Annotated[
        str | None, typer.Option(metavar="SRC", help="Items to take few-shot examples from; if omitted, MMLU's own.")
    ] = None,
    answers: AnswerKeys = None,
    style: Annotated[
        Style, typer.Option(help="Form of the prompt: raw text, a chat, or a chat whose answer is begun.")
    ] = "completion",
    form: Annotated[
        Literal["auto", "space", "bare"],
        typer.Option(help="Letters with a space before them, bare, or what the tokenizer suggests."),
    ] = "auto",
    permutations: Annotated[
        Permutations, typer.Option(help="Ask each item in its own order of options, or in every rotation of them.")
    ] = "none",
    subjects: Annotated[
        str | None,
        typer.Option(
            metavar="a,b",
            help="Only these subjects: names, patterns (high_school_*), or MMLU's stem, humanities, social_sciences "
            "and other.",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N items of each subject.")
    ] = None,
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
    audit: Annotated[
        bool,
        typer.Option(
            "--audit", help="Table accuracy, letter mass and ECE for every style and letter form instead of a run."
        ),
    ] = False,
    format: PrintedAs = None,
    as_json: Json = False,
) -> None:
    """Ask a model multiple-choice items.

    The log-probabilities of the answer letters go into a run folder; the same command continues a run that was killed.

    Examples
    --------
    veracal extract HuggingFaceTB/SmolLM2-135M --items mmlu --shots 5 --out runs/base
    veracal extract HuggingFaceTB/SmolLM2-135M-Instruct --items mmlu --style chat --out runs/post
    veracal extract openai:NAME@http://localhost:8000/v1 --items items.jsonl --audit
    """
    as_json = prints_json(format, as_json=as_json)
    if (out is None) != audit:
        raise typer.BadParameter("give --out RUN, or --audit (which writes no run)")
    if not audit and console.SHOWN.document:
        raise typer.BadParameter(f"--format {format} is of the table of --audit; a run prints none")
    if audit:
        looks = "beside --audit, which looks at all items, in their own order, in every style and letter form"
        refuse_idle(ctx, "shard", "style", "form", "permutations", why=looks)
        refuse_idle(ctx, "name", why="beside --audit, which writes no run")
    if not shots:
        refuse_idle(ctx, "dev", why="without --shots N")
    if not any(sources.answers_are_open(source) for source in (items, *([dev] if dev else []))):
        refuse_idle(ctx, "answers", why=f"beside --items {items}, whose answers are known")
    called = run_name(name)
    part, cluster = named_shard(shard), Cluster(workers, gpus_per_worker, ray_address)
    chats = Chats(template_args, chat_template, date, bos).options(style="" if audit else style, out=out)
    options = ModelOptions(
        dtype=dtype, device=device, revision=revision, trust_remote_code=trust_remote_code, adapter=adapter,
        **chats,
    )  # fmt: skip
    names = None if subjects is None else [name.strip() for name in subjects.split(",") if name.strip()]
    if names == []:
        raise typer.BadParameter("--subjects must name at least one subject")
    questions = sources.read_items(items, subjects=names, limit=limit, answers=answers)
    solved = sources.read_dev_items(items, dev, subjects=names, answers=answers) if shots else []
    prompting = PromptOptions(style=style, shots=shots, dev=solved, form=form, permutations=permutations)
    refuse_extraction(
        questions, prompting, shard=part, out=out, spec=model, trust_remote_code=trust_remote_code, adapter=adapter
    )
    if not audit:
        refuse_long(
            model, options, cluster=cluster,
            check=lambda reader: refuse_long_items(reader, questions, prompting, shard=part, out=out),
        )  # fmt: skip
    loaded = load(model, options, cluster=cluster)
    if audit:
        _audit(loaded, questions, shots, solved, batch_size, as_json=as_json)
        return
    assert out is not None  # noqa: S101
    with console.progress("Extracting") as show:
        predictions = calibration.extract(
            loaded, questions, style=style, shots=shots, dev=solved, form=form, permutations=permutations,
            batch_size=batch_size, shard=part, out=out, progress=show, show_prompt=console.show_prompt,
        )  # fmt: skip
    note_command(ctx, out)
    run = Run(out)
    if called is not None:
        run.rename(called)
    headline = scored_headline(run.averaged())
    if as_json:
        settings = run.manifest["settings"]
        console.print_json(
            "letters-run", {"run": str(out), "n_items": predictions.n_items, **settings, "headline": headline}
        )
        return
    console.say(f"{counted(predictions.n_items, 'item')} in {out}: {headline_text(headline)}")
    console.say(f"next: veracal summarize {out}" if part is None else "next: veracal merge")


def _audit(
    model: Any,
    items: list[calibration.Item],
    shots: int,
    dev: list[calibration.Item],
    batch_size: int | None,
    *,
    as_json: bool,
) -> None:
    from calibration.extraction.letter_audit import audit

    with console.progress("Auditing") as show:
        result = audit(model, items, shots=shots, dev=dev, batch_size=batch_size, progress=show)
    if as_json:
        console.print_json("letter-audit", {"rows": list(result.rows), "skipped": list(result.skipped)})
        return
    print_letter_audit(f"{model.name}, {counted(len(items), 'item')}", result)
    for reason in result.skipped:
        console.say(f"Left out: {reason}")
