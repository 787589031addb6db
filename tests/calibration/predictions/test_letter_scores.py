"""Scores of letters: what is stored of each kind, and which are of another kind than is said."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.typing import ArrayLike
from scipy.special import softmax

from calibration import Predictions, ece, log_loss
from calibration.predictions.letter_scores import letter_scores
from calibration.predictions.letter_table import SCHEMA

ROWS = [[0.7, 0.2, 0.1], [0.25, 0.5, 0.25]]


def test_probabilities_come_back() -> None:
    run = Predictions.from_arrays(probabilities=ROWS, answer=[0, 2], item=["a", "b"])
    np.testing.assert_allclose(run.probabilities, ROWS, atol=1e-7)
    assert run.frame["letter_mass"].to_list() == [None, None]
    assert not any(run.frame["bounded"].explode())
    assert log_loss(run.probabilities, run.answer) == pytest.approx(-np.log(0.7 * 0.25) / 2, abs=1e-6)
    lists = Predictions.from_lists(probabilities=[[0.7, 0.3], [0.25, 0.5, 0.25]], answer=[0, 2])
    assert lists.n_options.tolist() == [2, 3]
    np.testing.assert_allclose(lists.probabilities[0], [0.7, 0.3, 0.0], atol=1e-7)


def test_probabilities_and_their_logits_are_one_run() -> None:
    logits = np.random.default_rng(0).normal(size=(200, 4)) * 3
    answer = np.random.default_rng(1).integers(0, 4, 200)
    one = Predictions.from_arrays(logits, answer)
    other = Predictions.from_arrays(probabilities=softmax(logits, axis=1), answer=answer)
    np.testing.assert_allclose(one.logprobs, other.logprobs, atol=1e-6)
    assert ece(one.confidence, one.correct) == pytest.approx(ece(other.confidence, other.correct), abs=1e-6)


def test_a_probability_of_zero_is_an_upper_bound() -> None:
    run = Predictions.from_arrays(probabilities=[[1.0, 0.0], [0.0, 1.0]], answer=[0, 0])
    assert run.frame["bounded"].to_list() == [[False, True], [True, False]]
    assert run.confidence.tolist() == [1.0, 1.0]
    assert -run.log_probabilities[1, 0] == pytest.approx(-np.log(np.finfo(np.float32).tiny), rel=1e-6)  # 87.3 nats


def test_a_log_probability_that_is_not_told_is_an_upper_bound() -> None:
    values = np.log([[0.6, 0.3, 1.0, 0.05], [0.5, 0.4, 0.06, 0.04]])
    values[0, 2] = -9999.0
    scores = letter_scores(values, np.array([4, 4]), "log-probabilities", where=str)
    assert scores.bounded.tolist() == [[False, False, True, False], [False] * 4]
    # 0.05 are left, as likely as the least likely letter that is told.
    assert np.exp(scores.logprobs[0]) == pytest.approx([0.6, 0.3, 0.05, 0.05])
    assert scores.letter_mass == pytest.approx([0.95, 1.0])
    values[0, 3] = np.log(0.08)
    scores = letter_scores(values, np.array([4, 4]), "log-probabilities", where=str)
    assert np.exp(scores.logprobs[0, 2]) == pytest.approx(0.02)


def test_ten_options_of_three_decimals_may_be_off_by_more_than_four() -> None:
    row = [0.1, 0.146, 0.146, 0.146, 0.146, 0.068, 0.068, 0.068, 0.068, 0.048]  # 1.004: rounded up, each by 0.0004
    run = Predictions.from_arrays(probabilities=[row], answer=[0])
    assert run.probabilities.sum() == pytest.approx(1)
    with pytest.raises(ValueError, match=r"to within 0\.005\), row 0 \(item 0\) has 1\.006"):
        Predictions.from_arrays(probabilities=[[*row[:-1], 0.05]], answer=[0])


def test_rounded_rows_are_shares_of_their_sum() -> None:
    run = Predictions.from_arrays(probabilities=[[0.333, 0.333, 0.333]], answer=[0])
    np.testing.assert_allclose(run.probabilities, [[1 / 3] * 3], atol=1e-7)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[0.5, 0.5], [0.9, 0.5]], r"must sum to 1 in each row \(to within 0\.01\), row 1 \(item 1\) has 1\.4$"),
        (
            [[0.5, 0.5], [0.33, 0.655]],
            r"row 1 \(item 1\) has 0\.985; if these were rounded .* divide each row by its sum",
        ),
        ([[50.0, 50.0], [30.0, 70.0]], r"must be in \[0, 1\], .* has \[50\.0, 50\.0\]; percentages are divided by 100"),
        ([[0.5, 0.4], [0.3, 0.3]], r"row 0 \(item 0\) has 0\.9; letters that hold only a part of the probability are"),
        ([[1.5, -0.5]], r"probabilities must be in \[0, 1\], row 0 \(item 0\) has \[1\.5, -0\.5\]"),
        ([[70.0, 30.0]], r"probabilities must be in \[0, 1\], row 0 \(item 0\) has \[70\.0, 30\.0\]"),
        ([[0.5, np.nan]], r"there must be 2 to 26 letters, row 0 \(item 0\) has 1$"),
        ([[np.nan, 0.5]], r"probabilities must be finite; NaN or -inf marks an option that does not exist, behind the"),
        ([[1.0]], r"there must be 2 to 26 letters, row 0 \(item 0\) has 1$"),
    ],
)
def test_what_are_no_probabilities(rows: ArrayLike, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Predictions.from_arrays(probabilities=rows, answer=np.zeros(len(np.asarray(rows)), dtype=int))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            ROWS,
            r"2 of 2 rows .* sum to 1, row 0 \(item 0\) has \[0\.7, 0\.2, 0\.1\]; give them as probabilities= \(in CSV",
        ),
        ([[0.33, 0.33, 0.33]], r"these are probabilities, not logits: 1 of 1 rows"),
        ([*ROWS, [0.5, 0.3, 0.1]], r"2 of 3 rows .* sum to 1"),
        (np.float32(softmax(np.random.default_rng(0).normal(size=(50, 4)), axis=1)), r"50 of 50 rows"),
        (np.float16(softmax(np.random.default_rng(0).normal(size=(50, 4)), axis=1)), r"50 of 50 rows"),
        (np.eye(4)[np.arange(20) % 4], r"20 of 20 rows .* has \[1\.0, 0\.0, 0\.0, 0\.0\]"),
        (
            [[70.0, 30.0], [20.0, 80.0]],
            r"2 of 2 rows .* sum to 100, .*; give them as probabilities= .*, divided by 100",
        ),
        (
            [[0.6, 0.3], [0.2, 0.7]] * 10,
            r"20 of 20 rows .* sum to less than 1, .*; give their logarithms \(in CSV as logprob_A",
        ),
    ],
)
def test_probabilities_are_no_logits(rows: ArrayLike, message: str) -> None:
    answer = np.zeros(len(np.asarray(rows)), dtype=int)
    with pytest.raises(ValueError, match=message):
        Predictions.from_arrays(rows, answer)
    with pytest.raises(ValueError, match=message):
        Predictions.from_lists(np.asarray(rows, dtype=float).tolist(), answer.tolist())


@pytest.mark.parametrize(
    "rows",
    [
        np.log(ROWS),
        [[0.0, 1.0], [1.0, 0.0]],  # made by hand
        [[1.0, 0.0], [0.4, 0.2]],
        [[2.0, -1.0], [0.3, 0.7]],
        [[3.0, 0.5], [0.3, 0.7]],
        [[0.0, 0.0], [0.0, 0.0]],
        [[0.9, 0.9], [0.5, 0.5]],
        [[100.0, 0.0], [0.0, 100.0]],
    ],
)
def test_logits_are_logits(rows: ArrayLike) -> None:
    run = Predictions.from_arrays(rows, [0, 1])
    np.testing.assert_allclose(run.probabilities, softmax(np.asarray(rows), axis=1), atol=1e-6)


def test_log_probabilities_of_a_table_must_fit_one_context() -> None:
    frame = Predictions.from_arrays(probabilities=ROWS, answer=[0, 0]).frame
    excess = [{**row, "logprobs": [-0.3, -0.5, -2.0]} for row in frame.to_dicts()]
    with pytest.raises(ValueError, match=r"in one context must not sum to more than 1\.001 as probabilities; row 0 "):
        Predictions(pl.DataFrame(excess, schema=SCHEMA))
    # Two letters that the source did not give may each have what is left.
    bounded = [{**row, "logprobs": [-0.6, -0.8, -0.8], "bounded": [False, True, True]} for row in frame.to_dicts()]
    assert Predictions(pl.DataFrame(bounded, schema=SCHEMA)).n_items == 2


def test_answers_may_be_letters() -> None:
    run = Predictions.from_arrays([[3.0, 0.0], [0.0, 3.0]], ["A", "b"])
    assert run.answer.tolist() == [0, 1]
    assert Predictions.from_arrays([[3.0, 0.0]], np.array(["B"])).answer.tolist() == [1]
    with pytest.raises(ValueError, match=r"row 1 \(item 1\): the answer must be a letter from A to B, got 'C'"):
        Predictions.from_arrays([[3.0, 0.0], [0.0, 3.0]], ["A", "C"])
    with pytest.raises(ValueError, match=r"row 1 \(item 1\): the answer must be a letter from A to B, got '1'"):
        Predictions.from_arrays([[3.0, 0.0], [0.0, 3.0]], ["A", "1"])


def test_exactly_one_kind_of_scores() -> None:
    for scores in ({}, {"logprobs": ROWS, "probabilities": ROWS}):
        with pytest.raises(TypeError, match=r"exactly one of logits, logprobs and probabilities must be given"):
            Predictions.from_arrays(answer=[0, 0], **scores)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="answer must be given"):
        Predictions.from_lists(ROWS)
