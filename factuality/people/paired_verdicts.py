"""Verdicts of a grader and of people on the same answers."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from calibration.uncertainty.drawn_units import ITEMS, Sampling

from ..grading.human_labels import HumanLabels
from ..grading.judgments import Judgments

Positive = Literal["truthful", "correct"]

# Whether a grade means the positive class; grades that are not listed mean neither.
_SAYS: dict[Positive, dict[str, bool]] = {
    "truthful": {"correct": True, "abstained": True, "incorrect": False},
    "correct": {"correct": True, "abstained": False, "incorrect": False},
}


def paired_verdicts(judgments: Judgments, labels: HumanLabels | Judgments, *, positive: Positive) -> pl.DataFrame:
    """Verdicts of a grader and of people on each judged answer.

    Returns
    -------
    polars.DataFrame
        In the order of the judgments: ``question``, ``sample``, ``category``, ``response``, ``said`` (whether the
        grader calls it right; null: ungraded), ``score`` (null if there is none) and ``label`` (whether people call it
        right; null: unlabelled).

    Raises
    ------
    ValueError
        For an unknown positive class, and for answers of the same question and sample that differ, by their id.
    """
    if positive not in _SAYS:
        raise ValueError(f"positive must be truthful or correct, got {positive!r}")
    says = pl.col("grade").replace_strict(_SAYS[positive], default=None, return_dtype=pl.Boolean)
    key = ["question", "sample"]
    if isinstance(labels, HumanLabels):
        people = labels.frame.select(*key, "label", theirs=pl.col("response"))
    else:
        people = labels.frame.select(*key, says.alias("label"), theirs=pl.col("response"))
    both = judgments.frame.with_columns(said=says).join(people, on=key, how="left", maintain_order="left")
    differ = both.filter(pl.col("response") != pl.col("theirs"))
    if not differ.is_empty():
        row = differ.row(0, named=True)
        raise ValueError(
            f"people must have judged the same answers; to question {row['question']}, sample {row['sample']} one is "
            f"{row['response'][:40]!r}, the other {row['theirs'][:40]!r}"
        )
    score = pl.coalesce("score", pl.col("said").cast(pl.Float64))
    return both.select(*key, "category", "response", "said", score.alias("score"), "label")


def by_question(table: pl.DataFrame) -> Sampling:
    """Questions drawn anew, each with all of its answers; `table` has the column ``question``."""
    question = table["question"]
    if not question.is_duplicated().any():
        return ITEMS
    return Sampling(clusters=np.unique(question.to_numpy(), return_inverse=True)[1])
