"""Tables of several runs: a measure at a time, a run a row."""

from __future__ import annotations

from calibration import Estimate, RunsComparison
from calibration.number_texts import interval_text, p_value

from ..console import print_line, print_table

# What is printed of many measures; the others are in the JSON.
_CHIEF = (
    *("accuracy", "correct", "incorrect", "abstained", "tempted", "correct_attempted", "mc1", "mc2", "binary"),
    *("signed_gap", "ece_top", "ece_choices", "brier", "brier_top", "nll", "nll_top", "auroc"),
)


def print_runs(comparison: RunsComparison, *, grouped: bool) -> None:
    """The chief measures of several runs, and their changes from the reference.

    With the groups of runs that are not shown to differ, if all pairs were compared.
    """
    for key in _CHIEF:
        if key in comparison.measures:
            _print_measure(comparison, key, comparison.label(key), grouped=grouped)
            print_line()
    others = [comparison.label(key) for key in comparison.measures if key not in _CHIEF]
    if others:
        print_line(f"Also compared, in --json: {'; '.join(others)}.")
    for note in comparison.notes:
        print_line(f"Note: {note}.")
    if grouped:
        print_line(
            "Runs with a common letter are not shown to differ (all pairs together, Holm), which is no proof that they "
            "are alike."
        )


def _print_measure(comparison: RunsComparison, key: str, label: str, *, grouped: bool) -> None:
    rates = comparison.q_values
    letters = comparison.groups(key) if grouped and key in comparison.tested else {}
    rows = []
    for name, summary in comparison.summaries.items():
        if key not in summary:
            rows.append([name, *[""] * (5 + bool(letters))])
            continue
        value = summary[key]
        interval = (
            interval_text(value.low, value.high, form=".3f") if isinstance(value, Estimate) and value.known else ""
        )
        change = comparison.change(name, key)
        moved = ["", "", ""]
        if change is not None:
            rate = rates[comparison.reference, name, key]
            moved = [
                f"{change.value:+.3f}",
                interval_text(change.low, change.high) if change.known else "",
                "" if rate is None else p_value(rate),
            ]
        rows.append([name, f"{summary.point(key):.3f}", interval, *moved, *([letters[name]] if letters else [])])
    columns = ["", "value", "95 % interval", "change", "95 % interval", "q", *(["group"] if letters else [])]
    print_table(label, columns, rows, wrap=False)
