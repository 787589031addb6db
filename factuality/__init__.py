"""How often a language model states falsehoods.

Questions become responses (`ask`), a grader makes judgments of them (`grade`), and those become rates with intervals
and changes between two models. Names load on first use: importing this package loads no model library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answers.asking import ask
    from .answers.responses import Responses, read_responses
    from .answers.stated_confidence import stated_confidence
    from .confidence.confidences import ConfidencePairs, Confidences, confidence_pairs, with_confidence
    from .confidence.sampling_agreement import agreement_by, self_consistency
    from .confidence.semantic_clusters import cluster_answers, semantic_entropies, semantic_entropy
    from .confidence.stated import stated_confidences
    from .confidence.target_changes import ConfidenceTargetChanges, confidence_target_change
    from .confidence.targets import ConfidenceTargets, confidence_target_score
    from .confidence.truth_probability import p_true
    from .grading.graders import Grader, load_grader
    from .grading.grading import grade, read_judgments
    from .grading.human_labels import HumanLabels, load_human_labels
    from .grading.judgments import Judgments
    from .labels.grader_validation import GraderValidation, validate_grader
    from .labels.labelling import ChosenAnswers, choose_to_label
    from .labels.rate_correction import CorrectedRate, corrected_rate, rate_from_labels
    from .multiple_choice.changes import MultipleChoiceChanges, multiple_choice_change
    from .multiple_choice.likelihoods import read_multiple_choice, truthfulqa_mc
    from .multiple_choice.scores import MultipleChoice
    from .outcomes.by_category import Rates, rates
    from .outcomes.changes import RateChanges, rate_change
    from .questions.adversarial.checks import load_adversarial
    from .questions.question import Question
    from .questions.question_files import load_questions
    from .questions.truthfulqa import load_truthfulqa
    from .rubrics.class_changes import ClassChanges, class_change
    from .rubrics.class_rates import ClassRates
    from .rubrics.classifications import Classifications, classify, read_classifications
    from .rubrics.rubric import Rubric, load_rubric

_HOME = {
    "ChosenAnswers": "labels.labelling",
    "ClassChanges": "rubrics.class_changes",
    "ClassRates": "rubrics.class_rates",
    "Classifications": "rubrics.classifications",
    "ConfidencePairs": "confidence.confidences",
    "ConfidenceTargetChanges": "confidence.target_changes",
    "ConfidenceTargets": "confidence.targets",
    "Confidences": "confidence.confidences",
    "CorrectedRate": "labels.rate_correction",
    "Grader": "grading.graders",
    "GraderValidation": "labels.grader_validation",
    "HumanLabels": "grading.human_labels",
    "Judgments": "grading.judgments",
    "MultipleChoice": "multiple_choice.scores",
    "MultipleChoiceChanges": "multiple_choice.changes",
    "Question": "questions.question",
    "RateChanges": "outcomes.changes",
    "Rates": "outcomes.by_category",
    "Responses": "answers.responses",
    "Rubric": "rubrics.rubric",
    "agreement_by": "confidence.sampling_agreement",
    "ask": "answers.asking",
    "choose_to_label": "labels.labelling",
    "class_change": "rubrics.class_changes",
    "classify": "rubrics.classifications",
    "cluster_answers": "confidence.semantic_clusters",
    "confidence_pairs": "confidence.confidences",
    "confidence_target_change": "confidence.target_changes",
    "confidence_target_score": "confidence.targets",
    "corrected_rate": "labels.rate_correction",
    "grade": "grading.grading",
    "load_adversarial": "questions.adversarial.checks",
    "load_grader": "grading.graders",
    "load_human_labels": "grading.human_labels",
    "load_questions": "questions.question_files",
    "load_rubric": "rubrics.rubric",
    "load_truthfulqa": "questions.truthfulqa",
    "multiple_choice_change": "multiple_choice.changes",
    "p_true": "confidence.truth_probability",
    "rate_change": "outcomes.changes",
    "rate_from_labels": "labels.rate_correction",
    "rates": "outcomes.by_category",
    "read_classifications": "rubrics.classifications",
    "read_judgments": "grading.grading",
    "read_multiple_choice": "multiple_choice.likelihoods",
    "read_responses": "answers.responses",
    "self_consistency": "confidence.sampling_agreement",
    "semantic_entropies": "confidence.semantic_clusters",
    "semantic_entropy": "confidence.semantic_clusters",
    "stated_confidence": "answers.stated_confidence",
    "stated_confidences": "confidence.stated",
    "truthfulqa_mc": "multiple_choice.likelihoods",
    "validate_grader": "labels.grader_validation",
    "with_confidence": "confidence.confidences",
}

__all__ = [
    "ChosenAnswers",
    "ClassChanges",
    "ClassRates",
    "Classifications",
    "ConfidencePairs",
    "ConfidenceTargetChanges",
    "ConfidenceTargets",
    "Confidences",
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
    "choose_to_label",
    "class_change",
    "classify",
    "cluster_answers",
    "confidence_pairs",
    "confidence_target_change",
    "confidence_target_score",
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
    "rate_from_labels",
    "rates",
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


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'factuality' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
