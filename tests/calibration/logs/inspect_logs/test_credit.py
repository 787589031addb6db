"""Values of scorers: verdicts, half credit, what is none, and which scorer is read."""

from __future__ import annotations

import math
from typing import Any

import pytest

from calibration.logs.inspect_logs.accuracy import own_accuracy
from calibration.logs.inspect_logs.credit import Scorer, scorer_of
from calibration.logs.inspect_logs.sample import Sample, sample_of
from calibration.predictions.credit import Partial

from .inspect_files import free


def of(value: Any, scorer: str = "match", **fields: Any) -> Sample:
    return sample_of(free(value=value, scorer=scorer, **fields), "score", "log, sample 1")


@pytest.mark.parametrize(
    ("value", "credit", "grade"),
    [
        ("C", 1.0, "correct"),
        ("I", 0.0, "incorrect"),
        ("P", 0.5, "ungraded"),
        ("N", 0.0, "abstained"),
        ("Yes", 1.0, "correct"),
        ("false", 0.0, "incorrect"),
        (True, 1.0, "correct"),
        (False, 0.0, "incorrect"),
        (1, 1.0, "correct"),
        ("1.0", 1.0, "correct"),
        (0.5, 0.5, "ungraded"),
        (math.nan, None, "ungraded"),
        ("NaN", None, "ungraded"),
        (None, None, "ungraded"),
    ],
)
def test_values_have_the_credit_that_inspect_gives_them(value: Any, credit: float | None, grade: str) -> None:
    scorer = Scorer(name="match")
    assert scorer.credit(of(value)) == credit
    assert scorer.grade(of(value), None) == grade


@pytest.mark.parametrize("value", ["P", 0.37])
def test_partial_credit_counts_as_asked(value: Any) -> None:
    scorer = Scorer(name="match")
    asked: tuple[Partial, ...] = ("half", "incorrect", "ungraded")
    assert [scorer.grade(of(value), partial) for partial in asked] == ["partial", "incorrect", "ungraded"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.37, r"log, sample 1: a verdict must be right \(1\), wrong \(0\) or partly right \(0\.5\), the scorer match"),
        (7, r"log, sample 1: the scorer match must give C, I, P, N, yes, no, or a number from 0 to 1, got 7"),
        ("good", r"must give C, I, P, N, .* got 'good'"),
        (-1, r"got -1"),
        ("inf", r"got 'inf'"),
    ],
)
def test_what_is_no_verdict_is_refused(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scorer(name="match").grade(of(value), None)


def test_the_only_scorer_is_read_and_several_are_listed() -> None:
    two = sample_of({**free(), "scores": {"match": {"value": "C"}, "f1": {"value": 0.3}}}, "", "log")
    assert scorer_of([of("C")], None, "log").title == "match"
    assert scorer_of([two], "match", "log").title == "match"
    with pytest.raises(ValueError, match=r"^log: there are several scores, name one with --scorer .*: match, f1$"):
        scorer_of([two], None, "log")
    with pytest.raises(ValueError, match=r"^log: no scorer 'bleu'; there are: match, f1$"):
        scorer_of([two], "bleu", "log")


def test_a_scorer_with_several_values_is_named_with_its_key() -> None:
    named = of({"fact": "C", "style": "I"}, "judge")
    listed = of([1, 0], "judge")
    assert scorer_of([named], "judge.style", "log").credit(named) == 0
    assert scorer_of([listed], "judge.0", "log").credit(listed) == 1
    assert scorer_of([of({"fact": "C"}, "judge")], None, "log").title == "judge.fact"
    with pytest.raises(ValueError, match=r"several scores, .*: judge\.fact, judge\.style"):
        scorer_of([named], "judge", "log")


def test_calls_of_r_are_named_without_their_arguments() -> None:
    call = of("C", 'model_graded_qa(chat("SECRET"))')
    assert scorer_of([call], "model_graded_qa", "log").title == "model_graded_qa"


def test_accuracy_is_the_mean_over_items_of_their_mean_credit() -> None:
    values = [("a", 1, "C"), ("a", 2, "I"), ("b", 1, "P"), ("b", 2, math.nan), ("c", 1, None)]
    samples = [sample_of(free(number, value=value, epoch=epoch), "score", "log") for number, epoch, value in values]
    assert own_accuracy(samples, Scorer(name="match")) == 0.5  # (1/2 + 1/2) / 2
    assert own_accuracy(samples[-1:], Scorer(name="match")) is None


def test_a_log_without_scores_is_refused() -> None:
    with pytest.raises(ValueError, match="log: no sample was scored"):
        scorer_of([sample_of(free(scores={}), "score", "log")], None, "log")
