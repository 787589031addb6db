"""Logs of OpenAI's evals, read."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from ...predictions.grades import AnswerGrade
from ...predictions.verdicts import Verdicts
from ..bare_names import without_folders
from ..credit_grades import credit_grade, is_between, partial_credit, partial_remarks, refuse_partial_items
from ..format import Format
from ..graded_answers import SCHEMA, GradedAnswers
from ..log import Content, Log
from ..options import LogOptions
from ..source import Source
from ..tasks import of_task
from .events import Asked, Recording, is_evals, read_recording
from .marks import Mark, mark_of
from .texts import answer_of, judgment_of, question_of, references_of

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
    samples = recording.samples
    credit = [mark.credit(sample) for sample in samples]
    grades = [_grade(sample, given, mark, options) for sample, given in zip(samples, credit, strict=True)]
    if set(grades) == {"ungraded"}:
        raise ValueError(f"{path}: none of the {len(samples)} samples has a verdict")
    task = _task(recording)
    model = options.model or without_folders(_model(recording)) or path.stem
    content: Content
    items: pl.DataFrame | None = None
    known = [references for sample in samples if (references := references_of(sample))]
    if known and all(map(_is_letter, known)):
        refuse_partial_items(grades, path)
        content, items = _verdicts(samples, grades, task, model)
        by_letter = ["right and wrong alone: the log has letters without log-probabilities"]
    else:
        content, by_letter = _answers(samples, grades, task, mark), []
    between = any(map(is_between, credit))
    return Log(
        format="evals",
        task=task,
        model=model,
        date=str(recording.spec.get("created_at") or ""),
        content=content,
        items=items,
        settings={"metric": mark.title} | ({"partial": options.partial or "ungraded"} if between else {}),
        origin=_origin(recording, credit),
        remarks=(*_remarks(recording, credit, mark, options), *by_letter),
        files=(path,),
    )


def _grade(sample: Asked, credit: float | None, mark: Mark, options: LogOptions) -> AnswerGrade:
    grade = credit_grade(credit, options.partial)
    if grade is None:
        raise ValueError(
            f"{sample.where}: a verdict must be right (1), wrong (0) or partly right (0.5), {mark.title} is {credit:g}"
            "; name another with --metric (metric= in Python), or say what such values become with --partial half, "
            "incorrect or ungraded (partial= in Python)"
        )
    return grade


def _is_letter(references: Sequence[str]) -> bool:
    return len(references) == 1 and _LETTER.fullmatch(references[0]) is not None


def _verdicts(
    samples: Sequence[Asked], grades: Sequence[AnswerGrade], task: str, model: str
) -> tuple[Verdicts, pl.DataFrame]:
    frame = pl.DataFrame({"item": [sample.id for sample in samples], "grade": list(grades)})
    frame = frame.with_columns(model=pl.lit(model), revision=pl.lit(""), subject=pl.lit(task))
    texts = frame.select("item", "subject", pl.Series("question", [question_of(sample) for sample in samples]))
    return Verdicts(frame), texts


def _answers(samples: Sequence[Asked], grades: Sequence[AnswerGrade], task: str, mark: Mark) -> GradedAnswers:
    rows = [
        {
            "item": sample.id,
            "sample": 0,
            "category": task,
            "question": question_of(sample),
            "response": answer_of(sample),
            "references": references_of(sample),
            "grade": grade,
            "confidence": None,
            "reason": judgment_of(sample),
            "credit": partial_credit(grade, mark.credit(sample)),
        }
        for sample, grade in zip(samples, grades, strict=True)
    ]
    return GradedAnswers(pl.DataFrame(rows, schema=SCHEMA), mark.title)


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


def _remarks(recording: Recording, credit: Sequence[float | None], mark: Mark, options: LogOptions) -> list[str]:
    n_samples, own = len(credit), _mean(credit)
    without = [sample for sample, given in zip(recording.samples, credit, strict=True) if given is None]
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
    return remarks


EVALS = Format(
    name="evals",
    what="a log of OpenAI's evals: JSONL with spec, events of samples and final_report",
    recognises=is_evals,
    read=_read,
    options=("metric", "scorer", "partial"),
)
