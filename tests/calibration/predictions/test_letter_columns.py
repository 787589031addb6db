"""Predictions from tables: columns of scores, lists, answers in any form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from calibration import Predictions

ROWS = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]
NAMES = ["prob_A", "prob_B", "prob_C"]


def table(**further: Any) -> dict[str, Any]:
    return {name: [row[index] for row in ROWS] for index, name in enumerate(NAMES)} | further


@pytest.mark.parametrize(
    ("answers", "further"),
    [
        (["A", "c"], {}),
        ([0, 2], {}),
        (np.array([0, 2]), {}),
        ([0.0, 2.0], {}),
        (["prob_A", "prob_C"], {}),
        (["PROB_a", "prob_c"], {}),
        (["red", "blue"], {"options": [["red", "green", "blue"]] * 2}),
        (["red", "blue"], {"A": ["red"] * 2, "B": ["green"] * 2, "C": ["blue"] * 2}),
    ],
)
def test_answers_are_indices_letters_names_of_columns_or_texts(answers: Any, further: dict[str, Any]) -> None:
    run = Predictions.from_frame(table(answer=answers, **further))
    assert run.answer.tolist() == [0, 2]
    np.testing.assert_allclose(run.probabilities, ROWS, atol=1e-7)


@pytest.mark.parametrize(
    "scores",
    [
        {"probs": ROWS},
        {"probabilities": np.array(ROWS)},
        {"probabilities": torch.tensor(ROWS, dtype=torch.float64)},
        {"probs": pl.Series(ROWS)},
        {"probs": [str(row) for row in ROWS]},
        {"logits": np.log(ROWS)},
        {"logprobs": np.log(ROWS)},
    ],
)
def test_a_column_of_lists_holds_all_scores(scores: dict[str, Any]) -> None:
    np.testing.assert_allclose(Predictions.from_frame({**scores, "target": ["A", "B"]}).probabilities, ROWS, atol=1e-6)


def test_columns_that_the_caller_names_and_further_ones() -> None:
    frame = pd.DataFrame(
        {"p_a": [0.2, 0.6], "p_b": [0.8, 0.4], "gold": ["b", "a"], "topic": ["x", "y"], "label": [1, 2]}
    )
    run = Predictions.from_frame(frame, probabilities=["p_a", "p_b"], answer="gold", subject="topic", model="m")
    assert (run.correct.tolist(), run.subject.tolist(), run.model) == ([True, True], ["x", "y"], "m")
    assert run.frame["label"].to_list() == [1, 2]


def test_last_scores_of_a_row_may_be_empty() -> None:
    run = Predictions.from_frame(
        {"prob_A": ["0,5", "0,2"], "prob_B": ["0,5", "0,3"], "prob_C": ["", "0,5"], "gold": ["B", "C"]}
    )
    assert run.n_options.tolist() == [2, 3]
    with pytest.raises(ValueError, match="row 0: 'prob_A' is empty; only the last columns of a row may be"):
        Predictions.from_frame({"prob_A": [None], "prob_B": [0.5], "gold": ["B"]})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (table(), r"there must be a field 'gold' \(or answer, target, .*\); the file has 'prob_A'"),
        (table(answer=["A", "B"], logit_A=[1, 2], logit_B=[1, 2]), "there must be scores of one kind"),
        ({"answer": ["A"]}, "there must be scores of one kind: logit_A, .* got 'answer'"),
        (table(answer=["A", "B"], target=["A", "B"]), "'answer' and 'target' both mean 'gold'"),
        (table(answer=["A", None]), "row 1: 'answer' has no value"),
        (table(answer=["A", "D"]), "row 1: the answer must be a letter from A to C, got 'D'"),
        (table(answer=[1, 2]), "the answers are digits and never 0"),
        (table(answer=["A", "B"], id=["q", "q"]), "row 1: ids must be unique: q is at row 0 too"),
        (table(answer=["A", "B"], model=["x", "y"]), r"must be of one model, got 'x' \(row 0\) and 'y' \(row 1\)"),
        ({"logits": ["a", "b"], "answer": ["A", "B"]}, "row 0: 'logits' must be a list of numbers, got 'a'"),
    ],
)
def test_tables_that_are_refused_by_column_and_row(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Predictions.from_frame(data)


def test_an_id_is_subject_and_index_without_a_column_of_ids() -> None:
    run = Predictions.from_frame(table(answer=["A", "B"], subject=["law", "art"], index=[3, 4]))
    assert run.item.tolist() == ["law/3", "art/4"]


@pytest.mark.parametrize("missing", [np.nan, -np.inf])
@pytest.mark.parametrize("name", ["logits", "logprobs", "probabilities"])
def test_nan_or_minus_infinity_behind_the_last_score_is_no_option(name: str, missing: float) -> None:
    scores = {"logits": [1.0, 2.0], "logprobs": [-1.0, -2.0], "probabilities": [0.25, 0.75]}[name]
    run = Predictions.from_arrays(**{name: [[*scores, missing], [*scores[:1], -3.0, -3.0]][:1]}, answer=[1])  # type: ignore[arg-type]
    same = Predictions.from_arrays(**{name: [scores]}, answer=[1])  # type: ignore[arg-type]
    assert run.frame.equals(same.frame)
    with pytest.raises(ValueError, match=r"must be finite; NaN or -inf marks an option that .* row 0"):
        Predictions.from_arrays(**{name: [[scores[0], missing, scores[1]]]}, answer=[0])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"must be one of the letters, row 0 \(item 0\) has 2 of 2"):
        Predictions.from_arrays(**{name: [[*scores, missing]]}, answer=[2])  # type: ignore[arg-type]


@given(st.lists(st.lists(st.floats(-9, 0), min_size=2, max_size=6), min_size=1, max_size=8))
def test_padded_rows_are_lists_of_different_lengths(rows: list[list[float]]) -> None:
    width = max(map(len, rows))
    padded = [[*row, *[np.nan] * (width - len(row))] for row in rows]
    answer = [len(row) - 1 for row in rows]
    lists = Predictions.from_lists(rows, answer)
    assert Predictions.from_arrays(padded, answer).frame.equals(lists.frame)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_tensors_of_any_type_and_with_gradients(dtype: str) -> None:
    logits = torch.tensor([[2.0, 0.5], [0.0, 1.0]], dtype=getattr(torch, dtype), requires_grad=True)
    run = Predictions.from_arrays(logits, torch.tensor([0, 1]))
    assert run.frame.equals(Predictions.from_arrays(logits=[[2.0, 0.5], [0.0, 1.0]], answer=[0, 1]).frame)


def test_named_logprobs_keep_their_mass_where_logits_are_renormalised() -> None:
    rows = np.log([[0.5, 0.3]])
    run = Predictions.from_arrays(logprobs=rows, answer=[0])
    assert run.frame["letter_mass"].to_list() == [pytest.approx(0.8)]
    assert Predictions.from_arrays(rows, [0]).frame["letter_mass"].to_list() == [None]
    assert Predictions.from_arrays(logits=rows, answer=[0]).frame.equals(Predictions.from_arrays(rows, [0]).frame)
    with pytest.raises(ValueError, match="log-probabilities must not be positive"):
        Predictions.from_arrays(logprobs=[[1.0, 2.0]], answer=[0])


def test_names_of_classes_come_before_positions() -> None:
    scores = {"p_1": [0.9, 0.2], "p_2": [0.1, 0.8]}
    assert Predictions.from_frame({**scores, "gold": [1, 2]}, probabilities=["p_1", "p_2"]).accuracy == 1.0
    with pytest.raises(ValueError, match="columns of scores must be in the order of their letters, got p_b, p_a"):
        Predictions.from_frame({"p_a": [0.9], "p_b": [0.1], "gold": ["b"]}, probabilities=["p_b", "p_a"])
