"""Judgments from the graded answers of a log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from calibration.files.file_names import quoted_name
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.run_folders import log_notes, log_settings, write_rows

from ..answers.responses import RESPONSES, Responses, hash_of_questions
from ..answers.run_results import write_results
from ..grading.judgments import SCHEMA, Judgments
from ..questions.question import BareQuestion, Question, question_table
from ..words import split_words


def own_grader(answers: GradedAnswers) -> str:
    """Name of a log's grader beside our own, which may be called alike.

    Examples
    --------
    >>> row = {"item": "a", "sample": 0, "category": "", "question": "Q?", "response": "R", "references": ["R"]}
    >>> row |= {"grade": "correct", "confidence": None, "reason": ""}
    >>> own_grader(GradedAnswers(pl.DataFrame([row]), "match"))
    'log:match'
    """
    return f"log:{answers.grader}"


def judgments_of(log: Log, answers: GradedAnswers) -> Judgments:
    """Judgments of a log's answers, by its own grader."""
    score = {"correct": 1.0, "incorrect": 0.0}
    frame = answers.frame.with_columns(
        model=pl.lit(log.model),
        question=pl.col("item"),
        text=pl.col("question"),
        adversarial=pl.lit(value=False),
        ideal=pl.col("references").list.first().fill_null(""),
        tempted=pl.lit(value=False),
        grader=pl.lit(own_grader(answers)),
        score=pl.col("grade").replace_strict(score, default=None, return_dtype=pl.Float64),
        confidence_kind=pl.when(pl.col("confidence").is_not_null()).then(pl.lit("logged")),
        grader_model=pl.lit(None, dtype=pl.String),
    )
    return Judgments(frame.select(list(SCHEMA)))


def responses_of(log: Log, answers: GradedAnswers) -> Responses:
    """Answers of a log without its verdicts, for other graders."""
    questions = {row["item"]: _question(row) for row in answers.frame.iter_rows(named=True)}
    unknown = [name for name in RESPONSES.schema if name not in answers.frame.columns]
    frame = answers.frame.with_columns(question=pl.col("item")).with_columns(
        pl.lit(None, dtype=RESPONSES.schema[name]).alias(name) for name in unknown if name != "question"
    )
    frame = frame.with_columns(model=pl.lit(log.model), revision=pl.lit(""), prompt=pl.lit(""))
    return Responses(frame.select(list(RESPONSES.schema)).cast(RESPONSES.schema), tuple(questions.values()))


def write_answers(log: Log, answers: GradedAnswers, out: Path) -> Judgments:
    """Write a log's answers and their verdicts into a run folder.

    Raises
    ------
    SettingsDifferError, ValueError
        If the folder holds something else.
    """
    responses = responses_of(log, answers)
    # As the run's answers are read: without thoughts and outer blanks.
    read = GradedAnswers(answers.frame.with_columns(responses.frame["response"]), answers.grader)
    judgments = judgments_of(log, read)
    n_samples = int(answers.frame["sample"].max()) + 1  # type: ignore[arg-type]
    even = answers.frame.height == n_samples * len(responses.questions)
    settings = {
        **log_settings(log),
        "grader": own_grader(answers),
        "samples": n_samples,
        **({"n_items": len(responses.questions)} if even else {}),
        "questions": hash_of_questions(responses.questions),
    }
    write_rows(
        responses.frame.select(list(RESPONSES.schema)),
        out,
        settings,
        kind=RESPONSES,
        texts=question_table(responses.questions),
        notes=log_notes(log),
    )
    write_results(judgments.frame, out / "judgments" / f"{quoted_name(own_grader(answers))}.parquet")
    return judgments


def _question(row: Mapping[str, Any]) -> Question:
    """The question of an answer, with those references that hold a word."""
    correct = tuple(text for text in row["references"] if split_words(text))
    kind = Question if correct else BareQuestion
    return kind(row["item"], row["category"], row["question"], correct, (), adversarial=False)
