"""Tables of changes of calibration at equal accuracy."""

from __future__ import annotations

from calibration import Change, EqualAccuracy
from calibration.number_texts import interval_text
from calibration.uncertainty.measure_names import run_label

from ..console import print_line, print_table


def print_equal_accuracy(matched: EqualAccuracy) -> None:
    """Changes on equally hard items, and over the same candidates."""
    whole = bool(matched.same_candidates)
    if matched.equally_hard:
        some = next(iter(matched.equally_hard.values()))
        print_line()
        print_table(
            f"On items that are equally hard for both: accuracy {some.accuracy[0]:.3f} before, "
            f"{some.accuracy[1]:.3f} after, as many as {min(some.effective_items):,.0f} even items",
            ("", "before", "after", "change", "these subjects", "change on all items"),
            [
                (
                    run_label(key, whole=whole), f"{value.before:.3f}", f"{value.after:.3f}",
                    f"{value.value:+.3f}", _interval(value), f"{value.all_items:+.3f}",
                )
                for key, value in matched.equally_hard.items()
            ],
        )  # fmt: skip
    if matched.same_candidates:
        print_line()
        print_table(
            "Over the same candidates: every option of every item, right or wrong",
            ("", "change", "these subjects"),
            [
                (run_label(key, whole=True), f"{value.value:+.3f}", _interval(value))
                for key, value in matched.same_candidates.items()
            ],
        )
    for note in matched.notes:
        print_line(f"Note on equal accuracy: {note}.")


def _interval(change: Change) -> str:
    return interval_text(change.low, change.high) if change.known else ""
