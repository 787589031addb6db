"""Formats that runs are exported in."""

from __future__ import annotations

from .eval_results import EVAL_RESULTS
from .every_eval_ever import EVERY_EVAL_EVER
from .export_format import ExportFormat

EXPORT_FORMATS: dict[str, ExportFormat] = {known.name: known for known in (EVERY_EVAL_EVER, EVAL_RESULTS)}
