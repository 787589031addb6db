"""What people's labels of some answers correct, as `grade` prints it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

import factuality
from factuality import CorrectedCalibration, CorrectedRate
from factuality.confidence.confidences import scored_confidences
from factuality.grading.judgments import Judgments


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
    table = pl.read_csv(file, infer_schema=False)
    table = table.rename({name: name.strip().casefold() for name in table.columns})
    if "weight" not in table.columns:
        return None
    sample = pl.col("sample") if "sample" in table.columns else pl.lit("0")
    try:
        return table.select("question", sample.cast(pl.Int32).alias("sample"), pl.col("weight").cast(pl.Float64))
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{file}: the columns sample and weight must hold numbers") from error
