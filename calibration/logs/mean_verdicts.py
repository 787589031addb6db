"""The mean verdict of several answers to an item, as its credit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ..predictions.credit import item_credit
from .graded_answers import GradedAnswers
from .log import Content

MEAN_OF_VERDICTS = "the credit of an item is the mean verdict of its answers"
"""What a mean does, for remarks."""
FIRST_TEXT = "; the text is that of the first"


def mean_verdicts(frame: pl.DataFrame) -> pl.DataFrame:
    """One row an item, whose credit is the mean verdict of its rows.

    All else is that of the first.

    Parameters
    ----------
    frame : polars.DataFrame
        With ``item``, ``grade`` and ``credit``.

    Examples
    --------
    >>> rows = pl.DataFrame({"item": ["a", "a"], "grade": ["correct", "incorrect"], "credit": [None, None]})
    >>> mean_verdicts(rows).rows()
    [('a', 'partial', 0.5)]
    """
    listed = frame.group_by("item", maintain_order=True).agg("grade", "credit")
    rows = [item_credit(grades, given) for grades, given in listed.select("grade", "credit").iter_rows()]
    first = frame.unique("item", keep="first", maintain_order=True)
    return first.with_columns(
        grade=pl.Series([grade for grade, _ in rows], dtype=pl.String),
        credit=pl.Series([credit for _, credit in rows], dtype=pl.Float64),
    )


def mean_answers(answers: GradedAnswers) -> GradedAnswers:
    """One answer a question, whose credit is the mean verdict of all.

    The text is that of the first. Its reason names the verdicts. A confidence, which is of one answer, is left out.
    """
    frame = answers.frame
    counts = frame.group_by("item", maintain_order=True).agg("grade", "credit")
    reasons = [_reason(row) for row in counts.iter_rows(named=True)]
    means = mean_verdicts(frame).with_columns(
        sample=pl.lit(0, dtype=pl.Int32),
        several=pl.Series([reason is not None for reason in reasons], dtype=pl.Boolean),
        verdicts=pl.Series(reasons, dtype=pl.String),
    )
    means = means.with_columns(
        reason=pl.coalesce("verdicts", "reason"), confidence=pl.when(~pl.col("several")).then("confidence")
    )
    return GradedAnswers(means.drop("several", "verdicts"), answers.grader, answers.spec)


def _reason(row: Mapping[str, Any]) -> str | None:
    """The verdicts of several answers, in words; None for one."""
    grades: Sequence[str] = row["grade"]
    if len(grades) == 1:
        return None
    named = [
        grade if credit is None else f"{grade} {credit:g}" for grade, credit in zip(grades, row["credit"], strict=True)
    ]
    return f"{len(grades)} answers: {', '.join(named)}"


def accuracy_by_item(content: Content) -> float | None:
    """Mean over items of their mean credit, None if nothing is graded."""
    if isinstance(content, GradedAnswers):
        graded = content.frame.filter(pl.col("grade") != "ungraded")
        own = pl.coalesce("credit", (pl.col("grade") == "correct").cast(pl.Float64))
        means = graded.group_by("item", maintain_order=True).agg(own.mean().alias("mean"))["mean"]
        return float(means.to_numpy().mean()) if len(means) else None
    return getattr(content, "accuracy", None)
