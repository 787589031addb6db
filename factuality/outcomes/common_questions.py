"""Graded answers to the questions that two runs have in common.

Questions of one run alone give bounds: how much they could change the shares.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from calibration.predictions.pairing import common_rows
from calibration.uncertainty.overlap import Overlap, change_bounds

from ..grading.judgments import Judgments
from .shares import question_shares

# Shares of all answers whose change is bounded.
_SHARES = ("correct", "tempted", "abstained", "incorrect")


def common_judgments(before: Judgments, after: Judgments) -> tuple[Judgments, Judgments, Overlap]:
    """Judgments of common questions, with bounds from the others.

    Raises
    ------
    ValueError
        For no common question.

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
    frames = [question_shares(side) for side in (before, after)]
    rows, overlap = compared_rows(frames, {name: name for name in _SHARES})
    common = [
        _answers(side, frame["question"].gather(kept))
        for side, frame, kept in zip((before, after), frames, rows, strict=True)
    ]
    return common[0], common[1], overlap


def questions_of_all(frames: Mapping[str, pl.DataFrame]) -> list[str]:
    """Ids of the questions that all tables have, in the order of the first.

    Raises
    ------
    ValueError
        For none, naming the runs.

    Examples
    --------
    >>> questions_of_all({name: pl.DataFrame({"question": list(ids)}) for name, ids in (("a", "102"), ("b", "01"))})
    ['1', '0']
    """
    ids = [frame["question"].unique(maintain_order=True) for frame in frames.values()]
    in_all = set(ids[0]).intersection(*ids[1:])
    common = [name for name in ids[0] if name in in_all]
    if not common:
        raise ValueError(f"the runs must have questions in common; none is in all of {', '.join(frames)}")
    return common


def _answers(judgments: Judgments, questions: pl.Series) -> Judgments:
    """Answers to some questions, in their order."""
    ordered = questions.to_frame().join(judgments.frame, on="question", how="left", maintain_order="left_right")
    return Judgments(ordered)


def compared_rows(frames: list[pl.DataFrame], columns: dict[str, str]) -> tuple[tuple[list[int], list[int]], Overlap]:
    """Rows of the common questions, and bounds of changes by the others.

    `columns` holds the columns of shares in [0, 1] by the names of their bounds.
    """
    left, right = (frame["question"].to_list() for frame in frames)
    rows = common_rows(left, right, what="questions")
    bounds = {}
    for name, column in columns.items():
        first, second = (frame[column].cast(pl.Float64).to_numpy().astype(np.float64) for frame in frames)
        bounds[name] = change_bounds(first, second, rows, (0.0, 1.0))
    n_common = len(rows[0])
    return rows, Overlap(
        n_common=n_common,
        n_only_before=len(left) - n_common,
        n_only_after=len(right) - n_common,
        bounds=bounds,
        what="questions",
    )
