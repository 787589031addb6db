"""Causes of miscalibration of every run: letter bias, sharpness and the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from calibration import Diagnosis

from ..abbreviations import meanings
from ..blocks.download import Download
from ..blocks.section import Section
from ..blocks.table import Table
from .diagnosis import ABOUT_FOLDS, ABOUT_PARTS, STEPS, bias_cell, excess_cell, step_cells, temperature_cell

# Beyond this many letters a table of them would fill the page.
_MOST_LETTERS = 10


def run_diagnoses(diagnoses: Mapping[str, Diagnosis]) -> Section:
    """Letter bias, sharpness and the rest of every run, a row a run."""
    return Section(
        name="diagnosis",
        title="What is wrong with each run",
        paragraphs=(ABOUT_PARTS, ABOUT_FOLDS, meanings(["ECE", "top", "choices", "nats"]), *_notes(diagnoses)),
        tables=(_corrections(diagnoses), _sharpness(diagnoses), *_letter_biases(diagnoses)),
    )


def _notes(diagnoses: Mapping[str, Diagnosis]) -> Iterator[str]:
    names_of: dict[str, list[str]] = {}
    for name, diagnosis in diagnoses.items():
        for note in diagnosis.notes:
            names_of.setdefault(note, []).append(name)
    yield from (f"{', '.join(names)}: {note}." for note, names in names_of.items())


def _corrections(diagnoses: Mapping[str, Diagnosis]) -> Table:
    frame = pl.concat(
        diagnosis.frame.select(pl.lit(name).alias("run"), pl.all()) for name, diagnosis in diagnoses.items()
    )
    rows: list[tuple[str, ...]] = []
    for name, diagnosis in diagnoses.items():
        rows.append((name, "", "", ""))
        for step in diagnosis.steps:
            if step.name == "as is" and step.folds == "subjects":
                continue
            fitting = "" if step.name == "as is" else f", fitted on other {step.folds}"
            rows.append((STEPS[step.name] + fitting, *step_cells(step)))
    return Table(
        name="corrections",
        caption="ECE, with its noise floor in brackets, and log loss after each correction; every item is corrected by "
        "what was fitted on the other folds.",
        columns=("Correction", "ECE, choices", "ECE, top", "Log loss"),
        rows=rows,
        download=Download("diagnosis.csv", "ECE and more after each correction", frame),
        headed=True,
    )


def _sharpness(diagnoses: Mapping[str, Diagnosis]) -> Table:
    return Table(
        name="sharpness",
        caption="The best temperature on all items, with its 95 % interval; above 1 the model is too sharp.",
        columns=("Run", "Alone", "Fitted together with letter biases"),
        rows=[
            (name, temperature_cell(diagnosis.temperature), temperature_cell(diagnosis.temperature_both))
            for name, diagnosis in diagnoses.items()
        ],
    )


def _letter_biases(diagnoses: Mapping[str, Diagnosis]) -> Iterator[Table]:
    table = pl.concat(
        diagnosis.letters.select(pl.lit(name).alias("run"), pl.all()) for name, diagnosis in diagnoses.items()
    )
    letters = table["letter"].unique(maintain_order=True).to_list()
    if len(letters) > _MOST_LETTERS:
        return
    by_run = {
        name: {row["letter"]: row for row in diagnosis.letters.iter_rows(named=True)}
        for name, diagnosis in diagnoses.items()
    }
    yield Table(
        name="letter-biases",
        caption="Excess of each letter: its mean probability − its share of right answers, with a 95 % interval; and "
        "the bias in nats that corrects it, ± its standard error.",
        columns=("Run", *("Excess", "Bias") * len(letters)),
        rows=[
            (name, *(cell for letter in letters for cell in (excess_cell(rows[letter]), bias_cell(rows[letter]))))
            for name, rows in by_run.items()
        ],
        download=Download("letter_biases.csv", "Excess and bias of each letter", table),
        groups=tuple((letter, 2) for letter in letters),
    )
