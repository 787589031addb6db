"""Tables of free answers that this program wrote, with verdicts or without."""

from __future__ import annotations

from typing import Any

import polars as pl

from .graded_answers import (
    ANSWERED,
    OF_ANSWERS,
    OF_CLASSES,
    OF_QUESTIONS,
    OF_VERDICTS,
    SCHEMA,
    BareAnswers,
    GradedAnswers,
)

JUDGED = pl.Schema(
    {
        "model": pl.String(),
        "question": pl.String(),
        "category": pl.String(),
        "sample": pl.Int32(),
        "text": pl.String(),
        "response": pl.String(),
        "ideal": pl.String(),
        "grade": pl.String(),
        "grader": pl.String(),
        "confidence": pl.Float64(),
        "reason": pl.String(),
    }
)
"""Columns of judgments that every table of them has."""

REFERENCES: dict[str, Any] = {"references": pl.List(pl.String())}
"""The column of all right answers, behind those of judgments."""

CREDIT: dict[str, Any] = {"credit": pl.Float64()}
"""The column of partial credit, which earlier versions did not write."""

ANSWERS = pl.Schema(
    {
        **{name: JUDGED[name] for name in ("model", "question", "category", "sample", "text", "response")},
        **REFERENCES,
        **{name: OF_ANSWERS[name] for name in ("revision", "prompt")},
    }
)
"""Columns of answers without verdicts that every table of them has."""

_LOGGED = "log:"  # in front of graders of other tools


def graded_answers_of(frame: pl.DataFrame) -> GradedAnswers:
    """Graded answers from a table of judgments.

    Raises
    ------
    ValueError
        As `GradedAnswers`; for verdicts of several graders.
    """
    if "references" not in frame.columns:
        frame = frame.with_columns(references=pl.lit([], dtype=REFERENCES["references"]))
    if "credit" not in frame.columns:
        frame = frame.with_columns(credit=pl.lit(None, dtype=CREDIT["credit"]))
    graders = frame["grader"].unique(maintain_order=True)
    if len(graders) > 1:
        raise ValueError(f"the verdicts must be of one grader, got {graders[0]!r} and {graders[1]!r}")
    # The ideal answer stands first; one without a word is among the right ones of no question.
    known = (pl.col("ideal") == "") | (pl.col("references").list.first() == pl.col("ideal")).fill_null(value=False)
    references = pl.when(known).then("references").otherwise(pl.concat_list("ideal", "references"))
    renamed = _renamed(frame.with_columns(references=references))
    further = [name for name in {**OF_QUESTIONS, **OF_ANSWERS, **OF_VERDICTS} if name in renamed.columns]
    taken = {*SCHEMA, *OF_QUESTIONS, *OF_ANSWERS, *OF_VERDICTS, *JUDGED}
    further += [name for name in renamed.columns if name.casefold() not in taken]
    grader = str(graders[0])
    spec = "" if grader.startswith(_LOGGED) else grader
    return GradedAnswers(renamed.select(*SCHEMA, *further), grader.removeprefix(_LOGGED), spec)


def bare_answers_of(frame: pl.DataFrame) -> BareAnswers:
    """Answers from a table without verdicts.

    Raises
    ------
    ValueError
        As `BareAnswers`.
    """
    renamed = _renamed(frame)
    further = [name for name in {**OF_QUESTIONS, **OF_ANSWERS, **OF_CLASSES} if name in renamed.columns]
    return BareAnswers(renamed.select(*ANSWERED, *further))


def _renamed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename({"question": "item", "text": "question"})
