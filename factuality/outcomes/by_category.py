"""Shares of right, wrong, tempted and abstained answers, by category."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from polars.dataframe.group_by import GroupBy

from calibration.metrics.curves import wilson
from calibration.metrics.validation import level_in_range
from calibration.result_tables.named_values import NamedValues
from calibration.result_tables.result_table import ResultTable
from calibration.result_tables.shown_result import ShownResult
from calibration.uncertainty.estimates import Estimate, Origin
from calibration.uncertainty.independent_answers import share_count

from ..grading.judgments import Judgments
from .rate_tables import rates_table
from .ratios import ATTEMPTED, F
from .shares import SHARES, question_kinds, question_shares

MEASURES = (*SHARES, "correct_attempted", "incorrect_attempted", "f")
_ALL = {True: "all adversarial", False: "all calm"}


@dataclass(frozen=True, eq=False, repr=False)
class Rates(ShownResult, NamedValues[Estimate]):
    """Shares of answers by outcome.

    Those over all categories, as in `overall`, are attributes too: ``rates.correct``. Printed, they are the table of
    ``veracal grade``; in a notebook a table of HTML.

    Attributes
    ----------
    frame : polars.DataFrame
        The table, one row a category (adversarial and control questions apart), in the order of the judgments.

        Columns: ``category``, ``adversarial``, ``n`` (questions), ``n_answers``, ``n_partial`` (answers that are partly
        right), and each measure under its own name with its interval in ``…_low`` and ``…_high``:

        - ``correct`` (accuracy), ``abstained``, ``incorrect`` (hallucination rate), ``tempted`` and ``ungraded``,
          shares of **all** answers with Wilson's interval. The first three and ``ungraded`` add up to 1; ``tempted``
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

    def _named(self) -> dict[str, Estimate]:
        if "totals" not in vars(self):  # while a copy is made
            return {}
        row = self.overall()
        return {
            name: Estimate(
                value=row[name], low=row[f"{name}_low"], high=row[f"{name}_high"], level=self.level,
                origin=Origin(name, row["n"]),
            )
            for name in MEASURES
            if row[name] is not None
        }  # fmt: skip

    @property
    def table(self) -> ResultTable:
        """The table that all formats are written from."""
        return self.titled_table(f"Per cent of all answers, {100 * self.level:g} % intervals")

    def titled_table(self, title: str) -> ResultTable:
        """The same table under another title."""
        return rates_table(self.frame, self.totals, self.notes, title=title)

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

    @property
    def notes(self) -> tuple[str, ...]:
        """How several answers to a question and partial credit are counted, in words."""
        n_questions, n_answers, n_partial = (int(self.totals[name].sum()) for name in ("n", "n_answers", "n_partial"))
        notes = []
        if n_answers != n_questions:
            notes.append(
                f"{n_answers:,} answers to {n_questions:,} questions: each share is the mean over the questions, and "
                "its interval is for questions drawn anew with all their answers"
            )
        if n_partial:
            notes.append(
                f"{n_partial:,} of {n_answers:,} answers {'is' if n_partial == 1 else 'are'} partly right: the credit "
                "counts as right, the rest as wrong"
            )
        return tuple(notes)

    def to_dict(self) -> dict[str, Any]:
        """Numbers as JSON: ``adversarial``, ``calm`` (control questions) and a list ``categories``.

        The first two are left out if there are no such questions, ``n_answers`` if each question has one answer, and
        ``n_partial`` if no answer is partly right.

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
        counts = {"n_answers": row["n"], "n_partial": 0}  # of single verdicts
        others = {name: row[name] for name, count in counts.items() if row[name] != count}
        return {"n": row["n"], **others, **shares}


def rates(judgments: Judgments, *, level: float = 0.95) -> Rates:
    """Accuracy, abstention and hallucination rates, and F, by category.

    Accuracy and hallucination rate are given of all answers and of those attempted.

    Parameters
    ----------
    judgments : Judgments
        One answer a question, or several.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Rates
        Every share is of **all** questions asked in the category: an abstention or an answer that the grader could
        not grade lowers the shares of the others and is shown beside them, so nothing leaves a denominator unseen.
        ``correct_attempted`` and ``incorrect_attempted`` are of the answers attempted, and say so in their names.

        Several answers to a question are no independent trials: each share is the mean over questions of the share
        among the answers to each, and its interval is for questions drawn anew with their answers (Wilson's at the
        number of independent answers that would have this standard error, with Student's t; never fewer than
        questions).

        The credit of an answer that is partly right counts in ``correct``, the rest in ``incorrect``; means of such
        credit have the same intervals.

    Raises
    ------
    ValueError
        For a level outside (0, 1).

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
    shares = question_shares(judgments)
    table = shares.group_by("category", "adversarial", maintain_order=True)
    over_all = shares.with_columns(category=pl.col("adversarial").replace_strict(_ALL))
    totals = _rows(over_all.group_by("category", "adversarial", maintain_order=True), level)
    return Rates(_rows(table, level), totals.sort("adversarial", descending=True), level)


def _rows(groups: GroupBy, level: float) -> pl.DataFrame:
    """Shares of each group of questions, with their intervals."""
    floats = [f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")]
    rows = [_row(group, level) for _, group in groups]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(floats, pl.Float64)).fill_nan(None)


def _row(group: pl.DataFrame, level: float) -> dict[str, Any]:
    n_questions = group.height
    row: dict[str, Any] = {
        **group.select("category", "adversarial").row(0, named=True),
        "n": n_questions,
        "n_answers": int(group["n_answers"].sum()),
        "n_partial": int(group["n_partial"].sum()),
    }
    for name in SHARES:
        values = group[name].to_numpy()
        share = values.sum() / n_questions
        row |= _cells(name, share, share_count(values, level=level), level)
    kinds = question_kinds(group)
    right, wrong, _ = ATTEMPTED.independent_counts(kinds, level=level)
    attempted = right + wrong
    for name, part in (("correct_attempted", right), ("incorrect_attempted", wrong)):
        row |= _cells(name, part / attempted if attempted else math.nan, attempted, level)
    low, high = F.interval(F.independent_counts(kinds, level=level), level=level)
    return row | {"f": F.of(kinds), "f_low": low, "f_high": high}


def _cells(name: str, share: float, count: float, level: float) -> dict[str, float]:
    """A share with Wilson's interval of so many answers."""
    low, high = wilson(np.array(share), np.array(count), level=level)
    return {name: share, f"{name}_low": float(low), f"{name}_high": float(high)}
