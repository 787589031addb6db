from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from calibration.metrics.temperature import optimal_temperature

NO_BEST = "no temperature is best"


def sample(n: int, seed: int, *, sharpness: float = 1.0, n_options: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities that are `sharpness` times too sharp, and answers drawn from the honest ones."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, n_options)) * 2
    answer = (softmax(logits, axis=1).cumsum(axis=1)[:, :-1] < rng.random((n, 1))).sum(axis=1)
    return np.asarray(log_softmax(logits * sharpness, axis=1)), answer


def loss(log_t: float, logits: np.ndarray, answer: np.ndarray) -> float:
    return float(-log_softmax(logits / np.exp(log_t), axis=1)[np.arange(len(answer)), answer].mean())


def test_temperature_by_hand() -> None:
    # Odds 9:1 stated, 3 of 4 right: 9^(1/T) = 3, so T = 2.
    logits = np.log(np.tile([0.9, 0.1], (4, 1)))
    assert optimal_temperature(logits, np.array([0, 0, 0, 1])) == pytest.approx(2.0, abs=1e-9)
    # Odds 3:1 stated, 9 of 10 right: T = ½.
    logits = np.log(np.tile([0.75, 0.25], (10, 1)))
    assert optimal_temperature(logits, np.array([0] * 9 + [1])) == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("sharpness", [0.01, 0.5, 1.0, 3.0, 1000.0])
def test_temperature_is_scipys_minimum_of_the_log_loss(sharpness: float) -> None:
    logits, answer = sample(300, 3, sharpness=sharpness)
    best = minimize_scalar(loss, bounds=(-12, 12), args=(logits, answer), method="bounded", options={"xatol": 1e-10})
    assert optimal_temperature(logits, answer) == pytest.approx(float(np.exp(best.x)), rel=1e-6)


def test_stretching_the_logits_stretches_the_temperature() -> None:
    logits, answer = sample(300, 4)
    once = optimal_temperature(logits, answer)
    for factor in (1e-3, 0.1, 7.0, 1e4):
        assert optimal_temperature(logits * factor, answer) == pytest.approx(factor * once, rel=1e-9)


def test_temperature_of_many_items_finds_the_sharpness() -> None:
    logits, answer = sample(20_000, 5, sharpness=1.7)
    assert optimal_temperature(logits, answer) == pytest.approx(1.7, rel=0.03)


def test_a_saturated_model_has_a_temperature() -> None:
    # Logits apart by hundreds: probabilities are exactly 0 and 1 in float64, and the curvature at T = 1 is 0.
    # Odds e^2000 stated, 3 of 4 right: T = 2000 / log 3.
    logits = np.tile([0.0, -2000.0], (4, 1))
    assert optimal_temperature(logits, np.array([0, 0, 0, 1])) == pytest.approx(2000 / np.log(3), rel=1e-9)


def test_items_with_fewer_options_count_like_the_others() -> None:
    # Two options are three of which one is impossible.
    two, answer = sample(200, 6, n_options=2)
    three = np.column_stack([two, np.full(200, -np.inf)])
    assert optimal_temperature(three, answer) == pytest.approx(optimal_temperature(two, answer), rel=1e-9)


def test_an_impossible_answer_has_no_temperature() -> None:
    # The right option of row 1 has probability 0: the log loss is infinite whatever T.
    logits = np.array([[-0.1, -2.4], [0.0, -np.inf], [-0.3, -1.3], [-0.5, -0.9]])
    with pytest.raises(ValueError, match=NO_BEST):
        optimal_temperature(logits, np.array([0, 1, 0, 1]))


def test_answers_that_are_all_right_have_no_temperature() -> None:
    with pytest.raises(ValueError, match="every answer is right, so the log loss falls as T goes to 0"):
        optimal_temperature(np.log([[0.9, 0.1], [0.4, 0.6]]), np.array([0, 1]))


@pytest.mark.parametrize(
    "answer", [[1, 1, 0], [1, 1, 1]], ids=["the likelier letter is the rarer answer", "every answer is wrong"]
)
def test_letters_that_mislead_have_no_temperature(answer: list[int]) -> None:
    with pytest.raises(ValueError, match="the letters say nothing about the answers, T grows without end"):
        optimal_temperature(np.log(np.tile([0.9, 0.1], (3, 1))), np.array(answer))


@given(
    st.lists(
        st.tuples(st.lists(st.floats(-30, 30), min_size=3, max_size=3), st.integers(0, 2)), min_size=3, max_size=30
    )
)
def test_no_nearby_temperature_is_better(values: list[tuple[list[float], int]]) -> None:
    logits, answer = np.array([row for row, _ in values]), np.array([right for _, right in values])
    try:
        best = optimal_temperature(logits, answer)
    except ValueError as error:
        assert NO_BEST in str(error)  # noqa: PT017 - either outcome is right, and this one needs its reason
        return
    assert best > 0
    here = loss(np.log(best), logits, answer)
    for step in (-1.0, -0.01, 0.01, 1.0):
        assert here <= loss(np.log(best) + step, logits, answer) + 1e-9
