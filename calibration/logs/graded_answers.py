"""Free answers, with verdicts or without, as logs hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from ..files.row_rules import own_columns, refuse_broken
from ..predictions.further_columns import with_further_columns
from ..predictions.grades import ANSWER_GRADES, credit_rule

SCHEMA = pl.Schema(
    {
        "item": pl.String(),
        "sample": pl.Int32(),
        "category": pl.String(),
        "question": pl.String(),
        "response": pl.String(),
        "references": pl.List(pl.String()),
        "grade": pl.String(),
        "confidence": pl.Float64(),
        "reason": pl.String(),
        "credit": pl.Float64(),
    }
)
_NULLABLE = frozenset({"confidence", "credit"})
"""Columns of graded answers."""

ANSWERED = pl.Schema(
    {name: kind for name, kind in SCHEMA.items() if name not in ("grade", "confidence", "reason", "credit")}
)
"""Columns of answers without verdicts."""

OF_QUESTIONS: dict[str, Any] = {
    "incorrect": pl.List(pl.String()),
    "source": pl.String(),
    "adversarial": pl.Boolean(),
    "best_incorrect": pl.String(),
}
"""What else a run of this package knows of a question."""

OF_ANSWERS: dict[str, Any] = {
    "revision": pl.String(),
    "prompt": pl.String(),
    "written": pl.String(),
    "logprob": pl.Float64(),
    "n_tokens": pl.Int32(),
    "token_logprobs": pl.List(pl.Float32()),
    "finish": pl.String(),
    "thoughts": pl.String(),
}
"""What else it knows of an answer; ``written`` is the text with a stated confidence."""

OF_VERDICTS: dict[str, Any] = {
    "tempted": pl.Boolean(),
    "score": pl.Float64(),
    "confidence_kind": pl.String(),
    "grader_model": pl.String(),
}
"""What else it knows of a verdict."""

OF_CLASSES: dict[str, Any] = {
    "class": pl.String(),
    "probability": pl.Float64(),
    "probabilities": pl.List(pl.Float64()),
    "letter_mass": pl.Float64(),
    "flipped": pl.Boolean(),
    "judge": pl.String(),
    "rubric": pl.String(),
    "rubric_title": pl.String(),
    "reason": pl.String(),
    "judge_model": pl.String(),
}
"""Into which class of a rubric a judge put an answer."""

_KNOWN_TOO: dict[str, Any] = {**OF_QUESTIONS, **OF_ANSWERS, **OF_VERDICTS}


@dataclass(frozen=True, eq=False)
class GradedAnswers:
    """Free answers of one model with the verdicts of one grader.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an answer: ``item`` (id of the question), ``sample`` (which of the answers to it, from 0),
        ``category``, ``question``, ``response``, ``references`` (right answers; empty if the log has none), ``grade``
        (``correct``, ``incorrect``, ``abstained``, ``ungraded`` or ``partial``), ``confidence`` (in [0, 1]; null
        without), ``reason`` (why, for the reader) and ``credit`` (of a partial answer, between 0 and 1; otherwise
        null, and so if the column is missing); and what else a run of this package knew (`OF_QUESTIONS`,
        `OF_ANSWERS`, `OF_VERDICTS`). Further columns, such as a language, stand behind these; they can group.
    grader : str
        Who gave the verdicts: the log's scorer, metric or judge.
    spec : str
        How this package calls it; empty for a grader of another tool.

    Raises
    ------
    ValueError
        For an empty table, missing columns, unknown grades, confidences outside [0, 1], credit of other than partial
        answers, answers that occur twice.
    """

    frame: pl.DataFrame
    grader: str
    spec: str = ""

    def __post_init__(self) -> None:
        schema = _with(self.frame, SCHEMA, _KNOWN_TOO)
        own = own_columns(self.frame, schema, table="graded answers", row="answer", later=("credit",))
        object.__setattr__(self, "frame", with_further_columns(own, self.frame))
        confidence = pl.col("confidence")
        refuse_broken(
            own,
            {
                "all columns but confidence and credit must be given": pl.any_horizontal(
                    pl.col(name).is_null() for name in SCHEMA if name not in _NULLABLE
                ),
                f"the grade must be one of {', '.join(ANSWER_GRADES)}": ~pl.col("grade").is_in(ANSWER_GRADES),
                "a confidence must be a probability": ~(confidence.is_null() | confidence.is_between(0, 1)),
                "each answer must occur once": pl.struct("item", "sample").is_duplicated(),
                **credit_rule(),
            },
            lambda row: f"row {row['row']} (item {row['item']}, sample {row['sample']}) has the grade {row['grade']!r}",
        )


@dataclass(frozen=True, eq=False)
class BareAnswers:
    """Free answers of one model without verdicts.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an answer: the columns of `GradedAnswers` up to ``references``; and what else a run of this package
        knew (`OF_QUESTIONS`, `OF_ANSWERS`), classes of a rubric among it (`OF_CLASSES`).

    Raises
    ------
    ValueError
        For an empty table, missing columns or values, answers that occur twice.
    """

    frame: pl.DataFrame

    def __post_init__(self) -> None:
        further = {**OF_QUESTIONS, **OF_ANSWERS, **OF_CLASSES}
        own = own_columns(self.frame, _with(self.frame, ANSWERED, further), table="answers", row="answer")
        object.__setattr__(self, "frame", own)
        refuse_broken(
            self.frame,
            {
                "all columns must be given": pl.any_horizontal(pl.col(name).is_null() for name in ANSWERED),
                "each answer must occur once": pl.struct("item", "sample").is_duplicated(),
            },
            lambda row: f"row {row['row']} (item {row['item']}, sample {row['sample']})",
        )


def _with(frame: pl.DataFrame, own: pl.Schema, further: dict[str, Any]) -> pl.Schema:
    """A schema with those further columns that a table has."""
    return pl.Schema({**own, **{name: kind for name, kind in further.items() if name in frame.columns}})
