"""Free answers with verdicts, as logs hold them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ..files.row_rules import own_columns, refuse_broken
from ..predictions.grades import GRADES

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
    }
)


@dataclass(frozen=True, eq=False)
class GradedAnswers:
    """Free answers of one model with the verdicts of one grader.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an answer: ``item`` (id of the question), ``sample`` (which of the answers to it, from 0),
        ``category``, ``question``, ``response``, ``references`` (right answers; empty if the log has none), ``grade``
        (``correct``, ``incorrect``, ``abstained`` or ``ungraded``), ``confidence`` (in [0, 1]; null without) and
        ``reason`` (why, for the reader).
    grader : str
        Who gave the verdicts: the log's scorer, metric or judge.

    Raises
    ------
    ValueError
        For an empty table, missing columns, unknown grades, confidences outside [0, 1], answers that occur twice.
    """

    frame: pl.DataFrame
    grader: str

    def __post_init__(self) -> None:
        own = own_columns(self.frame, SCHEMA, table="graded answers", row="answer")
        object.__setattr__(self, "frame", own)
        confidence = pl.col("confidence")
        refuse_broken(
            self.frame,
            {
                "all columns but the confidence must be given": pl.any_horizontal(
                    pl.col(name).is_null() for name in SCHEMA if name != "confidence"
                ),
                f"the grade must be one of {', '.join(GRADES)}": ~pl.col("grade").is_in(GRADES),
                "a confidence must be a probability": ~(confidence.is_null() | confidence.is_between(0, 1)),
                "each answer must occur once": pl.struct("item", "sample").is_duplicated(),
            },
            lambda row: f"row {row['row']} (item {row['item']}, sample {row['sample']}) has the grade {row['grade']!r}",
        )
