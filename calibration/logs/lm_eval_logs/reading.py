"""Logs of lm-eval, read: a log a task, model and date, MMLU's subjects together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from ...nearest_names import nearest
from ..exported_run import exported_run
from ..format import Format
from ..graded_answers import GradedAnswers
from ..log import Content, Log
from ..options import LogOptions
from ..source import Source, naming
from .choices import Choices, accuracy_remarks, unchecked_remarks
from .harness_results import HarnessResults, is_results, results_beside
from .joined_parts import joined_options, pooled_accuracy
from .record import is_record
from .sample_file import SampleFile, sample_file, task_by_hash
from .task_content import TaskContent, task_content

_MMLU = "mmlu"
_TOLERANCE = 1e-6


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    files = _sample_files(sources)
    groups = [_group(file) for file in files]
    chosen = [
        (file, "" if options.task == file.task else group[0], group[1])
        for file, group in zip(files, groups, strict=True)
        if options.task in (None, file.task, group[0])
    ]
    if not chosen:
        names = sorted({file.task for file in files} | {group for group, _ in groups if group})
        raise ValueError(
            f"{files[0].path}: no task {options.task!r}; there are: {', '.join(names)}"
            f"{nearest(options.task or '', names)}"
        )
    _refuse_idle(chosen, options)
    together: dict[tuple[str, str, str], list[TaskContent]] = {}
    for number, (file, group, subject) in enumerate(chosen):
        with naming(file.path):
            task = task_content(file, subject, options, alone=len(chosen) == 1)
        joins = bool(group) and isinstance(task.content, Choices | GradedAnswers)
        key = (group, file.model, file.date) if joins else ("", str(number), "")
        joined = together.setdefault(key, [])
        twin = next((other.file for other in joined if other.file.task == file.task), None)
        if twin is not None:
            raise ValueError(
                f"{file.path}: {twin.path} is of the same task {file.task!r}, and no model or date tells them apart; "
                "import each alone"
            )
        joined.append(task)
    _refuse_other_filter([task for tasks in together.values() for task in tasks], options)
    return [_log(tasks, key[0], options) for key, tasks in together.items()]


def _sample_files(sources: Sequence[Source]) -> list[SampleFile]:
    given = [HarnessResults(source.path, source.first) for source in sources if is_results(source.first)]
    samples = [source for source in sources if not is_results(source.first)]
    if not samples:
        raise ValueError(
            f"{sources[0].path}: results of lm-eval without samples, which say nothing of single items; lm-eval writes "
            "samples_TASK_DATE.jsonl beside them with --log_samples"
        )
    folders = {source.path.parent for source in samples}
    beside = {folder: results_beside(folder) for folder in folders}
    return [
        sample_file(
            source,
            list(
                {
                    results.path: results
                    for results in (*given, *beside[source.path.parent])
                    if _may_be_of(results, source.path.parent, folders)
                }.values()
            ),
        )
        for source in samples
    ]


def _may_be_of(results: HarnessResults, folder: Path, folders: Collection[Path]) -> bool:
    """Whether results may be of samples in a folder.

    Those in another folder of samples are of these.
    """
    own = folder if results.path is None else results.path.parent
    return own == folder or own not in folders


def _group(file: SampleFile) -> tuple[str, str]:
    """Group and subject of a task that is one of MMLU's; empty for others.

    Its documents name the subject that its name ends with.
    """
    first = next(file.records(), None)
    subject = first.doc.get("subject") if first is not None else None
    if not isinstance(subject, str) or not file.task.endswith(f"_{subject}"):
        return "", ""
    group = file.results.group_of(file.task, _MMLU) or file.task.removesuffix(f"_{subject}")
    return (group, subject) if _MMLU in group else ("", "")


def _refuse_idle(chosen: Sequence[tuple[SampleFile, str, str]], options: LogOptions) -> None:
    """Raise for an option that says nothing about any of the tasks."""
    firsts = [record for file, _, _ in chosen if (record := next(file.records(), None)) is not None]
    n_with_options = sum(len(record.likelihoods) > 1 for record in firsts)
    path = chosen[0][0].path
    if n_with_options == len(firsts):
        options.refuse_without_use(
            ("metric", "partial", "epoch"),
            where=path,
            got="options with log-likelihoods; --normalize says how they are compared",
        )
    if not n_with_options:
        options.refuse_without_use(("normalize",), where=path, got="none")
    metrics = dict.fromkeys(name for record in firsts if len(record.likelihoods) <= 1 for name in record.metrics)
    if len(chosen) > 1 and options.metric is not None and options.metric not in metrics:
        raise ValueError(
            f"{path} and {len(chosen) - 1} more: no metric {options.metric!r}; there are: {', '.join(metrics)}"
            f"{nearest(options.metric, list(metrics))}"
        )


def _refuse_other_filter(tasks: Sequence[TaskContent], options: LogOptions) -> None:
    """Raise for a filter that no task has."""
    names = dict.fromkeys(task.filter for task in tasks)
    if options.filter is not None and options.filter not in names:
        raise ValueError(
            f"{tasks[0].file.path} and {len(tasks) - 1} more: no filter {options.filter!r}; there are: "
            f"{', '.join(map(repr, names))}"
        )


def _log(tasks: Sequence[TaskContent], group: str, options: LogOptions) -> Log:
    first = tasks[0]
    file = first.file
    path = file.source.path
    model = options.model or file.model or (path.stem if len(tasks) == 1 else path.resolve().parent.name)
    name = group if group and (len(tasks) > 1 or options.task == group) else file.task
    items: pl.DataFrame | None = None
    content: Content
    accuracy = pooled_accuracy([(task.accuracy, task.n_items) for task in tasks])
    choices = [task.content for task in tasks if isinstance(task.content, Choices)]
    if choices:
        content, items = joined_options(choices, source=file.path, model=model)
    else:
        content = _joined([task.content for task in tasks if not isinstance(task.content, Choices)])
    origin = file.results.origin(file.task)
    for count in ("n_original", "n_effective"):
        counts = [task.file.results.origin(task.file.task).get(count) for task in tasks]
        if len(tasks) > 1 and None not in counts:
            origin[count] = sum(counts)
    log = Log(
        format="lm-eval",
        task=name,
        model=model,
        date=file.date,
        content=content,
        items=items,
        settings=first.settings,
        origin=origin | ({} if accuracy is None else {"accuracy": accuracy}),
        remarks=tuple(_remarks(tasks)),
        files=tuple(task.file.source.path for task in tasks),
    )
    kept = exported_run(file.results.note, str(file.results.path)) if len(tasks) == 1 else None
    if kept is None:
        return log
    return replace(kept.over(log), task=name if options.task else kept.task or name)


def _joined(contents: Sequence[Content]) -> Content:
    """The content of several files of free answers, or the only one."""
    graded = [content for content in contents if isinstance(content, GradedAnswers)]
    if len(contents) == 1 or len(graded) < len(contents):
        return contents[0]
    graders = dict.fromkeys(content.grader for content in graded)
    if len(graders) > 1:
        raise ValueError(
            f"answers of one log are graded by one metric, got {', '.join(graders)}; import each task alone"
        )
    frames = [content.frame for content in graded]
    return GradedAnswers(pl.concat(frames, how="diagonal_relaxed"), graded[0].grader, graded[0].spec)


def _remarks(tasks: Sequence[TaskContent]) -> Iterator[str]:
    """Remarks of all tasks, those that several have once."""
    by_remark: dict[str, list[str]] = {}
    for task in tasks:
        for remark in (*_count_remarks(task.file.results, task.file.task, task), *task.remarks):
            by_remark.setdefault(remark, []).append(task.file.task)
    for remark, names in by_remark.items():
        if len(names) == len(tasks):
            yield remark
        else:
            yield f"{names[0]}: {remark}" if len(names) == 1 else f"{len(names)} of {len(tasks)} tasks: {remark}"
    choices = [task.content for task in tasks if isinstance(task.content, Choices)]
    yield from unchecked_remarks(choices)
    yield from accuracy_remarks(choices)


def _count_remarks(results: HarnessResults, name: str, task: TaskContent) -> Iterator[str]:
    """How many documents there are, and whether the results state the same."""
    original, effective = results.n_original(name), results.n_effective(name)
    if original is not None and task.n_items < original:
        yield f"{task.n_items:,} of {original:,} items"
    elif effective is not None and task.n_items != effective:
        yield f"{task.n_items:,} items; the run had {effective:,}"
    for metric, value in task.stated.items():
        stated = results.metric(name, metric, task.filter)
        if stated is None or abs(stated - value) <= _TOLERANCE:
            continue
        if effective == task.n_items:
            other = task_by_hash(task.file)
            if other and other != name:
                raise ValueError(
                    f"{task.file.path}: the records are of the task {other!r} by their hash, not of {name!r}"
                )
            yield f"the results state {metric} {stated:.4f} over the same items, whose own mean is {value:.4f}"
        else:
            yield f"the results state {metric} {stated:.4f} over other items; the mean of these is {value:.4f}"


def _recognises(source: Source) -> bool:
    if source.is_zip or source.is_parquet:
        return False
    return is_record(source.first) or is_results(source.first)


LM_EVAL: Format = Format(
    name="lm-eval",
    what="samples of lm-evaluation-harness (samples_TASK_DATE.jsonl) with doc_id and filtered_resps",
    recognises=_recognises,
    read=_read,
    options=("normalize", "filter", "metric", "epoch", "partial"),
)
