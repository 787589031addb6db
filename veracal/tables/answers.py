"""Tables of answers to open questions: rates, changes, classes, scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from calibration import Estimate
from calibration.number_texts import counted, interval_text, p_value, row_with_interval, with_interval
from factuality import ClassRates, CorrectedCalibration, CorrectedRate, Rates
from factuality.multiple_choice.scores import MultipleChoice
from factuality.outcomes.changes import LABELS
from factuality.questions.question import category_label

from ..console import print_line, print_table
from .predictions import print_names

# Categories with fewer answers say little of where a grader fails; the worst of the others are shown.
_FEWEST, _N_CATEGORIES = 10, 6
# Measures of a grader against people, in the order in which they are shown.
_AGAINST_PEOPLE = ("accuracy", "balanced_accuracy", "kappa", "auroc", "rate", "human_rate", "corrected_rate")


def print_rates(title: str, rates: Rates) -> None:
    """Shares of answers by category in per cent, with their intervals."""
    controls = bool(rates.totals["adversarial"].any())
    distractors = controls or bool(rates.totals["tempted"].sum())
    measures = ("correct", "abstained", "incorrect", *(("tempted",) if distractors else ()), "ungraded")
    totals = list(rates.totals.iter_rows(named=True))
    several = rates.totals.filter(pl.col("n_answers") != pl.col("n")).height > 0
    rows = []
    for row in (*rates.frame.iter_rows(named=True), *totals):
        name = category_label(row["category"], controls=controls)
        name += ", control" * (controls and not row["adversarial"] and row not in totals)
        # Without a space inside, an interval that does not fit goes to the next line whole.
        cells = [
            f"{100 * row[key]:.0f} [{100 * row[f'{key}_low']:.0f}–{100 * row[f'{key}_high']:.0f}]" for key in measures
        ]
        sizes = [str(row["n"]), str(row["n_answers"])] if several else [str(row["n"])]
        rows.append([name, *sizes, *cells])
    print_table(title, ("", "n", *(["answers"] if several else []), *measures), rows, wrap=True)
    for row in totals:
        if row["correct_attempted"] is not None:
            accuracy, f = (row_with_interval(row, key) for key in ("correct_attempted", "f"))
            label = category_label(row["category"], controls=controls)
            print_line(f"{label}: accuracy when attempted {accuracy}, F {f}.")


def print_changes(names: tuple[str, str], changes: pl.DataFrame, key: str) -> None:
    """Changes by category, a table for each measure or variant.

    Parameters
    ----------
    names : pair of str
        Names of before and after.
    changes : polars.DataFrame
        ``category``, possibly ``adversarial``, ``n``, ``before``, ``after``, ``change``, ``low``, ``high``,
        ``p_value``, ``q_value``, and the column `key`.
    key : str
        The column of measures or variants.
    """
    print_names(names)
    controls = "all adversarial" in changes["category"]
    for (name,), table in changes.group_by(key, maintain_order=True):
        if name == "tempted" and not controls and not table.select("before", "after").to_numpy().any():
            continue
        rows = [
            _change_cells(row, controls=controls) for row in table.iter_rows(named=True) if row["change"] is not None
        ]
        print_line()
        columns = ("", "n", "before", "after", "change", "95 % interval", "p", "q")
        print_table(LABELS.get(str(name), str(name)), columns, rows)


def _change_cells(row: dict[str, Any], *, controls: bool) -> tuple[str, ...]:
    is_control = controls and row["adversarial"] is False and not row["category"].startswith("all ")
    return (
        category_label(row["category"], controls=controls) + ", control" * is_control,
        str(row["n"]),
        f"{row['before']:.3f}",
        f"{row['after']:.3f}",
        f"{row['change']:+.3f}",
        interval_text(row["low"], row["high"]),
        p_value(row["p_value"]),
        p_value(row["q_value"]),
    )


def print_choice_scores(title: str, scores: Mapping[Any, MultipleChoice]) -> None:
    """Scores by likelihood of every variant, by category, with their intervals."""
    by_category = zip(*(score.by_category().iter_rows(named=True) for score in scores.values()), strict=True)
    rows = [
        [
            category_label(cells[0]["category"]),
            str(cells[0]["n"]),
            *(with_interval(row["score"], row["low"], row["high"], form=".4f") for row in cells),
        ]
        for cells in by_category
    ]
    totals = (score.to_dict() for score in scores.values())
    total_cells = [with_interval(total["value"], total.get("low"), total.get("high"), form=".4f") for total in totals]
    n_questions = next(iter(scores.values())).n_questions
    rows.append(["all", str(n_questions), *total_cells])
    print_table(title, ("", "n", *scores), rows, texts=True)


def print_class_rates(title: str, rates: ClassRates) -> None:
    """Shares of a rubric's classes with their intervals."""
    rows = [
        [row["name"], str(row["n"]), f"{row['share']:.3f}", interval_text(row["low"], row["high"], form=".3f")]
        for row in rates.frame.iter_rows(named=True)
    ]
    print_table(title, ("class", "n", "share", "95 % interval"), rows, texts=True)


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
    title = f"Corrected by {rate.n_labels} labels of people, for new questions"
    rows = [["correct", f"{rate.grader_rate:.3f}", _estimate_cell(rate.estimate)]]
    for key, estimate in () if calibration is None else calibration.corrected.items():
        label = {"ece": "ECE", "signed_gap": "signed gap", "brier": "Brier score"}[key]
        rows.append([label, _estimate_cell(calibration.judged[key]) if calibration else "", _estimate_cell(estimate)])
    print_table(title, ("", "by the grader", "corrected [95 % interval]"), rows, texts=True)
    reasons = {rate.estimate.reason} | {one.reason for one in (calibration.corrected if calibration else {}).values()}
    for reason in sorted(reason for reason in reasons if reason):
        print_line(f"Note: {reason}.")
    if calibration is not None:
        bins = [
            [
                f"{row['lower']:.1f}–{row['upper']:.1f}", str(row["count"]), str(row["labels"]),
                f"{row['confidence']:.3f}", f"{row['judged_accuracy']:.3f}",
                "" if row["accuracy"] is None else with_interval(row["accuracy"], row["low"], row["high"], form=".3f"),
            ]
            for row in calibration.curve.iter_rows(named=True)
        ]  # fmt: skip
        columns = ("confidence", "n", "labels", "mean", "right to the grader", "right to people")
        print_table("Reliability curve", columns, bins, texts=True)


def _estimate_cell(estimate: Estimate) -> str:
    return with_interval(estimate.value, *((estimate.low, estimate.high) if estimate.known else (None, None)))


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
