"""Graded answers as people would have them, from few labels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import polars as pl

import plots
from calibration import Estimate
from calibration.number_texts import counted, with_interval
from factuality import CorrectedCalibration

from ...people_labels import Corrections
from ..abbreviations import meanings
from ..answer_results import AnswerResults
from ..blocks.download import Download
from ..blocks.figure import Figure
from ..blocks.section import Section
from ..blocks.table import Table

_MEASURES = {"ece": "ECE", "signed_gap": "Signed gap", "brier": "Brier score"}


def people(results: AnswerResults) -> Section:
    """Rates and calibration that people's labels correct."""
    runs = [(source.name, held) for source, held in zip(results.sources, results.corrections, strict=True)]
    curves = [(name, number, held.calibration) for number, (name, held) in enumerate(runs, start=1) if held.calibration]
    return Section(
        name="people",
        title="As people would grade",
        paragraphs=(
            "A grader errs. What it says of all answers is corrected here by people's labels of some, which must have "
            "been drawn by chance; intervals are for new questions.",
            *(sentence for name, held in runs for sentence in _about(name, held)),
            meanings(["ECE", "Brier score"] if curves else []),
        ),
        figures=tuple(_figure(name, number, calibration) for name, number, calibration in curves),
        tables=(_measures(runs),),
    )


def _about(name: str, held: Corrections) -> Iterator[str]:
    calibration = held.calibration
    if calibration is None:
        yield f"{name}: {counted(held.rate.n_labels, 'label')}; too few answers have a confidence for its calibration."
    else:
        yield (
            f"{name}: {counted(held.rate.n_labels, 'label')}; of the {calibration.n_labels:,} on answers with a "
            f"confidence, {calibration.disagreements:,} {'is' if calibration.disagreements == 1 else 'are'} against "
            "the grader's verdict."
        )
    corrected = {} if calibration is None else calibration.corrected
    reasons = [estimate.reason for estimate in (held.rate.estimate, *corrected.values())]
    for note in (*held.notes, *dict.fromkeys(filter(None, reasons))):
        yield f"{name}: {note}."


def _figure(name: str, number: int, calibration: CorrectedCalibration) -> Figure:
    judged, corrected = calibration.judged["ece"].value, _cell(calibration.corrected["ece"])
    return Figure(
        name=f"people-{number}",
        title=f"Reliability under people's labels: {name}",
        text=f"A reliability diagram. ECE {judged:.3f} by the grader, {corrected} corrected. "
        "The bins are in the download beside the figure.",
        caption="Share of right answers against confidence: circles to the grader, squares to people, with 95 % "
        "intervals; a bin without a label has no square. On the dashed diagonal, what is said with 70 % comes true "
        "70 % of the time. The histogram on top shows the share of answers in each bin.",
        draw=partial(plots.corrected_reliability, calibration),
        download=Download(f"people_{number}_bins.csv", f"{name}: bins of the diagram", calibration.curve),
    )


def _measures(runs: list[tuple[str, Corrections]]) -> Table:
    several = len(runs) > 1
    rows = [(*[name] * several, *row) for name, held in runs for row in _rows(held)]
    tables = [
        held.calibration.frame.select(pl.lit(name).alias("run"), pl.all()) for name, held in runs if held.calibration
    ]
    return Table(
        name="people-measures",
        caption="What the grader says, and what people would say of the same answers, with 95 % intervals.",
        columns=(*["Run"] * several, "Measure", "By the grader", "Corrected"),
        rows=rows,
        download=Download("people.csv", "Calibration by the grader and corrected", pl.concat(tables))
        if tables
        else None,
    )


def _rows(held: Corrections) -> Iterator[tuple[str, ...]]:
    yield "Right answers", f"{held.rate.grader_rate:.3f}", _cell(held.rate.estimate)
    if held.calibration is not None:
        for key, label in _MEASURES.items():
            yield label, _cell(held.calibration.judged[key]), _cell(held.calibration.corrected[key])


def _cell(estimate: Estimate) -> str:
    return with_interval(estimate.value, estimate.low, estimate.high)
