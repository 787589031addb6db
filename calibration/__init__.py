"""How far a language model's confidence can be trusted.

Items become prompts, prompts become answer-letter log-probabilities (`extract`), and those become curves, metrics,
intervals and changes. Names load on first use: importing this package loads neither torch nor a plotting library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .analysis.annotated_runs import AnnotatedComparison, AnnotatedSets, annotated_sets, compare_annotated
    from .analysis.by_subject import SubjectChanges, subject_changes
    from .analysis.label_noise import LabelNoise, label_noise
    from .analysis.position_bias import PositionBias, position_bias
    from .analysis.summary import Comparison, Summary, compare, summarize
    from .conformal.selective_threshold import SelectiveThreshold, selective_threshold
    from .conformal.sets import ConformalSets, conformal_sets
    from .extraction.extraction import extract
    from .extraction.imports import import_log
    from .items.annotations import Annotations, load_annotations
    from .items.item import Item
    from .items.item_files import load_items
    from .items.mmlu import load_mmlu
    from .metrics.calibration_errors import (
        adaptive_calibration_error,
        average_calibration_error,
        classwise_ece,
        ece,
        max_calibration_error,
        signed_gap,
    )
    from .metrics.calibration_tests import CalibrationTest, spiegelhalter_test
    from .metrics.curves import ReliabilityCurve, reliability_curve
    from .metrics.decision_loss import calibration_decision_loss
    from .metrics.decompositions import ScoreDecomposition, brier_decomposition, log_loss_decomposition
    from .metrics.isotonic import IsotonicCurve, isotonic_ce, isotonic_ce2, isotonic_curve
    from .metrics.ranking import auroc
    from .metrics.risk_coverage import RiskCoverage, augrc, aurc, risk_coverage
    from .metrics.scoring_rules import brier_score, log_loss
    from .metrics.smoothing import smooth_ece
    from .metrics.squared_error import debiased_ce2
    from .models.back_ends import load_model
    from .models.ray_workers import load_workers
    from .predictions.predictions import Predictions
    from .predictions.rotations import average_permutations, complete_items, single_order
    from .recalibration.diagnosis import Diagnosis, diagnose
    from .recalibration.recalibration import Recalibration, recalibrate
    from .runs.folder import read_run
    from .runs.merging import merge_runs
    from .uncertainty.changes import Change, change
    from .uncertainty.estimates import Estimate, estimate
    from .uncertainty.noise_floor import NullECE, null_ece
    from .uncertainty.sample_size import required_n

_HOME = {
    "AnnotatedComparison": "analysis.annotated_runs",
    "AnnotatedSets": "analysis.annotated_runs",
    "Annotations": "items.annotations",
    "CalibrationTest": "metrics.calibration_tests",
    "Change": "uncertainty.changes",
    "Comparison": "analysis.summary",
    "ConformalSets": "conformal.sets",
    "Diagnosis": "recalibration.diagnosis",
    "Estimate": "uncertainty.estimates",
    "IsotonicCurve": "metrics.isotonic",
    "Item": "items.item",
    "LabelNoise": "analysis.label_noise",
    "NullECE": "uncertainty.noise_floor",
    "PositionBias": "analysis.position_bias",
    "Predictions": "predictions.predictions",
    "Recalibration": "recalibration.recalibration",
    "ReliabilityCurve": "metrics.curves",
    "RiskCoverage": "metrics.risk_coverage",
    "ScoreDecomposition": "metrics.decompositions",
    "SelectiveThreshold": "conformal.selective_threshold",
    "SubjectChanges": "analysis.by_subject",
    "Summary": "analysis.summary",
    "adaptive_calibration_error": "metrics.calibration_errors",
    "augrc": "metrics.risk_coverage",
    "annotated_sets": "analysis.annotated_runs",
    "aurc": "metrics.risk_coverage",
    "auroc": "metrics.ranking",
    "average_calibration_error": "metrics.calibration_errors",
    "average_permutations": "predictions.rotations",
    "brier_decomposition": "metrics.decompositions",
    "brier_score": "metrics.scoring_rules",
    "calibration_decision_loss": "metrics.decision_loss",
    "change": "uncertainty.changes",
    "classwise_ece": "metrics.calibration_errors",
    "compare": "analysis.summary",
    "compare_annotated": "analysis.annotated_runs",
    "complete_items": "predictions.rotations",
    "conformal_sets": "conformal.sets",
    "debiased_ce2": "metrics.squared_error",
    "diagnose": "recalibration.diagnosis",
    "ece": "metrics.calibration_errors",
    "estimate": "uncertainty.estimates",
    "extract": "extraction.extraction",
    "import_log": "extraction.imports",
    "isotonic_ce": "metrics.isotonic",
    "isotonic_ce2": "metrics.isotonic",
    "isotonic_curve": "metrics.isotonic",
    "label_noise": "analysis.label_noise",
    "load_annotations": "items.annotations",
    "load_items": "items.item_files",
    "load_mmlu": "items.mmlu",
    "load_model": "models.back_ends",
    "load_workers": "models.ray_workers",
    "log_loss": "metrics.scoring_rules",
    "log_loss_decomposition": "metrics.decompositions",
    "max_calibration_error": "metrics.calibration_errors",
    "merge_runs": "runs.merging",
    "null_ece": "uncertainty.noise_floor",
    "position_bias": "analysis.position_bias",
    "read_run": "runs.folder",
    "recalibrate": "recalibration.recalibration",
    "reliability_curve": "metrics.curves",
    "required_n": "uncertainty.sample_size",
    "risk_coverage": "metrics.risk_coverage",
    "selective_threshold": "conformal.selective_threshold",
    "signed_gap": "metrics.calibration_errors",
    "single_order": "predictions.rotations",
    "smooth_ece": "metrics.smoothing",
    "spiegelhalter_test": "metrics.calibration_tests",
    "subject_changes": "analysis.by_subject",
    "summarize": "analysis.summary",
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
