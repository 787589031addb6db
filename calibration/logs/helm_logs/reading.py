"""The format ``helm``: run folders of HELM."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from ...predictions.pairs import Pairs
from ...predictions.predictions import Predictions
from ...predictions.verdicts import Verdicts
from ..format import Format
from ..graded_answers import GradedAnswers
from ..log import Log
from ..options import LogOptions
from ..source import Source
from .answers import read_answers, read_scores_alone
from .chosen_trials import chosen_trials, trial_remarks
from .joined_trials import joined_trials
from .joint import read_joint
from .log_values import HelmContent, HelmLog, subject_of
from .members import HelmRun, helm_runs, member_of
from .requests import Requests, chosen_split, requests_of
from .scores import EXACT, instance_scores, instance_splits, instance_trials, mean_remarks
from .separate import SEPARATE, read_separate

_JOINT = "multiple_choice_joint"
# Methods whose requests have no answer that is right or wrong.
_UNANSWERED = ("language_modeling", "ranking_binary")
# Arguments in the name of a run that are no part of the task.
_NO_TASK = frozenset({"model", "model_deployment", "method", "subject"})


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    groups: dict[tuple[str, str], list[HelmLog]] = {}
    for run in helm_runs(sources):
        groups.setdefault((_task(run), run.model), []).append(_read_run(run, options))
    return [log for (task, _), logs in groups.items() for log in _logs(task, logs, options)]


def _read_run(run: HelmRun, options: LogOptions) -> HelmLog:
    if "scenario_state" not in run.members:
        if "per_instance_stats" in run.members:
            return _read_scores(run, options)
        raise ValueError(
            f"{run.folder}: no answers in it; looked for scenario_state.json and per_instance_stats.json, there is "
            f"{', '.join(sorted(source.name for source in run.members.values()))}"
        )
    method = run.method
    if method in _UNANSWERED:
        raise ValueError(f"{run.path}: {method} asks no question with a right answer")
    if options.normalize is not None and method not in SEPARATE:
        raise ValueError(f"{run.path}: --normalize is for likelihoods of options, and the method is {method}")
    if method == _JOINT and (options.metric is not None or options.partial is not None):
        raise ValueError(f"{run.path}: --metric and --partial say nothing about letters ({method})")
    if method in SEPARATE:
        options.refuse_without_use(
            ("metric", "partial"), where=run.path, got=f"options with log-likelihoods ({method})"
        )
    taken = requests_of(run, options, once=method == _JOINT or method in SEPARATE)
    log = joined_trials([_read_trial(run, requests, options) for requests in taken], mean=options.epoch == "mean")
    first = taken[0]
    settings = dict(log.settings)
    if first.split:
        settings["split"] = first.split
    if first.n_trials > 1:
        settings["epoch"] = options.epoch or (1 if len(taken) == 1 else "all")
    return _with_mean(replace(log, settings=settings, n_requests=first.n_all), first.split, len(taken), first.n_trials)


def _read_trial(run: HelmRun, requests: Requests, options: LogOptions) -> HelmLog:
    """What one trial of a run holds."""
    scores = instance_scores(run, split=requests.split, trial=requests.trial)
    if run.method == _JOINT:
        return read_joint(run, requests, scores)
    if run.method in SEPARATE:
        return read_separate(run, requests, scores, options)
    return read_answers(run, requests, scores, options)


def _read_scores(run: HelmRun, options: LogOptions) -> HelmLog:
    """Verdicts of a folder that has scores without requests."""
    split = chosen_split(str(run.path), instance_splits(run), options)
    trials = instance_trials(run)
    taken = chosen_trials(run.path, trials, options, once=True)
    mean = options.epoch == "mean"
    log = joined_trials([read_scores_alone(run, split, trial, options) for trial in taken], mean=mean)
    settings = {**log.settings, **({"epoch": options.epoch or 1} if len(trials) > 1 else {})}
    remarks = (*log.remarks, *trial_remarks(trials, taken, mean=mean))
    return _with_mean(replace(log, settings=settings, remarks=remarks), split, len(taken), len(trials))


def _with_mean(log: HelmLog, split: str, n_taken: int, n_trials: int) -> HelmLog:
    """A log with what HELM's own mean says of it."""
    metric = str(log.settings.get("metric", EXACT))
    remarks = mean_remarks(log.run, metric, log.values, split=split, n_taken=n_taken, n_trials=n_trials)
    return replace(log, remarks=(*log.remarks, *remarks))


def _task(run: HelmRun) -> str:
    """Name of the task: the scenario with what distinguishes it, without model and subject."""
    scenario, _, _ = run.name.partition(":")
    kept = [f"{name}={value}" for name, value in run.arguments.items() if name not in _NO_TASK]
    return f"{scenario}:{','.join(kept)}" if kept else scenario


def _logs(task: str, logs: Sequence[HelmLog], options: LogOptions) -> list[Log]:
    """One log of all subjects, or several where they hold different things."""
    subjects = {subject_of(log.run) for log in logs}
    kinds = {(type(log.content), log.run.method, *sorted(log.settings.items())) for log in logs}
    if len(logs) > 1 and len(subjects) == len(logs) and len(kinds) == 1:
        return [_log(task, logs, options)]
    names = [":".join(filter(None, (task, subject_of(log.run)))) if len(logs) > 1 else task for log in logs]
    return [_log(name, [log], options) for name, log in zip(names, logs, strict=True)]


def _log(task: str, logs: Sequence[HelmLog], options: LogOptions) -> Log:
    run = logs[0].run
    several = len(logs) > 1
    remarks = [f"{subject_of(log.run)}: {text}" if several else text for log in logs for text in log.remarks]
    adapter = run.adapter
    kept = ("method", "max_train_instances", "num_outputs", "temperature", "instructions", "chain_of_thought_prefix")
    values = [value for log in logs for value in log.values]
    origin = {
        "harness": "HELM",
        **{name: adapter[name] for name in kept if adapter.get(name) not in (None, "")},
        "n_items": sum(log.n_items or len(log.values) for log in logs),
        **({"n_requests": n_requests} if (n_requests := sum(log.n_requests for log in logs)) else {}),
        "accuracy": sum(values) / len(values),
    }
    items = [log.items for log in logs if log.items is not None]
    model = options.model or run.model
    return Log(
        format="helm",
        task=task,
        model=model,
        content=_joined([log.content for log in logs], model),
        items=pl.concat(items, how="diagonal") if items else None,
        settings={**options.choices, **logs[0].settings},
        origin=origin,
        remarks=tuple(remarks),
        files=tuple(path for log in logs for path in log.run.files),
    )


def _joined(contents: Sequence[HelmContent], model: str) -> HelmContent:
    """Contents of one kind as one."""
    first = contents[0]
    if isinstance(first, GradedAnswers):
        return GradedAnswers(_concat(contents), first.grader)
    frame = _concat(contents).with_columns(model=pl.lit(model))
    if isinstance(first, Predictions):
        return Predictions(frame)
    return Pairs(frame) if isinstance(first, Pairs) else Verdicts(frame)


def _concat(contents: Iterable[HelmContent]) -> pl.DataFrame:
    return pl.concat([content.frame for content in contents], how="diagonal_relaxed")


HELM = Format(
    name="helm",
    what="a run folder of HELM (scenario_state.json, per_instance_stats.json, stats.json, run_spec.json), or several",
    recognises=lambda source: bool(member_of(source)),
    read=_read,
    options=("normalize", "metric", "split", "epoch", "partial"),
)
