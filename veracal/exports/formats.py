"""Formats that runs are exported in."""

from __future__ import annotations

from .eval_results import EVAL_RESULTS
from .every_eval_ever import EVERY_EVAL_EVER
from .export_format import ExportFormat
from .lm_eval_samples import LM_EVAL
from .table_formats import CSV, JSONL, PARQUET

EXPORT_FORMATS: dict[str, ExportFormat] = {
    known.name: known for known in (CSV, JSONL, PARQUET, LM_EVAL, EVERY_EVAL_EVER, EVAL_RESULTS)
}
