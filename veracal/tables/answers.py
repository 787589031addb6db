"""Tables of answers to open questions: rates, changes, classes, scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from calibration.number_texts import counted, interval_text, with_interval
from calibration.result_tables.result_table import ResultTable, result_columns
from calibration.uncertainty.change_table import ChangeTable
from factuality import ClassRates, CorrectedCalibration, CorrectedRate, Rates
from factuality.multiple_choice.scores import MultipleChoice, Variant, scores_table
from factuality.people.label_tables import estimate_cell

from ..console import print_line, print_table, show_table
from .predictions import print_names

# Categories with fewer answers say little of where a grader fails; the worst of the others are shown.
_FEWEST, _N_CATEGORIES = 10, 6
# Measures of a grader against people, in the order in which they are shown.
_AGAINST_PEOPLE = ("accuracy", "balanced_accuracy", "kappa", "auroc", "rate", "human_rate", "corrected_rate")


def print_rates(title: str, rates: Rates) -> None:
    """Shares of answers by category in per cent, with their intervals."""
    show_table(rates.titled_table(title), wrap=True)


def print_changes(names: tuple[str, str], *changes: ChangeTable) -> None:
    """Changes by category, a table for each measure or variant."""
    print_names(names)
    for table in (table for one in changes for table in one.tables):
        print_line()
        show_table(table)


def print_choice_scores(title: str, scores: Mapping[Variant, MultipleChoice]) -> None:
    """Scores by likelihood of every variant, by category, with their intervals."""
    show_table(scores_table(scores, title=title))


def print_class_rates(title: str, rates: ClassRates) -> None:
    """Shares of a rubric's classes with their intervals."""
    show_table(rates.titled_table(title))


def print_labelled_file(grader: str, measures: dict[str, Any]) -> None:
    """A grader against people, and where it fails, from the result of `grade_labelled_file`."""
    title = (
        f"{grader} against people: {counted(measures['n'], 'answer')}, {measures['n_unclear']} unclear left out, "
        f"{measures['n_ungraded']} ungraded, {counted(measures['n_labels'], 'label')} for the corrected rate"
    )
    values = {key: measures[key] for key in _AGAINST_PEOPLE if key in measures}
    rows = [
        [key.replace("_", " "), f"{value['value']:.4f}", interval_text(value.get("low"), value.get("high"), form=".4f")]
        for key, value in values.items()
    ]
    print_table(title, ("", "value", "95 % interval"), rows, texts=True)
    columns = ("", "n", "accuracy", "true to people", "to the grader", "wrongly passed", "wrongly failed")
    print_table("Where it fails", columns, _failure_rows(measures["failures"]), texts=True)


def print_corrections(rate: CorrectedRate, calibration: CorrectedCalibration | None) -> None:
    """Rate and calibration as people would have them, beside those of the grader."""
    row = ("correct", f"{rate.grader_rate:.3f}", estimate_cell(rate.estimate))
    reason = () if rate.estimate.reason is None else (f"Note: {rate.estimate.reason}.",)
    if calibration is None:
        columns = result_columns(("", "by the grader", "corrected [95 % interval]"), texts=True)
        title = f"Corrected by {counted(rate.n_labels, 'label')} of people, for new questions"
        show_table(ResultTable(columns=columns, rows=(row,), heading=(title,), notes=reason))
        return
    first, *others = calibration.tables
    notes = tuple(dict.fromkeys((*reason, *first.notes)))
    show_table(replace(first, rows=(row, *first.rows), notes=notes))
    for table in others:
        show_table(table)


def _failure_rows(failures: list[dict[str, Any]]) -> list[list[str]]:
    """Every style of answer, and the worst categories of some size."""
    categories = [row for row in failures if row["group"] == "category" and row["n"] >= _FEWEST][:_N_CATEGORIES]
    styles = [row for row in failures if row["group"] == "style"]
    return [
        [
            row["name"],
            str(row["n"]),
            with_interval(row["accuracy"], row["low"], row["high"], form=".2f"),
            *(f"{100 * row[key]:.0f} %" for key in ("human_rate", "rate", "passed", "failed")),
        ]
        for row in (*categories, *styles)
    ]
