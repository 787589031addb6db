"""Answers to a question that are alike: what that does to a rate for new questions."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from calibration.metrics.arrays import FloatArray
from factuality.people.alike_answers import drawn_share
from factuality.people.prediction_powered import rate_from_labels


def test_pairs_of_labels_tell_how_alike_by_hand() -> None:
    # Each of 100 questions has 5 answers, two of them labelled: 100 pairs at a rate of ½, beside 4 that are alike.
    question, first = np.repeat(np.arange(100), 5), np.arange(500) % 5 < 2
    alike: FloatArray = np.where(first, question % 2, np.nan).astype(np.float64)
    weight = np.where(first, 2.5, 0.0)
    few = (1.98422 / 1.95996) ** 2
    assert drawn_share(question, alike, weight, level=0.95) == pytest.approx(few / 100, rel=1e-3)
    # Half of the questions have two labels that differ, the others two that agree: products cancel, 1/200 is left.
    right = np.where(question % 2 == 0, np.arange(500) % 5 == 1, question % 4 == 1)
    mixed: FloatArray = np.where(first, right, np.nan).astype(np.float64)
    share = (100 / 200 + 4) / 104
    assert drawn_share(question, mixed, weight, level=0.95) == pytest.approx(few * (1 + 4 * share) / 500, rel=1e-3)


def test_intervals_for_new_questions_with_several_answers() -> None:
    """Of 150 samples, 93 in 100 intervals hold the rate of new questions; fewer than 87 in 100 is one in 500."""
    rng = np.random.default_rng(0)
    question, held = np.repeat(np.arange(40), 6), np.zeros(3)
    for _ in range(150):
        right = (rng.random((40, 6)) < rng.beta(0.7, 0.3, 40)[:, None]).ravel()
        score = np.clip(0.2 + 0.6 * right + rng.normal(0, 0.2, 240), 0, 1)
        seen = np.full(240, np.nan)
        rows = rng.choice(240, 60, replace=False)
        seen[rows] = right[rows]
        rate = rate_from_labels(score, seen, question=question, finite=False)
        held += rate.frame.select(pl.lit(0.7).is_between("low", "high")).to_series().to_numpy()
    assert (held / 150).min() > 0.87


def test_questions_change_nothing_of_these_answers_or_if_there_is_one_answer_to_each() -> None:
    rng = np.random.default_rng(0)
    score, seen = rng.random(200), np.where(np.arange(200) < 60, rng.integers(0, 2, 200), np.nan)
    several = rate_from_labels(score, seen, question=np.repeat(np.arange(40), 5))
    assert several.estimate == rate_from_labels(score, seen).estimate
    single = rate_from_labels(score, seen, question=[f"q{row}" for row in range(200)], finite=False)
    assert single.estimate == rate_from_labels(score, seen, finite=False).estimate


def test_few_questions_have_no_interval() -> None:
    seen = np.where(np.arange(60) < 20, np.arange(60) % 2, np.nan)
    rate = rate_from_labels(np.full(60, 0.5), seen, question=np.repeat(np.arange(6), 10), finite=False)
    assert rate.estimate.reason == "an interval for new questions needs at least 10 questions, got 6"
    assert np.isnan(rate.estimate.low)
    assert not rate.labels_alone.known


def test_questions_of_another_number_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one question an answer: \(3,\), got \(2,\)"):
        rate_from_labels([0.1, 0.2, 0.3], [1, 0, 1], question=["a", "b"])
