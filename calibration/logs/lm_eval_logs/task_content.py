"""What a file of lm-eval's samples holds: options, answers, verdicts or likelihoods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import polars as pl

from ...predictions.credit import credit_grade, partial_credit
from ...predictions.grades import AnswerGrade
from ...predictions.verdicts import SCHEMA as VERDICTS
from ...predictions.verdicts import Verdicts
from ..credit_remarks import partial_remarks
from ..log import Content
from ..options import LogOptions
from .choices import Choices, read_choices
from .option_records import DelimiterError
from .record import Record, number
from .sample_file import SampleFile
from .truth_likelihoods import answer_likelihoods, is_truthfulqa
from .written_answers import written_answers

_NO_GRADES = "bypass"
_OF_TEXTS = ("word_perplexity", "byte_perplexity", "bits_per_byte")


@dataclass(frozen=True, kw_only=True)
class TaskContent:
    """What one file of samples holds.

    Attributes
    ----------
    file : SampleFile
        The file.
    content : Content or Choices
        What its records became; options with log-likelihoods are not yet predictions.
    filter : str
        The filter whose answers these are; empty if the log names none.
    n_items : int
        Number of records.
    accuracy : float or None
        Mean of the log's own verdicts or scores.
    stated : mapping
        Means of the metrics of the records, by name.
    settings : mapping
        Choices that decide the numbers.
    remarks : tuple of str
        What a reader must know.
    """

    file: SampleFile
    content: Content | Choices
    filter: str
    n_items: int
    accuracy: float | None
    stated: dict[str, float]
    settings: dict[str, str]
    remarks: tuple[str, ...]


def task_content(file: SampleFile, subject: str, options: LogOptions, *, alone: bool) -> TaskContent:
    """What a file of samples holds.

    Parameters
    ----------
    file : SampleFile
        The file.
    subject : str
        MMLU's subject, which is then the prefix of the ids; otherwise empty.
    options : LogOptions
        What to take where the log leaves a choice.
    alone : bool
        Whether no other file is read: a filter and a metric must then be of this one.

    Raises
    ------
    ValueError
        If nothing in it is graded, several filters grade it and none is named, records are of several kinds, and for
        all that their readers refuse.
    """
    first = next(file.records(), None)
    if first is None:
        raise ValueError(f"{file.path}: holds no records; looked for objects with doc_id and filtered_resps")
    _refuse_ungraded(first, file.path)
    name = options.filter
    metric = options.metric if alone or options.metric in first.metrics else None
    filters: dict[str, int] = {}
    settings: dict[str, str] = {}
    content: Content | Choices
    accuracy: float | None
    kind = _kind(first)
    records = _counted(_same_kind(_filtered(file, name), kind, file.path), filters)
    taken_first = next(records, None)
    if taken_first is None:
        names = sorted({record.filter for record in _filtered(file, None)})
        if alone or len(names) > 1:
            raise ValueError(f"{file.path}: no filter {name!r}; there are: {', '.join(map(repr, names))}")
        return task_content(file, subject, replace(options, filter=None), alone=alone)
    records = chain([taken_first], records)
    if is_truthfulqa(first):
        content, accuracy, remarks = answer_likelihoods(records, path=file.path, task=file.task)
    elif kind == "multiple-choice":
        content = _choices(file, records, filters, first, subject, options)
        accuracy, remarks = content.accuracy, content.remarks
        settings = {"normalize": content.normalize}
    elif kind == "likelihood":
        content, accuracy, remarks = _verdicts(records, file, options, metric or "acc")
        settings = {"metric": metric or "acc", **({"partial": options.partial} if options.partial else {})}
    else:
        content, accuracy, remarks = written_answers(
            records, path=file.path, task=file.task, metric=metric, partial=options.partial, epoch=options.epoch
        )
        named = {"partial": options.partial, "epoch": None if options.epoch is None else str(options.epoch)}
        settings = {"metric": content.grader, **{name: value for name, value in named.items() if value}}
    if len(filters) > 1:
        _refuse_filters(file, list(filters))
    taken = next(iter(filters), "")
    stated = dict(content.stated) if isinstance(content, Choices) else {}
    if not stated and accuracy is not None:
        stated = {settings.get("metric", "acc"): accuracy}
    return TaskContent(
        file=file,
        content=content,
        filter=taken,
        n_items=sum(filters.values()),
        accuracy=accuracy,
        stated=stated,
        settings={**({"filter": taken} if taken else {}), **settings},
        remarks=remarks,
    )


def _choices(
    file: SampleFile,
    records: Iterable[Record],
    filters: dict[str, int],
    first: Record,
    subject: str,
    options: LogOptions,
) -> Choices:
    """Options of a file, without the delimiter if all continuations have it."""
    delimiter = str(file.results.config(file.task).get("target_delimiter", " "))
    if not all(text.startswith(delimiter) for text in first.continuations):
        delimiter = ""
    prefix, group_subject = (subject, subject) if subject else (file.task, "")

    def read(taken: Iterable[Record], separator: str) -> Choices:
        return read_choices(
            taken, separator, path=file.path, task=prefix, subject=group_subject, normalize=options.normalize
        )

    try:
        return read(records, delimiter)
    except DelimiterError:
        filters.clear()
        return read(_counted(_same_kind(_filtered(file, options.filter), "multiple-choice", file.path), filters), "")


def _verdicts(
    records: Iterable[Record], file: SampleFile, options: LogOptions, metric: str
) -> tuple[Verdicts, float, tuple[str, ...]]:
    """Verdicts of a task that scores one continuation an item."""
    options.refuse_without_use(("epoch",), where=file.path, got="one continuation an item")
    rows: list[tuple[str, str, AnswerGrade, float | None]] = []
    values: list[float] = []
    for record in records:
        value = number(record.metrics.get(metric))
        if value is None or not (value in (0, 1) or (options.partial is not None and 0 < value < 1)):
            raise ValueError(f"{file.path}, {record.name}: {metric} must be 0 or 1, got {record.metrics.get(metric)!r}")
        values.append(value)
        grade = credit_grade(value, options.partial) or "ungraded"
        rows.append((f"{file.task}/{record.doc_id}", file.task, grade, partial_credit(grade, value)))
    schema = {"item": pl.String, "subject": pl.String, "grade": pl.String, "credit": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    model = options.model or file.model or file.source.path.stem
    content = Verdicts(frame.with_columns(model=pl.lit(model), revision=pl.lit("")).select(list(VERDICTS)))
    remarks = ("right and wrong alone: one continuation an item has no confidence",)
    return content, sum(values) / len(values), (*remarks, *partial_remarks(values, options.partial))


def _filtered(file: SampleFile, name: str | None) -> Iterator[Record]:
    """Records of one filter, or of all.

    Before version 0.4.7 records do not name their filter: those of each stand together, one filter after another.
    """
    times: dict[int, int] = {}
    for record in file.records():
        own = record.filter
        if not own and not record.likelihoods:
            times[record.doc_id] = nth = times.get(record.doc_id, -1) + 1
            names = file.results.filters(file.task)
            own = names[nth] if nth < len(names) else f"{nth + 1}" if nth else ""
        if name is None or own == name:
            yield record if own == record.filter else replace(record, filter=own)


def _counted(records: Iterable[Record], filters: dict[str, int]) -> Iterator[Record]:
    """The records; how many each filter has is counted."""
    for record in records:
        filters[record.filter] = filters.get(record.filter, 0) + 1
        if len(filters) == 1:
            yield record


def _kind(record: Record) -> str:
    if len(record.likelihoods) > 1:
        return "multiple-choice"
    return "likelihood" if record.likelihoods else "answers"


def _same_kind(records: Iterable[Record], kind: str, path: str) -> Iterator[Record]:
    for record in records:
        own = _kind(record)
        if own != kind:
            raise ValueError(
                f"{path}, {record.name}: all records must be of one kind, the first is of {kind}, not {own}"
            )
        yield record


def _refuse_filters(file: SampleFile, filters: Sequence[str]) -> None:
    names = ", ".join(repr(name) for name in filters)
    raise ValueError(
        f"{file.path}: answers are graded by several filters: {names}; say which with --filter (filter= in Python)"
    )


def _refuse_ungraded(record: Record, path: str) -> None:
    if set(record.metrics) == {_NO_GRADES} or not record.metrics:
        raise ValueError(
            f"{path}: nothing was graded: the harness ran with --predict_only, or the records have no metric"
        )
    if any(name in record.metrics for name in _OF_TEXTS):
        raise ValueError(
            f"{path}: the likelihoods are of whole texts (perplexity): there are no options and no verdicts"
        )
