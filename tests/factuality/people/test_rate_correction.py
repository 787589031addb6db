"""Rates of judgments that are corrected by labels."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from factuality import Judgments
from factuality.people.labelling import choose_to_label
from factuality.people.prediction_powered import rate_from_labels
from factuality.people.rate_correction import corrected_rate
from tests.factuality import sets

from .test_prediction_powered import population, sampled


def test_judgments_and_what_was_chosen_of_them() -> None:
    score, label = population(0.3, n_answers=300)
    judgments = sets.judgments(["correct" if one > 0.5 else "incorrect" for one in score])
    judgments = Judgments(judgments.frame.with_columns(pl.Series("score", score)))
    chosen = choose_to_label(judgments, 60).frame
    number = chosen["question"].str.slice(1).cast(pl.Int64).to_numpy()
    grades = pl.Series(["correct" if label[row] else "incorrect" for row in number])
    people = Judgments(
        judgments.frame.join(chosen.select("question"), on="question", how="semi").with_columns(
            grade=grades, tempted=False
        )
    )
    found = corrected_rate(judgments, people, weights=chosen)
    weight = np.ones(300)
    weight[number] = chosen["weight"].to_numpy()
    assert found.estimate == rate_from_labels(score, sampled(label, number), weight=weight).estimate
    assert (found.n_answers, found.n_labels) == (300, 60)
    with pytest.raises(ValueError, match="a labelled answer must have a positive weight; row"):
        corrected_rate(judgments, people, weights=chosen[:59])
