import plots as plots
from calibration import AbsentFileError as AbsentFileError
from calibration import AnnotatedComparison as AnnotatedComparison
from calibration import AnnotatedSets as AnnotatedSets
from calibration import Annotations as Annotations
from calibration import AnswerError as AnswerError
from calibration import CalibrationBand as CalibrationBand
from calibration import CalibrationTest as CalibrationTest
from calibration import Change as Change
from calibration import ChangedFileError as ChangedFileError
from calibration import Comparison as Comparison
from calibration import ConformalSets as ConformalSets
from calibration import ContinuationError as ContinuationError
from calibration import Decision as Decision
from calibration import Diagnosis as Diagnosis
from calibration import EqualAccuracy as EqualAccuracy
from calibration import EqualAccuracyChange as EqualAccuracyChange
from calibration import Estimate as Estimate
from calibration import GgufError as GgufError
from calibration import GroupChanges as GroupChanges
from calibration import GroupMeasures as GroupMeasures
from calibration import HardEasyGap as HardEasyGap
from calibration import IsotonicCurve as IsotonicCurve
from calibration import Item as Item
from calibration import LabelNoise as LabelNoise
from calibration import Metacognition as Metacognition
from calibration import MetacognitionChange as MetacognitionChange
from calibration import NoLogprobsError as NoLogprobsError
from calibration import NotFiniteError as NotFiniteError
from calibration import NullECE as NullECE
from calibration import OtherModelError as OtherModelError
from calibration import Pairs as Pairs
from calibration import PositionBias as PositionBias
from calibration import Predictions as Predictions
from calibration import PromptTooLongError as PromptTooLongError
from calibration import Recalibration as Recalibration
from calibration import RefusedError as RefusedError
from calibration import ReliabilityCurve as ReliabilityCurve
from calibration import RepeatedNameError as RepeatedNameError
from calibration import RiskCoverage as RiskCoverage
from calibration import RowError as RowError
from calibration import RunsComparison as RunsComparison
from calibration import ScoreDecomposition as ScoreDecomposition
from calibration import SelectiveThreshold as SelectiveThreshold
from calibration import ServerError as ServerError
from calibration import SettingsDifferError as SettingsDifferError
from calibration import Summary as Summary
from calibration import UndefinedMeasure as UndefinedMeasure
from calibration import UnfitWeightsError as UnfitWeightsError
from calibration import Verdicts as Verdicts
from calibration import WorstGroups as WorstGroups
from calibration import adaptive_calibration_error as adaptive_calibration_error
from calibration import annotated_sets as annotated_sets
from calibration import augrc as augrc
from calibration import aurc as aurc
from calibration import auroc as auroc
from calibration import average_calibration_error as average_calibration_error
from calibration import average_permutations as average_permutations
from calibration import brier_decomposition as brier_decomposition
from calibration import brier_score as brier_score
from calibration import by_group as by_group
from calibration import calibrated_within as calibrated_within
from calibration import calibration_band as calibration_band
from calibration import calibration_decision_loss as calibration_decision_loss
from calibration import calibration_in_the_large as calibration_in_the_large
from calibration import calibration_intercept as calibration_intercept
from calibration import calibration_slope as calibration_slope
from calibration import change as change
from calibration import change_at_equal_accuracy as change_at_equal_accuracy
from calibration import changed_within as changed_within
from calibration import classwise_ece as classwise_ece
from calibration import compare as compare
from calibration import compare_annotated as compare_annotated
from calibration import compare_at_equal_accuracy as compare_at_equal_accuracy
from calibration import compare_runs as compare_runs
from calibration import complete_items as complete_items
from calibration import conformal_sets as conformal_sets
from calibration import debiased_ce2 as debiased_ce2
from calibration import decide as decide
from calibration import diagnose as diagnose
from calibration import e50 as e50
from calibration import e90 as e90
from calibration import ece as ece
from calibration import emax as emax
from calibration import estimate as estimate
from calibration import extract as extract
from calibration import from_transformers as from_transformers
from calibration import group_changes as group_changes
from calibration import hard_easy_change as hard_easy_change
from calibration import hard_easy_gap as hard_easy_gap
from calibration import ici as ici
from calibration import import_log as import_log
from calibration import isotonic_ce as isotonic_ce
from calibration import isotonic_ce2 as isotonic_ce2
from calibration import isotonic_curve as isotonic_curve
from calibration import items_that_show as items_that_show
from calibration import label_noise as label_noise
from calibration import load_annotations as load_annotations
from calibration import load_items as load_items
from calibration import load_mmlu as load_mmlu
from calibration import load_model as load_model
from calibration import load_workers as load_workers
from calibration import log_loss as log_loss
from calibration import log_loss_decomposition as log_loss_decomposition
from calibration import max_calibration_error as max_calibration_error
from calibration import merge_runs as merge_runs
from calibration import metacognition as metacognition
from calibration import metacognition_change as metacognition_change
from calibration import null_ece as null_ece
from calibration import position_bias as position_bias
from calibration import read_run as read_run
from calibration import read_scored_run as read_scored_run
from calibration import recalibrate as recalibrate
from calibration import reliability_curve as reliability_curve
from calibration import required_n as required_n
from calibration import risk_coverage as risk_coverage
from calibration import selective_threshold as selective_threshold
from calibration import signed_gap as signed_gap
from calibration import single_order as single_order
from calibration import smooth_ece as smooth_ece
from calibration import spiegelhalter_test as spiegelhalter_test
from calibration import subject_changes as subject_changes
from calibration import summarize as summarize
from calibration import top_k_coverage as top_k_coverage
from calibration import top_k_gap as top_k_gap
from calibration import worst_groups as worst_groups
from factuality import ChosenAnswers as ChosenAnswers
from factuality import ClassChanges as ClassChanges
from factuality import Classifications as Classifications
from factuality import ClassRates as ClassRates
from factuality import ConfidencePairs as ConfidencePairs
from factuality import Confidences as Confidences
from factuality import ConfidenceTargetChanges as ConfidenceTargetChanges
from factuality import ConfidenceTargets as ConfidenceTargets
from factuality import CorrectedCalibration as CorrectedCalibration
from factuality import CorrectedRate as CorrectedRate
from factuality import Grader as Grader
from factuality import GraderValidation as GraderValidation
from factuality import HumanLabels as HumanLabels
from factuality import Judgments as Judgments
from factuality import MultipleChoice as MultipleChoice
from factuality import MultipleChoiceChanges as MultipleChoiceChanges
from factuality import Question as Question
from factuality import RateChanges as RateChanges
from factuality import Rates as Rates
from factuality import Responses as Responses
from factuality import Rubric as Rubric
from factuality import agreement_by as agreement_by
from factuality import ask as ask
from factuality import calibration_from_labels as calibration_from_labels
from factuality import choose_to_label as choose_to_label
from factuality import class_change as class_change
from factuality import classify as classify
from factuality import cluster_answers as cluster_answers
from factuality import compare_judgments as compare_judgments
from factuality import compare_multiple_choice as compare_multiple_choice
from factuality import confidence_pairs as confidence_pairs
from factuality import confidence_target_change as confidence_target_change
from factuality import confidence_target_score as confidence_target_score
from factuality import corrected_calibration as corrected_calibration
from factuality import corrected_rate as corrected_rate
from factuality import grade as grade
from factuality import load_adversarial as load_adversarial
from factuality import load_grader as load_grader
from factuality import load_human_labels as load_human_labels
from factuality import load_questions as load_questions
from factuality import load_rubric as load_rubric
from factuality import load_truthfulqa as load_truthfulqa
from factuality import multiple_choice_change as multiple_choice_change
from factuality import p_true as p_true
from factuality import rate_change as rate_change
from factuality import rate_changes_by_group as rate_changes_by_group
from factuality import rate_from_labels as rate_from_labels
from factuality import rates as rates
from factuality import rates_by_group as rates_by_group
from factuality import read_classifications as read_classifications
from factuality import read_judgments as read_judgments
from factuality import read_multiple_choice as read_multiple_choice
from factuality import read_responses as read_responses
from factuality import self_consistency as self_consistency
from factuality import semantic_entropies as semantic_entropies
from factuality import semantic_entropy as semantic_entropy
from factuality import stated_confidence as stated_confidence
from factuality import stated_confidences as stated_confidences
from factuality import truthfulqa_mc as truthfulqa_mc
from factuality import validate_grader as validate_grader
from factuality import with_confidence as with_confidence

from .citations.citation import Citation as Citation
from .citations.citation import cite as cite
from .console import progress as progress
from .exports.exporting import export_run as export_run
from .importing import import_logs as import_logs
from .report.page import write_report as write_report
from .run_collection import Runs as Runs
from .run_collection import runs as runs

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
    "ChosenAnswers",
    "Citation",
    "ClassChanges",
    "ClassRates",
    "Classifications",
    "Comparison",
    "ConfidencePairs",
    "ConfidenceTargetChanges",
    "ConfidenceTargets",
    "Confidences",
    "ConformalSets",
    "ContinuationError",
    "CorrectedCalibration",
    "CorrectedRate",
    "Decision",
    "Diagnosis",
    "EqualAccuracy",
    "EqualAccuracyChange",
    "Estimate",
    "GgufError",
    "Grader",
    "GraderValidation",
    "GroupChanges",
    "GroupMeasures",
    "HardEasyGap",
    "HumanLabels",
    "IsotonicCurve",
    "Item",
    "Judgments",
    "LabelNoise",
    "Metacognition",
    "MetacognitionChange",
    "MultipleChoice",
    "MultipleChoiceChanges",
    "NoLogprobsError",
    "NotFiniteError",
    "NullECE",
    "OtherModelError",
    "Pairs",
    "PositionBias",
    "Predictions",
    "PromptTooLongError",
    "Question",
    "RateChanges",
    "Rates",
    "Recalibration",
    "RefusedError",
    "ReliabilityCurve",
    "RepeatedNameError",
    "Responses",
    "RiskCoverage",
    "RowError",
    "Rubric",
    "Runs",
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
    "agreement_by",
    "annotated_sets",
    "ask",
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
    "calibration_from_labels",
    "calibration_in_the_large",
    "calibration_intercept",
    "calibration_slope",
    "change",
    "change_at_equal_accuracy",
    "changed_within",
    "choose_to_label",
    "cite",
    "class_change",
    "classify",
    "classwise_ece",
    "cluster_answers",
    "compare",
    "compare_annotated",
    "compare_at_equal_accuracy",
    "compare_judgments",
    "compare_multiple_choice",
    "compare_runs",
    "complete_items",
    "confidence_pairs",
    "confidence_target_change",
    "confidence_target_score",
    "conformal_sets",
    "corrected_calibration",
    "corrected_rate",
    "debiased_ce2",
    "decide",
    "diagnose",
    "e50",
    "e90",
    "ece",
    "emax",
    "estimate",
    "export_run",
    "extract",
    "from_transformers",
    "grade",
    "group_changes",
    "hard_easy_change",
    "hard_easy_gap",
    "ici",
    "import_log",
    "import_logs",
    "isotonic_ce",
    "isotonic_ce2",
    "isotonic_curve",
    "items_that_show",
    "label_noise",
    "load_adversarial",
    "load_annotations",
    "load_grader",
    "load_human_labels",
    "load_items",
    "load_mmlu",
    "load_model",
    "load_questions",
    "load_rubric",
    "load_truthfulqa",
    "load_workers",
    "log_loss",
    "log_loss_decomposition",
    "max_calibration_error",
    "merge_runs",
    "metacognition",
    "metacognition_change",
    "multiple_choice_change",
    "null_ece",
    "p_true",
    "plots",
    "position_bias",
    "progress",
    "rate_change",
    "rate_changes_by_group",
    "rate_from_labels",
    "rates",
    "rates_by_group",
    "read_classifications",
    "read_judgments",
    "read_multiple_choice",
    "read_responses",
    "read_run",
    "read_scored_run",
    "recalibrate",
    "reliability_curve",
    "required_n",
    "risk_coverage",
    "runs",
    "selective_threshold",
    "self_consistency",
    "semantic_entropies",
    "semantic_entropy",
    "signed_gap",
    "single_order",
    "smooth_ece",
    "spiegelhalter_test",
    "stated_confidence",
    "stated_confidences",
    "subject_changes",
    "summarize",
    "top_k_coverage",
    "top_k_gap",
    "truthfulqa_mc",
    "validate_grader",
    "with_confidence",
    "worst_groups",
    "write_report",
]
