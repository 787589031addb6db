"""Changes of the shares of right, wrong, tempted and abstained answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from calibration.metrics.validation import level_in_range
from calibration.number_texts import counted
from calibration.result_tables.result_table import ResultTable
from calibration.uncertainty.change_table import INTERVAL_COLUMNS, ChangeTable, change_cells
from calibration.uncertainty.q_values import q_values

from ..grading.judgments import Judgments
from .rate_tables import changes_tables
from .ratios import ATTEMPTED, F, difference, swapped
from .share_changes import share_change
from .shares import paired_shares, question_kinds

_SHARES = ("correct", "tempted", "abstained", "incorrect")
_RATIOS = {"correct_attempted": ATTEMPTED, "incorrect_attempted": ATTEMPTED, "f": F}
LABELS = {name: name for name in _SHARES} | {
    "correct_attempted": "correct, of the answers attempted",
    "incorrect_attempted": "incorrect, of the answers attempted",
    "f": "F, the harmonic mean of correct of all and correct of the attempted",
}
"""Names of the rates that have a change, by their keys, in the order of the tables."""
_ALL = {True: "all adversarial", False: "all calm"}


@dataclass(frozen=True, eq=False, repr=False)
class RateChanges(ChangeTable):
    """Changes of shares between two models on the same questions.

    Printed, they are the tables of ``veracal compare``; in a notebook tables of HTML.

    Attributes
    ----------
    frame : polars.DataFrame
        The table, one row a category and measure, then ``all adversarial`` and, for control questions, ``all calm``.

        Columns: ``category``, ``adversarial``, ``measure`` (``correct``, ``tempted``, ``abstained``, ``incorrect``,
        ``correct_attempted``, ``incorrect_attempted``, ``f``), ``n`` (questions), ``before``, ``after``, ``change``
        (after − before), ``low``, ``high``, ``p_value`` and ``q_value`` (null in the rows over all categories, which
        are no part of the family that is corrected for). A share of the answers attempted is null if there are
        none, and so is its change.
    level : float
        Coverage of the intervals.
    """

    @property
    def table(self) -> ResultTable:
        """Changes of the first measure."""
        return self.tables[0]

    @property
    def tables(self) -> tuple[ResultTable, ...]:
        """A table a measure."""
        return changes_tables(self.frame, LABELS, key="measure", level=self.level)

    def __repr__(self) -> str:
        totals = self.frame.filter(pl.col("category").is_in(_ALL.values()))
        questions = max(totals["n"].to_list(), default=0)
        measures = self.frame["measure"].n_unique()
        return f"<RateChanges: {counted(measures, 'measure')} of {counted(questions, 'question')}; print shows them>"


def rate_change(before: Judgments, after: Judgments, *, level: float = 0.95) -> RateChanges:
    """Changes of accuracy, abstention, hallucination rates and F, by category.

    Parameters
    ----------
    before, after : Judgments
        Of two models on the same questions, with one answer or several each; joined on the questions' ids.
    level : float
        Coverage of the intervals.

    Returns
    -------
    RateChanges
        Shares are as in `rates`. For those of all questions intervals are Tango's and p-values McNemar's; for those of
        the answers attempted and for F both come from the intervals of the two ratios, joined with the correlation
        between what each question adds to them (Newcombe's way). Of questions with several answers both are of the
        mean over questions of the change of their shares, with Student's t, and null for too few questions. Q-values
        are those of Benjamini and Hochberg over the categories within a measure.

    Raises
    ------
    ValueError
        For questions that only one of them has, or that differ in text, category or ideal answer, naming them; for
        different graders.

    References
    ----------
    Tango (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B. McNemar (1947),
    doi:10.1007/BF02295996. Newcombe (1998), doi:10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C.
    Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [
    ...     Question(str(n), "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in range(4)
    ... ]
    >>> before = grade(Responses.from_texts(dict.fromkeys("0123", "Yellow."), asked), grader="match")
    >>> after = grade(Responses.from_texts(dict.fromkeys("0123", "White."), asked), grader="match")
    >>> changes = rate_change(before, after).frame
    >>> changes.filter(category="all adversarial", measure="correct")["change"].to_list()
    [1.0]
    """
    level_in_range(level)
    left, right = paired_shares(before, after)
    groups = [
        (left["category"] == category) & (left["adversarial"] == adversarial)
        for category, adversarial in left.select("category", "adversarial").unique(maintain_order=True).iter_rows()
    ]
    rows: list[dict[str, Any]] = []
    for measure in LABELS:
        family = [_row(left.filter(members), right.filter(members), measure, level) for members in groups]
        for row, q_value in zip(family, q_values(row["p_value"] for row in family), strict=True):
            row["q_value"] = q_value
        over_all = [row | {"q_value": None} for row in _total_rows(left, right, measure, level)]
        rows += [*family, *over_all]
    floats = ("before", "after", "change", *INTERVAL_COLUMNS)
    return RateChanges(pl.DataFrame(rows, schema_overrides=dict.fromkeys(floats, pl.Float64)), level)


def total_rate_changes(before: Judgments, after: Judgments, *, level: float = 0.95) -> list[dict[str, Any]]:
    """The rows over all categories of `rate_change`.

    Raises
    ------
    ValueError
        As `rate_change`.
    """
    left, right = paired_shares(before, after)
    return [row for measure in LABELS for row in _total_rows(left, right, measure, level_in_range(level))]


def _total_rows(left: pl.DataFrame, right: pl.DataFrame, measure: str, level: float) -> list[dict[str, Any]]:
    """One measure over all adversarial and over all control questions, where there are such."""
    kinds = [(name, left["adversarial"] == adversarial) for adversarial, name in _ALL.items()]
    return [
        _row(left.filter(members), right.filter(members), measure, level) | {"category": name}
        for name, members in kinds
        if members.any()
    ]


def _row(left: pl.DataFrame, right: pl.DataFrame, measure: str, level: float) -> dict[str, Any]:
    """One measure in one group of questions."""
    if measure in _RATIOS:
        kinds = [question_kinds(side) for side in (left, right)]
        if measure == "incorrect_attempted":
            kinds = [swapped(side) for side in kinds]
        ratio = _RATIOS[measure]
        before, after = (ratio.of(side) for side in kinds)
        interval = ratio.change(*kinds, level=level)
    else:
        first, second = (side[measure].to_numpy() for side in (left, right))
        before, after = float(first.mean()), float(second.mean())
        interval = share_change(first, second, level=level)
    change = None if before is None or after is None else difference(before, after)
    return {
        "category": left["category"][0],
        "adversarial": left["adversarial"][0],
        "measure": measure,
        "n": left.height,
        **change_cells(before, after, change, interval),
    }
