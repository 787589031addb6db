"""Graded answers on different questions: what both sides hold, and how much the rest could change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from calibration.uncertainty.measures import Range
from calibration.uncertainty.overlap import Overlap, change_bounds, common_rows

from ..grading.judgments import Judgments
from ..multiple_choice.scores import MultipleChoice, Variant
from .shares import indicators, one_answer_each

# Shares of all answers whose change is bounded.
_SHARES = ("correct", "tempted", "abstained", "incorrect")


def common_judgments(before: Judgments, after: Judgments) -> tuple[Judgments, Judgments, Overlap]:
    """Judgments of the questions that both sides answered, and what the others could change.

    Raises
    ------
    ValueError
        For several answers to one question, and for no common question.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question(str(n), "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in range(3)]
    >>> sides = [dict.fromkeys(ids, "White.") for ids in ("01", "12")]
    >>> before, after = (grade(Responses.from_texts(side, asked), grader="match") for side in sides)
    >>> _, _, overlap = common_judgments(before, after)
    >>> overlap.n_common, overlap.n_only_before, overlap.n_only_after
    (1, 1, 1)
    """
    frames = [one_answer_each(side).with_columns(indicators()) for side in (before, after)]
    rows, overlap = _overlap(frames, {name: name for name in _SHARES})
    return Judgments(before.frame[rows[0]]), Judgments(after.frame[rows[1]]), overlap


def common_choices(before: MultipleChoice, after: MultipleChoice) -> tuple[MultipleChoice, MultipleChoice, Overlap]:
    """Scores of the questions that both sides were asked, and what the others could change.

    Raises
    ------
    ValueError
        For no common question.
    """
    rows, overlap = _overlap([before.frame, after.frame], {before.variant: "score"})
    return MultipleChoice(before.frame[rows[0]]), MultipleChoice(after.frame[rows[1]]), overlap


def common_scores(
    pairs: Mapping[Variant, tuple[MultipleChoice, MultipleChoice]],
) -> tuple[dict[Variant, tuple[MultipleChoice, MultipleChoice]], Overlap]:
    """Every score of two runs on the questions that both were asked, and what the others could change.

    Raises
    ------
    ValueError
        For no common question.
    """
    common: dict[Variant, tuple[MultipleChoice, MultipleChoice]] = {}
    bounds: dict[str, Range] = {}
    overlap = None
    for variant, (before, after) in pairs.items():
        first, second, overlap = common_choices(before, after)
        common[variant] = (first, second)
        bounds |= overlap.bounds
    if overlap is None:
        raise ValueError("there must be at least one score to compare, got none")
    return common, replace(overlap, bounds=bounds)


def _overlap(frames: list[pl.DataFrame], columns: dict[str, str]) -> tuple[tuple[list[int], list[int]], Overlap]:
    """Rows of the common questions, and bounds of the changes of shares in [0, 1] by what they are called."""
    left, right = (frame["question"].to_list() for frame in frames)
    rows = common_rows(left, right, what="questions")
    bounds = {}
    for name, column in columns.items():
        first, second = (frame[column].cast(pl.Float64).to_numpy().astype(np.float64) for frame in frames)
        bounds[name] = change_bounds(first, second, rows, (0.0, 1.0))
    n_common = len(rows[0])
    return rows, Overlap(n_common, len(left) - n_common, len(right) - n_common, bounds, "questions")
