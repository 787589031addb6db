"""Runs of answer letters: extract, import, summarize."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

import calibration
from calibration.analysis.label_noise import label_noise
from calibration.analysis.position_bias import position_bias
from calibration.extraction.extraction import refuse_extraction
from calibration.extraction.imports import LogFormat
from calibration.extraction.prompts import Style
from calibration.items.annotations import load_annotations
from calibration.items.answer_keys import Answers
from calibration.items.orders import Permutations
from calibration.predictions.rotations import complete_items
from calibration.runs.folder import Run

from .. import console, sources
from ..recalibrations import cross_fitting, recalibrations
from .idle_options import refuse_idle
from .options import (
    AVERAGED,
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
    PromptDate,
    RayAddress,
    Revision,
    ShardOption,
    TemplateArgs,
    TrustRemoteCode,
    load,
    read_letters,
    shard_of,
)
from .recalibrate import Recalibrate, RecalibrateBy, recalibrate_options, show


def extract(
    ctx: typer.Context,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A hub name, a folder, a .gguf file, openai:NAME@URL, or vllm:NAME.")
    ],
    items: Annotated[str, typer.Option(metavar="SRC", help=sources.HELP)],
    out: Annotated[Path | None, typer.Option(metavar="RUN", help="Run folder to write or to continue.")] = None,
    shots: Annotated[int, typer.Option(min=0, help="Solved items of the subject in front of each item.")] = 0,
    dev: Annotated[
        str | None, typer.Option(metavar="SRC", help="Where the shots come from (MMLU has its own).")
    ] = None,
    answers: AnswerKeys = None,
    style: Annotated[Style, typer.Option(help="How an item is put to the model.")] = "completion",
    form: Annotated[
        Literal["auto", "space", "bare"],
        typer.Option(help="Letters with a space before them, bare, or what the tokenizer suggests."),
    ] = "auto",
    permutations: Annotated[
        Permutations, typer.Option(help="Ask each item in its own order of options, or in every rotation of them.")
    ] = "none",
    subjects: Annotated[str | None, typer.Option(metavar="a,b", help="Only these subjects.")] = None,
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
    template_args: TemplateArgs = None,
    chat_template: ChatTemplate = None,
    date: PromptDate = None,
    bos: BosOption = "auto",
    audit: Annotated[
        bool,
        typer.Option(
            "--audit", help="Table accuracy, letter mass and ECE for every style and letter form instead of a run."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Extract answer-letter log-probabilities of MODEL on items into a run folder."""
    if (out is None) != audit:
        raise typer.BadParameter("give --out RUN, or --audit (which writes no run)")
    if audit:
        looks = "beside --audit, which looks at all items, in their own order, in every style and letter form"
        refuse_idle(ctx, "shard", "style", "form", "permutations", why=looks)
    if not shots:
        refuse_idle(ctx, "dev", why="without --shots N")
    if not any(sources.answers_are_open(source) for source in (items, *([dev] if dev else []))):
        refuse_idle(ctx, "answers", why=f"beside --items {items}, whose answers are known")
    part, cluster = shard_of(shard), Cluster(workers, gpus_per_worker, ray_address)
    chats = Chats(template_args, chat_template, date, bos).options(style="" if audit else style, out=out)
    names = None if subjects is None else [name.strip() for name in subjects.split(",") if name.strip()]
    if names == []:
        raise typer.BadParameter("--subjects must name at least one subject")
    questions = sources.items_of(items, subjects=names, limit=limit, answers=answers)
    solved = sources.dev_of(items, dev, subjects=names, answers=answers) if shots else []
    refuse_extraction(
        questions, style=style, shots=shots, dev=solved, permutations=permutations, shard=part, out=out, spec=model,
        trust_remote_code=trust_remote_code,
    )  # fmt: skip
    loaded = load(model, dtype, device, revision, trust_remote_code=trust_remote_code, chats=chats, cluster=cluster)
    if audit:
        _audit(loaded, questions, shots, solved, batch_size, as_json=as_json)
        return
    assert out is not None  # noqa: S101
    with console.progress("Extracting") as show:
        predictions = calibration.extract(
            loaded, questions, style=style, shots=shots, dev=solved, form=form, permutations=permutations,
            batch_size=batch_size, shard=part, out=out, progress=show, show_prompt=console.show_prompt,
        )  # fmt: skip
    result = {"run": str(out), "n_items": predictions.n_items, **Run(out).manifest["settings"]}
    if as_json:
        console.print_json(result)
    else:
        then = f"look at them with: veracal summarize {out}" if part is None else "next: veracal merge"
        console.say(f"{predictions.n_items} items in {out}; {then}")


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recorded log.")],
    out: Annotated[Path, typer.Option(metavar="RUN", help="Run folder to write.")],
    format: Annotated[
        LogFormat,
        typer.Option(help="csv: answer; logit_A, logit_B, … or prob_A, … or logprob_A, …; subject, index or id."),
    ] = "csv",
    answers: AnswerKeys = None,
    model: Annotated[str | None, typer.Option(help="A name for tables and figures; the file's where absent.")] = None,
    as_json: Json = False,
) -> None:
    """Make a run folder from recorded letters, without a model."""
    predictions = calibration.import_log(file, format=format, out=out, model=model, answers=answers)
    if as_json:
        console.print_json({"run": str(out), "n_items": predictions.n_items, "model": predictions.model})
    else:
        console.say(f"{predictions.n_items} items in {out}; look at them with: veracal summarize {out}")


def summarize(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    annotations: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Faults of items (item, or subject and index; error_type; corrected_answer): "
            "the measures again without faulty items, and with corrected keys.",
        ),
    ] = None,
    answers: Annotated[
        Answers | None, typer.Option(help="What the corrected answers of --annotations are: letters, or digits.")
    ] = None,
    recalibrate: Recalibrate = None,
    by: RecalibrateBy = None,
    as_json: Json = False,
) -> None:
    """Every measure of a run, with intervals and noise floors; of its rotations' mean where it has such."""
    options = recalibrate_options(recalibrate, by)
    predictions = read_letters(run)
    if answers is not None and annotations is None:
        raise typer.BadParameter("--answers is of the corrected answers of --annotations FILE, and none is given")
    noise = None if annotations is None else label_noise(predictions, load_annotations(annotations, answers=answers))
    summary = calibration.summarize(predictions)
    bias = position_bias(complete_items(calibration.read_run(run))) if Run(run).permuted else None
    with console.progress("Recalibrating, folds", rate=False) if options.methods else nullcontext() as progress:
        results = recalibrations(predictions, options.methods, by=options.by, name=predictions.model, progress=progress)
    if as_json:
        data = {**summary.to_dict(), **({"position_bias": bias.to_dict()} if bias else {})}
        data |= {"annotations": noise.to_dict()} if noise else {}
        console.print_json(data | ({"recalibration": [result.to_dict() for result in results]} if results else {}))
        return
    console.print_summary(predictions.model, summary)
    if bias is not None:
        console.print_line(AVERAGED.format(predictions.model))
        console.print_position_bias(bias)
    if noise is not None:
        console.print_label_noise(noise)
    for result in results:
        show(predictions.model, result, cross_fitting(options.by))


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
        found = audit(model, items, shots=shots, dev=dev, batch_size=batch_size, progress=show)
    if as_json:
        console.print_json({"rows": list(found.rows), "skipped": list(found.skipped)})
        return
    rows = [
        [str(row["style"]), repr(row["form"]), "chosen" if row["chosen"] else ""]
        + [f"{row[key]:.4f}" for key in ("accuracy", "letter_mass", "ece_top", "ece_choices")]
        for row in found.rows
    ]
    columns = ["style", "form", "", "accuracy", "letter mass", "ECE, top", "ECE, choices"]
    console.print_rows(f"{model.name}, {len(items)} items", columns, rows)
    for reason in found.skipped:
        console.say(f"Left out: {reason}")
