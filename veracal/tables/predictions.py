"""Tables of multiple-choice predictions: summaries, comparisons, recalibrations, letters."""

from __future__ import annotations

import polars as pl

from calibration import Comparison, Summary
from calibration.analysis.comparison_table import comparison_table
from calibration.analysis.label_noise import LabelNoise
from calibration.analysis.position_bias import PositionBias
from calibration.analysis.summary_table import summary_table
from calibration.extraction.letter_audit import Audit
from calibration.number_texts import counted
from calibration.recalibration.recalibrated_run import Recalibration

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
    print_line()
    show_table(recalibration.titled_table(title), frame=recalibration.frame)


def print_position_bias(bias: PositionBias) -> None:
    """Effects of the position of an option on the answers."""
    print_line()
    show_table(bias.table, frame=bias.frame)


def print_label_noise(noise: LabelNoise) -> None:
    """Measures without faulty items and with corrected answers, their changes, and the faults."""
    for table in noise.tables:
        print_line()
        show_table(table)


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
