"""Free answers with verdicts, as logs hold them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ..files.row_rules import own_columns, refuse_broken
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
        null, and so if the column is missing).
    grader : str
        Who gave the verdicts: the log's scorer, metric or judge.

    Raises
    ------
    ValueError
        For an empty table, missing columns, unknown grades, confidences outside [0, 1], credit of other than partial
        answers, answers that occur twice.
    """

    frame: pl.DataFrame
    grader: str

    def __post_init__(self) -> None:
        own = own_columns(self.frame, SCHEMA, table="graded answers", row="answer", later=("credit",))
        object.__setattr__(self, "frame", own)
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
