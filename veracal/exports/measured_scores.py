"""Scores of a run with their intervals, as exports state them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from calibration import Pairs, Predictions, UndefinedMeasure, Verdicts, estimate
from calibration.logs.answer_likelihoods import AnswerLikelihoods
from calibration.logs.graded_answers import BareAnswers
from calibration.uncertainty.independent_answers import share_count
from calibration.uncertainty.intervals import wilson_interval
from factuality import Judgments
from factuality.logs.answer_likelihoods import questions_of
from factuality.multiple_choice.scores import possible_variants, scored
from factuality.outcomes.shares import question_shares

from .run_contents import RunContent

_LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Score:
    """A number of a run.

    Attributes
    ----------
    key, name, unit : str
        Its key, its name, and what it is counted in.
    value : float
        The number.
    low, high : float or None
        Its 95 % interval; None if there is none.
    most : float or None
        The largest possible value; None if there is none.
    lower_is_better : bool
        Which direction is better.
    n : int
        Number of items, or of questions.
    n_samples : int
        Number of answers behind it: of items, or of all samples of the questions.
    """

    key: str
    name: str
    unit: str
    value: float
    low: float | None
    high: float | None
    most: float | None
    lower_is_better: bool
    n: int
    n_samples: int


# Key, name, unit, largest value, whether lower is better.
_MEASURES = (
    ("accuracy", "Accuracy", "proportion", 1.0, False),
    ("ece_top", "Expected calibration error of the predicted answers", "proportion", 1.0, True),
    ("brier", "Brier score, summed over options", "squared proportion", 2.0, True),
    ("nll", "Log loss", "nats", None, True),
)
_KEYS: dict[type, tuple[str, ...]] = {
    Predictions: ("accuracy", "ece_top", "brier", "nll"),
    Pairs: ("accuracy", "ece_top"),
    Verdicts: ("accuracy",),
}


def scores_of(run: RunContent) -> list[Score]:
    """The accuracy of a run first, then its calibration if it has confidences."""
    content = run.measured
    if isinstance(content, Judgments):
        return [_share_correct(content)]
    if isinstance(content, AnswerLikelihoods):
        return _variants(content, run)
    if isinstance(content, BareAnswers):
        raise TypeError("answers without verdicts have no score")
    scores = []
    for key, name, unit, most, lower in _MEASURES:
        if key not in _KEYS[type(content)]:
            continue
        low: float | None = None
        high: float | None = None
        try:
            number = estimate(content, key, level=_LEVEL)
        except UndefinedMeasure:
            if key != "accuracy":
                continue
            value = float(content.accuracy)  # which every run has, if all items are of one cluster too
        else:
            value = number.value
            if number.known:
                low, high = number.low, number.high
        scores.append(
            Score(
                key=key, name=name, unit=unit, value=value, low=low, high=high, most=most, lower_is_better=lower,
                n=content.n_items, n_samples=content.n_items,
            )
        )  # fmt: skip
    return scores


# Names of TruthfulQA's scores.
_VARIANTS: dict[str, str] = {
    "mc1": "Share of questions whose ideal answer is the likeliest",
    "mc2": "Mean probability of the correct answers",
    "binary": "Share of questions whose ideal answer is likelier than the best incorrect one",
}


def _variants(answers: AnswerLikelihoods, run: RunContent) -> list[Score]:
    """Scores of every variant that the questions can have, mc1 first."""
    questions = questions_of(answers)
    frame = answers.frame.with_columns(model=pl.lit(run.model), question=pl.col("item"))
    scores = []
    alone = run.settings.get("variant")
    for variant in possible_variants(questions):
        if alone not in (None, variant):
            continue
        number = scored(frame, questions, "", variant).to_dict(level=_LEVEL)
        scores.append(
            Score(
                key=variant, name=_VARIANTS[variant], unit="proportion", value=number["value"], low=number.get("low"),
                high=number.get("high"), most=1.0, lower_is_better=False, n=frame.height,
                n_samples=frame.height,
            )
        )  # fmt: skip
    return scores


def _share_correct(judgments: Judgments) -> Score:
    """Share of answers that are right, a mean over questions."""
    shares = question_shares(judgments)["correct"].to_numpy()
    limits = wilson_interval(shares.mean(), share_count(shares, level=_LEVEL), level=_LEVEL)
    return Score(
        key="accuracy", name="Accuracy", unit="proportion", value=float(shares.mean()), low=limits.low,
        high=limits.high, most=1.0, lower_is_better=False, n=len(shares), n_samples=judgments.frame.height,
    )  # fmt: skip
