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


@pytest.mark.parametrize(
    ("names", "answers", "expected"),
    [
        (["p1", "p2", "p3"], [1, 3], [0, 2]),
        (["p_01", "p_02", "p_03"], ["1", "3"], [0, 2]),
        (["p0", "p1", "p2"], [1, 2], [1, 2]),
        (["p3", "p2", "p1"], [1, 2], [2, 1]),
        (["p1", "p2", "p3"], ["p1", "p3"], [0, 2]),
        (["p1", "p2", "p3"], ["A", "C"], [0, 2]),
    ],
)
def test_numbers_are_those_of_the_columns(names: list[str], answers: list[Any], expected: list[int]) -> None:
    data = {name: [row[index] for row in ROWS] for index, name in enumerate(names)} | {"answer": answers}
    run = Predictions.from_frame(data, probabilities=names)
    assert run.answer.tolist() == expected


def test_a_number_that_no_column_has_is_refused_unless_it_is_said_what_it_counts() -> None:
    names = ["p1", "p2", "p3"]
    data = {name: [row[index] for row in ROWS] for index, name in enumerate(names)} | {"answer": [0, 2]}
    with pytest.raises(ValueError, match=r"row 0: the options are numbered 1, 2, 3, and the answer 0 names none of .*"):
        Predictions.from_frame(data, probabilities=names)
    assert Predictions.from_frame(data, probabilities=names, answers="from-zero").answer.tolist() == [0, 2]


def test_numbers_are_those_of_the_columns_of_texts() -> None:
    texts = {f"option_{number}": [f"x{number}", f"y{number}"] for number in (1, 2, 3)}
    assert Predictions.from_frame(table(answer=[1, 3], **texts)).answer.tolist() == [0, 2]
    with pytest.raises(ValueError, match="row 1: the options are numbered 1, 2, 3, and the answer 0 names none"):
        Predictions.from_frame(table(answer=[1, 0], **texts))
    with pytest.raises(ValueError, match="the answers are digits and never 0"):
        Predictions.from_frame(table(answer=[1, 3], option_1=["x", "y"], option_2=["x", "y"]))
    with pytest.raises(ValueError, match="row 0: the answer 1 is the number of option A and the text of option B"):
        Predictions.from_frame(table(answer=[1, 3], options=[["2", "1", "3"]] * 2, **texts))


@pytest.mark.parametrize(
    ("correct", "message"),
    [
        ([1, 1], "row 1: 'correct' says 1, but option C is the likeliest and A is right; rename or remove"),
        (["wrong", "wrong"], "row 0: 'correct' says 'wrong', but option A is the likeliest and A is right"),
        (["A", "C"], "row 1: 'correct' names option 'C' where the answer is A"),
    ],
)
def test_a_verdict_beside_the_scores_must_be_theirs(correct: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Predictions.from_frame(table(answer=["A", "A"], correct=correct))


@pytest.mark.parametrize("correct", [[1, 0], ["yes", None], ["n/a", "wrong"], ["A", "A"], [0, 0], ["red", "red"]])
def test_a_verdict_that_agrees_stays_a_further_column(correct: list[Any]) -> None:
    assert "correct" in Predictions.from_frame(table(answer=["A", "A"], correct=correct)).frame.columns


def test_either_of_two_likeliest_options_may_count() -> None:
    for correct in ([1, 1], [0, 0]):
        data = {"prob_A": [0.5, 0.5], "prob_B": [0.5, 0.5], "answer": ["A", "B"], "correct": correct}
        assert Predictions.from_frame(data).n_items == 2


def test_scores_may_be_in_per_cent() -> None:
    data = {"probs": [[70, 20, 10], [10, 30, 60]], "answer": ["A", "C"]}
    np.testing.assert_allclose(Predictions.from_frame(data, scale=100).probabilities, ROWS, atol=1e-7)
    with pytest.raises(ValueError, match=r"'probs': the values are at most 0\.7, which are no parts of 100"):
        Predictions.from_frame({**data, "probs": ROWS}, scale=100)
    with pytest.raises(ValueError, match=r"'logits': scale \(--scale\) divides probabilities, got logits"):
        Predictions.from_frame({"logits": ROWS, "answer": ["A", "C"]}, scale=100)


@pytest.mark.parametrize(
    ("objects", "answers", "expected"),
    [
        ([{"A": 0.7, "B": 0.3}, {"B": 0.4, "A": 0.6}], ["A", "B"], [[0.7, 0.3], [0.6, 0.4]]),
        ([{" A": 0.7, " B": 0.3}, {"(b)": 0.4, "(a)": 0.6}], [0, 1], [[0.7, 0.3], [0.6, 0.4]]),
        ([{"1": 0.7, "2": 0.3}, {"2": 0.4, "1": 0.6}], [1, 2], [[0.7, 0.3], [0.6, 0.4]]),
        ([{"yes": 0.7, "no": 0.3}, {"no": 0.4, "yes": 0.6}], ["Yes", "no"], [[0.7, 0.3], [0.6, 0.4]]),
        (['{"A": 0.7, "B": 0.3}', '{"A": 0.6, "B": 0.4}'], ["A", "B"], [[0.7, 0.3], [0.6, 0.4]]),
        ([{"A": 0.7, "B": 0.3}, {"A": 0.5, "B": 0.25, "C": 0.25}], ["A", "B"], [[0.7, 0.3, 0], [0.5, 0.25, 0.25]]),
    ],
)
def test_scores_may_stand_by_the_names_of_options(
    objects: list[Any], answers: list[Any], expected: list[list[float]]
) -> None:
    run = Predictions.from_frame({"probs": objects, "answer": answers})
    np.testing.assert_allclose(run.probabilities, expected, atol=1e-7)
    assert run.answer.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("objects", "answers", "message"),
    [
        ([{"yes": 0.7, "no": 0.3}] * 2, [0, 1], "row 0: 'answer' must be one of yes, no, got 0; objects have no order"),
        ([{"yes": 0.7, "no": 0.3}] * 2, ["A", "B"], "row 0: 'answer' must be one of yes, no, got 'A'"),
        (
            [{"A": 0.7, "B": 0.3}, {"A": 0.7, "C": 0.3}],
            ["A", "A"],
            "row 1: 'probs' must hold the options A, B, got A, C",
        ),
        (
            [{"yes": 1.0, "no": 0.0}, {"yes": 1.0}],
            ["yes", "no"],
            "row 1: 'probs' must hold the options yes, no, got yes",
        ),
        ([{"A": 0.7, "B": 0.3}, [0.7, 0.3]], ["A", "A"], "row 1: 'probs' must be an object of numbers in every row"),
        ([{"A": "high", "B": 0.3}], ["A"], "row 0: 'probs' must be an object of numbers in every row"),
    ],
)
def test_objects_of_scores_that_are_refused(objects: list[Any], answers: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Predictions.from_frame({"probs": objects, "answer": answers})


def test_texts_of_options_stand_in_the_order_of_their_scores() -> None:
    data = {"p_yes": [0.7], "p_no": [0.3], "options": [["no", "yes"]], "answer": ["yes"]}
    with pytest.raises(
        ValueError, match=r"row 0: the options must be in the order of their scores, got no, yes beside"
    ):
        Predictions.from_frame(data, probabilities=["p_yes", "p_no"])
    assert Predictions.from_frame({**data, "options": [["yes", "no"]]}, probabilities=["p_yes", "p_no"]).accuracy == 1


def test_a_text_that_two_options_have_is_named_as_such() -> None:
    data = table(answer=["red", "blue"], options=[["red", "red", "blue"]] * 2)
    with pytest.raises(ValueError, match="row 0: the answer must be the text of one option, 'red' is that of A and B"):
        Predictions.from_frame(data)
