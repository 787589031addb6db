"""Causes of miscalibration: letter bias, sharpness and the rest."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

import plots
from calibration import Comparison, Diagnosis, Estimate
from calibration.number_texts import p_value
from calibration.recalibration.diagnosis import Step

from ..abbreviations import meanings
from ..blocks.download import Download
from ..blocks.figure import Figure, drawn_names
from ..blocks.section import Section
from ..blocks.table import Table
from ..pair_results import PairResults

_Pair = tuple[Diagnosis, Diagnosis]

STEPS = {
    "as is": "As it is",
    "letter bias": "Letter bias removed",
    "temperature": "One temperature",
    "both": "Both",
}
"""Corrections and their labels."""

ABOUT_PARTS = (
    "Miscalibration has parts with different remedies: letter bias (a letter is favoured whatever the "
    "question), sharpness (one temperature for all items), and the rest, which neither removes."
)
ABOUT_FOLDS = (
    "Fitted on other items: the remedy for new questions of these subjects. Fitted on other subjects: does it "
    "carry over?"
)


def diagnosis(results: PairResults, diagnoses: _Pair) -> Section:
    """Letter bias, sharpness and the rest, and what became of the ranking."""
    runs, comparison = results.runs, results.comparison
    names = runs.names
    # A note of a summary is among the conclusions already.
    known = {*comparison.before.notes, *comparison.after.notes}
    notes = [
        f"{name}: {note}."
        for name, side in zip(names, diagnoses, strict=True)
        for note in side.notes
        if note not in known
    ]
    return Section(
        name="diagnosis",
        title="What post-training did" if runs.post_training and not runs.one_model else "What the change did",
        paragraphs=(
            ABOUT_PARTS,
            ABOUT_FOLDS,
            meanings(["ECE", "top", "choices", "AUROC", "nats", "p"]),
            *notes,
        ),
        figures=(_causes(diagnoses, names),),
        tables=(
            _corrections(diagnoses, names),
            _sharpness(diagnoses, names),
            _letter_biases(diagnoses, names),
            _ranking(comparison, names),
        ),
    )


def _causes(diagnoses: _Pair, names: tuple[str, str]) -> Figure:
    table = pl.concat(
        side.frame.select(pl.lit(name).alias("run"), pl.all()) for name, side in zip(names, diagnoses, strict=True)
    )
    return Figure(
        name="causes",
        title="Letters, and what each correction takes off",
        text=f"Three panels: shares of letters of {names[0]} and {names[1]}, and the ECE over choices and of the "
        "predicted answers after each correction. The same numbers stand in the tables below.",
        caption="Left: how often each letter is predicted (bars), its mean probability (diamonds), how often it is "
        "right (thick lines). Middle and right: the ECE as it is and after each correction, with 95 % intervals; "
        "filled points were fitted on other items, hollow ones on other subjects; grey bars end at the noise floor.",
        draw=partial(plots.diagnosis, *diagnoses, labels=drawn_names(names)),
        download=Download("diagnosis.csv", "ECE and more after each correction", table),
    )


def _corrections(diagnoses: _Pair, names: tuple[str, str]) -> Table:
    rows = []
    for folds in dict.fromkeys(step.folds for step in diagnoses[1].steps):
        for step, label in STEPS.items():
            if folds == "subjects" and step == "as is":
                continue
            fitting = "" if step == "as is" else f", fitted on other {folds}"
            sides = [side.step(step, folds=folds) for side in diagnoses]  # type: ignore[arg-type]
            rows.append((label + fitting, *(text for side in sides for text in step_cells(side))))
    return Table(
        name="corrections",
        caption="ECE, with its noise floor in brackets, and log loss after each correction; every item is corrected by "
        "what was fitted on the other folds.",
        columns=("Correction", *("ECE, choices", "ECE, top", "Log loss") * 2),
        rows=rows,
        groups=tuple((name, 3) for name in names),
    )


def step_cells(step: Step) -> tuple[str, ...]:
    """Both ECEs with noise floors, and log loss, after a correction."""
    eces = (f"{step.values[key].value:.3f} ({step.floors[key]:.3f})" for key in ("ece_choices", "ece_top"))
    return (*eces, f"{step.values['nll'].value:.3f}")


def _sharpness(diagnoses: _Pair, names: tuple[str, str]) -> Table:
    return Table(
        name="sharpness",
        caption="The best temperature on all items, with its 95 % interval; above 1 the model is too sharp.",
        columns=("Temperature", *names),
        rows=[
            ("Alone", *(temperature_cell(side.temperature) for side in diagnoses)),
            ("Fitted together with letter biases", *(temperature_cell(side.temperature_both) for side in diagnoses)),
        ],
    )


def temperature_cell(estimate: Estimate | None) -> str:
    """A temperature with its interval, if they are known."""
    if estimate is None:
        return "not known"
    return f"{estimate.value:.2f}" + (f" [{estimate.low:.2f}, {estimate.high:.2f}]" if estimate.known else "")


def _letter_biases(diagnoses: _Pair, names: tuple[str, str]) -> Table:
    before, after = (side.letters for side in diagnoses)
    joined = before.join(after, on="letter", suffix="_after", maintain_order="left")
    rows = [
        (row["letter"], *(cell for side in ("", "_after") for cell in (excess_cell(row, side), bias_cell(row, side))))
        for row in joined.iter_rows(named=True)
    ]
    renamed = {key: f"{key}_before" for key in before.columns if key not in ("letter", "key")}
    table = joined.drop("key_after").rename(renamed)
    return Table(
        name="letter-biases",
        caption="Excess of each letter: its mean probability − its share of right answers, with a 95 % interval; and "
        "the bias in nats that corrects it, ± its standard error.",
        columns=("Letter", *("Excess", "Bias") * 2),
        rows=rows,
        download=Download("letter_biases.csv", "Excess and bias of each letter", table),
        groups=tuple((name, 2) for name in names),
    )


def excess_cell(row: dict[str, Any], side: str = "") -> str:
    """Excess of a letter with its interval; `side` ends the names of the columns."""
    low, high = row[f"excess_low{side}"], row[f"excess_high{side}"]
    return f"{row[f'excess{side}']:+.3f} [{low:+.3f}, {high:+.3f}]"


def bias_cell(row: dict[str, Any], side: str = "") -> str:
    """Bias of a letter ± its standard error.

    `side` ends the names of the columns.
    """
    return f"{row[f'bias{side}']:+.2f} ± {row[f'bias_error{side}']:.2f}"


def _ranking(comparison: Comparison, names: tuple[str, str]) -> Table:
    rows = []
    for key, label in (("auroc", "AUROC"), ("accuracy", "Accuracy")):
        change = comparison.change.get(key)
        if change is None:
            continue
        sides = (f"{side.point(key):.3f}" for side in (comparison.before, comparison.after))
        interval = f" [{change.low:+.3f}, {change.high:+.3f}]" if change.known else ""
        rows.append((label, *sides, f"{change.value:+.3f}{interval}", p_value(change.p_value)))
    return Table(
        name="ranking",
        caption="The ranking of the items, which no temperature changes: how well confidence separates right from "
        "wrong answers (AUROC), and how many answers are right.",
        columns=("Measure", *names, "Change, these subjects", "p"),
        rows=rows,
    )
