"""What people's labels of some answers correct, for `grade` and the page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

import factuality
from calibration.files.field_names import Fields
from calibration.files.rows import csv_rows
from calibration.number_texts import counted
from factuality import CorrectedCalibration, CorrectedRate
from factuality.confidence.confidences import scored_confidences
from factuality.grading.judgments import Judgments

_FIELDS = Fields(("question", "grade", "sample", "weight"), required=("question", "grade"))


# With fewer labels intervals are valid but say little: those of an ECE reach from 0 to .2.
_FEW_LABELS = 100


@dataclass(frozen=True, eq=False)
class Corrections:
    """Rate and calibration of judged answers, corrected by people's labels.

    Attributes
    ----------
    rate : CorrectedRate
        Of correct answers, for new questions.
    calibration : CorrectedCalibration or None
        None if too few answers have a confidence.
    """

    rate: CorrectedRate
    calibration: CorrectedCalibration | None

    @property
    def notes(self) -> tuple[str, ...]:
        """That labels are few, without full stop."""
        n_labels = self.rate.n_labels
        if n_labels >= _FEW_LABELS:
            return ()
        say = "says" if n_labels == 1 else "say"
        return (f"{counted(n_labels, 'label')} of people {say} little; about 200 make intervals that are worth having",)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        rate = {"correct": self.rate.estimate.to_dict(), "n_labels": self.rate.n_labels}
        return rate if self.calibration is None else {**rate, "calibration": self.calibration.to_dict()}


def corrections(run: Path, judgments: Judgments, file: Path) -> Corrections:
    """Corrections of a run's judgments by the labels in a file.

    Parameters
    ----------
    run : Path
        Folder of the answers.
    judgments : Judgments
        Of one grader.
    file : Path
        As the grader ``human`` reads it; its column ``weight``, if it has one, says how many answers each stands for.
    """
    people = factuality.grade(factuality.read_responses(run), grader=f"human:{file}")
    weights = _weights(file)
    rate = factuality.corrected_rate(judgments, people, weights=weights, positive="correct", finite=False)
    if scored_confidences(judgments) is None:
        return Corrections(rate, None)
    return Corrections(rate, factuality.corrected_calibration(judgments, people, weights=weights))


def _weights(file: Path) -> pl.DataFrame | None:
    """Weights of the labels in a file; None if they have none."""
    rows = [row for row in csv_rows(file, _FIELDS) if str(row.values.get("weight", "")).strip()]
    weights = []
    for row in rows:
        try:
            weights.append((row.values["question"], int(row.values.get("sample") or 0), float(row.values["weight"])))
        except ValueError as error:
            raise ValueError(f"{file}, {row.where}: the columns sample and weight must hold numbers: {error}") from None
    schema = {"question": pl.String(), "sample": pl.Int32(), "weight": pl.Float64()}
    return pl.DataFrame(weights, schema=schema, orient="row") if weights else None
