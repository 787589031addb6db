"""Directions of changes and leanings of models, where a page's tests show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from calibration import Change, Comparison, Decision, Estimate, Summary, decide

from ..decisions import KEPT, decided

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


def decided_change(key: str, changes: Mapping[str, Change], shown: Collection[str]) -> Decision:
    """The decision on the change of a measure."""
    return decided(changes[key], key, shown=key in shown)


def decided_error(comparison: Comparison, shown: Collection[str]) -> Decision:
    """The decision on the ECE over choices.

    Two within their noise floors have no direction.
    """
    may_tell = above_floor(comparison.before) or above_floor(comparison.after)
    return decided(comparison.change["ece_choices"], "ece_choices", shown=may_tell and "ece_choices" in shown)


def direction(key: str, changes: Mapping[str, Change], shown: Collection[str]) -> int:
    """1 if a measure rose, −1 if it fell, 0 if neither is shown."""
    return decided_change(key, changes, shown).side if key in changes else 0


def decided_gap(summary: Summary, side: str, shown: Collection[str]) -> Decision | None:
    """The decision on a signed gap; None if it has no interval.

    Higher is over-confident, lower is under-confident.
    """
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
    """Whether an ECE, by its key, is shown to be above a bound.

    Above 0 the model is not calibrated.
    """
    error = summary.values.get(key)
    if not isinstance(error, Estimate):
        return False
    return decide(error, measure=key, bound=bound, shown=error_claim(side) in shown).side > 0


def above_floor(summary: Summary) -> bool:
    """True if the ECE over choices is above its noise floor."""
    return summary.point("ece_choices") > summary.point("ece_choices_null95")


def p_value_of(summary: Summary, key: str) -> float | None:
    """P-value that a measure of one run is 0; None if it has none."""
    value = summary.values.get(key)
    return value.p_value if isinstance(value, Estimate) else None
