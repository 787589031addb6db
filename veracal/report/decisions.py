"""Decisions behind the page's sentences: directions that its tests show, margins."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from calibration import Change, Decision, Estimate, decide
from calibration.decisions.decision import needed_text
from calibration.number_texts import with_interval
from calibration.uncertainty.estimates import Origin

KEPT = 0.03
"""The margin of a page's sentences: what is within it is said to be."""

ALONE = "alone it would be shown, together with the other tests of this page it is not"
"""Of a value whose interval leaves out the bound where the page's tests together do not show it."""


def decided(number: Change | Estimate, key: str, *, shown: bool, bound: float | None = None) -> Decision:
    """A direction where the page's tests show it; otherwise whether it is within `KEPT`.

    If it cannot be told, its number of items is the smaller of those that would show a direction by itself and whether
    it is within `KEPT`.

    Parameters
    ----------
    number : Change or Estimate
        What a sentence is about.
    key : str
        Of its measure.
    shown : bool
        Whether the tests of all that the page claims show it.
    bound : float, optional
        What an estimate is held against.

    Examples
    --------
    >>> moved = Change(value=0.02, low=0.01, high=0.03, level=0.95, p_value=0.001, clustered=None)
    >>> decided(moved, "ece_top", shown=True).word, decided(moved, "ece_top", shown=False).word
    ('worse', 'within')
    """
    direction = decide(number, measure=key, bound=bound, shown=shown)
    if direction.side:
        return direction
    near = decide(number, measure=key, bound=bound, margin=KEPT, shown=shown)
    needed = [count for count in (direction.n_needed, near.n_needed) if count is not None]
    return replace(near, n_needed=min(needed, default=None)) if near.word == "cannot tell" else near


def row_change(row: Mapping[str, Any], key: str) -> Change:
    """The change in a row of a table.

    Columns: change, low, high, and p_value and n if it has them.

    Examples
    --------
    >>> row_change({"change": 0.1, "low": None, "high": None}, "correct").known
    False
    """
    known = row["low"] is not None and row["high"] is not None
    return Change(
        value=row["change"],
        low=row["low"] if known else math.nan,
        high=row["high"] if known else math.nan,
        level=0.95,
        p_value=math.nan if row.get("p_value") is None else row["p_value"],
        clustered=None,
        reason=None if known else "there is no interval",
        origin=Origin(key, row["n"]) if "n" in row else None,
    )


def numbers_text(decision: Decision, *, form: str = "+.3f", more: str = "") -> str:
    """The value with its interval, `more`, and how many items would do.

    Of what is within the margin by limits that hold alone and not by its interval, these limits. What is shown by
    itself, and not among all that the page claims, says so.
    """
    value, low, high = decision.value, decision.low, decision.high
    if decision.word == "within" and max(abs(low), abs(high)) > decision.margin:
        least, most = f"{decision.least:{form}}", f"{decision.most:{form}}"
        return f"{value:{form}}, between {least} and {most}, each end alone{more}"
    needed = ALONE if _is_shown_alone(decision) else needed_text(decision)
    return f"{with_interval(value, low, high, form=form)}{more}{f'; {needed}' if needed else ''}"


def _is_shown_alone(decision: Decision) -> bool:
    """Whether an interval leaves out what the page's tests together do not."""
    bound = decision.bound or 0.0
    return decision.word == "cannot tell" and (decision.low > bound or decision.high < bound)


def change_clause(name: str, decision: Decision, numbers: str) -> str:
    """What became of a measure, in a clause that begins with its name.

    Examples
    --------
    >>> moved = Change(value=0.02, low=0.01, high=0.03, level=0.95, p_value=0.001, clustered=None)
    >>> decision = decided(moved, "ece_top", shown=True)
    >>> change_clause("the ECE", decision, numbers_text(decision))
    'the ECE rose (+0.020 [+0.010, +0.030])'
    """
    if decision.side:
        return f"{name} {'rose' if decision.side > 0 else 'fell'} ({numbers})"
    if decision.word == "within":
        return f"{name} stayed within {KEPT} of what it was ({numbers})"
    return f"no change of {name} is shown ({numbers})"
