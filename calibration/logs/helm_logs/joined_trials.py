"""Trials of a HELM run, which ask the same instances again, as one log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from ...predictions.predictions import Predictions
from ...predictions.verdicts import Verdicts
from ..graded_answers import GradedAnswers
from ..mean_predictions import mean_predictions
from ..mean_verdicts import FIRST_TEXT, MEAN_OF_VERDICTS, mean_answers, mean_verdicts
from .log_values import HelmContent, HelmLog


def joined_trials(logs: Sequence[HelmLog], *, mean: bool) -> HelmLog:
    """Trials of a run as one log: samples of each question, or their mean.

    Raises
    ------
    ValueError
        For probabilities of single letters, which have no mean.
    """
    first = logs[0]
    if len(logs) == 1:
        return first
    content, added = _joined(logs, mean=mean)
    items = [log.items for log in logs if log.items is not None]
    return replace(
        first,
        content=content,
        items=pl.concat(items, how="diagonal").unique("item", keep="first", maintain_order=True) if items else None,
        values=[value for log in logs for value in log.values],
        remarks=(*_remarks(logs), *added),
        n_items=max(len(log.values) for log in logs),
    )


def _joined(logs: Sequence[HelmLog], *, mean: bool) -> tuple[HelmContent, list[str]]:
    contents = [log.content for log in logs]
    answers = [content for content in contents if isinstance(content, GradedAnswers)]
    if len(answers) == len(contents):
        frames = [
            content.frame.with_columns(sample=pl.lit(number, dtype=pl.Int32)) for number, content in enumerate(answers)
        ]
        joined = GradedAnswers(pl.concat(frames, how="diagonal_relaxed"), answers[0].grader)
        return (mean_answers(joined), [f"{MEAN_OF_VERDICTS}{FIRST_TEXT}"]) if mean else (joined, [])
    predictions = [content for content in contents if isinstance(content, Predictions)]
    if len(predictions) == len(contents):
        return mean_predictions(predictions), []
    verdicts = [content for content in contents if isinstance(content, Verdicts)]
    if len(verdicts) == len(contents):
        rows = pl.concat([content.frame for content in verdicts], how="diagonal_relaxed")
        return Verdicts(mean_verdicts(rows)), [MEAN_OF_VERDICTS]
    raise ValueError(
        f"{logs[0].run.path}: the probability of the written letter alone has no mean over trials: the epoch must be a "
        "number, got 'mean'"
    )


def _remarks(logs: Sequence[HelmLog]) -> Iterator[str]:
    """Remarks of all trials; what is said of all of them once."""
    numbers: dict[str, list[int]] = {}
    for number, log in enumerate(logs, start=1):
        for remark in log.remarks:
            numbers.setdefault(remark, []).append(number)
    for remark, named in numbers.items():
        yield remark if len(named) == len(logs) else f"trial {', '.join(map(str, named))}: {remark}"
