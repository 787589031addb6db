"""How far a language model's confidence can be trusted.

Items become prompts, prompts become answer-letter log-probabilities (`extract`), and those become curves, metrics,
intervals and changes. Names load on first use: importing this package loads neither torch nor a plotting library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .annotated_runs import AnnotatedComparison, AnnotatedSets, annotated_sets, compare_annotated
    from .annotations import Annotations, load_annotations
    from .calibration_errors import (
        adaptive_calibration_error,
        average_calibration_error,
        classwise_ece,
        ece,
        max_calibration_error,
        signed_gap,
    )
    from .calibration_tests import CalibrationTest, spiegelhalter_test
    from .changes import Change, change
    from .cluster import load_workers
    from .conformal import ConformalSets, conformal_sets
    from .curves import ReliabilityCurve, reliability_curve
    from .decision_loss import calibration_decision_loss
    from .decompositions import ScoreDecomposition, brier_decomposition, log_loss_decomposition
    from .diagnosis import Diagnosis, diagnose
    from .estimates import Estimate, estimate
    from .extraction import extract
    from .isotonic import IsotonicCurve, isotonic_ce, isotonic_ce2, isotonic_curve
    from .item_files import load_items
    from .items import Item
    from .label_errors import LabelNoise, label_noise
    from .merging import merge_runs
    from .mmlu import load_mmlu
    from .models import load_model
    from .noise_floor import NullECE, null_ece
    from .permutations import average_permutations, complete_items, single_order
    from .positions import PositionBias, position_bias
    from .predictions import Predictions
    from .ranking import auroc
    from .recalibration import Recalibration, recalibrate
    from .recorded import import_log
    from .runs import read_run
    from .sample_size import required_n
    from .scoring_rules import brier_score, log_loss
    from .selective import RiskCoverage, augrc, aurc, risk_coverage
    from .smoothing import smooth_ece
    from .squared_error import debiased_ce2
    from .subjects import SubjectChanges, subject_changes
    from .summary import Comparison, Summary, compare, summarize
    from .thresholds import SelectiveThreshold, selective_threshold

_HOME = {
    "AnnotatedComparison": "annotated_runs",
    "AnnotatedSets": "annotated_runs",
    "Annotations": "annotations",
    "CalibrationTest": "calibration_tests",
    "Change": "changes",
    "Comparison": "summary",
    "ConformalSets": "conformal",
    "Diagnosis": "diagnosis",
    "Estimate": "estimates",
    "IsotonicCurve": "isotonic",
    "Item": "items",
    "LabelNoise": "label_errors",
    "NullECE": "noise_floor",
    "PositionBias": "positions",
    "Predictions": "predictions",
    "Recalibration": "recalibration",
    "ReliabilityCurve": "curves",
    "RiskCoverage": "selective",
    "ScoreDecomposition": "decompositions",
    "SelectiveThreshold": "thresholds",
    "SubjectChanges": "subjects",
    "Summary": "summary",
    "adaptive_calibration_error": "calibration_errors",
    "augrc": "selective",
    "annotated_sets": "annotated_runs",
    "aurc": "selective",
    "auroc": "ranking",
    "average_calibration_error": "calibration_errors",
    "average_permutations": "permutations",
    "brier_decomposition": "decompositions",
    "brier_score": "scoring_rules",
    "calibration_decision_loss": "decision_loss",
    "change": "changes",
    "classwise_ece": "calibration_errors",
    "compare": "summary",
    "compare_annotated": "annotated_runs",
    "complete_items": "permutations",
    "conformal_sets": "conformal",
    "debiased_ce2": "squared_error",
    "diagnose": "diagnosis",
    "ece": "calibration_errors",
    "estimate": "estimates",
    "extract": "extraction",
    "import_log": "recorded",
    "isotonic_ce": "isotonic",
    "isotonic_ce2": "isotonic",
    "isotonic_curve": "isotonic",
    "label_noise": "label_errors",
    "load_annotations": "annotations",
    "load_items": "item_files",
    "load_mmlu": "mmlu",
    "load_model": "models",
    "load_workers": "cluster",
    "log_loss": "scoring_rules",
    "log_loss_decomposition": "decompositions",
    "max_calibration_error": "calibration_errors",
    "merge_runs": "merging",
    "null_ece": "noise_floor",
    "position_bias": "positions",
    "read_run": "runs",
    "recalibrate": "recalibration",
    "reliability_curve": "curves",
    "required_n": "sample_size",
    "risk_coverage": "selective",
    "selective_threshold": "thresholds",
    "signed_gap": "calibration_errors",
    "single_order": "permutations",
    "smooth_ece": "smoothing",
    "spiegelhalter_test": "calibration_tests",
    "subject_changes": "subjects",
    "summarize": "summary",
}

__all__ = [
    "AnnotatedComparison",
    "AnnotatedSets",
    "Annotations",
    "CalibrationTest",
    "Change",
    "Comparison",
    "ConformalSets",
    "Diagnosis",
    "Estimate",
    "IsotonicCurve",
    "Item",
    "LabelNoise",
    "NullECE",
    "PositionBias",
    "Predictions",
    "Recalibration",
    "ReliabilityCurve",
    "RiskCoverage",
    "ScoreDecomposition",
    "SelectiveThreshold",
    "SubjectChanges",
    "Summary",
    "adaptive_calibration_error",
    "annotated_sets",
    "augrc",
    "aurc",
    "auroc",
    "average_calibration_error",
    "average_permutations",
    "brier_decomposition",
    "brier_score",
    "calibration_decision_loss",
    "change",
    "classwise_ece",
    "compare",
    "compare_annotated",
    "complete_items",
    "conformal_sets",
    "debiased_ce2",
    "diagnose",
    "ece",
    "estimate",
    "extract",
    "import_log",
    "isotonic_ce",
    "isotonic_ce2",
    "isotonic_curve",
    "label_noise",
    "load_annotations",
    "load_items",
    "load_mmlu",
    "load_model",
    "load_workers",
    "log_loss",
    "log_loss_decomposition",
    "max_calibration_error",
    "merge_runs",
    "null_ece",
    "position_bias",
    "read_run",
    "recalibrate",
    "reliability_curve",
    "required_n",
    "risk_coverage",
    "selective_threshold",
    "signed_gap",
    "single_order",
    "smooth_ece",
    "spiegelhalter_test",
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
