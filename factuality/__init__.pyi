from .answers.asking import ask as ask
from .answers.responses import Responses as Responses
from .answers.responses import read_responses as read_responses
from .answers.stated_confidence import stated_confidence as stated_confidence
from .confidence.calibration_correction import corrected_calibration as corrected_calibration
from .confidence.confidences import ConfidencePairs as ConfidencePairs
from .confidence.confidences import Confidences as Confidences
from .confidence.confidences import confidence_pairs as confidence_pairs
from .confidence.confidences import with_confidence as with_confidence
from .confidence.sampling_agreement import agreement_by as agreement_by
from .confidence.sampling_agreement import self_consistency as self_consistency
from .confidence.semantic_clusters import cluster_answers as cluster_answers
from .confidence.semantic_clusters import semantic_entropies as semantic_entropies
from .confidence.semantic_clusters import semantic_entropy as semantic_entropy
from .confidence.several_runs import compare_judgments as compare_judgments
from .confidence.stated import stated_confidences as stated_confidences
from .confidence.target_changes import ConfidenceTargetChanges as ConfidenceTargetChanges
from .confidence.target_changes import confidence_target_change as confidence_target_change
from .confidence.targets import ConfidenceTargets as ConfidenceTargets
from .confidence.targets import confidence_target_score as confidence_target_score
from .confidence.truth_probability import p_true as p_true
from .grading.graders import Grader as Grader
from .grading.graders.loading import load_grader as load_grader
from .grading.grading import grade as grade
from .grading.grading import read_judgments as read_judgments
from .grading.human_labels import HumanLabels as HumanLabels
from .grading.human_labels import load_human_labels as load_human_labels
from .grading.judgments import Judgments as Judgments
from .multiple_choice.changes import MultipleChoiceChanges as MultipleChoiceChanges
from .multiple_choice.changes import multiple_choice_change as multiple_choice_change
from .multiple_choice.likelihoods import read_multiple_choice as read_multiple_choice
from .multiple_choice.likelihoods import truthfulqa_mc as truthfulqa_mc
from .multiple_choice.scores import MultipleChoice as MultipleChoice
from .multiple_choice.several_runs import compare_multiple_choice as compare_multiple_choice
from .outcomes.by_category import Rates as Rates
from .outcomes.by_category import rates as rates
from .outcomes.by_group import rate_changes_by_group as rate_changes_by_group
from .outcomes.by_group import rates_by_group as rates_by_group
from .outcomes.changes import RateChanges as RateChanges
from .outcomes.changes import rate_change as rate_change
from .people.calibration_from_labels import CorrectedCalibration as CorrectedCalibration
from .people.calibration_from_labels import calibration_from_labels as calibration_from_labels
from .people.grader_validation import GraderValidation as GraderValidation
from .people.grader_validation import validate_grader as validate_grader
from .people.labelling import ChosenAnswers as ChosenAnswers
from .people.labelling import choose_to_label as choose_to_label
from .people.prediction_powered import CorrectedRate as CorrectedRate
from .people.prediction_powered import rate_from_labels as rate_from_labels
from .people.rate_correction import corrected_rate as corrected_rate
from .questions.adversarial.checks import load_adversarial as load_adversarial
from .questions.question import Question as Question
from .questions.question_files import load_questions as load_questions
from .questions.truthfulqa import load_truthfulqa as load_truthfulqa
from .rubrics.class_changes import ClassChanges as ClassChanges
from .rubrics.class_changes import class_change as class_change
from .rubrics.class_rates import ClassRates as ClassRates
from .rubrics.classifications import Classifications as Classifications
from .rubrics.classifications import classify as classify
from .rubrics.classifications import read_classifications as read_classifications
from .rubrics.rubric import Rubric as Rubric
from .rubrics.rubric import load_rubric as load_rubric

__all__ = [
    "ChosenAnswers",
    "ClassChanges",
    "ClassRates",
    "Classifications",
    "ConfidencePairs",
    "ConfidenceTargetChanges",
    "ConfidenceTargets",
    "Confidences",
    "CorrectedCalibration",
    "CorrectedRate",
    "Grader",
    "GraderValidation",
    "HumanLabels",
    "Judgments",
    "MultipleChoice",
    "MultipleChoiceChanges",
    "Question",
    "RateChanges",
    "Rates",
    "Responses",
    "Rubric",
    "agreement_by",
    "ask",
    "calibration_from_labels",
    "choose_to_label",
    "class_change",
    "classify",
    "cluster_answers",
    "compare_judgments",
    "compare_multiple_choice",
    "confidence_pairs",
    "confidence_target_change",
    "confidence_target_score",
    "corrected_calibration",
    "corrected_rate",
    "grade",
    "load_adversarial",
    "load_grader",
    "load_human_labels",
    "load_questions",
    "load_rubric",
    "load_truthfulqa",
    "multiple_choice_change",
    "p_true",
    "rate_change",
    "rate_changes_by_group",
    "rate_from_labels",
    "rates",
    "rates_by_group",
    "read_classifications",
    "read_judgments",
    "read_multiple_choice",
    "read_responses",
    "self_consistency",
    "semantic_entropies",
    "semantic_entropy",
    "stated_confidence",
    "stated_confidences",
    "truthfulqa_mc",
    "validate_grader",
    "with_confidence",
]
