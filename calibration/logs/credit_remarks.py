"""What readers say of credit between 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence

from ..predictions.credit import Partial, is_between
from ..predictions.grades import HALF


def partial_remarks(given: Sequence[float | None], partial: Partial | None) -> list[str]:
    """How many answers have partial credit, and what it became."""
    between = [credit for credit in given if is_between(credit)]
    if not between:
        return idle_remarks(partial)
    kind = "half" if set(between) == {HALF} else "partial"
    have, count = ("has", "counts") if len(between) == 1 else ("have", "count")
    became = f"{count} with it" if partial == "half" else f"{count} as {partial or 'ungraded'}"
    return [f"{len(between)} of {len(given)} answers {have} {kind} credit and {became}"]


def idle_remarks(partial: Partial | None) -> list[str]:
    """That no answer has the credit that a choice is for."""
    return [] if partial is None else ["no answer has partial credit: --partial decides nothing"]
