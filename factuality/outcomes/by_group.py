"""Shares of right, wrong and abstained answers by group of questions, and their changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import polars as pl

from calibration import (
    GroupChanges,
    GroupMeasures,
    Pairs,
    UndefinedMeasure,
    Verdicts,
    WorstGroups,
    by_group,
    group_changes,
    worst_groups,
)
from calibration.analysis.grouping import columns_of, grouped
from calibration.metrics.curves import wilson
from calibration.nearest_names import nearest
from calibration.predictions import pairs, verdicts
from calibration.uncertainty.independent_answers import is_whole, share_count
from calibration.uncertainty.q_values import q_values

from ..grading.judgments import SCHEMA, Judgments
from .share_changes import share_change
from .shares import SHARES, paired_shares, question_shares

Share = Literal["correct", "abstained", "incorrect", "tempted", "ungraded"]

SHARE_LABELS: dict[str, str] = {
    "correct": "share of right answers",
    "abstained": "share of abstentions",
    "incorrect": "share of wrong answers",
    "tempted": "share of common misconceptions",
    "ungraded": "share of ungraded answers",
}
"""What each share is called in tables and figures."""

# The measure of a run that is the share, by what the run is.
_KEYS: dict[type, str] = {Verdicts: "accuracy", Pairs: "mean_confidence"}
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
        One answer a question, or several.
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
        Intervals as in `rates`, and q-values of the difference from all other questions.

    Raises
    ------
    ValueError
        For an unknown column or share, and for answers to one question that are in several groups.

    Examples
    --------
    >>> table = {"question": ["Wo?", "Wann?", "Where?", "When?"], "answer": list("abcd"), "verdict": [1, 0, 1, 1]}
    >>> judgments = Judgments.from_frame(table | {"language": ["de", "de", "en", "en"]})
    >>> rates_by_group(judgments, "language").frame.select("language", "n_items", "value").rows()
    [('de', 2, 0.5), ('en', 2, 1.0)]
    """
    run = _run(_by_question(judgments, by), share)
    groups = replace(by_group(run, by, _KEYS[type(run)], level=level, seed=seed), measure=share)
    if isinstance(run, Verdicts):
        return groups
    values = [run.confidence[rows] for rows in grouped(run, by).rows]
    ends = [wilson(np.array(part.mean()), np.array(share_count(part, level=level)), level=level) for part in values]
    return replace(
        groups,
        frame=_with_columns(groups.frame, low=[float(low) for low, _ in ends], high=[float(high) for _, high in ends]),
    )


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
        Of two models on the same questions.
    by, share, level, seed
        As in `rates_by_group`; columns are those of `before`.

    Returns
    -------
    calibration.GroupChanges
        Intervals and tests as in `rate_change`, and q-values.

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
    _ = paired_shares(before, after)  # refused there are other questions and graders
    tables = [_by_question(side, by) for side in (before, after)]
    _refuse_unknown(share)
    single = all(is_whole(table[share].to_numpy()) for table in tables)
    left, right = (_run(table, share, single=single) for table in tables)
    changes = replace(group_changes(left, right, by, metric=_KEYS[type(left)], level=level, seed=seed), measure=share)
    if isinstance(left, Verdicts) or isinstance(right, Verdicts):
        return changes
    other = dict(zip(right.item.tolist(), right.confidence.tolist(), strict=True))
    after_values = np.array([other[item] for item in left.item.tolist()])
    rows = grouped(left, by).rows
    intervals = [share_change(left.confidence[part], after_values[part], level=level) for part in rows]
    cells = {
        name: [None if interval is None else getattr(interval, name) for interval in intervals]
        for name in ("low", "high", "p_value")
    }
    return replace(changes, frame=_with_columns(changes.frame, **cells, q_value=q_values(cells["p_value"])))


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
    run = _run(_by_question(judgments, by), "correct")
    if isinstance(run, Pairs):
        raise UndefinedMeasure("the group with the fewest right answers is told of questions with one answer each")
    return replace(worst_groups(run, by, "accuracy", level=level, seed=seed), measure="correct")


def _by_question(judgments: Judgments, by: str | Sequence[str]) -> pl.DataFrame:
    """Shares of the answers to each question, with the further columns of the judgments.

    Raises
    ------
    ValueError
        For a column that groups, of which answers to one question have several values.
    """
    frame = judgments.frame
    further = [name for name in frame.columns if name not in SCHEMA]
    columns = frame.group_by("question", maintain_order=True).agg(pl.col("model", *further).first())
    wanted = {name.casefold() for name in columns_of(by)}
    for name in (column for column in further if column.casefold() in wanted):
        several = frame.group_by("question", maintain_order=True).agg(pl.col(name).n_unique()).filter(pl.col(name) > 1)
        if not several.is_empty():
            raise ValueError(
                f"all answers to a question must be in one group, question {several['question'][0]} has several values "
                f"of {name}"
            )
    return question_shares(judgments).join(columns, on="question", how="left", maintain_order="left")


def _run(table: pl.DataFrame, share: str, *, single: bool | None = None) -> Verdicts | Pairs:
    """Questions as verdicts, right where they count in the share.

    With several answers to a question the share is a confidence.
    """
    _refuse_unknown(share)
    single = is_whole(table[share].to_numpy()) if single is None else single
    taken = {*(verdicts.SCHEMA if single else pairs.SCHEMA), *SCHEMA, *SHARES, "n_answers"}
    further = [name for name in table.columns if name.casefold() not in taken]
    subject = "subject" if "subject" in table.columns else "category"
    rows = table.select(
        "model",
        *_OWN,
        *further,
        pl.col(share).alias("share"),
        revision=pl.lit(""),
        item="question",
        subject=pl.col(subject).cast(pl.String).fill_null(""),
        question="text",
    )
    if single:
        grade = pl.when(pl.col("share") > 0).then(pl.lit("correct")).otherwise(pl.lit("incorrect"))
        return Verdicts(rows.with_columns(grade=grade).drop("share"))
    return Pairs(
        rows.rename({"share": "confidence"}).with_columns(
            cluster="item", correct=pl.lit(value=False), weight=pl.lit(1.0)
        )
    )


def _refuse_unknown(share: str) -> None:
    if share not in get_args(Share):
        raise ValueError(f"no share {share!r}{nearest(share, SHARES)}; there are {', '.join(get_args(Share))}")


def _with_columns(frame: pl.DataFrame, **cells: Sequence[float | None]) -> pl.DataFrame:
    columns = [
        pl.Series(name, [None if cell is None else float(cell) for cell in values], dtype=pl.Float64)
        for name, values in cells.items()
    ]
    return frame.with_columns(columns)
