"""Which answers people should label next."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factuality import Judgments
from factuality.grading.graders.human import Human
from factuality.people.labelling import choose_to_label, stratified_sample
from tests.factuality import sets


def judged(scores: list[float | None]) -> Judgments:
    frame = sets.judgments(["ungraded" if one is None else "correct" for one in scores]).frame
    return Judgments(frame.with_columns(pl.Series("score", scores, dtype=pl.Float64)))


@given(
    st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=2, max_size=80),
    st.data(),
    st.integers(0, 100),
)
def test_as_many_as_asked_for_and_weights_that_count_everyone(
    scores: list[float], data: st.DataObject, seed: int
) -> None:
    n_labels = data.draw(st.integers(2, len(scores)))
    rows, stratum, weight = stratified_sample(scores, n_labels, seed=seed)
    assert len(np.unique(rows)) == n_labels
    assert weight.sum() == pytest.approx(len(scores)) or n_labels < 4
    assert weight.min() >= 1
    # One weight a stratum; those without a score are among themselves.
    assert all(len(np.unique(weight[stratum == one])) == 1 for one in np.unique(stratum))
    missing = np.isnan(np.array(scores))[rows]
    assert not set(stratum[missing]) & set(stratum[~missing])


def test_undecided_answers_come_first_but_none_is_forgotten() -> None:
    score = np.repeat([0.02, 0.5], [600, 400])
    rows, _, weight = stratified_sample(score, 100)
    undecided = score[rows] == 0.5
    # Half in proportion to size, half to size times √(s (1 − s)): 0.5·0.4 + 0.5·200/(200 + 84).
    assert undecided.sum() == pytest.approx(100 * (0.2 + 0.5 * 200 / (200 + 600 * np.sqrt(0.02 * 0.98))), abs=1)
    assert weight.max() < 2 * 1000 / 100
    again = stratified_sample(score, 100)[0]
    assert np.array_equal(rows, again)
    assert not np.array_equal(rows, stratified_sample(score, 100, seed=1)[0])


def test_every_answer_of_a_stratum_has_the_same_chance() -> None:
    score = np.repeat([0.1, 0.6], [12, 8])
    times = 4000
    taken = np.zeros(20)
    weight = np.zeros(20)
    for seed in range(times):
        rows, _, weights = stratified_sample(score, 8, seed=seed)
        taken[rows] += 1
        weight[rows] = weights
    assert taken / times == pytest.approx(1 / weight, abs=0.04)


def test_the_table_is_what_the_grader_human_reads(tmp_path: Path) -> None:
    judgments = judged([0.1, 0.9, None, 0.5, 0.4, 0.3])
    chosen = choose_to_label(judgments, 3, seed=2)
    table = chosen.frame
    assert chosen.n_answers == 3
    assert table.columns == [
        "question", "sample", "category", "text", "response", "ideal", "score", "stratum", "weight", "grade",
    ]  # fmt: skip
    path = tmp_path / "labels.csv"
    table.with_columns(grade=pl.lit("correct")).write_csv(path)
    assert set(Human.load(path).grades) == set(table.select("question", "sample").iter_rows())


def test_a_wrong_number_is_refused() -> None:
    for number in (1, 7):
        with pytest.raises(ValueError, match=f"from 2 to the number of answers, 6, got {number}"):
            choose_to_label(judged([0.5] * 6), number)
