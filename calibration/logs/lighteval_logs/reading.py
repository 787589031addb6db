"""Logs of lighteval, read: a log a task, model and date, MMLU's subjects together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from scipy.special import softmax

from ...nearest_names import nearest
from ..answer_likelihoods import MC1_ALONE, SCHEMA, AnswerLikelihoods
from ..format import Format
from ..lm_eval_logs.choices import Choices, accuracy_remarks, read_choices, unchecked_remarks
from ..lm_eval_logs.harness_results import DATE
from ..lm_eval_logs.joined_parts import joined_options, pooled_accuracy
from ..lm_eval_logs.option_records import DelimiterError
from ..lm_eval_logs.record import Record, number
from ..lm_eval_logs.written_answers import written_answers
from ..log import Content, Log
from ..options import LogOptions
from ..source import Source, naming
from .details import Detail, details, is_details, tasks_of
from .results_file import LightevalResults, is_lighteval_results, plain_task, results_of, task_in_name

_MMLU = "mmlu"
_RAW = ("acc", "loglikelihood_acc")
_TOLERANCE = 1e-4
_TRUTHFULQA = ("truthfulqa_mc1", "truthfulqa_mc2")


@dataclass(frozen=True, kw_only=True)
class _File:
    source: Source
    results: LightevalResults
    task: str
    shots: int | None

    @property
    def subject(self) -> str:
        group, _, subject = self.task.partition(":")
        return subject if group == _MMLU else ""

    @property
    def group(self) -> str:
        return _MMLU if self.subject else self.task

    @property
    def path(self) -> str:
        return str(self.source.path)

    @property
    def date(self) -> str:
        named = DATE.search(self.source.name)
        return named[0] if named else ""

    @property
    def model(self) -> str:
        if self.results.model:
            return self.results.model
        parts = self.source.path.resolve().parts
        if "details" in parts[:-3]:
            return "/".join(parts[len(parts) - parts[::-1].index("details") : -2])
        return ""

    def rows(self) -> Iterator[Detail]:
        return details(self.source.table, path=self.path)


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    tables = [source for source in sources if source.is_parquet]
    if not tables:
        raise ValueError(
            f"{sources[0].path}: results of lighteval without details, which say nothing of single items; lighteval "
            "writes details_TASK_DATE.parquet with --save-details"
        )
    files = [_file(source, [other for other in sources if not other.is_parquet]) for source in tables]
    chosen = [file for file in files if options.task in (None, file.task, file.group)]
    if not chosen:
        names = sorted({file.task for file in files} | {file.group for file in files})
        raise ValueError(
            f"{files[0].path}: no task {options.task!r}; there are: {', '.join(names)}"
            f"{nearest(options.task or '', names)}"
        )
    _refuse_idle(chosen, options)
    together: dict[tuple[str, str, str], list[_File]] = {}
    for file in chosen:
        name = file.task if options.task == file.task else file.group
        together.setdefault((name, file.model, file.date), []).append(file)
    return [_log(name, group, options) for (name, _, _), group in together.items()]


def _refuse_idle(files: Sequence[_File], options: LogOptions) -> None:
    """Raise for an option that says nothing about any of the tasks."""
    firsts = [next(file.rows()) for file in files]
    path = files[0].path
    if all(first.record.likelihoods for first in firsts):
        got = "options with log-likelihoods; --normalize says how they are compared"
        options.refuse_without_use(("partial",), where=path, got=got)
        if all(first.n_mc1 is None for first in firsts):
            options.refuse_without_use(("metric",), where=path, got=got)
    if not any(first.record.likelihoods and first.n_mc1 is None for first in firsts):
        options.refuse_without_use(("normalize",), where=path, got="none")


def _file(source: Source, given: Sequence[Source]) -> _File:
    if not is_details(source.columns):
        raise ValueError(
            f"{source.path}: must have the columns doc, model_response and metric, or predictions, choices, gold_index "
            f"and metrics, got {', '.join(sorted(source.columns)) or 'none'}"
        )
    first = next(details(source.table, path=str(source.path)), None)
    if first is None:
        raise ValueError(f"{source.path}: holds no rows")
    names = tasks_of(source.table)
    if len(names) > 1:
        (first_name, first_row), (other, row), *_ = names.items()
        raise ValueError(
            f"{source.path}: all rows must be of one task and its shots, got {first_name!r} (row {first_row}) and "
            f"{other!r} (row {row}); write the rows of each into a file of its own"
        )
    results = results_of(source.path, given)
    task, shots = plain_task(first.task or task_in_name(source.name))
    known = {_plain(name): name for name in results.tasks}
    return _File(source=source, results=results, task=known.get(_plain(task), task), shots=shots)


def _plain(task: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in task)


def _log(name: str, files: Sequence[_File], options: LogOptions) -> Log:
    parts = []
    for file in files:
        with naming(file.path):
            parts.append(_content(file, options))
    first = files[0]
    path = first.source.path
    model = options.model or first.model or (path.stem if len(files) == 1 else path.resolve().parent.name)
    choices = [content for content, _, _ in parts if isinstance(content, Choices)]
    items: pl.DataFrame | None = None
    content: Content
    if choices and len(choices) == len(parts):
        content, items = joined_options(choices, source=first.path, model=model)
        settings: dict[str, Any] = {"normalize": choices[0].normalize}
    elif len(parts) == 1 and not isinstance(parts[0][0], Choices):
        content = parts[0][0]
        named = {"metric": options.metric, "partial": options.partial}
        settings = {name: value for name, value in named.items() if value}
    else:
        raise ValueError(f"{first.path}: tasks of {name} are of several kinds; import one with --task")
    sizes = [file.source.table.height for file in files]
    accuracy = pooled_accuracy([(mean, size) for (_, mean, _), size in zip(parts, sizes, strict=True)])
    origin: dict[str, Any] = {"harness": "lighteval"}
    if first.shots is not None:
        origin["shots"] = first.shots
    if accuracy is not None:
        origin["accuracy"] = accuracy
    return Log(
        format="lighteval",
        task=name,
        model=model,
        date=first.date,
        content=content,
        items=items,
        settings=settings,
        origin=origin,
        remarks=(
            *dict.fromkeys(remark for _, _, remarks in parts for remark in remarks),
            *unchecked_remarks(choices),
            *accuracy_remarks(choices),
        ),
        files=tuple(file.source.path for file in files),
    )


def _content(file: _File, options: LogOptions) -> tuple[Content | Choices, float | None, tuple[str, ...]]:
    """What a file holds, the mean of its own verdicts, and remarks."""
    first = next(file.rows())
    if first.record.likelihoods and first.n_mc1 is not None:
        return _truthfulqa(file, options)
    if first.record.likelihoods:
        choices = _choices(file, options)
        return choices, choices.accuracy, (*choices.remarks, *_stated_remarks(file, choices))
    content, mean, remarks = written_answers(
        _answers(file), path=file.path, task=file.task, metric=options.metric,
        partial=options.partial,
    )  # fmt: skip
    return content, mean, remarks


def _choices(file: _File, options: LogOptions) -> Choices:
    def read(delimiter: str) -> Choices:
        return read_choices(
            _records(file), delimiter, path=file.path, task=file.subject or file.task,
            subject=file.subject or file.task, normalize=options.normalize, numbered=False,
        )  # fmt: skip

    try:
        return read(" ")
    except DelimiterError:
        return read("")


def _answers(file: _File) -> Iterator[Record]:
    """Records of written answers, none of options."""
    for detail in file.rows():
        if detail.record.likelihoods:
            raise ValueError(
                f"{file.path}, {detail.record.name}: there must be a written answer, as in the first row, got "
                "log-likelihoods of choices"
            )
        yield detail.record


def _records(file: _File) -> Iterator[Record]:
    """Records of options, whose accuracies have the names that tell their lengths."""
    for detail in file.rows():
        record = detail.record
        if not record.likelihoods:
            raise ValueError(
                f"{file.path}, {record.name}: there must be a log-likelihood of each choice, as in other rows"
            )
        if len(detail.gold) != 1:
            raise ValueError(
                f"{file.path}, {record.name}: several options are right, or none ({list(detail.gold)}); a run holds "
                "items with one"
            )
        if not 0 <= detail.gold[0] < len(record.likelihoods):
            raise ValueError(
                f"{file.path}, {record.name}: gold_index must name one of the {len(record.likelihoods)} choices, got "
                f"{detail.gold[0]}"
            )
        yield replace(record, metrics=_named_metrics(file, record.metrics))


def _named_metrics(file: _File, metrics: dict[str, Any] | Any) -> dict[str, Any]:
    """Accuracies by lm-eval's names, where it is known what they divide by."""
    named: dict[str, Any] = {}
    for name, value in metrics.items():
        how = file.results.normalisation(file.task, name)
        if "logprob_normalization=None" in how or (not how and name in _RAW):
            named["acc"] = value
        elif "LogProbCharNorm" in how and "ignore_first_space=True" in how:
            named["acc_norm"] = value
    return named


def _stated_remarks(file: _File, choices: Choices) -> Iterator[str]:
    """Whether the results state another accuracy."""
    stated = next((value for name in _RAW if (value := file.results.metric(file.task, name)) is not None), None)
    own = choices.stated.get("acc")
    if own is not None and stated is not None and not math.isclose(stated, own, abs_tol=1e-6):
        yield f"the results state an accuracy of {stated:.4f}; the mean of these records is {own:.4f}"


def _truthfulqa(file: _File, options: LogOptions) -> tuple[Content, float | None, tuple[str, ...]]:
    """Likelihoods of mc2's answers, or of mc1's if the metric says so."""
    metric = options.metric or "truthfulqa_mc2"
    if metric not in _TRUTHFULQA:
        raise ValueError(f"{file.path}: the metric must be one of {', '.join(_TRUTHFULQA)}, got {metric!r}")
    variant = metric.removeprefix("truthfulqa_")
    rows: list[dict[str, Any]] = []
    scores: list[float] = []
    n_unchecked = 0
    for detail in file.rows():
        record = detail.record
        n_mc1 = detail.n_mc1 or 0
        part = range(n_mc1) if variant == "mc1" else range(n_mc1, len(record.likelihoods))
        right = [index for index in part if index in detail.gold]
        wrong = [index for index in part if index not in detail.gold]
        values = np.array([record.likelihoods[index] for index in part])
        is_right = np.array([index in detail.gold for index in part], dtype=bool)
        if not right or not wrong:
            raise ValueError(f"{file.path}, {record.name}: {variant} needs true and false answers among its choices")
        score = float(is_right[values.argmax()]) if variant == "mc1" else float(softmax(values)[is_right].sum())
        own = number(record.metrics.get(metric))
        n_unchecked += own is None or math.isnan(own)
        if own is not None and abs(own - score) > _TOLERANCE:
            raise ValueError(f"{file.path}, {record.name}: the score {variant} is {score:.6g}, the log has {own:.6g}")
        scores.append(score)
        texts = [text.strip() for text in record.continuations]
        rows.append(
            {
                "item": f"{file.task}/{record.doc_id}",
                "category": "",
                "question": record.doc["question"],
                "correct": [texts[index] for index in right],
                "incorrect": [texts[index] for index in wrong],
                "correct_logprobs": [record.likelihoods[index] for index in right],
                "incorrect_logprobs": [record.likelihoods[index] for index in wrong],
            }
        )
    content = AnswerLikelihoods(pl.DataFrame(rows, schema=SCHEMA), variant, mc1_alone=variant == "mc1")
    remarks = [f"the score {variant} of the log; --metric {' or '.join(_TRUTHFULQA)}"]
    if n_unchecked:
        remarks.append(
            f"{n_unchecked} of {len(scores)} rows {'logs' if n_unchecked == 1 else 'log'} no {metric} to check"
        )
    if content.mc1_alone:
        remarks.append(MC1_ALONE)
    return content, float(np.mean(scores)), tuple(remarks)


def _recognises(source: Source) -> bool:
    if source.is_parquet:
        return is_details(source.columns)
    return not source.is_zip and is_lighteval_results(source.first)


LIGHTEVAL: Format = Format(
    name="lighteval",
    what="details of lighteval (details_TASK_DATE.parquet) with doc, model_response and metric, or predictions",
    recognises=_recognises,
    read=_read,
    options=("normalize", "metric", "partial"),
)
