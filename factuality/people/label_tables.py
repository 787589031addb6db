"""The tables of calibration corrected by people's labels."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from calibration.number_texts import with_interval
from calibration.result_tables.result_table import ResultTable, result_columns
from calibration.uncertainty.estimates import Estimate

LABELS = {"ece": "ECE", "signed_gap": "signed gap", "brier": "Brier score"}
"""What the corrected measures are called."""


def corrected_table(corrected: Mapping[str, Estimate], judged: Mapping[str, Estimate], *, n_labels: int) -> ResultTable:
    """A row a measure: by the grader, and as people would have it.

    Parameters
    ----------
    corrected, judged
        As in `CorrectedCalibration`.
    n_labels : int
        Number of people's labels.
    """
    title = f"Corrected by {n_labels:,} labels of people, for new questions"
    level = 100 * next(iter(corrected.values())).level
    reasons = sorted({value.reason for value in corrected.values() if value.reason})
    return ResultTable(
        columns=result_columns(("", "by the grader", f"corrected [{level:g} % interval]"), texts=True),
        rows=tuple((LABELS[key], estimate_cell(judged[key]), estimate_cell(value)) for key, value in corrected.items()),
        heading=(title,),
        notes=tuple(f"Note: {reason}." for reason in reasons),
        caption=f"{title}, with {level:g} % intervals.",
    )


def curve_table(curve: pl.DataFrame) -> ResultTable:
    """A row a bin of confidence: right to the grader, and to people.

    Parameters
    ----------
    curve : polars.DataFrame
        As in `CorrectedCalibration`.
    """
    return ResultTable(
        columns=result_columns(("confidence", "n", "labels", "mean", "right to the grader", "right to people")),
        rows=tuple(
            (
                f"{row['lower']:.1f}–{row['upper']:.1f}", str(row["count"]), str(row["labels"]),
                f"{row['confidence']:.3f}", f"{row['judged_accuracy']:.3f}",
                "" if row["accuracy"] is None else with_interval(row["accuracy"], row["low"], row["high"]),
            )
            for row in curve.iter_rows(named=True)
        ),
        heading=("Reliability curve",),
        caption="Reliability curve by bin of confidence, by the grader and corrected by people's labels.",
    )  # fmt: skip


def estimate_cell(estimate: Estimate) -> str:
    """An estimate with its interval, if it has one.

    Examples
    --------
    >>> estimate_cell(Estimate(value=0.5, low=0.4, high=0.6, level=0.95))
    '0.500 [0.400, 0.600]'
    """
    return with_interval(estimate.value, *((estimate.low, estimate.high) if estimate.known else (None, None)))
