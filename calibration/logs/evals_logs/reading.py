"""Logs of OpenAI's evals, read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ...predictions.credit import credit_grade, is_between, partial_credit
from ...predictions.further_columns import further_columns
from ...predictions.grades import AnswerGrade
from ...predictions.verdicts import Verdicts
from ..bare_names import without_folders
from ..credit_remarks import partial_remarks
from ..format import Format
from ..graded_answers import SCHEMA, GradedAnswers
from ..group_columns import group_columns, left_out_remarks
from ..log import Content, Log
from ..mean_verdicts import FIRST_TEXT, MEAN_OF_VERDICTS, accuracy_by_item, mean_answers, mean_verdicts
from ..options import Epoch, LogOptions
from ..source import Source
from ..tasks import of_task
from .events import Asked, Recording, is_evals, read_recording
from .marks import Mark, mark_of
from .texts import answer_of, drawn_answers, given_columns, judgment_of, question_of, references_of

_LETTER = re.compile(r"\(?([A-Z])[).]?")
_TOLERANCE = 1e-6


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    recordings = (read_recording(source) for source in sources)
    # The choice of a metric means nothing to other tasks.
    wanted = of_task(recordings, options.task, _task, paths=[source.path for source in sources])
    return [_log(recording, options) for recording in wanted]


def _log(recording: Recording, options: LogOptions) -> Log:
    path = recording.source.path
    mark = mark_of(recording, options.metric, options.scorer)
    known = [references for sample in recording.samples if (references := references_of(sample))]
    lettered = bool(known) and all(map(_is_letter, known))
    answers = [answer for sample in recording.samples for answer in _answers_to(sample, mark)]
    taken, settings, told_epoch = _of_epoch(answers, options.epoch, str(path), lettered=lettered)
    credit = [answer.credit for answer in taken]
    grades = [_grade(answer, mark, options) for answer in taken]
    if set(grades) == {"ungraded"}:
        raise ValueError(f"{path}: none of the {len(taken)} samples has a verdict")
    task = _task(recording)
    model = options.model or without_folders(_model(recording)) or path.stem
    content: Content
    items: pl.DataFrame | None = None
    if lettered:
        content, items = _verdicts(taken, grades, task, model)
        by_letter = ["right and wrong alone: the log has letters without log-probabilities"]
    else:
        content, by_letter = _graded(taken, grades, task, mark), []
    if options.epoch == "mean" and len({answer.sample.id for answer in taken}) < len(taken):
        if isinstance(content, GradedAnswers):
            content = mean_answers(content)
        by_letter.append(MEAN_OF_VERDICTS if lettered else f"{MEAN_OF_VERDICTS}{FIRST_TEXT}")
    by_item, own = accuracy_by_item(content), _mean([answer.credit for answer in taken])
    are_several = len(taken) > len({answer.sample.id for answer in taken})
    if are_several and by_item is not None and own is not None and abs(by_item - own) > _TOLERANCE:
        by_letter.append(f"the mean over samples is {by_item:.4f}, over all answers {own:.4f}")
    if any(map(is_between, credit)):
        settings["partial"] = options.partial or "ungraded"
    every = [answer.credit for answer in answers]
    return Log(
        format="evals",
        task=task,
        model=model,
        date=str(recording.spec.get("created_at") or ""),
        content=content,
        items=items,
        settings={"metric": mark.title, **settings},
        origin=_origin(recording, every),
        remarks=(*_remarks(recording, taken, every, mark, options), *told_epoch, *by_letter),
        files=(path,),
    )


@dataclass(frozen=True)
class _Answer:
    """An answer to a sample, with its number among several and its credit."""

    sample: Asked
    number: int
    text: str
    credit: float | None


def _answers_to(sample: Asked, mark: Mark) -> list[_Answer]:
    given = mark.credits(sample)
    texts = drawn_answers(sample) if len(given) > 1 else [answer_of(sample)]
    return [_Answer(sample, number, *row) for number, row in enumerate(zip(texts, given, strict=True))]


def _of_epoch(
    answers: Sequence[_Answer], epoch: Epoch | None, path: str, *, lettered: bool
) -> tuple[list[_Answer], dict[str, Any], list[str]]:
    """Answers that count, with the setting and the remark that say so.

    Of several to a sample: items with letters count once; of free answers all count if nothing is said.
    """
    most = max(answer.number for answer in answers) + 1
    chosen = epoch or (1 if lettered else "all")
    if isinstance(chosen, int):
        if chosen > most:
            raise ValueError(f"{path}: no epoch {chosen}: samples have {most} answer{'s' * (most > 1)} at most")
        taken = [answer for answer in answers if answer.number == chosen - 1]
    elif lettered and chosen == "all":
        raise ValueError(f"{path}: an item with letters counts once: the epoch must be a number or mean, got 'all'")
    else:
        taken = list(answers)
    if most == 1:
        return taken, {}, []
    which = (
        f"answer {chosen} of {most} to a sample is"
        if isinstance(chosen, int)
        else f"all answers, up to {most} a sample, are"
    )
    return taken, {"epoch": chosen}, [f"{which} taken (--epoch)"]


def _grade(answer: _Answer, mark: Mark, options: LogOptions) -> AnswerGrade:
    grade = credit_grade(answer.credit, options.partial)
    if grade is None:
        raise ValueError(
            f"{answer.sample.where}: a verdict must be right (1), wrong (0) or partly right (0.5), {mark.title} is "
            f"{answer.credit:g}"
            "; name another with --metric (metric= in Python), or say what such values become with --partial half, "
            "incorrect or ungraded (partial= in Python)"
        )
    return grade


def _is_letter(references: Sequence[str]) -> bool:
    return len(references) == 1 and _LETTER.fullmatch(references[0]) is not None


def _verdicts(
    answers: Sequence[_Answer], grades: Sequence[AnswerGrade], task: str, model: str
) -> tuple[Verdicts, pl.DataFrame]:
    samples = [answer.sample for answer in answers]
    given = [partial_credit(grade, answer.credit) for grade, answer in zip(grades, answers, strict=True)]
    table = {"item": [sample.id for sample in samples], "grade": list(grades), "credit": given}
    frame = pl.DataFrame(table, schema_overrides={"credit": pl.Float64})
    frame = frame.with_columns(model=pl.lit(model), revision=pl.lit(""), subject=pl.lit(task))
    texts = frame.select("item", "subject", pl.Series("question", [question_of(sample) for sample in samples]))
    texts = texts.with_columns(_columns(samples, besides=(*texts.columns, *frame.columns, "options")))
    return Verdicts(mean_verdicts(frame)), texts.unique("item", keep="first", maintain_order=True)


def _graded(answers: Sequence[_Answer], grades: Sequence[AnswerGrade], task: str, mark: Mark) -> GradedAnswers:
    numbered = len({answer.number for answer in answers}) > 1
    rows = [
        {
            "item": answer.sample.id,
            "sample": answer.number if numbered else 0,
            "category": task,
            "question": question_of(answer.sample),
            "response": answer.text,
            "references": references_of(answer.sample),
            "grade": grade,
            "confidence": None,
            "reason": judgment_of(answer.sample),
            "credit": partial_credit(grade, answer.credit),
        }
        for answer, grade in zip(answers, grades, strict=True)
    ]
    columns = _columns([answer.sample for answer in answers], besides=SCHEMA)
    return GradedAnswers(pl.DataFrame(rows, schema=SCHEMA).with_columns(columns), mark.title)


def _columns(samples: Sequence[Asked], *, besides: Iterable[str]) -> list[pl.Series]:
    """Columns of the data set that can group."""
    return further_columns([group_columns(given_columns(sample)) for sample in samples], besides=besides)


def _task(recording: Recording) -> str:
    return without_folders(str(recording.spec.get("eval_name") or recording.spec.get("base_eval") or ""))


def _model(recording: Recording) -> str:
    """Name of the model that answers, in the words of any version."""
    spec = recording.spec
    for name in ("completion_fns", "model_names", "model_name"):
        value = spec.get(name)
        while isinstance(value, dict | list) and value:
            value = value.get("completions", next(iter(value.values()))) if isinstance(value, dict) else value[0]
        if isinstance(value, str) and value:
            return value
    return ""


def _origin(recording: Recording, credit: Sequence[float | None]) -> dict[str, Any]:
    eval_spec = recording.part("run_config", "eval_spec")
    arguments = recording.part("run_config", "eval_spec", "args")
    fns = recording.spec.get("completion_fns")
    kept: dict[str, Any] = {
        "harness": "evals",
        "class": re.split(r"[.:]", str(eval_spec.get("cls") or ""))[-1],
        "split": recording.spec.get("split"),
        "items": len(recording.samples),
        "max_samples": recording.part("run_config").get("max_samples"),
        "shots": arguments.get("num_few_shot"),
        "judge": without_folders(str(fns[1])) if isinstance(fns, list) and len(fns) > 1 else None,
        "accuracy": _mean(credit),
    }
    return {name: value for name, value in kept.items() if value not in (None, "")}


def _mean(credit: Sequence[float | None]) -> float | None:
    given = [value for value in credit if value is not None]
    return math.fsum(given) / len(given) if given else None


def _remarks(
    recording: Recording, taken: Sequence[_Answer], every: Sequence[float | None], mark: Mark, options: LogOptions
) -> list[str]:
    """What a reader must know of the answers taken, and of all."""
    credit = [answer.credit for answer in taken]
    n_samples, own = len(credit), _mean(every)
    without = [answer.sample for answer in taken if answer.credit is None]
    n_failed, counted = sum(bool(sample.data("error")) for sample in without), partial_remarks(credit, options.partial)
    remarks = []
    if recording.report is None:
        remarks.append(
            f"the log is unfinished (no final_report): {n_samples - len(without)} of {n_samples} samples have a verdict"
        )
    elif without:
        by_error = f", {n_failed} of them after an error" if n_failed else ""
        remarks.append(f"{len(without)} of {n_samples} samples have no verdict{by_error}")
    remarks += counted
    report = recording.report or {}
    is_metric = any(mark.title in data for sample in recording.samples for data in sample.data("metrics"))
    # A report's accuracy is not the mean of another metric.
    names = (mark.title,) if is_metric and mark.title != "score" else ("accuracy", "score")
    stated = next((report[name] for name in names if isinstance(report.get(name), int | float)), None)
    if stated is not None and own is not None and abs(stated - own) > _TOLERANCE:
        remarks.append(f"the log states an accuracy of {stated:.4f}, its own records give {own:.4f}")
    if own is not None and counted:
        remarks.append(f"with its partial credit the accuracy is {own:.4f}")
    return [*remarks, *left_out_remarks(given_columns(answer.sample) for answer in taken)]


EVALS = Format(
    name="evals",
    what="a log of OpenAI's evals: JSONL with spec, events of samples and final_report",
    recognises=is_evals,
    read=_read,
    options=("metric", "scorer", "epoch", "partial"),
)
