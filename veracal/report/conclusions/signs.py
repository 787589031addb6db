"""Directions of changes and leanings of models, as far as their intervals tell."""

from __future__ import annotations

from calibration import Change, Estimate, Summary

# A measure was kept if the interval of its change includes 0 and stays within this.
KEPT = 0.03


def direction(change: Change) -> int:
    """1 if it rose, −1 if it fell, 0 within noise (on these subjects)."""
    return int(change.low > 0) - int(change.high < 0)


def lean(summary: Summary) -> int:
    """1 if over-confident, −1 if under-confident, 0 if the items do not tell."""
    gap = summary.values["signed_gap"]
    if not isinstance(gap, Estimate):
        return 0
    return int(gap.low > 0) - int(gap.high < 0)


def above_floor(summary: Summary) -> bool:
    """True if the ECE over choices is above its noise floor."""
    return summary.point("ece_choices") > summary.point("ece_choices_null95")


def kept(change: Change) -> bool:
    """True if the whole interval of the change is near 0."""
    return change.low >= -KEPT and change.high <= KEPT
