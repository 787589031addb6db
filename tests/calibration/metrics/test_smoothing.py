"""Smooth ECE against its definition, integrated by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import norm

from calibration.metrics.arrays import FloatArray
from calibration.metrics.smoothing import smooth_ece, smoothed_errors


def by_definition(confidence: FloatArray, correct: FloatArray) -> float:
    """Error at its own scale, the kernel a sum of mirror images, the integral a sum over a grid fine for that scale."""
    centre, which = np.unique(confidence, return_inverse=True)
    weight = np.bincount(which, weights=correct - confidence) / len(confidence)

    def error(scale: float) -> float:
        n = int(max(2000, 40 / scale))
        t = (np.arange(n) + 0.5) / n
        total = np.zeros(n)
        for part in np.array_split(np.arange(len(centre)), max(1, len(centre) * n // 4_000_000)):
            for turn in range(-4, 6, 2):
                for sign in (1, -1):
                    image = turn + sign * centre[part]
                    near = (image > -9 * scale) & (image < 1 + 9 * scale)
                    total += norm.pdf(t[:, None], image[near], scale) @ weight[part][near]
        return float(np.abs(total).mean())

    # Fine grids cost most: the root is bracketed from above.
    low = next(scale for scale in 0.5 ** np.arange(1, 14) if error(scale) > scale)
    return float(brentq(lambda scale: error(scale) - scale, low, 2 * low, xtol=1e-7))


def cases() -> dict[str, tuple[FloatArray, FloatArray]]:
    rng = np.random.default_rng(0)
    uniform = rng.random(400)
    sure = np.where(rng.random(400) < 0.5, 1.0, rng.random(400))
    few = rng.choice([0.25, 0.6, 0.99], 400)
    return {
        "calibrated": (uniform, (rng.random(400) < uniform).astype(float)),
        "over-confident": (uniform, (rng.random(400) < uniform**2).astype(float)),
        "saturated": (sure, (rng.random(400) < np.where(sure == 1, 0.9, sure)).astype(float)),
        "discrete": (few, (rng.random(400) < few).astype(float)),
        "all equal": (np.full(50, 0.7), np.repeat([1.0, 0.0], [20, 30])),
        "one item": (np.array([0.8]), np.array([1.0])),
        "at the ends": (np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0, 0.0])),
        "nearly right": (np.array([1 - 1e-3] * 40), np.ones(40)),
    }


@pytest.mark.parametrize("name", list(cases()))
def test_smooth_ece_is_its_definition_integrated(name: str) -> None:
    confidence, correct = cases()[name]
    assert smooth_ece(confidence, correct) == pytest.approx(by_definition(confidence, correct), abs=1e-5)


def test_nothing_to_smooth_is_0() -> None:
    assert smooth_ece([0.0, 1.0], [0, 1]) == 0.0


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=30))
def test_order_and_duplicates_change_nothing_and_it_is_between_the_gap_and_the_mean_error(
    values: list[tuple[float, int]],
) -> None:
    confidence, correct = (np.array(column, dtype=float) for column in zip(*values, strict=True))
    value = smooth_ece(confidence, correct)
    order = np.random.default_rng(len(values)).permutation(len(values))
    assert smooth_ece(confidence[order], correct[order]) == pytest.approx(value, abs=1e-9)
    assert smooth_ece(np.tile(confidence, 3), np.tile(correct, 3)) == pytest.approx(value, abs=1e-9)
    assert abs(confidence.mean() - correct.mean()) - 1e-9 <= value <= np.abs(confidence - correct).mean() + 1e-6


def test_draws_in_cells_have_the_error_of_their_items() -> None:
    rng = np.random.default_rng(1)
    rows, expected = [], []
    for power in (1.0, 1.3, 3.0):
        confidence = rng.random(3000)
        correct = (rng.random(3000) < confidence**power).astype(float)
        place = np.minimum((confidence * 256).astype(int), 255)
        rows.append(np.bincount(place, weights=confidence - correct, minlength=256) / 3000)
        expected.append(smooth_ece(confidence, correct))
    np.testing.assert_allclose(smoothed_errors(np.array(rows)), expected, rtol=0.02)
