"""Calibration of judgments that is corrected by people's labels."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from factuality import Judgments, choose_to_label
from factuality.confidence.calibration_correction import corrected_calibration
from factuality.people.calibration_from_labels import calibration_from_labels
from tests.factuality import sets


def test_answers_are_those_that_are_scored_and_people_are_matched() -> None:
    rng = np.random.default_rng(0)
    right = rng.random(200) < 0.6
    grades = np.where(rng.random(200) < 0.9, right, ~right)
    confidence = np.round(rng.random(200), 2)
    names = ["correct" if grade else "incorrect" for grade in grades]
    names[:3] = ["abstained", "ungraded", "correct"]
    frame = sets.judgments(names).frame.with_columns(confidence=pl.Series(confidence), confidence_kind=pl.lit("stated"))
    frame = frame.with_columns(confidence=pl.when(pl.col("question") == "q2").then(None).otherwise("confidence"))
    judgments = Judgments(frame)
    chosen = choose_to_label(judgments, 80, seed=1).frame
    number = chosen["question"].str.slice(1).cast(pl.Int64).to_numpy()
    people = Judgments(
        frame.join(chosen.select("question"), on="question", how="semi").with_columns(
            grade=pl.Series(["correct" if right[row] else "incorrect" for row in number]), tempted=False
        )
    )
    calibration = corrected_calibration(judgments, people, weights=chosen)
    label, weight = np.full(200, np.nan), np.ones(200)
    label[number], weight[number] = right[number], chosen["weight"].to_numpy()
    kept = np.arange(200) > 2
    by_hand = calibration_from_labels(confidence[kept], grades[kept] * 1.0, label[kept], weight=weight[kept])
    assert by_hand.corrected["ece"].known
    for name in ("value", "low", "high"):
        assert calibration.frame[name].to_list() == pytest.approx(by_hand.frame[name].to_list())
    assert calibration.n_answers == 197
    with pytest.raises(ValueError, match="a labelled answer must have a positive weight; row"):
        corrected_calibration(judgments, people, weights=chosen.head(70))
