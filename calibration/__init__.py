"""How far a language model's confidence can be trusted.

Items become prompts, prompts become answer-letter log-probabilities (`extract`), and those become curves, metrics,
intervals and changes. Names load on first use: importing this package loads neither torch nor a plotting library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .calibration_errors import classwise_ece, ece, max_calibration_error, signed_gap
    from .changes import Change, change
    from .curves import ReliabilityCurve, reliability_curve
    from .diagnosis import Diagnosis, diagnose
    from .estimates import Estimate, estimate
    from .extraction import extract
    from .items import Item, load_items
    from .mmlu import load_mmlu
    from .models import load_model
    from .noise_floor import NullECE, null_ece
    from .predictions import Predictions
    from .ranking import auroc
    from .recorded import import_log
    from .runs import read_run
    from .scoring_rules import brier_score, log_loss
    from .subjects import SubjectChanges, subject_changes
    from .summary import Comparison, Summary, compare, summarize

_HOME = {
    "Change": "changes",
    "Comparison": "summary",
    "Diagnosis": "diagnosis",
    "Estimate": "estimates",
    "Item": "items",
    "NullECE": "noise_floor",
    "Predictions": "predictions",
    "ReliabilityCurve": "curves",
    "SubjectChanges": "subjects",
    "Summary": "summary",
    "auroc": "ranking",
    "brier_score": "scoring_rules",
    "change": "changes",
    "classwise_ece": "calibration_errors",
    "compare": "summary",
    "diagnose": "diagnosis",
    "ece": "calibration_errors",
    "estimate": "estimates",
    "extract": "extraction",
    "import_log": "recorded",
    "load_items": "items",
    "load_mmlu": "mmlu",
    "load_model": "models",
    "log_loss": "scoring_rules",
    "max_calibration_error": "calibration_errors",
    "null_ece": "noise_floor",
    "read_run": "runs",
    "reliability_curve": "curves",
    "signed_gap": "calibration_errors",
    "subject_changes": "subjects",
    "summarize": "summary",
}

__all__ = [
    "Change",
    "Comparison",
    "Diagnosis",
    "Estimate",
    "Item",
    "NullECE",
    "Predictions",
    "ReliabilityCurve",
    "SubjectChanges",
    "Summary",
    "auroc",
    "brier_score",
    "change",
    "classwise_ece",
    "compare",
    "diagnose",
    "ece",
    "estimate",
    "extract",
    "import_log",
    "load_items",
    "load_mmlu",
    "load_model",
    "log_loss",
    "max_calibration_error",
    "null_ece",
    "read_run",
    "reliability_curve",
    "signed_gap",
    "subject_changes",
    "summarize",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'calibration' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
