"""Shares of right, wrong, tempted and abstained answers, by category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from calibration.metrics.curves import wilson
from calibration.metrics.validation import level_in_range
from calibration.uncertainty.estimates import Estimate

from ..grading.judgments import Judgments
from .ratios import F
from .shares import SHARES, indicators, one_answer_each

MEASURES = (*SHARES, "correct_attempted", "incorrect_attempted", "f")
_ALL = {True: "all adversarial", False: "all calm"}


@dataclass(frozen=True, eq=False)
class Rates:
    """Shares of answers by outcome.

    Attributes
    ----------
    frame : polars.DataFrame
        The table, one row a category (adversarial and control questions apart), in the order of the judgments.

        Columns: ``category``, ``adversarial``, ``n``, and each measure under its own name with its interval in
        ``…_low`` and ``…_high``:

        - ``correct`` (accuracy), ``abstained``, ``incorrect`` (hallucination rate), ``tempted`` and ``ungraded``,
          shares of **all** n answers with Wilson's interval. The first three and ``ungraded`` add up to 1; ``tempted``
          is part of ``incorrect``;
        - ``correct_attempted`` (accuracy when attempted) and ``incorrect_attempted`` (hallucination rate when
          attempted), shares of the answers that are correct or incorrect, with Wilson's interval; null if there is
          none;
        - ``f``, the harmonic mean of ``correct`` and ``correct_attempted``, 0 if nothing is correct, with the
          interval that inverts its score test.
    totals : polars.DataFrame
        The same over all categories: ``all adversarial``, ``all calm`` (control questions).
    level : float
        Coverage of the intervals.
    """

    frame: pl.DataFrame
    totals: pl.DataFrame
    level: float

    def overall(self, *, adversarial: bool | None = None) -> dict[str, Any]:
        """The row over all categories, of adversarial or of control questions.

        If omitted, of the adversarial ones if there are any.

        Raises
        ------
        ValueError
            If there are no such questions.
        """
        if adversarial is None:
            adversarial = bool(self.totals["adversarial"].any())
        row = self.totals.filter(pl.col("adversarial") == adversarial)
        if row.is_empty():
            raise ValueError(
                f"there are no {'adversarial' if adversarial else 'control'} questions among the judgments"
            )
        return row.row(0, named=True)

    def to_dict(self) -> dict[str, Any]:
        """Numbers as JSON: ``adversarial``, ``calm`` (control questions) and a list ``categories``.

        The first two are left out if there are no such questions.

        Each measure is an object of ``value``, ``low``, ``high`` and ``level``; one without a value is left out.
        """
        groups = {
            "adversarial" if row["adversarial"] else "calm": self._numbers(row)
            for row in self.totals.iter_rows(named=True)
        }
        categories = [
            {"category": row["category"], "adversarial": row["adversarial"], **self._numbers(row)}
            for row in self.frame.iter_rows(named=True)
        ]
        return {**groups, "categories": categories}

    def _numbers(self, row: dict[str, Any]) -> dict[str, Any]:
        shares = {
            name: Estimate(
                value=row[name], low=row[f"{name}_low"], high=row[f"{name}_high"], level=self.level
            ).to_dict()
            for name in MEASURES
            if row[name] is not None
        }
        return {"n": row["n"], **shares}


def rates(judgments: Judgments, *, level: float = 0.95) -> Rates:
    """Accuracy, abstention and hallucination rates, and F, by category.

    Accuracy and hallucination rate are given of all answers and of those attempted.

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
        ``correct_attempted`` and ``incorrect_attempted`` are of the answers attempted, and say so in their names.

    Raises
    ------
    ValueError
        For several answers to one question, which are no independent trials; for a level outside (0, 1).

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953. OpenAI (2023), arXiv:2303.08774, figure 6 (accuracy by category
    of an adversarial set). Wei et al. (2024), "Measuring short-form factuality in large language models",
    arXiv:2411.04368 (accuracy when attempted, F).

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [
    ...     Question(str(n), "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in range(4)
    ... ]
    >>> texts = {"0": "White.", "1": "Yellow.", "2": "I don't know.", "3": "It is white."}
    >>> row = rates(grade(Responses.from_texts(texts, asked), grader="match")).overall()
    >>> row["n"], row["correct"], row["tempted"], row["abstained"]
    (4, 0.5, 0.25, 0.25)
    >>> round(row["correct_low"], 3), round(row["correct_high"], 3)
    (0.15, 0.85)
    >>> round(row["correct_attempted"], 3), round(row["f"], 3)
    (0.667, 0.571)
    """
    level_in_range(level)
    frame = one_answer_each(judgments).select("category", "adversarial", *indicators())
    table = frame.group_by("category", "adversarial", maintain_order=True)
    totals = frame.with_columns(pl.col("adversarial").replace_strict(_ALL).alias("category"))
    by_total = totals.group_by("category", "adversarial", maintain_order=True)
    counted = [pl.len().alias("n"), *(pl.col(name).sum() for name in SHARES)]
    return Rates(
        _with_intervals(table.agg(counted), level),
        _with_intervals(by_total.agg(counted), level).sort("adversarial", descending=True),
        level,
    )


def _with_intervals(table: pl.DataFrame, level: float) -> pl.DataFrame:
    """Shares and their intervals from counts of `SHARES`."""
    count = {name: table[name].to_numpy().astype(np.float64) for name in ("n", *SHARES)}
    attempted = count["correct"] + count["incorrect"]
    parts = {name: (count[name], count["n"]) for name in SHARES}
    parts |= {f"{name}_attempted": (count[name], attempted) for name in ("correct", "incorrect")}
    columns: list[pl.Series] = [table[name] for name in ("category", "adversarial", "n")]
    for name, (part, whole) in parts.items():
        share = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
        low, high = wilson(share, whole, level=level)
        columns += [pl.Series(f"{name}{end}", values) for end, values in (("", share), ("_low", low), ("_high", high))]
    kinds = [
        (row["correct"], row["incorrect"], row["n"] - row["correct"] - row["incorrect"])
        for row in table.iter_rows(named=True)
    ]
    limits = [F.interval(counts, level=level) for counts in kinds]
    columns += [
        pl.Series("f", [F.value(counts) for counts in kinds]),
        pl.Series("f_low", [low for low, _ in limits]),
        pl.Series("f_high", [high for _, high in limits]),
    ]
    return pl.DataFrame(columns).fill_nan(None)
