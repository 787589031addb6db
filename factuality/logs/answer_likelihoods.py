"""TruthfulQA's multiple choice from the log-likelihoods of a log."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from calibration.logs.answer_likelihoods import AnswerLikelihoods
from calibration.logs.log import Log
from calibration.logs.run_folders import log_notes, log_settings, write_rows

from ..answers.responses import hash_of_questions
from ..multiple_choice.likelihoods import MULTIPLE_CHOICE
from ..multiple_choice.scores import KNOWN, MultipleChoice, scored
from ..questions.question import Question, question_table


def questions_of(answers: AnswerLikelihoods) -> tuple[Question, ...]:
    """Questions of a log with their true and false answers."""
    return tuple(
        Question(
            row["item"], row["category"], row["question"], tuple(row["correct"]), tuple(row["incorrect"]),
            row.get("source") or "", adversarial=row.get("adversarial") is not False,
            best_incorrect=row.get("best_incorrect") or "",
        )
        for row in answers.frame.iter_rows(named=True)
    )  # fmt: skip


def likelihoods_of(frame: pl.DataFrame, asked: pl.DataFrame) -> AnswerLikelihoods:
    """Likelihoods of a run of multiple choice, with the texts of its answers.

    Parameters
    ----------
    frame : polars.DataFrame
        The rows of the run.
    asked : polars.DataFrame
        As from `factuality.questions.question.question_table`.
    """
    texts = asked.rename({"question": "item", "text": "question"})
    rows = frame.drop("model").rename({"question": "item"})
    return AnswerLikelihoods(rows.join(texts, on="item", how="left", maintain_order="left"), "mc1")


def write_likelihoods(log: Log, answers: AnswerLikelihoods, out: Path) -> MultipleChoice:
    """Write a log's likelihoods into a run folder; scored by its own variant.

    Raises
    ------
    SettingsDifferError, ValueError
        If the folder holds something else.
    """
    questions = questions_of(answers)
    frame = answers.frame.with_columns(
        model=pl.lit(log.model),
        question=pl.col("item"),
        **{name: pl.lit("") for name in ("revision", "prompt") if name not in answers.frame.columns},
    ).select(list(MULTIPLE_CHOICE.schema))
    settings = {**log_settings(log), "n_items": len(questions), "questions": hash_of_questions(questions)}
    settings |= {"variant": "mc1"} if answers.mc1_alone else {}
    primer = str(log.settings.get("primer", "unknown"))
    write_rows(
        frame, out, {**settings, "primer": primer}, kind=MULTIPLE_CHOICE, texts=question_table(questions),
        notes=log_notes(log),
    )  # fmt: skip
    variant = next(name for name in KNOWN if name == answers.variant)
    return scored(frame, questions, primer, variant)
