"""Decisions behind a page's sentences: directions that its tests show, what is within a margin."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from calibration import Change, Decision, Estimate, Summary, decide
from calibration.decisions.decision import needed_text
from calibration.uncertainty.estimates import Origin

from ...number_texts import with_interval

KEPT = 0.03
"""The margin of a page's sentences: what is within it is said to be."""

BEFORE, AFTER = "before", "after"
"""Sides of a pair, as the claims on them are called."""


def lean_claim(side: str) -> str:
    """The claim that a model is over- or under-confident.

    Examples
    --------
    >>> lean_claim("after")
    'lean after'
    """
    return f"lean {side}"


def error_claim(side: str) -> str:
    """The claim that a model is not calibrated, by its ECE.

    Examples
    --------
    >>> error_claim("after")
    'error after'
    """
    return f"error {side}"


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


def decided_change(key: str, changes: Mapping[str, Change], shown: Collection[str]) -> Decision:
    """The decision on the change of a measure."""
    return decided(changes[key], key, shown=key in shown)


def direction(key: str, changes: Mapping[str, Change], shown: Collection[str]) -> int:
    """1 if a measure rose, −1 if it fell, 0 if neither is shown."""
    return decided_change(key, changes, shown).side if key in changes else 0


def decided_gap(summary: Summary, side: str, shown: Collection[str]) -> Decision | None:
    """The decision on over- or under-confidence, which is higher or lower; None of a gap without an interval."""
    gap = summary.values.get("signed_gap")
    if not isinstance(gap, Estimate) or not gap.known:
        return None
    return decided(gap, "signed_gap", shown=lean_claim(side) in shown, bound=0.0)


def lean(summary: Summary, side: str, shown: Collection[str]) -> int:
    """1 if a model is over-confident, −1 if under-confident, 0 if neither is shown."""
    decision = decided_gap(summary, side, shown)
    return 0 if decision is None else decision.side


def is_even(summary: Summary) -> bool:
    """Whether the signed gap is shown to be near 0."""
    gap = summary.values.get("signed_gap")
    return isinstance(gap, Estimate) and decide(gap, measure="signed_gap", margin=KEPT).word == "within"


def is_off(summary: Summary, key: str, side: str, shown: Collection[str], *, bound: float = 0.0) -> bool:
    """Whether an ECE, by its key, is shown to be above a bound: the model is not calibrated."""
    error = summary.values.get(key)
    if not isinstance(error, Estimate):
        return False
    return decide(error, measure=key, bound=bound, shown=error_claim(side) in shown).side > 0


def above_floor(summary: Summary) -> bool:
    """True if the ECE over choices is above its noise floor."""
    return summary.point("ece_choices") > summary.point("ece_choices_null95")


def row_change(row: Mapping[str, Any], key: str) -> Change:
    """The change in a row of a table: change, low, high, and p_value and n if it has them.

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
    """The value with its interval, `more`, and how many items would do if it cannot be told.

    Of what is within the margin by limits that hold alone and not by its interval, these limits.
    """
    value, low, high = decision.value, decision.low, decision.high
    if decision.word == "within" and max(abs(low), abs(high)) > decision.margin:
        least, most = f"{decision.least:{form}}", f"{decision.most:{form}}"
        return f"{value:{form}}, between {least} and {most}, each end alone{more}"
    needed = needed_text(decision)
    return f"{with_interval(value, low, high, form=form)}{more}{f'; {needed}' if needed else ''}"


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


def p_value_of(summary: Summary, key: str) -> float | None:
    """P-value that a measure of one run is 0; None if it has none."""
    value = summary.values.get(key)
    return value.p_value if isinstance(value, Estimate) else None
