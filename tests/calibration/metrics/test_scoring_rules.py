from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from calibration import brier_score, classwise_ece, log_loss, null_ece

Rows = list[tuple[list[float], int]]
# Three options an item, each with some weight; the answer is any of them.
rows_of_three = st.lists(
    st.tuples(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.integers(0, 2)), min_size=1, max_size=30
)
ROW_METRICS: list[Callable[[ArrayLike, ArrayLike], object]] = [brier_score, log_loss, classwise_ece, null_ece]


def columns(values: Rows) -> tuple[np.ndarray, np.ndarray]:
    weights = np.array([weight for weight, _ in values])
    return weights / weights.sum(axis=1, keepdims=True), np.array([right for _, right in values])


@pytest.mark.parametrize(
    ("probabilities", "answer", "brier", "nats"),
    [
        ([[1.0, 0.0]], [0], 0.0, 0.0),
        ([[1.0, 0.0]], [1], 2.0, math.inf),
        # Flat over four letters: 3/4² + 3·1/4² = 3/4, and log 4.
        ([[0.25, 0.25, 0.25, 0.25]], [2], 0.75, math.log(4)),
        # ((0.3² + 0.2² + 0.1²) + (0.5² + 0.6² + 0.1²)) / 2 = (0.14 + 0.62) / 2; −(log 0.7 + log 0.4) / 2
        ([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1]], [0, 1], 0.38, -math.log(0.7 * 0.4) / 2),
    ],
)
def test_scores_by_hand(probabilities: list[list[float]], answer: list[int], brier: float, nats: float) -> None:
    assert brier_score(probabilities, answer) == pytest.approx(brier, abs=1e-12)
    assert log_loss(probabilities, answer) == pytest.approx(nats, abs=1e-12)


def test_log_loss_of_a_tiny_probability_is_not_clipped() -> None:
    assert log_loss([[1.0, 1e-300]], [1]) == pytest.approx(300 * math.log(10))


@pytest.mark.parametrize("metric", ROW_METRICS)
@pytest.mark.parametrize(
    ("probabilities", "answer", "message"),
    [
        ([], [], r"(must be \(n_items, n_options\) with at least one item, got \(0,\)|at least one value, got none)"),
        (np.empty((0, 4)), [], r"with at least one item, got \(0, 4\)"),
        ([0.5, 0.5], [0, 2], r"(must be \(n_items, n_options\) .*, got \(2,\)|correct must hold only 0 and 1)"),
        ([[1.0], [1.0]], [0, 0], r"got \(2, 1\)"),
        ([[0.5, 0.5], [0.6, 0.5]], [0, 1], r"must sum to 1 in each row; row 1 has 1.1"),
        ([[0.5, 0.5], [0.0, 0.0]], [0, 1], r"must sum to 1 in each row; row 1 has 0.0"),
        ([[0.5, 0.5], [1.5, -0.5]], [0, 1], r"must be in \[0, 1\]; row 1 has \[1.5, -0.5\]"),
        ([[0.5, 0.5], [np.nan, 0.5]], [0, 1], r"must be in \[0, 1\]; row 1 has \[nan, 0.5\]"),
        ([[2.0, -3.0]], [0], r"must be in \[0, 1\]; row 0 has \[2.0, -3.0\]"),
        ([[0.5, 0.5], [0.5, 0.5]], [0, 2], "answer must be an index from 0 to 1; row 1 has 2"),
        ([[0.5, 0.5], [0.5, 0.5]], [-1, 0], "answer must be an index from 0 to 1; row 0 has -1"),
        ([[0.5, 0.5]], [0, 1], r"answer must be \(1,\) to fit the probabilities, got \(2,\)"),
        ([[0.5, 0.5]], [[0]], r"answer must be \(1,\) to fit the probabilities, got \(1, 1\)"),
        ([[0.5, 0.5]], [0.5], r"answer must hold option indices \(integers\), got float64"),
        ([[0.5, 0.5]], [True], r"answer must hold option indices \(integers\), got bool"),
        ([0, 1], [[0.5, 0.5], [0.5, 0.5]], r"(probabilities must be \(n_items, n_options\)|of one length)"),
    ],
)
def test_bad_rows_are_refused(
    metric: Callable[[ArrayLike, ArrayLike], object], probabilities: ArrayLike, answer: ArrayLike, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        metric(probabilities, answer)


def test_rows_of_a_softmax_in_single_precision_are_taken() -> None:
    logits = np.random.default_rng(0).normal(size=(500, 26)).astype(np.float32) * 5
    rows = np.exp(logits - logits.max(axis=1, keepdims=True))
    rows /= rows.sum(axis=1, keepdims=True)
    assert rows.dtype == np.float32
    assert 0 < brier_score(rows, np.zeros(500, dtype=int)) < 2


@given(rows_of_three)
def test_scores_are_in_range(values: Rows) -> None:
    assert 0 <= brier_score(*columns(values)) <= 2
    assert log_loss(*columns(values)) >= 0


@given(rows_of_three, st.randoms(use_true_random=False), st.permutations(range(3)))
def test_order_of_rows_and_of_letters_changes_nothing(values: Rows, random: Random, order: list[int]) -> None:
    probabilities, answer = columns(values)
    shuffled = columns(random.sample(values, len(values)))
    relettered = (probabilities[:, order], np.argsort(order)[answer])
    for metric in (brier_score, log_loss, classwise_ece):
        expected = metric(probabilities, answer)
        assert metric(*shuffled) == pytest.approx(expected, abs=1e-12)
        assert metric(*relettered) == pytest.approx(expected, abs=1e-12)


@given(rows_of_three, rows_of_three)
def test_scores_are_proper(truth: Rows, claims: Rows) -> None:
    # The expected score under the first distribution is best for the one who claims it.
    p, q = columns(truth)[0][0], columns(claims)[0][0]
    for metric in (brier_score, log_loss):
        honest, other = (sum(p[k] * metric([claim], [k]) for k in range(3)) for claim in (p, q))
        assert honest <= other + 1e-12
