from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from calibration import ece, reliability_curve
from calibration.metrics.bins import Strategy
from calibration.metrics.decision_loss import calibration_decision_loss, threshold_losses
from tests.calibration.metrics.drawn_pairs import Pairs, columns, pairs, strategies

# A few confidences of which each is right some share of the time.
models = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 5), st.integers(0, 5)),
    min_size=1,
    max_size=4,
    unique_by=lambda c: c[0],
).map(lambda cells: [(c / 20, n, min(k, n)) for c, n, k in cells])


def rows(model: list[tuple[float, int, int]]) -> tuple[np.ndarray, np.ndarray]:
    confidence = np.concatenate([np.full(n, c) for c, n, _ in model])
    return confidence, np.concatenate([np.arange(n) < k for _, n, k in model])


def payoff(belief: float, action: int, n_actions: int) -> np.ndarray:
    """Coefficients of an action's expected payoff; its payoffs, if wrong and if right, are two variables of all."""
    values = np.zeros(2 * n_actions)
    values[2 * action], values[2 * action + 1] = 1 - belief, belief
    return values


def worst_task(stated: np.ndarray, true: np.ndarray, share: np.ndarray) -> float:
    """The definition as a linear program over all payoffs in [0, 1].

    One action is recommended for each confidence and is best for whoever believes it; another is for each accuracy.
    """
    n = len(stated)
    best = [payoff(stated[i], other, 2 * n) - payoff(stated[i], i, 2 * n) for i in range(n) for other in range(2 * n)]
    gain = sum(share[i] * (payoff(true[i], n + i, 2 * n) - payoff(true[i], i, 2 * n)) for i in range(n))
    found = linprog(-gain, A_ub=np.array(best), b_ub=np.zeros(len(best)), bounds=(0, 1))
    assert found.status == 0
    return float(-found.fun)


def cells(confidence: np.ndarray, correct: np.ndarray, strategy: Strategy = "distinct") -> tuple[np.ndarray, ...]:
    curve = reliability_curve(confidence, correct, strategy=strategy)
    filled = curve.count > 0
    return curve.confidence[filled], curve.accuracy[filled], curve.count[filled] / curve.count.sum()


@pytest.mark.parametrize(
    ("confidence", "correct", "expected"),
    [
        # Calibrated.
        ([0.5, 0.5], [1, 0], 0.0),
        ([0.0, 1.0], [0, 1], 0.0),
        # Certain and wrong: a task of which everything is lost.
        ([1.0], [0], 1.0),
        ([0.0, 1.0], [1, 0], 1.0),
        # 0.6 right 0.4 of the time: the threshold 0.6 with payoffs 2/3 and 1.
        ([0.6] * 10, [1] * 4 + [0] * 6, 1 / 3),
        # 1 right half of the time: at the threshold 1 half is lost; 0.5 as if it were 0.5.
        ([1.0, 1.0], [1, 0], 0.5),
        # One too low and one too high, by as much: f is ½·0.2 at 0.4 and at 0.6, and so at ½ of the majorant.
        ([0.4] * 5 + [0.6] * 5, [1, 1, 1, 0, 0, 1, 1, 0, 0, 0], 0.2),
    ],
)
def test_loss_by_hand(confidence: list[float], correct: list[int], expected: float) -> None:
    assert calibration_decision_loss(confidence, correct) == pytest.approx(expected, abs=1e-12)


def test_two_thresholds_beat_every_single_one() -> None:
    # Gains at 0.4 and at 0.6 from other bins: a task of three actions takes both.
    stated, true, share = np.array([0.4, 0.6]), np.array([0.6, 0.4]), np.array([0.5, 0.5])
    threshold, loss = threshold_losses(stated, true, share)
    assert threshold.tolist() == [0.0, 0.4, 0.5, 0.6, 1.0]
    # Both bins lose at every threshold between them: ½·|0.6 − t| + ½·|0.4 − t| = 0.1.
    assert loss.tolist() == pytest.approx([0.0, 0.1, 0.1, 0.1, 0.0])
    single = (loss / np.maximum(threshold, 1 - threshold)).max()
    assert single == pytest.approx(0.2)
    apart = threshold_losses(np.array([0.25, 0.75]), np.array([0.3, 0.7]), share)
    single = (apart[1] / np.maximum(apart[0], 1 - apart[0])).max()
    # 0.025 at 0.25 and at 0.75: alone 0.025 / 0.75, together twice 0.025.
    assert single == pytest.approx(0.025 / 0.75)
    assert worst_task(np.array([0.25, 0.75]), np.array([0.3, 0.7]), share) == pytest.approx(0.05)
    confidence = np.repeat([0.25, 0.75], 20)
    correct = np.concatenate([np.arange(20) < 6, np.arange(20) < 14])
    assert calibration_decision_loss(confidence, correct) == pytest.approx(0.05)


@settings(max_examples=40)
@given(models)
def test_loss_is_that_of_the_worst_task_of_all(model: list[tuple[float, int, int]]) -> None:
    confidence, correct = rows(model)
    found = calibration_decision_loss(confidence, correct, strategy="distinct")
    assert found == pytest.approx(worst_task(*cells(confidence, correct)), abs=1e-8)


def test_no_random_task_loses_more() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.integers(0, 11, 300) / 10
    correct = rng.random(300) < confidence**2
    stated, true, share = cells(confidence, correct)
    most = calibration_decision_loss(confidence, correct, strategy="distinct")
    losses = []
    for _ in range(2000):
        tasks = rng.random((rng.integers(2, 6), 2)) ** rng.choice([0.2, 1, 5])
        believed, real = (tasks[:, [0]] * (1 - belief) + tasks[:, [1]] * belief for belief in (stated, true))
        losses.append(share @ (real.max(axis=0) - real[believed.argmax(axis=0), np.arange(len(stated))]))
    assert 0.5 * most < max(losses) <= most + 1e-12


@given(pairs, strategies, st.integers(1, 12))
def test_loss_is_between_the_squared_error_and_twice_the_ece(values: Pairs, strategy: Strategy, bins: int) -> None:
    confidence, correct = columns(values)
    loss = calibration_decision_loss(confidence, correct, bins=bins, strategy=strategy)
    error = ece(confidence, correct, bins=bins, strategy=strategy)
    squared = ece(confidence, correct, bins=bins, strategy=strategy, norm="l2") ** 2
    assert squared - 1e-9 <= loss <= 2 * error + 1e-9
    assert loss <= 1 + 1e-9
    # A single threshold reaches at least half of it.
    curve = reliability_curve(confidence, correct, bins=bins, strategy=strategy)
    filled = curve.count > 0
    threshold, lost = threshold_losses(
        curve.confidence[filled], curve.accuracy[filled], curve.count[filled] / len(confidence)
    )
    single = (lost / np.maximum(threshold, 1 - threshold)).max()
    assert single - 1e-9 <= loss <= 2 * single + 1e-9


@given(pairs, strategies, st.randoms(use_true_random=False))
def test_order_repetition_and_side_change_nothing(values: Pairs, strategy: Strategy, random: Random) -> None:
    confidence, correct = columns(values)
    loss = calibration_decision_loss(confidence, correct, strategy=strategy)
    shuffled = columns(random.sample(values, len(values)))
    assert calibration_decision_loss(*shuffled, strategy=strategy) == pytest.approx(loss, abs=1e-9)
    assert calibration_decision_loss(*columns(values * 2), strategy=strategy) == pytest.approx(loss, abs=1e-9)
    cells_apart = np.unique(confidence.round(9)).size == np.unique(confidence).size
    if strategy == "distinct" and np.unique(1 - confidence).size == np.unique(confidence).size and cells_apart:
        assert calibration_decision_loss(1 - confidence, ~correct, strategy=strategy) == pytest.approx(loss, abs=1e-9)


def test_noise_adds_to_it() -> None:
    rng = np.random.default_rng(2)
    found = []
    for n in (100, 1000, 10_000):
        confidence = rng.random((30, n))
        found.append(np.mean([calibration_decision_loss(row, rng.random(n) < row) for row in confidence]))
    assert found[0] > 2 * found[1] > 4 * found[2] > 0


def test_bad_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"confidence must be in \[0, 1\]; row 1 has 1.5"):
        calibration_decision_loss([0.5, 1.5], [1, 0])
    with pytest.raises(ValueError, match="bins must be at least 1, got 0"):
        calibration_decision_loss([0.5], [1], bins=0)
