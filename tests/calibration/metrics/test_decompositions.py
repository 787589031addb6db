from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from calibration import brier_score, log_loss
from calibration.metrics.decompositions import ScoreDecomposition, brier_decomposition, log_loss_decomposition
from calibration.metrics.isotonic import isotonic_curve

Rows = list[tuple[list[float], int]]
# Weights from few values, so that probabilities repeat, and zeros among them.
weights = st.one_of(st.sampled_from([0.0, 1.0, 2.0]), st.floats(0.01, 1))
rows_of_three = st.lists(
    st.tuples(st.lists(weights, min_size=3, max_size=3).filter(any), st.integers(0, 2)), min_size=1, max_size=40
)
Decompose = Callable[[ArrayLike, ArrayLike], ScoreDecomposition]
BOTH: list[tuple[Decompose, Callable[[ArrayLike, ArrayLike], float]]] = [
    (brier_decomposition, brier_score),
    (log_loss_decomposition, log_loss),
]


def columns(values: Rows) -> tuple[np.ndarray, np.ndarray]:
    weight = np.array([weight for weight, _ in values])
    return weight / weight.sum(axis=1, keepdims=True), np.array([right for _, right in values])


def test_brier_by_hand() -> None:
    # Option 0: 0.9 was right in 1 of 2, 0.2 in 0 of 2; option 1 is its mirror.
    # Score 2·(0.01 + 0.81 + 0.04 + 0.04)/4, recalibrated 2·(¼ + ¼)/4, frequencies ¼ and ¾: 2·3/16.
    parts = brier_decomposition([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.2, 0.8]], [0, 1, 1, 1])
    assert dataclasses.astuple(parts) == pytest.approx((0.45, 0.2, 0.125, 0.375))
    assert parts.refinement == pytest.approx(0.25)


def test_log_loss_by_hand() -> None:
    parts = log_loss_decomposition([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.2, 0.8]], [0, 1, 1, 1])
    score = -(math.log(0.9) + math.log(0.1) + 2 * math.log(0.8)) / 4
    recalibrated = 2 * math.log(2) / 4  # ½ for the first two, certain for the others
    entropy = -(math.log(1 / 4) + 3 * math.log(3 / 4)) / 4
    assert dataclasses.astuple(parts) == pytest.approx((score, score - recalibrated, entropy - recalibrated, entropy))


def test_three_options_by_hand() -> None:
    # Flat and certain rows. Option 0: ⅓ right once of 2 (the mean ½ holds for both levels of it), 1 right once of 1.
    third = [1 / 3] * 3
    parts = log_loss_decomposition([third, third, [1.0, 0.0, 0.0]], [0, 1, 0])
    # The flat rows recalibrate to ½, ½, 0, each right with ½; the certain row stays certain.
    entropy = -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))
    assert parts.score == pytest.approx(2 * math.log(3) / 3)
    assert parts.refinement == pytest.approx(2 * math.log(2) / 3)
    assert parts.uncertainty == pytest.approx(entropy)


def test_infinite_log_loss_is_all_miscalibration() -> None:
    parts = log_loss_decomposition([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0]], [0, 1, 1])
    assert parts.score == parts.miscalibration == math.inf
    assert math.isfinite(parts.refinement)
    assert parts.discrimination == pytest.approx(0)
    assert parts.miscalibration - parts.discrimination + parts.uncertainty == parts.score


@pytest.mark.parametrize("decompose", [brier_decomposition, log_loss_decomposition])
def test_extremes(decompose: Decompose) -> None:
    # Certain and right; one answer only; probabilities that say nothing.
    perfect = decompose([[1.0, 0.0], [0.0, 1.0]], [0, 1])
    assert (perfect.score, perfect.miscalibration, perfect.refinement) == (0, 0, 0)
    assert perfect.discrimination == perfect.uncertainty > 0
    one = decompose([[0.7, 0.3]], [0])
    assert one.refinement == one.uncertainty == 0
    assert one.score == one.miscalibration > 0
    silent = decompose([[0.5, 0.3, 0.2]] * 10, [0] * 5 + [1] * 3 + [2] * 2)
    assert silent.miscalibration == pytest.approx(0, abs=1e-12)
    assert silent.discrimination == pytest.approx(0, abs=1e-12)


def test_frame_is_one_row_of_the_parts() -> None:
    parts = brier_decomposition([[0.7, 0.3], [0.4, 0.6]], [0, 0])
    assert parts.frame.row(0, named=True) == dataclasses.asdict(parts) | {"refinement": parts.refinement}


def test_recalibrated_probabilities_have_no_miscalibration_and_the_same_refinement() -> None:
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(2), 500)
    answer = (rng.random(500) > p[:, 0] ** 2).astype(int)
    curve = isotonic_curve(p[:, 0], answer == 0, draws=1)
    better = np.interp(p[:, 0], curve.confidence, curve.accuracy)
    for decompose, _ in BOTH:
        before, after = (decompose(np.column_stack([q, 1 - q]), answer) for q in (p[:, 0], better))
        assert after.miscalibration == pytest.approx(0, abs=1e-12)
        assert after.refinement == pytest.approx(before.refinement, abs=1e-12)
        assert before.miscalibration > 0.01


@given(rows_of_three)
def test_parts_add_up_to_the_score_and_are_not_negative(values: Rows) -> None:
    for decompose, metric in BOTH:
        parts = decompose(*columns(values))
        assert parts.score == metric(*columns(values))
        total = parts.miscalibration - parts.discrimination + parts.uncertainty
        assert total == pytest.approx(parts.score, abs=1e-12)
        assert min(parts.miscalibration, parts.discrimination, parts.uncertainty) >= 0
        assert parts.refinement >= -1e-12
        assert math.isfinite(parts.refinement)


@given(rows_of_three)
def test_brier_parts_are_those_of_each_option_summed(values: Rows) -> None:
    rows, answer = columns(values)
    parts = brier_decomposition(rows, answer)
    curves = [isotonic_curve(rows[:, k], answer == k, draws=1) for k in range(3)]
    for name in ("miscalibration", "discrimination", "uncertainty"):
        assert getattr(parts, name) == pytest.approx(sum(getattr(curve, name) for curve in curves), abs=1e-12)


@given(rows_of_three, st.randoms(use_true_random=False), st.permutations(range(3)))
def test_order_of_rows_and_of_letters_changes_nothing(values: Rows, random: Random, order: list[int]) -> None:
    rows, answer = columns(values)
    for decompose, _ in BOTH:
        expected = dataclasses.astuple(decompose(rows, answer))
        shuffled = decompose(*columns(random.sample(values, len(values))))
        relettered = decompose(rows[:, order], np.argsort(order)[answer])
        twice = decompose(np.tile(rows, (2, 1)), np.tile(answer, 2))
        for other in (shuffled, relettered, twice):
            assert dataclasses.astuple(other) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("decompose", [brier_decomposition, log_loss_decomposition])
def test_bad_rows_are_refused(decompose: Decompose) -> None:
    with pytest.raises(ValueError, match=r"must sum to 1 in each row; row 1 has 1\.1"):
        decompose([[0.5, 0.5], [0.6, 0.5]], [0, 1])
    with pytest.raises(ValueError, match="answer must be an index from 0 to 1; row 1 has 2"):
        decompose([[0.5, 0.5], [0.5, 0.5]], [0, 2])
