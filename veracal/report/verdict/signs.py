"""Directions of changes and leanings of models, as far as their intervals tell."""

from __future__ import annotations

from calibration import Change, Estimate, Summary

# An interval of a change that includes 0 and stays within this says that the measure was kept.
KEPT = 0.03


def direction(change: Change) -> int:
    """Where a measure went: 1 up, −1 down, 0 within noise (on these subjects)."""
    return int(change.low > 0) - int(change.high < 0)


def lean(summary: Summary) -> int:
    """1 for an over-confident model, −1 for an under-confident one, 0 where the items do not tell."""
    gap = summary.values["signed_gap"]
    if not isinstance(gap, Estimate):
        return 0
    return int(gap.low > 0) - int(gap.high < 0)


def above_floor(summary: Summary) -> bool:
    """Whether the ECE over choices says anything at all."""
    return summary.point("ece_choices") > summary.point("ece_choices_null95")


def kept(change: Change) -> bool:
    """Whether a measure was kept: the whole interval of its change is near 0."""
    return change.low >= -KEPT and change.high <= KEPT
