"""Verdicts of instance records: one metric, one answer an item or several samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...predictions.credit import credit_grade, is_between
from ...predictions.grades import GRADES, PARTIAL, AnswerGrade
from ..options import LogOptions
from .records import GRADE, Record

_CLOSE = 1e-9


def records_of_metric(records: Sequence[Record], options: LogOptions) -> list[Record]:
    """Records of the only metric, or of the one that is named.

    Raises
    ------
    ValueError
        If there are several and none is named, or the named one is not there.
    """
    counts: dict[str, int] = {}
    for record in records:
        counts[record.metric] = counts.get(record.metric, 0) + 1
    listed = ", ".join(f"{name or '(none)'} ({n})" for name, n in counts.items())
    where, task = records[0].where, records[0].task
    if options.metric is not None:
        if options.metric not in counts:
            raise ValueError(f"{where}: no result {options.metric!r} of {task}; there are: {listed}")
        return [record for record in records if record.metric == options.metric]
    if len(counts) > 1:
        raise ValueError(
            f"{where}: several results of {task} are recorded: {listed}; say which with --metric (metric= in Python)"
        )
    return list(records)


def numbered(records: Sequence[Record]) -> list[tuple[int, Record]]:
    """Records with the number of their answer to the item, from 0."""
    seen: dict[str, int] = {}
    rows = []
    for record in records:
        number = seen.get(record.item, 0)
        seen[record.item] = number + 1
        rows.append((number, record))
    return rows


def grade_of(record: Record, options: LogOptions) -> AnswerGrade:
    """The verdict of a record, or ``partial``.

    Raises
    ------
    ValueError
        If its score is no verdict, or contradicts what the record says of the answer.
    """
    for grade in GRADES:
        if record.metadata.get(GRADE) == grade:
            return grade
    if record.metadata.get(GRADE) == PARTIAL and is_between(record.score):
        return PARTIAL
    if record.failed:
        return "ungraded"
    if record.score in (0.0, 1.0) and record.correct == bool(record.score):
        return "correct" if record.correct else "incorrect"
    if not 0 < record.score < 1:
        raise ValueError(
            f"{record.where}: a verdict must be a score of 0 or 1 that agrees with is_correct, got {record.score:g} "
            f"and {str(record.correct).lower()}: {record.metric or record.task} is no verdict"
        )
    if options.partial is None:
        raise ValueError(
            f"{record.where}: a verdict must be a score of 0 or 1, got {record.score:g}; say what such values become "
            "with --partial half, incorrect or ungraded (partial= in Python)"
        )
    return credit_grade(record.score, options.partial) or "ungraded"


def mean_remarks(records: Sequence[Record], result: Mapping[str, Any], *, mean: float, n: int) -> list[str]:
    """The aggregate file's own score beside the mean of `n` of these records.

    Raises
    ------
    ValueError
        If it is of as many records and differs; if a lower score is better.
    """
    if not result:
        return []
    if _inner(result, "metric_config").get("lower_is_better"):
        raise ValueError(f"{records[0].where}: a lower score of {result.get('evaluation_name')} is better: no verdict")
    details = _inner(result, "score_details")
    score = details.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float):
        return []
    number = _inner(details, "uncertainty").get("num_samples")
    stated = f"the aggregate file states {score:g}"
    if min(abs(score - mean), abs(score / 100 - mean)) <= _CLOSE:  # in per cent, in some files
        return [f"{stated}, as these {n} records do"]
    items = _item_means(records)
    by_item = sum(items) / len(items)
    if number in (n, len(items)) and len(items) < n and abs(score - by_item) <= _CLOSE:
        return [f"{stated}, as the mean over these {len(items)} questions does"]
    if number == n:
        raise ValueError(f"{records[0].where}: {stated}, but the {n} records give {mean:.6g}")
    over = f"over {number} samples" if number is not None else "over an unknown number of samples"
    return [f"{stated} {over}; these are {n} records, with {mean:.6g}, and not compared"]


def _item_means(records: Sequence[Record]) -> list[float]:
    """Mean score of each item."""
    scores: dict[str, list[float]] = {}
    for record in records:
        scores.setdefault(record.item, []).append(record.score)
    return [sum(given) / len(given) for given in scores.values()]


def _inner(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A mapping in another; empty if there is none."""
    value = values.get(name)
    return value if isinstance(value, dict) else {}
