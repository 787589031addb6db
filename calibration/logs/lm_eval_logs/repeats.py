"""Answers to a question with verdicts of their own, from version 0.5 on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..graded_answers import GradedAnswers
from ..mean_verdicts import FIRST_TEXT, MEAN_OF_VERDICTS, accuracy_by_item, mean_answers
from ..options import Epoch
from .record import Record, number

_TOLERANCE = 1e-6


def each_repeat(
    records: Iterable[Record], epoch: Epoch | None, reduced: dict[str, list[float]], path: str
) -> Iterator[Record]:
    """Records with one answer: all answers to a question, or that of an epoch.

    Parameters
    ----------
    records : iterable of Record
        As the log has them.
    epoch : int, "mean", "all" or None
        Which answers count; all if None.
    reduced : dict
        Values that the log has for all answers to a question together are appended to it, by metric.
    path : str
        The file, for messages.

    Raises
    ------
    ValueError
        For an epoch that a question does not have, and for a choice among answers that have one verdict together.
    """
    for record in records:
        scores = _scores(record.repeats)
        if not scores:
            if epoch is not None:
                raise ValueError(
                    f"{path}, {record.name}: --epoch (epoch= in Python) chooses among answers with a verdict each, got "
                    "one verdict for all"
                )
            yield record
            continue
        n_repeats = len(next(iter(scores.values())))
        for name in scores:
            value = number(record.metrics.get(name))
            reduced.setdefault(name, []).append(math.nan if value is None else value)
        if isinstance(epoch, int) and epoch > n_repeats:
            raise ValueError(f"{path}, {record.name}: no epoch {epoch}: the question has {n_repeats} answers")
        for index in [epoch - 1] if isinstance(epoch, int) else range(n_repeats):
            yield replace(
                record,
                metrics={name: values[index] for name, values in scores.items()},
                texts=_of_repeat(record.texts, index, n_repeats),
                written=_of_repeat(record.written, index, n_repeats),
                sample=0 if isinstance(epoch, int) else index,
            )


def _scores(repeats: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    """Verdicts of several answers, by metric, as many of each."""
    lists = {name: values for name, values in repeats.items() if isinstance(values, list) and len(values) > 1}
    most = max(map(len, lists.values()), default=0)
    return {name: values for name, values in lists.items() if len(values) == most}


def _of_repeat(texts: tuple[str, ...], index: int, n_repeats: int) -> tuple[str, ...]:
    """The text of one answer; all if there are more or fewer than verdicts."""
    return texts[index : index + 1] if len(texts) == n_repeats else texts


def repeat_remarks(
    answers: GradedAnswers, epoch: Epoch | None, reduced: Mapping[str, Sequence[float]]
) -> tuple[GradedAnswers, float | None, list[str]]:
    """Answers, several a question or their mean, with the log's own mean and remarks.

    The log's own mean is of the values that it has for all answers to a question together; None without any.
    """
    if not reduced:
        return answers, None, []
    n_answers = int(answers.frame.group_by("item").len()["len"].max())  # type: ignore[arg-type]
    if isinstance(epoch, int):
        remarks = [f"answer {epoch} to each question is taken (--epoch)"]
    else:
        remarks = [f"all answers, up to {n_answers} to a question, each a sample"]
    if epoch == "mean":
        answers, remarks = mean_answers(answers), [f"{MEAN_OF_VERDICTS}{FIRST_TEXT}"]
    values = np.array(reduced[answers.grader])
    own, taken = float(np.nanmean(values)) if not np.isnan(values).all() else None, accuracy_by_item(answers)
    if own is not None and taken is not None and abs(own - taken) > _TOLERANCE:
        remarks.append(f"{answers.grader} of the log, over all answers by its own rule, is {own:.4f}; here {taken:.4f}")
    return answers, own, remarks
