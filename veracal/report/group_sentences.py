"""Sentences on how many groups changed or stand apart, where that is shown."""

from __future__ import annotations

import polars as pl

from calibration import GroupChanges, decide

from .decisions import row_change
from .grouped_runs import GroupedRuns

# False discovery rate at which a group is named, as in the figures.
_NAMED = 0.05

SUBJECT_GAP = "signed_gap"
"""The claim that the signed gap changed in some subjects."""


def subject_claims(changes: GroupChanges) -> dict[str, float | None]:
    """Smallest q-value of the subjects' changes: that none changed."""
    return {SUBJECT_GAP: _smallest(changes.frame, "q_value")}


def change_claims(grouped: GroupedRuns) -> dict[str, float | None]:
    """Smallest q-value of the groups' changes, by measure."""
    if grouped.changes is None:
        return {}
    return {key: _smallest(table.frame, "q_value") for key, table in grouped.changes.changes.items()}


def group_claims(grouped: GroupedRuns) -> dict[str, float | None]:
    """Smallest q-value of the groups of each run, by its name and the measure."""
    return {
        run_claim(name, key): _smallest(table.frame, _tested(table.frame))
        for name, measured in grouped.measures.items()
        for key, table in measured.measures.items()
    }


def run_claim(name: str, key: str) -> str:
    """The claim that a measure of a run stands apart in some groups.

    Examples
    --------
    >>> run_claim("base", "accuracy")
    'accuracy of base'
    """
    return f"{key} of {name}"


def moved(label: str, frame: pl.DataFrame, *, shown: bool, what: str = "groups") -> str:
    """A sentence on how many groups rose and fell.

    If it is not `shown` beside all else that a page tests, none of them is said to.
    """
    named = frame.filter(pl.col("q_value") < _NAMED)
    if not shown:
        nothing = f"No change of the {label} is shown in the {frame.height:,} {what}"
        return nothing + _not_enough(named.height)
    sides = [decide(row_change(row, label)).side for row in named.iter_rows(named=True)]
    rose, fell = sides.count(1), sides.count(-1)
    return f"The {label} rose in {rose:,} of {frame.height:,} {what} and fell in {fell:,}, at q < {_NAMED}."


def apart(label: str, frame: pl.DataFrame, *, shown: bool) -> list[str]:
    """A sentence on how many groups stand apart, or are above what noise explains.

    If it is not `shown` beside all else that a page tests, none of them is said to.
    """
    column = _tested(frame)
    if frame[column].null_count() == frame.height:
        return []
    n_named = frame.filter(pl.col(column) < _NAMED).height
    differs = column == "difference_q_value"
    if not shown:
        what = "differ from that of all other items" if differs else "be above what noise explains"
        return [f"The {label} is not shown to {what} in any of {frame.height:,} groups{_not_enough(n_named)}"]
    what = "differs from that of all other items" if differs else "is above what noise explains"
    return [f"The {label} {what} in {n_named:,} of {frame.height:,} groups, at q < {_NAMED}."]


def _not_enough(n_named: int) -> str:
    if not n_named:
        return "."
    return f": q is below {_NAMED} in {n_named:,}, which is not enough beside all that this page tests."


def _tested(frame: pl.DataFrame) -> str:
    """Column of the q-values that a sentence is about."""
    return "difference_q_value" if frame["difference_q_value"].null_count() < frame.height else "q_value"


def _smallest(frame: pl.DataFrame, column: str) -> float | None:
    smallest = frame[column].min()
    return smallest if isinstance(smallest, float) else None
