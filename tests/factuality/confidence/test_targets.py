"""Scores at confidence targets: by hand, by prompt and by threshold, and what they changed by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.predictions.grades import GRADES
from factuality import Judgments, rates
from factuality.confidence.target_changes import confidence_target_change
from factuality.confidence.targets import TARGETS, confidence_target_score
from tests.factuality.sets import judgments

FIVE = ("correct", "incorrect", "correct", "abstained", "incorrect")
SURE = (0.95, 0.6, 0.5, 0.9, 0.2)


def sure(grades: Sequence[str], confidence: Sequence[float | None]) -> Judgments:
    frame = judgments(grades).frame
    return Judgments(frame.with_columns(confidence=pl.Series(confidence, dtype=pl.Float64)))


def test_scores_by_threshold_by_hand() -> None:
    found = confidence_target_score(sure(FIVE, SURE), targets=(0, 0.5, 0.75, 0.96)).frame
    # At 0 all that was attempted counts: 2 right, 2 wrong at no cost. At 0.5 the last answer is withheld: 2 right and
    # one wrong at 1. At 0.75 only the first is given, at 0.96 none.
    assert found["score"].to_list() == pytest.approx([2 / 5, 1 / 5, 1 / 5, 0])
    assert found["penalty"].to_list() == pytest.approx([0, 1, 3, 24])
    assert found["answered"].to_list() == pytest.approx([0.8, 0.6, 0.2, 0])
    assert found["accuracy_answered"].to_list() == [0.5, pytest.approx(2 / 3), 1, None]
    assert found["n"].to_list() == [5] * 4
    assert found["n_ungraded"].to_list() == [0] * 4
    accuracy = rates(sure(FIVE, SURE)).overall()
    assert found.row(0, named=True)["low"] == pytest.approx(accuracy["correct_low"], abs=1e-7)
    assert (found["low"] <= found["score"]).all()
    assert (found["score"] <= found["high"]).all()


def test_scores_by_prompt_are_those_of_the_runs_that_were_told() -> None:
    bold, shy = judgments(["correct", "incorrect", "incorrect"]), judgments(["correct", "abstained", "incorrect"])
    found = confidence_target_score({0.75: shy, 0.0: bold}, by="prompt")
    assert found.frame["target"].to_list() == [0, 0.75]
    assert found.frame["score"].to_list() == pytest.approx([1 / 3, (1 - 3) / 3])
    assert (found.by, found.model, found.level) == ("prompt", "m", 0.95)
    one = confidence_target_score(shy, targets=(0, 0.75), by="prompt").frame
    assert one["score"].to_list() == pytest.approx([1 / 3, (1 - 3) / 3])
    assert one["answered"].to_list() == pytest.approx([2 / 3] * 2)


def test_what_was_not_graded_is_left_out_and_counted() -> None:
    one = judgments(["correct", "ungraded", "incorrect"])
    two = judgments(["ungraded", "correct", "incorrect"])
    alone = confidence_target_score(one, targets=[0], by="prompt").frame.row(0, named=True)
    assert (alone["score"], alone["n"], alone["n_ungraded"]) == (0.5, 2, 1)
    both = confidence_target_score({0: one, 0.5: two}, by="prompt").frame
    assert both.select("score", "n", "n_ungraded").rows() == [(0, 1, 2), (-1, 1, 2)]
    with pytest.raises(ValueError, match="at least one question whose answers were all graded"):
        confidence_target_score(judgments(["ungraded"]), by="prompt")


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(GRADES[:3]), st.floats(0, 1)), min_size=1, max_size=15))
def test_a_target_of_0_is_accuracy_and_nothing_answered_earns_nothing(answers: list[tuple[str, float]]) -> None:
    grades, confidence = [list(part) for part in zip(*answers, strict=True)]
    found = confidence_target_score(sure(grades, confidence), targets=(0, 0.3, 0.6)).frame
    assert found["score"][0] == pytest.approx(np.mean([grade == "correct" for grade in grades]))
    assert found["answered"].is_sorted(descending=True)
    for row in found.iter_rows(named=True):
        assert -row["penalty"] - 1e-9 <= row["low"] <= row["score"] + 1e-9 <= row["high"] + 2e-9 <= 1 + 3e-9
        if row["accuracy_answered"] is None:
            assert row["score"] == 0
        else:  # worth answering just where the accuracy of the answers is above the target
            margin = row["accuracy_answered"] - row["target"]
            assert row["score"] == pytest.approx(row["answered"] * margin / (1 - row["target"]), abs=1e-12)


def test_a_calibrated_model_loses_nothing_at_any_target() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.random(4000)
    grades = np.where(rng.random(4000) < confidence, "correct", "incorrect")
    found = confidence_target_score(sure(grades.tolist(), confidence.tolist())).frame
    assert found["target"].to_list() == list(TARGETS)
    # E[(c − t)⁺] / (1 − t) = (1 − t) / 2 for uniform confidence.
    np.testing.assert_allclose(found["score"], (1 - found["target"].to_numpy()) / 2, atol=0.06)
    assert (found["low"][:-1] > 0).all()


def test_what_scores_changed_by() -> None:
    before = sure(["correct", "incorrect", "incorrect", "correct"] * 10, [0.9, 0.9, 0.4, 0.6] * 10)
    after = sure(["correct", "incorrect", "incorrect", "correct"] * 10, [0.9, 0.3, 0.4, 0.8] * 10)
    pair = [confidence_target_score(one, targets=(0, 0.5)) for one in (before, after)]
    changes = confidence_target_change(*pair).frame
    assert changes["n"].to_list() == [40, 40]
    assert changes["before"].to_list() == pytest.approx([0.5, 0.25])
    assert changes["after"].to_list() == pytest.approx([0.5, 0.5])
    assert changes["change"].to_list() == pytest.approx([0, 0.25])
    assert changes["p_value"][0] == 1
    assert changes["p_value"][1] < 0.05
    assert 0 < changes["low"][1] < 0.25 < changes["high"][1]
    turned = Judgments(after.frame.reverse())
    again = confidence_target_change(pair[0], confidence_target_score(turned, targets=(0, 0.5))).frame
    assert again["low"].to_list() == pytest.approx(changes["low"].to_list())
    part = sure(["ungraded"] + ["correct"] * 39, [0.9] * 40)
    assert confidence_target_change(pair[0], confidence_target_score(part, targets=(0, 0.5))).frame["n"][0] == 39


def test_refusals() -> None:
    one = sure(FIVE, SURE)
    with pytest.raises(ValueError, match=r"a target must be at least 0 and below 1, got 1\.0"):
        confidence_target_score(one, targets=(0.5, 1))
    with pytest.raises(ValueError, match="at least one target, got none"):
        confidence_target_score(one, targets=())
    with pytest.raises(ValueError, match="by must be one of prompt, threshold, got 'luck'"):
        confidence_target_score(one, by="luck")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="by threshold takes one run"):
        confidence_target_score({0.5: one})
    with pytest.raises(ValueError, match=r"no run was asked at the target 0\.9; known are 0\.5"):
        confidence_target_score({0.5: one}, targets=[0.9], by="prompt")
    with pytest.raises(ValueError, match="every answer must have a confidence, that to question q1 has none"):
        confidence_target_score(sure(FIVE, [0.9, None, 0.5, None, 0.2]))
    other = Judgments(one.frame.with_columns(text=pl.lit("Who?")))
    with pytest.raises(ValueError, match="question q0 has another text in each"):
        confidence_target_score({0: one, 0.5: other}, by="prompt")
    with pytest.raises(ValueError, match="only in before: q4"):
        confidence_target_score({0: one, 0.5: Judgments(one.frame[:4])}, by="prompt")
    twice = Judgments(pl.concat([one.frame, one.frame.with_columns(sample=pl.lit(1, pl.Int32))]))
    with pytest.raises(ValueError, match="question q0 has several"):
        confidence_target_score(twice)
    scored = confidence_target_score(one)
    with pytest.raises(ValueError, match="the same targets and one way to abstain"):
        confidence_target_change(scored, confidence_target_score(one, targets=[0.5]))
    with pytest.raises(ValueError, match="question q0 has another text in each"):
        confidence_target_change(scored, confidence_target_score(other))
    apart = Judgments(one.frame.with_columns(question=pl.col("question") + "x"))
    with pytest.raises(ValueError, match="must have graded questions in common, got none"):
        confidence_target_change(scored, confidence_target_score(apart))
