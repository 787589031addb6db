"""Exports as one table: CSV, JSONL and Parquet, which hold every kind of run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

import polars as pl

from calibration import Predictions
from calibration.files.atomic import written_file
from calibration.logs.answer_likelihoods import AnswerLikelihoods
from calibration.logs.stored_run import LIKELIHOODS, REFERENCES, TEXTS
from calibration.predictions import pairs, verdicts
from calibration.predictions.further_columns import joined
from calibration.predictions.letter_cells import CELL_SCHEMA, letter_cells
from calibration.predictions.letter_table import SCHEMA
from calibration.runs.run_kinds import PAIRS, PREDICTIONS, VERDICTS
from calibration.tables.written_tables import write_rows
from factuality import Judgments
from factuality.answers.responses import RESPONSES
from factuality.grading import judgments
from factuality.multiple_choice.likelihoods import MULTIPLE_CHOICE

from .export_format import ExportFormat, ExportOptions
from .run_contents import KINDS, RunContent

# Types of the columns that a run of each kind has, with the texts of what was asked.
_OWN: dict[str, Mapping[str, Any]] = {
    PREDICTIONS.name: {**SCHEMA, **CELL_SCHEMA, **TEXTS},
    PAIRS.name: {**pairs.SCHEMA, **TEXTS},
    VERDICTS.name: {**verdicts.SCHEMA, **TEXTS},
    RESPONSES.name: {**judgments.SCHEMA, **REFERENCES},
    MULTIPLE_CHOICE.name: LIKELIHOODS,
}


def exported_table(run: RunContent) -> pl.DataFrame:
    """The rows of a run with the texts of what was asked."""
    rows = run.content.frame
    if isinstance(run.content, AnswerLikelihoods):
        primer = str(run.settings.get("primer", "none"))
        return rows.with_columns(model=pl.lit(run.model), primer=pl.lit(primer)).select(list(LIKELIHOODS))
    if run.texts is None:
        return rows
    if isinstance(run.content, Judgments):
        references = run.texts.select("question", references="correct")
        return rows.join(references, on="question", how="left", maintain_order="left")
    known = [name for name in TEXTS if name in run.texts.columns]
    return joined(rows, run.texts.select("item", *known), key="item", besides=())


def _stream(run: RunContent, file: IO[bytes], *, suffix: str) -> None:
    table = exported_table(run)
    if suffix == ".csv" and isinstance(run.content, Predictions):
        table = letter_cells(table)
    write_rows(table, file, suffix=suffix, own=_OWN[run.kind])


def _write(run: RunContent, out: Path, options: ExportOptions, *, suffix: str) -> list[Path]:
    options.refuse_existing(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with written_file(out) as file:
        _stream(run, file, suffix=suffix)
    return [out]


def _format(name: str, what: str) -> ExportFormat:
    suffix = f".{name}"
    return ExportFormat(
        name=name, what=what, kinds=KINDS, suffix=suffix, write=partial(_write, suffix=suffix),
        stream=partial(_stream, suffix=suffix),
    )  # fmt: skip


CSV = _format("csv", "one CSV table; letters in columns logprob_A, logprob_B, …")
JSONL = _format("jsonl", "one JSON object a row")
PARQUET = _format("parquet", "one Parquet table, with all types")
