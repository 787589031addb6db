"""Generated answers of HELM, with the scores of one of its metrics as verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ...predictions.credit import credit_grade, is_between, partial_credit
from ...predictions.further_columns import further_columns
from ...predictions.grades import AnswerGrade
from ..credit_remarks import idle_remarks
from ..graded_answers import SCHEMA, GradedAnswers
from ..group_columns import group_columns, left_out_remarks
from ..options import LogOptions
from .log_values import HelmLog, item_id, real_logprob, subject_of, verdicts
from .members import HelmRun
from .requests import Request, Requests, completion_remarks
from .scores import Scores, chosen_metric, compares_with_references, instance_scores, metric_names


def read_answers(run: HelmRun, requests: Requests, scores: Scores, options: LogOptions) -> HelmLog:
    """A run whose answers were compared with references, or judged by a model.

    Raises
    ------
    ValueError
        As `chosen_metric`; for an instance that occurs twice.
    """
    if "per_instance_stats" not in run.members:
        raise ValueError(
            f"{run.path}: generated answers have no verdicts in it; looked for per_instance_stats.json beside it"
        )
    ids = [row.id for row in requests.rows]
    metric = chosen_metric(str(run.path), scores, ids, options)
    values = [scores[name][metric] for name in ids]
    compared = compares_with_references(metric_names(scores))
    confidence = _confidences(requests.rows) if compared else [None] * len(ids)
    table = {
        "item": [item_id(run, name) for name in ids],
        "sample": [0] * len(ids),
        "category": [subject_of(run) or str(row.state["instance"].get("sub_split") or "") for row in requests.rows],
        "question": [row.question for row in requests.rows],
        "response": [row.text.strip() for row in requests.rows],
        "references": [_references(row) if compared else [] for row in requests.rows],
        "grade": [_grade(value, options) for value in values],
        "confidence": confidence,
        "reason": [_reason(row.state.get("annotations")) or metric for row in requests.rows],
        "credit": [partial_credit(_grade(value, options), value) for value in values],
    }
    remarks = [*requests.remarks, *_remarks(metric, values, options)]
    if not compared:
        remarks.append("references are not kept: no metric compares answers with them, they may be labels")
    if any(value is not None for value in confidence):
        remarks.append("the confidence is the probability of the whole answer")
    unknown = [row.id for row in requests.rows if not row.correct] if compared else []
    if unknown:
        remarks.append(
            f"{len(unknown)} of {len(ids)} instances have no reference that is tagged as correct, such as {unknown[0]}"
        )
    remarks += completion_remarks(requests.rows)
    given = [_given_columns(row, named=bool(subject_of(run))) for row in requests.rows]
    columns = further_columns(list(map(group_columns, given)), besides=SCHEMA)
    remarks += left_out_remarks(given)
    content = GradedAnswers(pl.DataFrame(table, schema=SCHEMA).with_columns(columns), metric)
    return HelmLog(
        run=run, content=content, items=None, values=values, settings={"metric": metric}, remarks=tuple(remarks)
    )


def read_scores_alone(run: HelmRun, split: str, trial: int, options: LogOptions) -> HelmLog:
    """A trial of a run folder without its requests: verdicts, and no texts.

    Raises
    ------
    ValueError
        As `chosen_metric`.
    """
    scores = instance_scores(run, split=split, trial=trial)
    ids = [name for name, metrics in scores.items() if metric_names({name: metrics})]
    metric = chosen_metric(str(run.path), scores, ids, options)
    values = [scores[name][metric] for name in ids]
    grades = {name: _grade(value, options) for name, value in zip(ids, values, strict=True)}
    remarks = [
        "right and wrong alone, without texts: the folder has no scenario_state.json",
        *_remarks(metric, values, options),
    ]
    settings = {"metric": metric, **({"split": split} if split else {})}
    return HelmLog(
        run=run,
        content=verdicts(run, grades, dict(zip(ids, values, strict=True))),
        items=None,
        values=values,
        settings=settings,
        remarks=tuple(remarks),
    )


def _grade(value: float, options: LogOptions) -> AnswerGrade:
    return credit_grade(value, options.partial) or "ungraded"


def _remarks(metric: str, values: Sequence[float], options: LogOptions) -> list[str]:
    """What became of values between 0 and 1."""
    n_between = sum(map(is_between, values))
    if not n_between:
        return idle_remarks(options.partial)
    became = "credit" if options.partial == "half" else options.partial
    mean = sum(values) / len(values)
    return [f"{n_between} of {len(values)} values of {metric} lie between 0 and 1: {became}; its mean is {mean:.6g}"]


def _given_columns(row: Request, *, named: bool) -> dict[str, Any]:
    """Further values of an instance, with its part of the split."""
    instance = row.state["instance"]
    extra, part = instance.get("extra_data"), instance.get("sub_split")
    columns = dict(extra) if isinstance(extra, Mapping) else {}
    return {**columns, "split_category": part} if named and part else columns


def _references(row: Request) -> list[str]:
    return [row.references[index] for index in row.correct]


def _confidences(rows: Sequence[Request]) -> list[float | None]:
    """Probability of each whole answer; none if the log's log-probabilities stand for none."""
    sums: list[float | None] = []
    for row in rows:
        values = [real_logprob(token) for token in row.tokens]
        known = [value for value in values if value is not None]
        sums.append(sum(known) if known and len(known) == len(values) else None)
    if not any(sums):
        return [None] * len(rows)
    return [None if value is None else math.exp(value) for value in sums]


def _reason(annotations: Any) -> str:
    """What judges wrote of an answer."""
    judges = annotations.values() if isinstance(annotations, Mapping) else ()
    notes = [
        f"{name}: {text}"
        for judge in judges
        if isinstance(judge, Mapping)
        for name, text in judge.items()
        if name.endswith("reasoning") and isinstance(text, str) and text.strip()
    ]
    return "\n".join(notes)
