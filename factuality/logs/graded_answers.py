"""Judgments and responses from the free answers of a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from calibration.files.file_names import quoted_name
from calibration.logs.graded_answers import (
    OF_ANSWERS,
    OF_CLASSES,
    OF_QUESTIONS,
    OF_VERDICTS,
    BareAnswers,
    GradedAnswers,
)
from calibration.logs.graded_answers import SCHEMA as GRADED
from calibration.logs.log import Log
from calibration.logs.run_folders import log_notes, log_settings, write_rows

from ..answers.responses import RESPONSES, Responses, hash_of_questions, read_responses, without_statements
from ..answers.run_results import write_results
from ..grading.judgments import SCHEMA, Judgments
from ..questions.question import BareQuestion, Question, question_table
from ..rubrics.classifications import write_classes
from ..words import split_words

# What a run holds of answers of which it is unknown.
_EMPTY = {"revision": "", "prompt": ""}


def own_grader(answers: GradedAnswers) -> str:
    """Name of a log's grader beside our own, which may be called alike.

    Examples
    --------
    >>> row = {"item": "a", "sample": 0, "category": "", "question": "Q?", "response": "R", "references": ["R"]}
    >>> row |= {"grade": "correct", "confidence": None, "reason": ""}
    >>> own_grader(GradedAnswers(pl.DataFrame([row]), "match"))
    'log:match'
    """
    return answers.spec or f"log:{answers.grader}"


def judgments_of(log: Log, answers: GradedAnswers) -> Judgments:
    """Judgments of a log's answers, by its own grader."""
    score = {"correct": 1.0, "incorrect": 0.0}
    defaults: dict[str, pl.Expr] = {
        "adversarial": pl.lit(value=False),
        "tempted": pl.lit(value=False),
        "score": pl.col("grade").replace_strict(score, default=None, return_dtype=pl.Float64),
        "confidence_kind": pl.when(pl.col("confidence").is_not_null()).then(pl.lit("logged")),
        "grader_model": pl.lit(None, dtype=pl.String),
    }
    known = answers.frame.with_columns(
        pl.col(name).fill_null(value=False) for name in ("adversarial", "tempted") if name in answers.frame.columns
    )
    frame = known.with_columns(
        model=pl.lit(log.model),
        question=pl.col("item"),
        text=pl.col("question"),
        ideal=pl.col("references").list.first().fill_null(""),
        grader=pl.lit(own_grader(answers)),
        **{name: value for name, value in defaults.items() if name not in answers.frame.columns},
    )
    return Judgments(frame.select(*SCHEMA, *_further(answers)))


def responses_of(log: Log, answers: GradedAnswers | BareAnswers) -> Responses:
    """Answers of a log without its verdicts, as their run writes them."""
    frame, further = answers.frame, _further(answers)
    questions = {row["item"]: _question(row, further) for row in frame.iter_rows(named=True)}
    if "written" in frame.columns:  # with the confidence that it states
        frame = frame.with_columns(response=pl.coalesce("written", "response"))
    unknown = [name for name in RESPONSES.schema if name not in frame.columns]
    frame = frame.with_columns(question=pl.col("item")).with_columns(
        pl.lit(_EMPTY.get(name), dtype=RESPONSES.schema[name]).alias(name) for name in unknown if name != "question"
    )
    frame = frame.with_columns(pl.col(name).fill_null("") for name in _EMPTY).with_columns(model=pl.lit(log.model))
    return Responses(frame.select(list(RESPONSES.schema)).cast(RESPONSES.schema), tuple(questions.values()))


def write_answers(log: Log, answers: GradedAnswers, out: Path) -> Judgments:
    """Write a log's answers and their verdicts into a run folder.

    Raises
    ------
    SettingsDifferError, ValueError
        If the folder holds something else.
    """
    responses = responses_of(log, answers)
    read = GradedAnswers(answers.frame.with_columns(_as_read(log, responses)), answers.grader, answers.spec)
    judgments = judgments_of(log, read)
    _write_responses(log, responses, out, grader=own_grader(answers))
    write_results(judgments.frame, out / "judgments" / f"{quoted_name(own_grader(answers))}.parquet")
    return judgments


def write_bare_answers(log: Log, answers: BareAnswers, out: Path) -> Responses:
    """Write a log's answers, and classes of a rubric, into a run folder.

    Raises
    ------
    SettingsDifferError, ValueError
        If the folder holds something else.
    """
    responses = responses_of(log, answers)
    _write_responses(log, responses, out, grader=None)
    if set(OF_CLASSES) <= set(answers.frame.columns):
        classes = answers.frame.with_columns(
            _as_read(log, responses), model=pl.lit(log.model), question=pl.col("item"), text=pl.col("question")
        )
        title, judge = classes.select("rubric_title", "judge").row(0)
        write_classes(classes, out, title=title, judge=judge)
    return read_responses(out)


def _as_read(log: Log, responses: Responses) -> pl.Series:
    """Texts of answers without thoughts, outer blanks and stated confidences."""
    frame = responses.frame
    return (without_statements(frame) if log.settings.get("state_confidence") else frame)["response"]


def _write_responses(log: Log, responses: Responses, out: Path, *, grader: str | None) -> None:
    n_samples = int(responses.frame["sample"].max()) + 1  # type: ignore[arg-type]
    even = responses.frame.height == n_samples * len(responses.questions)
    settings = {
        **log_settings(log),
        **({} if grader is None else {"grader": grader}),
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


def _further(answers: GradedAnswers | BareAnswers) -> list[str]:
    """Further columns of a log's answers that no column of judgments is called."""
    taken = {*GRADED, *SCHEMA, *OF_QUESTIONS, *OF_ANSWERS, *OF_VERDICTS, *OF_CLASSES}
    return [name for name in answers.frame.columns if name.casefold() not in taken]


def _question(row: Mapping[str, Any], further: Sequence[str]) -> Question:
    """The question of an answer, with those references that hold a word."""
    correct = tuple(text for text in row["references"] if split_words(text))
    kind = Question if correct else BareQuestion
    incorrect = tuple(row.get("incorrect") or ())
    columns = {name: row[name] for name in further if row[name] is not None}
    return kind(
        row["item"], row["category"], row["question"], correct, incorrect, row.get("source") or "",
        adversarial=bool(row.get("adversarial")) and bool(incorrect), best_incorrect=row.get("best_incorrect") or "",
        columns=columns,
    )  # fmt: skip
