"""Headlines of runs: the few numbers that lists and ends of commands show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

import calibration
import factuality
from calibration.number_texts import with_interval
from calibration.predictions.scored_runs import ScoredRun
from factuality import Judgments, MultipleChoice
from factuality.answers.cut_answers import CutAnswers
from factuality.grading.abstention import declines

Headline = dict[str, dict[str, Any]]
"""Numbers by name: each with ``value``, and ``low``, ``high`` and ``level`` if it has an interval."""

_NAMES = {"ece_top": "ECE"}


def scored_headline(run: ScoredRun) -> Headline:
    """Accuracy, and the ECE of the predicted answers if they have confidences."""
    keys = ("accuracy",) if isinstance(run, calibration.Verdicts) else ("accuracy", "ece_top")
    return {key: calibration.estimate(run, key).to_dict() for key in keys}


def judged_headline(judgments: Judgments) -> Headline:
    """Rates of graded answers: to adversarial questions if there are any."""
    rates = factuality.rates(judgments).to_dict()
    group = "adversarial" if "adversarial" in rates else "calm"
    return {key: rates[group][key] for key in ("correct", "incorrect", "abstained") if key in rates[group]}


def choice_headline(scores: Mapping[str, MultipleChoice]) -> Headline:
    """Scores of answers by likelihood."""
    return {name: score.to_dict() for name, score in scores.items()}


def asked_headline(answers: pl.DataFrame) -> Headline:
    """Shares of answers that abstain by their wording, and that were cut.

    Parameters
    ----------
    answers : polars.DataFrame
        Of `factuality.Responses`.
    """
    cut = CutAnswers.of(answers)
    n_abstained = sum(map(declines, answers["response"]))
    counts = {"abstained": n_abstained, "cut": cut.n_missing + cut.n_short}
    return {name: {"value": count / answers.height} for name, count in counts.items()}


def headline_text(headline: Headline, *, intervals: bool = True) -> str:
    """Numbers in a line.

    Examples
    --------
    >>> headline_text({"accuracy": {"value": 0.5, "low": 0.25, "high": 0.75}, "ece_top": {"value": 0.125}})
    'accuracy 0.500 [0.250, 0.750], ECE 0.125'
    """
    texts = []
    for key, number in headline.items():
        limits = (number.get("low"), number.get("high")) if intervals else (None, None)
        texts.append(f"{_NAMES.get(key, key)} {with_interval(number['value'], *limits)}")
    return ", ".join(texts)
