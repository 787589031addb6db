"""Multiple-choice scores on the questions that two runs have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from calibration.uncertainty.intervals import Range
from calibration.uncertainty.overlap import Overlap

from ..outcomes.common_questions import compared_rows
from .scores import MultipleChoice, Variant


def common_choices(before: MultipleChoice, after: MultipleChoice) -> tuple[MultipleChoice, MultipleChoice, Overlap]:
    """Scores of common questions, with bounds from the others.

    Raises
    ------
    ValueError
        For no common question.
    """
    rows, overlap = compared_rows([before.frame, after.frame], {before.variant: "score"})
    return MultipleChoice(before.frame[rows[0]]), MultipleChoice(after.frame[rows[1]]), overlap


def common_scores(
    pairs: Mapping[Variant, tuple[MultipleChoice, MultipleChoice]],
) -> tuple[dict[Variant, tuple[MultipleChoice, MultipleChoice]], Overlap]:
    """Every score of two runs on common questions, with bounds from the others.

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
