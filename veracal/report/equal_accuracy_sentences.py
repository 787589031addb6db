"""What changed at equal accuracy, in sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from calibration import Change, EqualAccuracy
from calibration.uncertainty.measure_names import text_label

from .decisions import change_clause, decided, numbers_text

# Measures that are told, all in units of probability; a margin of the others would be another.
_HARD, _CANDIDATES = ("signed_gap", "ece_top"), ("ece_choices",)


def equal_accuracy_claims(matched: EqualAccuracy) -> dict[str, float | None]:
    """P-values of all that the sentences may claim, by key of the measure."""
    return {key: moved.p_value for _, changes in _told(matched) for key, moved in changes.items()}


def equal_accuracy_sentences(matched: EqualAccuracy, shown: Collection[str]) -> list[str]:
    """What became of each measure on equally hard items, and over the same candidates.

    `shown` are the claims of `equal_accuracy_claims` that are shown.
    """
    whole = bool(matched.same_candidates)
    return [
        f"{where}, {'; '.join(_changed(key, moved, shown, whole=whole) for key, moved in changes.items())}."
        for where, changes in _told(matched)
    ]


def _told(matched: EqualAccuracy) -> Iterator[tuple[str, Mapping[str, Change]]]:
    """On which items, and the changes that are told of them."""
    hard = {key: matched.equally_hard[key] for key in _HARD if key in matched.equally_hard}
    candidates = {key: matched.same_candidates[key] for key in _CANDIDATES if key in matched.same_candidates}
    if hard:
        yield "On equally hard items", hard
    if candidates:
        yield "Over the same candidates", candidates


def _changed(key: str, moved: Change, shown: Collection[str], *, whole: bool) -> str:
    name = f"the {text_label(key, whole=whole)}"
    decision = decided(moved, key, shown=key in shown)
    numbers = numbers_text(decision)
    if not moved.known:
        return f"too little is known to tell what became of {name} ({numbers})"
    return change_clause(name, decision, numbers)
