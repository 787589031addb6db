from .analysis.annotated_runs import AnnotatedComparison as AnnotatedComparison
from .analysis.annotated_runs import AnnotatedSets as AnnotatedSets
from .analysis.annotated_runs import annotated_sets as annotated_sets
from .analysis.annotated_runs import compare_annotated as compare_annotated
from .analysis.by_group import by_group as by_group
from .analysis.comparison import Comparison as Comparison
from .analysis.comparison import compare as compare
from .analysis.equal_accuracy import change_at_equal_accuracy as change_at_equal_accuracy
from .analysis.equal_accuracy import compare_at_equal_accuracy as compare_at_equal_accuracy
from .analysis.equal_accuracy_changes import EqualAccuracy as EqualAccuracy
from .analysis.equal_accuracy_changes import EqualAccuracyChange as EqualAccuracyChange
from .analysis.group_changes import GroupChanges as GroupChanges
from .analysis.group_changes import group_changes as group_changes
from .analysis.group_changes import subject_changes as subject_changes
from .analysis.group_measures import GroupMeasures as GroupMeasures
from .analysis.hard_easy import HardEasyGap as HardEasyGap
from .analysis.hard_easy import hard_easy_change as hard_easy_change
from .analysis.hard_easy import hard_easy_gap as hard_easy_gap
from .analysis.label_noise import LabelNoise as LabelNoise
from .analysis.label_noise import label_noise as label_noise
from .analysis.position_bias import PositionBias as PositionBias
from .analysis.position_bias import position_bias as position_bias
from .analysis.runs_comparison import RunsComparison as RunsComparison
from .analysis.several_runs import compare_runs as compare_runs
from .analysis.summary import Summary as Summary
from .analysis.summary import summarize as summarize
from .analysis.worst_groups import WorstGroups as WorstGroups
from .analysis.worst_groups import worst_groups as worst_groups
from .conformal.selective_threshold import SelectiveThreshold as SelectiveThreshold
from .conformal.selective_threshold import selective_threshold as selective_threshold
from .conformal.sets import ConformalSets as ConformalSets
from .conformal.split_conformal import conformal_sets as conformal_sets
from .decisions.claimed_margins import calibrated_within as calibrated_within
from .decisions.claimed_margins import changed_within as changed_within
from .decisions.deciding import decide as decide
from .decisions.decision import Decision as Decision
from .errors import AbsentFileError as AbsentFileError
from .errors import AnswerError as AnswerError
from .errors import ChangedFileError as ChangedFileError
from .errors import ContinuationError as ContinuationError
from .errors import GgufError as GgufError
from .errors import NoLogprobsError as NoLogprobsError
from .errors import NotFiniteError as NotFiniteError
from .errors import OtherModelError as OtherModelError
from .errors import PromptTooLongError as PromptTooLongError
from .errors import RefusedError as RefusedError
from .errors import RepeatedNameError as RepeatedNameError
from .errors import RowError as RowError
from .errors import ServerError as ServerError
from .errors import SettingsDifferError as SettingsDifferError
from .errors import UndefinedMeasure as UndefinedMeasure
from .errors import UnfitWeightsError as UnfitWeightsError
from .extraction.extraction import extract as extract
from .items.annotations import Annotations as Annotations
from .items.annotations import load_annotations as load_annotations
from .items.item import Item as Item
from .items.item_files import load_items as load_items
from .items.mmlu import load_mmlu as load_mmlu
from .logs.importing import import_log as import_log
from .metrics.calibration_errors import adaptive_calibration_error as adaptive_calibration_error
from .metrics.calibration_errors import average_calibration_error as average_calibration_error
from .metrics.calibration_errors import classwise_ece as classwise_ece
from .metrics.calibration_errors import ece as ece
from .metrics.calibration_errors import max_calibration_error as max_calibration_error
from .metrics.calibration_errors import signed_gap as signed_gap
from .metrics.calibration_tests import CalibrationTest as CalibrationTest
from .metrics.calibration_tests import spiegelhalter_test as spiegelhalter_test
from .metrics.curves import ReliabilityCurve as ReliabilityCurve
from .metrics.curves import reliability_curve as reliability_curve
from .metrics.decision_loss import calibration_decision_loss as calibration_decision_loss
from .metrics.decompositions import ScoreDecomposition as ScoreDecomposition
from .metrics.decompositions import brier_decomposition as brier_decomposition
from .metrics.decompositions import log_loss_decomposition as log_loss_decomposition
from .metrics.isotonic import IsotonicCurve as IsotonicCurve
from .metrics.isotonic import isotonic_curve as isotonic_curve
from .metrics.isotonic_errors import isotonic_ce as isotonic_ce
from .metrics.isotonic_errors import isotonic_ce2 as isotonic_ce2
from .metrics.logistic_recalibration import calibration_in_the_large as calibration_in_the_large
from .metrics.logistic_recalibration import calibration_intercept as calibration_intercept
from .metrics.logistic_recalibration import calibration_slope as calibration_slope
from .metrics.ranking import auroc as auroc
from .metrics.risk_coverage import RiskCoverage as RiskCoverage
from .metrics.risk_coverage import augrc as augrc
from .metrics.risk_coverage import aurc as aurc
from .metrics.risk_coverage import risk_coverage as risk_coverage
from .metrics.scoring_rules import brier_score as brier_score
from .metrics.scoring_rules import log_loss as log_loss
from .metrics.smooth_curves import e50 as e50
from .metrics.smooth_curves import e90 as e90
from .metrics.smooth_curves import emax as emax
from .metrics.smooth_curves import ici as ici
from .metrics.smoothing import smooth_ece as smooth_ece
from .metrics.squared_error import debiased_ce2 as debiased_ce2
from .metrics.top_k import top_k_coverage as top_k_coverage
from .metrics.top_k import top_k_gap as top_k_gap
from .models.borrowed.borrowed_model import from_transformers as from_transformers
from .models.loading import load_model as load_model
from .models.workers.cluster import load_workers as load_workers
from .predictions.pairs import Pairs as Pairs
from .predictions.predictions import Predictions as Predictions
from .predictions.rotations import average_permutations as average_permutations
from .predictions.rotations import complete_items as complete_items
from .predictions.rotations import single_order as single_order
from .predictions.verdicts import Verdicts as Verdicts
from .recalibration.diagnosis import Diagnosis as Diagnosis
from .recalibration.diagnosis import diagnose as diagnose
from .recalibration.recalibrated_run import Recalibration as Recalibration
from .recalibration.recalibration import recalibrate as recalibrate
from .runs.folder import read_run as read_run
from .runs.merging import merge_runs as merge_runs
from .runs.scored_runs import read_scored_run as read_scored_run
from .uncertainty.calibration_band import CalibrationBand as CalibrationBand
from .uncertainty.calibration_band import calibration_band as calibration_band
from .uncertainty.changes import Change as Change
from .uncertainty.changes import change as change
from .uncertainty.estimates import Estimate as Estimate
from .uncertainty.estimates import estimate as estimate
from .uncertainty.metacognition import Metacognition as Metacognition
from .uncertainty.metacognition import metacognition as metacognition
from .uncertainty.metacognition_changes import MetacognitionChange as MetacognitionChange
from .uncertainty.metacognition_changes import metacognition_change as metacognition_change
from .uncertainty.noise_floor import NullECE as NullECE
from .uncertainty.run_noise_floor import null_ece as null_ece
from .uncertainty.sample_size import items_that_show as items_that_show
from .uncertainty.sample_size import required_n as required_n

__all__ = [
    "AbsentFileError",
    "AnnotatedComparison",
    "AnnotatedSets",
    "Annotations",
    "AnswerError",
    "CalibrationBand",
    "CalibrationTest",
    "Change",
    "ChangedFileError",
    "Comparison",
    "ConformalSets",
    "ContinuationError",
    "Decision",
    "Diagnosis",
    "EqualAccuracy",
    "EqualAccuracyChange",
    "Estimate",
    "GgufError",
    "GroupChanges",
    "GroupMeasures",
    "HardEasyGap",
    "IsotonicCurve",
    "Item",
    "LabelNoise",
    "Metacognition",
    "MetacognitionChange",
    "NoLogprobsError",
    "NotFiniteError",
    "NullECE",
    "OtherModelError",
    "Pairs",
    "PositionBias",
    "Predictions",
    "PromptTooLongError",
    "Recalibration",
    "RefusedError",
    "ReliabilityCurve",
    "RepeatedNameError",
    "RiskCoverage",
    "RowError",
    "RunsComparison",
    "ScoreDecomposition",
    "SelectiveThreshold",
    "ServerError",
    "SettingsDifferError",
    "Summary",
    "UndefinedMeasure",
    "UnfitWeightsError",
    "Verdicts",
    "WorstGroups",
    "adaptive_calibration_error",
    "annotated_sets",
    "augrc",
    "aurc",
    "auroc",
    "average_calibration_error",
    "average_permutations",
    "brier_decomposition",
    "brier_score",
    "by_group",
    "calibrated_within",
    "calibration_band",
    "calibration_decision_loss",
    "calibration_in_the_large",
    "calibration_intercept",
    "calibration_slope",
    "change",
    "change_at_equal_accuracy",
    "changed_within",
    "classwise_ece",
    "compare",
    "compare_annotated",
    "compare_at_equal_accuracy",
    "compare_runs",
    "complete_items",
    "conformal_sets",
    "debiased_ce2",
    "decide",
    "diagnose",
    "e50",
    "e90",
    "ece",
    "emax",
    "estimate",
    "extract",
    "from_transformers",
    "group_changes",
    "hard_easy_change",
    "hard_easy_gap",
    "ici",
    "import_log",
    "isotonic_ce",
    "isotonic_ce2",
    "isotonic_curve",
    "items_that_show",
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
    "metacognition",
    "metacognition_change",
    "null_ece",
    "position_bias",
    "read_run",
    "read_scored_run",
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
    "top_k_coverage",
    "top_k_gap",
    "worst_groups",
]
