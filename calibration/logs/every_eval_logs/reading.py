"""The format ``every-eval-ever``: instance records of its common schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from ...predictions.credit import is_between, partial_credit
from ...predictions.further_columns import further_columns
from ...predictions.grades import PARTIAL
from ...predictions.pairs import SCHEMA as PAIRS
from ...predictions.pairs import Pairs
from ...predictions.predictions import Predictions
from ...predictions.verdicts import SCHEMA as VERDICTS
from ...predictions.verdicts import Verdicts
from ..credit_remarks import idle_remarks
from ..exported_run import exported_run
from ..format import Format
from ..graded_answers import SCHEMA, GradedAnswers
from ..group_columns import left_out_remarks
from ..log import Content, Log
from ..mean_verdicts import FIRST_TEXT, MEAN_OF_VERDICTS, mean_answers, mean_verdicts
from ..options import LogOptions
from ..source import Source
from .exported_rows import exported_rows
from .records import LETTERED, OWN_KEYS, Aggregate, Record, aggregates_of, is_aggregate, is_instance, records_of
from .verdict_rows import grade_of, mean_remarks, numbered, records_of_metric

_FEWEST_OPTIONS = 2


def _unscored(source: Source) -> str:
    """Why a file of decisions holds no right answers; empty for other files."""
    first = source.first
    if not isinstance(first, dict):
        return ""
    decisions = first.get("decisions")
    decision = decisions[0] if isinstance(decisions, list) and decisions else None
    if isinstance(decision, dict) and {"p", "t"} <= decision.keys():
        return "caldec's decisions: the gold (t) is a distribution over options, and no option is the right one"
    human = first.get("human")
    if isinstance(human, dict) and "rate" in human:
        return "d3code's answers: the gold (human.rate) is a share of raters, and no answer is right or wrong"
    return ""


def _recognises(source: Source) -> bool:
    if source.is_zip or source.is_parquet:
        return False
    return is_instance(source.first) or is_aggregate(source.first) or bool(_unscored(source))


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    for source in sources:
        if reason := _unscored(source):
            raise ValueError(f"{source.path}: {reason}")
    totals = [source for source in sources if is_aggregate(source.first)]
    samples = [source for source in sources if source not in totals]
    if not samples:
        raise ValueError(
            f"{totals[0].path}: no samples: aggregate results alone; looked for instance records (*_samples.jsonl)"
        )
    aggregates = aggregates_of(totals)
    groups: dict[tuple[str, str, str], list[Record]] = {}
    files: dict[tuple[str, str, str], list[Source]] = {}
    for source in samples:
        for record in records_of(source):
            key = (record.task, record.model, record.run)
            groups.setdefault(key, []).append(record)
            if source not in files.setdefault(key, []):
                files[key].append(source)
    logs = []
    for key, records in groups.items():
        if options.task in (None, key[0]):
            log = _log(records, aggregates.get(key[2]), options)
            logs.append(replace(log, files=tuple(source.path for source in files[key])))
    if not logs:
        names = ", ".join(sorted({task for task, _, _ in groups}))
        raise ValueError(f"{samples[0].path}: no task {options.task!r}; there are: {names}")
    return logs


def _log(records: Sequence[Record], aggregate: Aggregate | None, options: LogOptions) -> Log:
    chosen = records_of_metric(records, options)
    first = chosen[0]
    model = options.model or first.model
    rows = exported_rows(chosen)
    if rows is not None:
        options.refuse_without_use(("epoch", "partial"), where=first.where, got="a run of veracal, whose rows it keeps")
    scored = rows if isinstance(rows, Predictions | Pairs | Verdicts) else None
    n = len(chosen) if scored is None else scored.n_items
    accuracy = sum(record.score for record in chosen) / n if scored is None else float(scored.accuracy)
    result = {} if aggregate is None else aggregate.result(first.metric, first.task)
    remarks = mean_remarks(chosen, result, mean=accuracy, n=n)
    content: Content
    if scored is not None:
        content, items = type(scored)(scored.frame.with_columns(model=pl.lit(model))), _exported_texts(chosen)
    elif rows is not None:
        content, items = rows, None
    elif all(len(record.choices) >= _FEWEST_OPTIONS for record in chosen):
        content, items = _verdicts(chosen, model, options, remarks)
    else:
        content, items = _answers(chosen, options, remarks), None
    harness = aggregate.harness if aggregate is not None else ""
    origin: dict[str, Any] = {
        **({"harness": harness} if harness else {}),
        "n_records": len(chosen),
        "accuracy": accuracy,
    }
    settings = {**options.choices, **({"metric": first.metric} if first.metric else {})}
    log = Log(
        format="every-eval-ever", task=first.task, model=model, content=content, items=items,
        date=aggregate.date if aggregate is not None else "", settings=settings, origin=origin, remarks=tuple(remarks),
    )  # fmt: skip
    if rows is None or aggregate is None:
        return log
    kept = exported_run(aggregate.note, str(aggregate.source.path))
    return log if kept is None else kept.over(log)


def _verdicts(
    records: Sequence[Record], model: str, options: LogOptions, remarks: list[str]
) -> tuple[Verdicts | Pairs, pl.DataFrame]:
    """Right or wrong of multiple choice, with a confidence if every record states one."""
    if options.epoch == "all":
        raise ValueError(f"{records[0].where}: an item with options counts once; --epoch N or mean says how")
    kept = list(records)
    if options.epoch != "mean":
        epoch = options.epoch or 1
        kept = [record for number, record in numbered(records) if number == epoch - 1]
        if not kept:
            raise ValueError(f"{records[0].where}: no item has {epoch} answers")
        if len(kept) < len(records):
            remarks.append(f"{len(records) - len(kept)} of {len(records)} records left out: further answers to an item")
    grades = [grade_of(record, options) for record in kept]
    remarks += _credit_remarks(kept, options)
    subjects = [str(record.columns.get("subject", "")) for record in kept]
    confidence = [record.confidence for record in kept]
    known = [value for value in confidence if value is not None]
    remarks += left_out_remarks((record.metadata for record in kept), besides=OWN_KEYS)
    texts = _texts(kept)
    columns = further_columns([record.columns for record in kept], besides=(*texts.columns, *VERDICTS, *PAIRS))
    texts = texts.with_columns(columns).unique("item", keep="first", maintain_order=True)
    n_items = texts.height
    if len(known) == n_items == len(kept) and not {"ungraded", PARTIAL} & {*grades}:
        pairs = Pairs.from_arrays(
            known, [grade == "correct" for grade in grades], item=[record.item for record in kept], group=subjects,
            model=model,
        )  # fmt: skip
        return pairs, texts
    remarks.append(f"right and wrong alone: {_without_pairs(n_items, known, kept)}")
    table = {
        "item": [record.item for record in kept],
        "subject": subjects,
        "grade": grades,
        "credit": [partial_credit(grade, record.score) for grade, record in zip(grades, kept, strict=True)],
    }
    frame = pl.DataFrame(table, schema_overrides={"credit": pl.Float64})
    if n_items < len(kept):
        remarks.append(MEAN_OF_VERDICTS)
        frame = mean_verdicts(frame)
    return Verdicts(frame.with_columns(model=pl.lit(model), revision=pl.lit(""))), texts


def _without_pairs(n_items: int, known: Sequence[float], kept: Sequence[Record]) -> str:
    """Why records do not become pairs of a confidence and right or wrong."""
    if n_items < len(kept):
        return "a confidence is of one answer to an item"
    if not known:
        return "the records hold no confidence"
    if len(known) < len(kept):
        return f"{len(kept) - len(known)} of {len(kept)} records hold no confidence"
    return "a confidence is of right or wrong, and some answers are ungraded or partly right"


def _answers(records: Sequence[Record], options: LogOptions, remarks: list[str]) -> GradedAnswers:
    """Free answers with verdicts: all samples of a question, one, or their mean."""
    rows = numbered(records)
    if isinstance(options.epoch, int):
        rows = [(0, record) for number, record in rows if number == options.epoch - 1]
        if not rows:
            raise ValueError(f"{records[0].where}: no question has {options.epoch} answers")
    kept = [record for _, record in rows]
    grades = [grade_of(record, options) for record in kept]
    remarks += _credit_remarks(kept, options)
    table = {
        "item": [record.item for record in kept],
        "sample": [number for number, _ in rows],
        "category": [str(record.columns.get("category", record.columns.get("subject", ""))) for record in kept],
        "question": [record.question for record in kept],
        "response": [record.response for record in kept],
        "references": [list(record.references) for record in kept],
        "grade": grades,
        "confidence": [record.confidence for record in kept],
        "reason": ["failed" if record.failed else record.metric for record in kept],
        "credit": [partial_credit(grade, record.score) for grade, record in zip(grades, kept, strict=True)],
    }
    remarks += left_out_remarks((record.metadata for record in kept), besides=OWN_KEYS)
    columns = further_columns([record.columns for record in kept], besides=SCHEMA)
    answers = GradedAnswers(
        pl.DataFrame(table, schema=SCHEMA).with_columns(columns), records[0].metric or records[0].task
    )
    if options.epoch != "mean" or not answers.frame["item"].is_duplicated().any():
        return answers
    remarks.append(f"{MEAN_OF_VERDICTS}{FIRST_TEXT}")
    return mean_answers(answers)


def _credit_remarks(records: Sequence[Record], options: LogOptions) -> list[str]:
    """What became of failures, and of scores between 0 and 1."""
    remarks = []
    if n_failed := sum(record.failed for record in records):
        remarks.append(f"{n_failed} of {len(records)} records failed: ungraded")
    if n_between := sum(is_between(record.score) and not record.failed for record in records):
        became = options.partial if options.partial in ("incorrect", "ungraded") else "credit"
        remarks.append(f"{n_between} of {len(records)} scores lie between 0 and 1: {became}")
    else:
        remarks += idle_remarks(options.partial)
    return remarks


def _exported_texts(records: Sequence[Record]) -> pl.DataFrame | None:
    """Texts of an exported run; None if letters stand for unknown options."""
    texts = _texts(records)
    unknown = {
        "question": not any(record.question for record in records),
        "options": all(not record.choices or LETTERED in record.metadata for record in records),
    }
    known = [name for name, is_unknown in unknown.items() if not is_unknown]
    return texts.select("item", "subject", *known) if known else None


def _texts(records: Sequence[Record]) -> pl.DataFrame:
    """Questions and options, one row an item."""
    items = {record.item: record for record in records}
    columns: dict[str, list[Any]] = {
        "item": list(items),
        "subject": [str(record.columns.get("subject", "")) for record in items.values()],
        "question": [record.question for record in items.values()],
        "options": [list(record.choices) for record in items.values()],
    }
    return pl.DataFrame(columns, schema_overrides={"options": pl.List(pl.String)})


EVERY_EVAL_EVER = Format(
    name="every-eval-ever",
    what="instance records of Every Eval Ever (*_samples.jsonl), with its aggregate files or without",
    recognises=_recognises,
    read=_read,
    options=("metric", "epoch", "partial"),
)
