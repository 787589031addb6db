"""Directions of changes and leanings of models, where a page's tests show them."""

from __future__ import annotations

from collections.abc import Collection

from calibration import Change, Estimate, Summary

KEPT = 0.03
"""A measure stayed within this if the interval of its change does."""

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


def direction(key: str, changes: dict[str, Change], shown: Collection[str]) -> int:
    """1 if a measure rose, −1 if it fell, 0 if neither is shown."""
    change = changes.get(key)
    if change is None or key not in shown:
        return 0
    return int(change.low > 0) - int(change.high < 0)


def lean(summary: Summary, side: str, shown: Collection[str]) -> int:
    """1 if a model is over-confident, −1 if under-confident, 0 if neither is shown."""
    gap = summary.values["signed_gap"]
    if not isinstance(gap, Estimate) or lean_claim(side) not in shown:
        return 0
    return int(gap.low > 0) - int(gap.high < 0)


def above_floor(summary: Summary) -> bool:
    """True if the ECE over choices is above its noise floor."""
    return summary.point("ece_choices") > summary.point("ece_choices_null95")


def kept(change: Change) -> bool:
    """True if the whole interval of the change is near 0."""
    return change.low >= -KEPT and change.high <= KEPT


def is_even(summary: Summary) -> bool:
    """True if the whole interval of the signed gap is near 0."""
    gap = summary.values.get("signed_gap")
    return isinstance(gap, Estimate) and gap.low >= -KEPT and gap.high <= KEPT


def p_value_of(summary: Summary, key: str) -> float | None:
    """P-value that a measure of one run is 0; None if it has none."""
    value = summary.values.get(key)
    return value.p_value if isinstance(value, Estimate) else None
