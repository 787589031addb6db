"""Tables of multiple-choice predictions: summaries, comparisons, recalibrations, letters."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from calibration import Change, Comparison, Summary
from calibration.analysis.blank_intervals import blank_notes, new_subjects_notes
from calibration.analysis.comparison_table import comparison_table
from calibration.analysis.label_noise import LabelNoise
from calibration.analysis.position_bias import PositionBias
from calibration.analysis.summary_table import summary_table
from calibration.extraction.letter_audit import Audit
from calibration.metrics.temperature import Temperature
from calibration.number_texts import counted, interval_text, row_with_interval
from calibration.recalibration.netcal_methods import NetcalMap
from calibration.recalibration.recalibration import Recalibration
from calibration.uncertainty.measure_names import row_label

from ..console import print_line, print_table, show_table


def print_summary(title: str, summary: Summary) -> None:
    """Measures of one run with their intervals."""
    show_table(summary_table(summary.values, summary.notes, title=title), wrap=True, frame=summary.frame)


def print_comparison(names: tuple[str, str], comparison: Comparison) -> None:
    """Measures of two runs and their changes."""
    before, after = comparison.before, comparison.after
    table = comparison_table(before, after, comparison.change, comparison.notes, names=names)
    show_table(table, frame=comparison.frame)


def print_recalibration(model: str, recalibration: Recalibration, fitting: str) -> None:
    """Measures before and after a recalibration, and their changes."""
    title = f"{model}, {recalibration.method}, {fitting}: {counted(len(recalibration.confidence), 'item')}"
    rows = []
    wide = _has_new_subjects(recalibration.change)
    for row in recalibration.frame.iter_rows(named=True):
        values = [_number_or_blank(row[side]) for side in ("before", "after")]
        change = "" if row["change"] is None else f"{row['change']:+.3f}"
        names = ("change", "new_subjects")[: 1 + wide]
        intervals = [interval_text(row[f"{name}_low"], row[f"{name}_high"]) for name in names]
        rows.append([row_label(row["measure"]), *values, change, *intervals])
        floors = [_number_or_blank(row[key]) for key in ("before_null95", "after_null95")]
        if any(floors):
            rows.append(["  noise floor", *floors, "", "", *[""] * wide])
    print_line()
    print_table(title, ("", "before", "after", "change", "these subjects", *["new subjects"] * wide), rows)
    blank = blank_notes((key, change.reason) for key, change in recalibration.change.items())
    _print_notes((*recalibration.notes, *blank, *new_subjects_notes(recalibration.change)))
    fitted = recalibration.fitted
    if isinstance(fitted, Temperature | NetcalMap) and fitted.temperature is not None:
        print_line(f"Temperature of all items to fit on: {fitted.temperature:.3f}.")


def _has_new_subjects(changes: Mapping[str, Change]) -> bool:
    """Whether a change has an interval for new subjects."""
    return any(change.clustered is not None and change.clustered.known for change in changes.values())


def print_position_bias(bias: PositionBias) -> None:
    """Effects of the position of an option on the answers."""
    print_line()
    rows = [
        (
            row["letter"],
            f"{row['expected']:.3f}",
            *(row_with_interval(row, key) for key in ("mean_probability", "predicted")),
        )
        for row in bias.frame.iter_rows(named=True)
    ]
    print_table(
        "Position bias: each letter over all rotations; as expected where the place of an option means nothing.",
        ("", "expected", "mean probability", "predicted"),
        rows,
    )
    by_rotation = ", ".join(f"{value:.3f}" for value in bias.orders["accuracy"])
    print_line(
        f"The answer changes with the order for {bias.flip_rate} of the items. "
        f"Accuracy by rotation: {by_rotation}; of their mean: {bias.accuracy}."
    )


def print_label_noise(noise: LabelNoise) -> None:
    """Measures without faulty items and with corrected answers, their changes, and the faults."""
    sets = (noise.as_keyed, noise.without_faulty, noise.corrected)
    values = [
        [row_label(key), *(_number(summary, key) if key in summary else "" for summary in sets)]
        for key in noise.as_keyed
    ]
    print_line()
    print_table("Annotated items", ("", "as given", "without faulty", "corrected answers"), values)
    effects = [
        [row_label(key), *(_effect(changes.get(key)) for changes in (noise.dropping, noise.correcting))]
        for key in noise.dropping
    ]
    title = "What dropping faulty items changes, and what correcting answers changes on the same items"
    print_line()
    print_table(title, ("", "dropping", "correcting"), effects)
    types = [
        [
            row["error_type"],
            str(row["n_items"]),
            row_with_interval(row, "accuracy"),
            f"{row['mean_confidence']:.3f}",
            f"{row['accuracy_rekeyed']:.3f} of {row['n_rekeyed']}" if row["n_rekeyed"] else "",
        ]
        for row in noise.types.iter_rows(named=True)
    ]
    print_line()
    print_table("By error type", ("", "items", "accuracy", "confidence", "corrected answer"), types)
    _print_notes(noise.notes)


def print_letter_audit(title: str, audit: Audit) -> None:
    """Accuracy, letter mass and ECE of every prompt style and letter form."""
    rows = [
        [str(row["style"]), repr(row["form"]), "chosen" if row["chosen"] else ""]
        + [f"{row[key]:.4f}" for key in ("accuracy", "letter_mass", "ece_top", "ece_choices")]
        for row in audit.rows
    ]
    columns = ("style", "form", "", "accuracy", "letter mass", "ECE, top", "ECE, choices")
    print_table(title, columns, rows, texts=True, frame=pl.DataFrame(audit.rows))


def print_names(names: tuple[str, str]) -> None:
    """Names of the models before and after."""
    print_line(f"Before: {names[0]}")
    print_line(f"After:  {names[1]}")


def _print_notes(notes: tuple[str, ...], heading: str = "Note") -> None:
    for note in notes:
        print_line(f"{heading}: {note}.")


def _effect(effect: Change | float | None) -> str:
    if effect is None:
        return ""
    return str(effect) if isinstance(effect, Change) else f"{effect:+.3f}"


def _number(summary: Summary, key: str) -> str:
    value = summary[key]
    return str(value) if isinstance(value, int) else f"{summary.point(key):.3f}"


def _number_or_blank(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
