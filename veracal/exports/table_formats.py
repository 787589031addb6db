"""Exports as one table: CSV, JSONL and Parquet, which hold every kind of run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

from calibration import Predictions
from calibration.files.atomic import written_file
from calibration.logs.answer_likelihoods import KNOWN_TOO
from calibration.logs.exported_run import exported_text
from calibration.logs.graded_answers import OF_ANSWERS, OF_CLASSES, OF_QUESTIONS
from calibration.logs.stored_answers import ANSWERS, REFERENCES
from calibration.logs.stored_run import LIKELIHOODS, TEXTS
from calibration.predictions import pairs, verdicts
from calibration.predictions.letter_cells import CELL_SCHEMA, letter_cells
from calibration.predictions.letter_table import SCHEMA
from calibration.runs.run_kinds import PAIRS, PREDICTIONS, VERDICTS
from calibration.tables.written_tables import write_rows
from factuality.answers.responses import RESPONSES
from factuality.grading import judgments
from factuality.multiple_choice.likelihoods import MULTIPLE_CHOICE

from .export_format import ExportFormat, ExportOptions
from .exported_table import exported_table
from .run_contents import BARE, CLASSIFIED, KINDS, RunContent

# Types of the columns that a run of each kind has, with the texts of what was asked.
_OWN: dict[str, Mapping[str, Any]] = {
    PREDICTIONS.name: {**SCHEMA, **CELL_SCHEMA, **TEXTS},
    PAIRS.name: {**pairs.SCHEMA, **TEXTS},
    VERDICTS.name: {**verdicts.SCHEMA, **TEXTS},
    RESPONSES.name: {**judgments.SCHEMA, **REFERENCES, **OF_QUESTIONS, **OF_ANSWERS},
    MULTIPLE_CHOICE.name: {**LIKELIHOODS, **KNOWN_TOO},
    BARE: {**ANSWERS, **OF_QUESTIONS, **OF_ANSWERS},
    CLASSIFIED: {**ANSWERS, **OF_QUESTIONS, **OF_ANSWERS, **OF_CLASSES},
}


def _stream(run: RunContent, file: IO[bytes], *, suffix: str) -> None:
    table = exported_table(run)
    if suffix == ".csv" and isinstance(run.content, Predictions):
        table = letter_cells(table)
    write_rows(table, file, suffix=suffix, own=_OWN[run.kind], note=exported_text(run.manifest))


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
        stream=partial(_stream, suffix=suffix), holds_dates=name == "parquet", holds_infinite=name != "jsonl",
    )  # fmt: skip


CSV = _format("csv", "one CSV table; letters in columns logprob_A, logprob_B, …")
JSONL = _format("jsonl", "one JSON object a row")
PARQUET = _format("parquet", "one Parquet table, with all types")
