"""How often answers are right, wrong, tempted or withheld, by category; and what that changed by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import false_discovery_control

from calibration.changes import paired_rows, share_change
from calibration.curves import wilson
from calibration.validation import level_in_range

from .judgments import Judgments

# The measures, each a share of all answers. `tempted` is a part of `incorrect`; the other four add up to 1.
MEASURES = ("correct", "abstained", "incorrect", "tempted", "ungraded")
_CHANGING = ("correct", "tempted", "abstained", "incorrect")
_ALL = {True: "all adversarial", False: "all calm"}


@dataclass(frozen=True, eq=False)
class Rates:
    """Shares of answers by outcome.

    Attributes
    ----------
    table : polars.DataFrame
        One row a category, adversarial and calm questions apart; see `frame`.
    totals : polars.DataFrame
        The same over all categories: ``all adversarial``, ``all calm``.
    level : float
        Coverage of the intervals.
    """

    table: pl.DataFrame
    totals: pl.DataFrame
    level: float

    def frame(self) -> pl.DataFrame:
        """The table, one row a category (adversarial and calm questions apart), in the order of the judgments.

        Columns: ``category``, ``adversarial``, ``n``, and for each of ``correct``, ``abstained``, ``incorrect``,
        ``tempted`` and ``ungraded`` the share of **all** n answers under its own name, with Wilson's interval in
        ``…_low`` and ``…_high``. The first three and ``ungraded`` add up to 1; ``tempted`` is part of ``incorrect``.
        """
        return self.table

    def overall(self, *, adversarial: bool = True) -> dict[str, Any]:
        """The row over all categories, of adversarial or of calm questions.

        Raises
        ------
        ValueError
            Where there are no such questions.
        """
        found = self.totals.filter(pl.col("adversarial") == adversarial)
        if found.is_empty():
            raise ValueError(f"there are no {'adversarial' if adversarial else 'calm'} questions among the judgments")
        return found.row(0, named=True)

    def to_dict(self) -> dict[str, Any]:
        """Numbers for machines: ``adversarial`` and ``calm`` (where there are such), and a list of ``categories``.

        Each share is an object of ``value``, ``low``, ``high`` and ``level``.
        """
        groups = {
            "adversarial" if row["adversarial"] else "calm": self._numbers(row)
            for row in self.totals.iter_rows(named=True)
        }
        categories = [
            {"category": row["category"], "adversarial": row["adversarial"], **self._numbers(row)}
            for row in self.table.iter_rows(named=True)
        ]
        return {**groups, "categories": categories}

    def _numbers(self, row: dict[str, Any]) -> dict[str, Any]:
        shares = {
            name: {"value": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"], "level": self.level}
            for name in MEASURES
        }
        return {"n": row["n"], **shares}


@dataclass(frozen=True, eq=False)
class RateChanges:
    """What shares changed by between two models on the same questions.

    Attributes
    ----------
    table : polars.DataFrame
        See `frame`.
    level : float
        Coverage of the intervals.
    """

    table: pl.DataFrame
    level: float

    def frame(self) -> pl.DataFrame:
        """The table, one row a category and measure, then ``all adversarial`` and ``all calm`` where there are such.

        Columns: ``category``, ``adversarial``, ``measure`` (``correct``, ``tempted``, ``abstained``, ``incorrect``),
        ``n``, ``before``, ``after``, ``change`` (after − before), ``low``, ``high``, ``p_value`` and ``q_value`` (null
        in the rows over all categories, which are no part of the family that is corrected for).
        """
        return self.table


def rates(judgments: Judgments, *, level: float = 0.95) -> Rates:
    """Shares of right, withheld, wrong, tempted and ungraded answers, by category.

    Parameters
    ----------
    judgments : Judgments
        One answer a question.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Rates
        Every share is of **all** questions asked in the category: an abstention or an answer that the grader could
        not grade lowers the shares of the others and is shown beside them, so nothing leaves a denominator unseen.

    Raises
    ------
    ValueError
        For several answers to one question, which are no independent trials; for a level outside (0, 1).

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953. OpenAI (2023), arXiv:2303.08774, figure 6 (accuracy by category
    of an adversarial set).

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [
    ...     Question(str(n), "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in range(4)
    ... ]
    >>> said = {"0": "White.", "1": "Yellow.", "2": "I don't know.", "3": "It is white."}
    >>> row = rates(grade(Responses.from_texts(said, asked))).overall()
    >>> row["n"], row["correct"], row["tempted"], row["abstained"]
    (4, 0.5, 0.25, 0.25)
    >>> round(row["correct_low"], 3), round(row["correct_high"], 3)
    (0.15, 0.85)
    """
    level_in_range(level)
    frame = _one_answer_each(judgments).select("category", "adversarial", *_indicators())
    table = frame.group_by("category", "adversarial", maintain_order=True)
    totals = frame.with_columns(pl.col("adversarial").replace_strict(_ALL).alias("category"))
    by_total = totals.group_by("category", "adversarial", maintain_order=True)
    counted = [pl.len().alias("n"), *(pl.col(name).mean() for name in MEASURES)]
    return Rates(
        _with_intervals(table.agg(counted), level),
        _with_intervals(by_total.agg(counted), level).sort("adversarial", descending=True),
        level,
    )


def rate_change(before: Judgments, after: Judgments, *, level: float = 0.95) -> RateChanges:
    """What the shares of right, tempted, withheld and wrong answers changed by, by category.

    Parameters
    ----------
    before, after : Judgments
        Of two models on the same questions, one answer each; joined on the questions' ids.
    level : float
        Coverage of the intervals.

    Returns
    -------
    RateChanges
        Shares are of all questions asked. Intervals are Tango's, p-values McNemar's, q-values those of Benjamini and
        Hochberg over the categories within a measure.

    Raises
    ------
    ValueError
        For questions that only one of them has, or that differ in text, category or ideal answer, naming them; for
        several answers to one question; for different graders.

    References
    ----------
    Tango (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B. McNemar (1947),
    doi:10.1007/BF02295996. Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [
    ...     Question(str(n), "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in range(4)
    ... ]
    >>> before = grade(Responses.from_texts(dict.fromkeys("0123", "Yellow."), asked))
    >>> after = grade(Responses.from_texts(dict.fromkeys("0123", "White."), asked))
    >>> changes = rate_change(before, after).frame()
    >>> changes.filter(category="all adversarial", measure="correct")["change"].to_list()
    [1.0]
    """
    level_in_range(level)
    left, right = _paired(before, after)
    rows: list[dict[str, Any]] = []
    groups = [
        ((left["category"] == category) & (left["adversarial"] == adversarial), category, adversarial, True)
        for category, adversarial in left.select("category", "adversarial").unique(maintain_order=True).iter_rows()
    ]
    groups += [
        (left["adversarial"] == adversarial, name, adversarial, False)
        for adversarial, name in _ALL.items()
        if (left["adversarial"] == adversarial).any()
    ]
    for measure in _CHANGING:
        for members, category, adversarial, in_family in groups:
            first, second = (side.filter(members)[measure].to_numpy().astype(np.float64) for side in (left, right))
            found = share_change(first, second, level=level)
            rows.append(
                {
                    "category": category,
                    "adversarial": adversarial,
                    "measure": measure,
                    "n": len(first),
                    "before": float(first.mean()),
                    "after": float(second.mean()),
                    "change": float((second - first).mean()),
                    "low": found.low,
                    "high": found.high,
                    "p_value": found.p_value,
                    "q_value": None,
                    "in_family": in_family,
                }
            )
        family = [row for row in rows if row["measure"] == measure and row["in_family"]]
        for row, q_value in zip(family, false_discovery_control([row["p_value"] for row in family]), strict=True):
            row["q_value"] = float(q_value)
    table = pl.DataFrame(rows, schema_overrides={"q_value": pl.Float64}).drop("in_family")
    return RateChanges(table, level)


def _indicators() -> list[pl.Expr]:
    grades = [(pl.col("grade") == name).alias(name) for name in MEASURES if name != "tempted"]
    return [*grades, pl.col("tempted")]


def _with_intervals(table: pl.DataFrame, level: float) -> pl.DataFrame:
    columns: list[pl.Series] = [table[name] for name in ("category", "adversarial", "n")]
    for name in MEASURES:
        share = table[name].to_numpy().astype(np.float64)
        low, high = wilson(share, table["n"].to_numpy().astype(np.float64), level=level)
        columns += [table[name], pl.Series(f"{name}_low", low), pl.Series(f"{name}_high", high)]
    return pl.DataFrame(columns)


def _one_answer_each(judgments: Judgments) -> pl.DataFrame:
    repeated = judgments.frame.filter(pl.col("question").is_duplicated())
    if not repeated.is_empty():
        raise ValueError(
            f"rates need one answer a question, since answers to the same question are not independent; question "
            f"{repeated['question'][0]} has several"
        )
    return judgments.frame


def _paired(before: Judgments, after: Judgments) -> tuple[pl.DataFrame, pl.DataFrame]:
    left, right = _one_answer_each(before), _one_answer_each(after)
    graders = {*left["grader"], *right["grader"]}
    if len(graders) > 1:
        raise ValueError(f"both must be graded by one grader, got {', '.join(sorted(graders))}")
    right = right[paired_rows(left["question"].to_list(), right["question"].to_list(), what="questions")]
    for column in ("text", "category", "adversarial", "ideal"):
        differ = (left[column] != right[column]).to_numpy()
        if differ.any():
            name = left["question"][int(np.argmax(differ))]
            raise ValueError(f"two runs must hold the same questions; question {name} has another {column} in each")
    shown = ["category", "adversarial", *_indicators()]
    return left.select(shown), right.select(shown)
