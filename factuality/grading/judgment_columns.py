"""Rows of judgments from the columns of a table."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import polars as pl

from calibration.files.field_names import missing_fields
from calibration.metrics.ids import is_missing
from calibration.predictions.confidence_columns import confidences
from calibration.predictions.graded_columns import GRADED_FIELDS, graded_columns, optional_texts, question_ids
from calibration.predictions.grades import Grade, cell_grades
from calibration.tables.chosen_columns import only_model, with_further
from calibration.tables.given_table import EMPTY_CELLS, GivenTable
from calibration.tables.table_files import given_table

from .verdict_words import read_grade

_NEEDED = ("question", "response", "correct")
# A number, a share or a mark: no text that a judge may have written around its verdict.
_NUMBER = re.compile(r"\s*[+-]?[\d.,]+(?:[eE][+-]?\d+)?\s*(?:%|/\s*\d+)?\s*", re.ASCII)
_SCORES = {"correct": 1.0, "incorrect": 0.0}


def judgment_rows(
    data: object, chosen: Mapping[str, str | None], *, scale: float | None, model: str | None, grader: str
) -> pl.DataFrame:
    """Rows of judgments from a table of graded answers.

    Raises
    ------
    ValueError
        For missing columns, cells and verdicts that are none, naming column and row.
    """
    table = given_table(data, GRADED_FIELDS)
    if {"grade", "grader", "tempted", "sample", "text"} <= set(table.names):
        return table.whole()
    named = graded_columns(table, chosen)
    missing = [field for field in _NEEDED if field not in named]
    if missing:
        raise ValueError(f"{table.prefix}{missing_fields(missing, table.names)}")
    readings = _readings(table, named["correct"])
    items, samples = question_ids(table, named)
    values = np.full(table.n_rows, np.nan)
    if "confidence" in named:
        values = np.asarray(confidences(table, named["confidence"], scale=scale, missing=True))
    ideal = optional_texts(table, named.get("references"))
    written = optional_texts(table, named.get("reason"))
    name = only_model(table, named.get("model")) if model is None else model
    rows = pl.DataFrame(
        {
            "question": items,
            "category": optional_texts(table, named.get("group")),
            "sample": samples,
            "text": table.texts(named["question"]),
            "response": optional_texts(table, named["response"]),
            "ideal": ideal,
            "grade": [grade for grade, _ in readings],
            "score": pl.Series([_SCORES.get(grade) for grade, _ in readings], dtype=pl.Float64),
            "confidence": pl.Series(values, dtype=pl.Float64).fill_nan(None),
            "reason": [problem or reason for (_, problem), reason in zip(readings, written, strict=True)],
        }
    ).with_columns(
        model=pl.lit(name),
        adversarial=pl.lit(value=False),
        tempted=pl.lit(value=False),
        grader=pl.lit(grader),
        confidence_kind=pl.when(pl.col("confidence").is_not_null()).then(pl.lit("given")),
        grader_model=pl.lit(None, dtype=pl.String),
    )
    return with_further(rows, table, named.values())


def _readings(table: GivenTable, column: str) -> list[tuple[Grade, str]]:
    """Grade of each cell, and why it has none; equal cells are read once."""
    values = table.values(column)
    known: dict[object, tuple[Grade, str]] = {}
    readings: list[tuple[Grade, str]] = []
    for row, (value, grade) in enumerate(zip(values, cell_grades(values), strict=True)):
        if grade is None and _NUMBER.fullmatch(str(value)):
            raise table.error(row, f"{column!r} must be 0 or 1, or words for a verdict, got {value!r}")
        same = value if isinstance(value, str) else row
        if same not in known:
            known[same] = _reading(value, grade)
        readings.append(known[same])
    return readings


def _reading(value: object, grade: Grade | None) -> tuple[Grade, str]:
    """Grade of a cell, and why it has none."""
    if grade is not None:
        return grade, "no verdict" if is_missing(value) or str(value).strip().casefold() in EMPTY_CELLS else ""
    reading = read_grade(str(value))
    no_verdict = f"no verdict in {value!r}" if reading.grade == "ungraded" else ""
    return reading.grade, reading.problem or no_verdict
