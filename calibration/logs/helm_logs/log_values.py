"""A HELM run before it is joined with those of other subjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ...predictions.credit import partial_credit
from ...predictions.grades import AnswerGrade
from ...predictions.pairs import Pairs
from ...predictions.predictions import Predictions
from ...predictions.verdicts import Verdicts
from ..graded_answers import GradedAnswers
from .members import HelmRun
from .requests import Request

# A log-probability may come out this much above 0.
_ROUNDING = 1e-4

HelmContent = Predictions | Pairs | Verdicts | GradedAnswers


@dataclass(frozen=True, kw_only=True)
class HelmLog:
    """One HELM run, read.

    Attributes
    ----------
    run : HelmRun
        Its folder.
    content : Predictions, Pairs, Verdicts or GradedAnswers
        What it holds.
    items : polars.DataFrame or None
        Texts of the items.
    values : sequence of float
        What HELM's accuracy, or the chosen metric, is the mean of.
    settings : mapping
        Choices that decide the numbers.
    remarks : tuple of str
        What a reader must know.
    n_requests : int
        Number of all requests in the log; 0 if it has none.
    n_items : int
        Number of instances; 0 if each has one value.
    """

    run: HelmRun
    content: HelmContent
    items: pl.DataFrame | None
    values: Sequence[float]
    settings: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    n_requests: int = 0
    n_items: int = 0


def subject_of(run: HelmRun) -> str:
    """The subject in the name of a run; empty for all of them."""
    subject = run.arguments.get("subject", "")
    return "" if subject == "all" else subject


def item_id(run: HelmRun, instance: str) -> str:
    """Id of an item among those of all subjects, the same for every model."""
    subject = subject_of(run)
    return f"{subject}/{instance}" if subject else instance


def real_logprob(token: Mapping[str, Any]) -> float | None:
    """Log-probability of a token, 0 at most; None if it is no number."""
    value = token.get("logprob")
    if isinstance(value, bool) or not isinstance(value, int | float) or not value <= _ROUNDING:
        return None
    return min(float(value), 0.0)


def plain_text(token: str) -> str:
    """Text of a token without the marks that tokenizers write for blanks."""
    return token.replace("▁", " ").replace("Ġ", " ").replace("Ċ", "\n")


def verdicts(run: HelmRun, grades: Mapping[str, AnswerGrade], values: Mapping[str, float]) -> Verdicts:
    """Verdicts by instance; the value of one that is partly right is its credit."""
    table = {
        "item": [item_id(run, name) for name in grades],
        "grade": list(grades.values()),
        "credit": [partial_credit(grade, values.get(name)) for name, grade in grades.items()],
    }
    frame = pl.DataFrame(table, schema_overrides={"credit": pl.Float64})
    columns = {"model": run.model, "revision": "", "subject": subject_of(run)}
    return Verdicts(frame.with_columns(pl.lit(value).alias(name) for name, value in columns.items()))


def item_texts(run: HelmRun, rows: Mapping[str, Request]) -> pl.DataFrame:
    """Questions and options by instance."""
    texts = {
        "item": [item_id(run, name) for name in rows],
        "subject": [subject_of(run)] * len(rows),
        "question": [row.question for row in rows.values()],
        "options": [list(row.references) for row in rows.values()],
    }
    return pl.DataFrame(texts, schema_overrides={"options": pl.List(pl.String)})
