"""Graded answers as numbers, one a question, paired between two models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from calibration.predictions.grades import ANSWER_GRADES, PARTIAL
from calibration.predictions.pairing import COMMON, paired_rows
from calibration.uncertainty.independent_answers import is_whole

from ..grading.judgments import Judgments
from .ratios import OTHER, RIGHT, WRONG, Kinds, Parts

# Shares of all answers. `tempted` is a part of `incorrect`; the other four add up to 1.
SHARES = ("correct", "abstained", "incorrect", "tempted", "ungraded")
_KIND = dict.fromkeys(ANSWER_GRADES, OTHER) | {"correct": RIGHT, "incorrect": WRONG}
# What is the same for all answers to a question.
_OF_QUESTION = ("text", "category", "adversarial", "ideal")


def question_shares(judgments: Judgments) -> pl.DataFrame:
    """Shares of the answers to each question, in the order of the judgments.

    Returns
    -------
    polars.DataFrame
        ``question``, ``text``, ``category``, ``adversarial``, ``ideal``, ``n_answers``, ``n_partial``, and each of
        `SHARES`: 0 or 1 of a question with one answer, unless that is partly right. Its credit is then the share of
        right answers, and the rest that of wrong ones.
    """
    shares = [
        (pl.col("tempted") if name == "tempted" else pl.col("grade") == name).cast(pl.Float64).alias(name)
        for name in SHARES
    ]
    is_partial, credit = pl.col("grade") == PARTIAL, pl.col("credit").fill_null(0.0)
    frame = judgments.frame.select("question", *_OF_QUESTION, *shares, n_partial=is_partial.cast(pl.UInt32), own=credit)
    frame = frame.with_columns(
        correct=pl.col("correct") + pl.col("own"),
        incorrect=pl.col("incorrect") + pl.col("n_partial") * (1 - pl.col("own")),
    ).drop("own")
    if not frame["question"].is_duplicated().any():
        return frame.with_columns(n_answers=pl.lit(1, pl.UInt32))
    return frame.group_by("question", maintain_order=True).agg(
        pl.col(*_OF_QUESTION).first(), pl.len().alias("n_answers"), pl.col("n_partial").sum(), pl.col(*SHARES).mean()
    )


def answer_kinds(frame: pl.DataFrame) -> Kinds:
    """Kind of each answer: right, wrong, or other (abstained or ungraded)."""
    return frame["grade"].replace_strict(_KIND, return_dtype=pl.Int64).to_numpy()


def question_kinds(shares: pl.DataFrame) -> Kinds | Parts:
    """Kind of the answer to each question.

    Of questions with several answers the shares of right, wrong and other ones.
    """
    other = pl.col("abstained") + pl.col("ungraded")
    parts = shares.select("correct", "incorrect", other=other).to_numpy()
    return parts.argmax(axis=1) if is_whole(parts) else parts


def one_answer_each(judgments: Judgments) -> pl.DataFrame:
    """The table of judgments, refused if a question has several answers.

    Raises
    ------
    ValueError
        Naming a question that has several.
    """
    repeated = judgments.frame.filter(pl.col("question").is_duplicated())
    if not repeated.is_empty():
        raise ValueError(
            f"scores at confidence targets need one answer a question; question {repeated['question'][0]} has several"
        )
    return judgments.frame


def refuse_other_graders(*judgments: Judgments) -> None:
    """Refuse judgments of several graders, or of other weights or files.

    A file is the same by its content, whatever its path.

    Raises
    ------
    ValueError
        Naming the graders, or the weights or files under one name.
    """
    frames = [graded.frame.select("grader", "grader_model") for graded in judgments]
    graders, models = (sorted({*pl.concat(frames)[name].drop_nulls()}) for name in ("grader", "grader_model"))
    of_one_file = (
        len(models) == 1
        and models[0].startswith("file ")
        and not any(frame["grader_model"].has_nulls() for frame in frames)
        and len({grader.partition(":")[0] for grader in graders}) == 1
    )
    if len(graders) > 1 and not of_one_file:
        raise ValueError(f"all must be graded by one grader, got {', '.join(graders)}")
    if len(models) > 1:
        raise ValueError(
            f"all must be graded by one grader, and {graders[0]} was another {_kind(models)} for some "
            f"({', '.join(models)}); grade the runs again"
        )


def _kind(identities: Sequence[str]) -> str:
    return "file" if all(identity.startswith("file ") for identity in identities) else "model"


def paired_shares(before: Judgments, after: Judgments) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Shares of both, the rows of the second in the order of the first.

    Raises
    ------
    ValueError
        For questions that only one of them has, or that differ in text, category or ideal answer, naming them; for
        different graders.
    """
    left, right = question_shares(before), question_shares(after)
    refuse_other_graders(before, after)
    right = right[paired_rows(left["question"].to_list(), right["question"].to_list(), what="questions", hint=COMMON)]
    for column in _OF_QUESTION:
        differ = (left[column] != right[column]).to_numpy()
        if differ.any():
            name = left["question"][int(np.argmax(differ))]
            raise ValueError(f"two runs must hold the same questions; question {name} has another {column} in each")
    return left, right
