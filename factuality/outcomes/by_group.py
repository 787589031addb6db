"""Shares of right, wrong and abstained answers by group of questions, and their changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import polars as pl

from calibration import GroupChanges, GroupMeasures, Verdicts, WorstGroups, by_group, group_changes, worst_groups
from calibration.nearest_names import nearest
from calibration.predictions.verdicts import SCHEMA as VERDICTS

from ..grading.judgments import SCHEMA, Judgments
from .shares import SHARES, indicators, one_answer_each, paired_answers

Share = Literal["correct", "abstained", "incorrect", "tempted", "ungraded"]

SHARE_LABELS: dict[str, str] = {
    "correct": "share of right answers",
    "abstained": "share of abstentions",
    "incorrect": "share of wrong answers",
    "tempted": "share of common misconceptions",
    "ungraded": "share of ungraded answers",
}
"""What each share is called in tables and figures."""

# Columns of judgments by which questions can be grouped too.
_OWN = ("category", "adversarial")


def rates_by_group(
    judgments: Judgments,
    by: str | Sequence[str] = "category",
    share: Share = "correct",
    *,
    level: float = 0.95,
    seed: int = 0,
) -> GroupMeasures:
    """Share of right, wrong or abstained answers in each group of questions.

    Parameters
    ----------
    judgments : Judgments
        One answer a question.
    by : str or sequence of str
        A column, or several (as a sequence, or with commas): ``category``, ``adversarial``, ``question_length``, or a
        further column such as ``language``, as in `calibration.by_group`.
    share : {"correct", "abstained", "incorrect", "tempted", "ungraded"}
        Of **all** answers of a group, as in `rates`.
    level : float
        Coverage of the intervals.
    seed : int
        Of the tests by permutation.

    Returns
    -------
    calibration.GroupMeasures
        Wilson's intervals, q-values of the difference from all other questions.

    Raises
    ------
    ValueError
        For an unknown column or share, and for several answers to one question.

    Examples
    --------
    >>> table = {"question": ["Wo?", "Wann?", "Where?", "When?"], "answer": list("abcd"), "verdict": [1, 0, 1, 1]}
    >>> judgments = Judgments.from_frame(table | {"language": ["de", "de", "en", "en"]})
    >>> rates_by_group(judgments, "language").frame.select("language", "n_items", "value").rows()
    [('de', 2, 0.5), ('en', 2, 1.0)]
    """
    groups = by_group(_verdicts(one_answer_each(judgments), share), by, "accuracy", level=level, seed=seed)
    return replace(groups, measure=share)


def rate_changes_by_group(
    before: Judgments,
    after: Judgments,
    by: str | Sequence[str] = "category",
    share: Share = "correct",
    *,
    level: float = 0.95,
    seed: int = 0,
) -> GroupChanges:
    """Change of a share of answers in each group of questions.

    Parameters
    ----------
    before, after : Judgments
        Of two models on the same questions, one answer each.
    by, share, level, seed
        As in `rates_by_group`; columns are those of `before`.

    Returns
    -------
    calibration.GroupChanges
        Tango's intervals, McNemar's tests, q-values.

    Raises
    ------
    ValueError
        As `rates_by_group` and `rate_change`.

    Examples
    --------
    >>> table = {"question": ["Wo?", "Wann?", "Where?", "When?"], "answer": list("abcd"), "verdict": [1, 0, 1, 1]}
    >>> table |= {"language": ["de", "de", "en", "en"]}
    >>> before, after = Judgments.from_frame(table), Judgments.from_frame(table | {"verdict": [1, 1, 1, 0]})
    >>> rate_changes_by_group(before, after, "language").frame.select("language", "change").rows()
    [('de', 0.5), ('en', -0.5)]
    """
    left, right = (_verdicts(side, share) for side in paired_answers(before, after))
    return replace(group_changes(left, right, by, metric="accuracy", level=level, seed=seed), measure=share)


def fewest_right(
    judgments: Judgments, by: str | Sequence[str] = "category", *, level: float = 0.95, seed: int = 0
) -> WorstGroups:
    """The groups that may have the smallest share of right answers.

    Their intervals allow for the choice, as in `calibration.worst_groups`.

    Raises
    ------
    ValueError
        As `rates_by_group`.
    """
    verdicts = _verdicts(one_answer_each(judgments), "correct")
    return replace(worst_groups(verdicts, by, "accuracy", level=level, seed=seed), measure="correct")


def _verdicts(frame: pl.DataFrame, share: str) -> Verdicts:
    """Answers as verdicts, right where they count in the share."""
    if share not in get_args(Share):
        raise ValueError(f"no share {share!r}{nearest(share, SHARES)}; there are {', '.join(get_args(Share))}")
    taken = {*VERDICTS, *SCHEMA}
    further = [name for name in frame.columns if name.casefold() not in taken]
    subject = "subject" if "subject" in frame.columns else "category"
    counted = frame.with_columns(indicators())[share]
    return Verdicts(
        frame.select(
            "model",
            *_OWN,
            *further,
            revision=pl.lit(""),
            item="question",
            subject=pl.col(subject).cast(pl.String).fill_null(""),
            grade=pl.when(counted).then(pl.lit("correct")).otherwise(pl.lit("incorrect")),
            question="text",
        )
    )
