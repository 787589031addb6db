from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, expit, xlogy

from calibration.recalibration.confidence_maps import fit_bbq, fit_beta, fit_histogram, fit_isotonic, fit_platt
from calibration.recalibration.methods import ConfidenceMap

FITS = {"platt": fit_platt, "beta": fit_beta, "isotonic": fit_isotonic, "histogram": fit_histogram, "bbq": fit_bbq}
Fit = Callable[[NDArray[np.float64], NDArray[np.float64]], ConfidenceMap]
each_fit = pytest.mark.parametrize("fit", FITS.values(), ids=FITS)


def sample(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Confidences that stand for their power 1.8."""
    rng = np.random.default_rng(seed)
    confidence = 0.25 + 0.75 * rng.beta(2, 1, n)
    return confidence, (rng.random(n) < confidence**1.8).astype(float)


def loss(confidence: NDArray[np.float64], correct: NDArray[np.float64]) -> float:
    return float(-(xlogy(correct, confidence) + xlogy(1 - correct, 1 - confidence)).mean())


@each_fit
def test_what_confidence_stands_for_is_found(fit: Fit) -> None:
    grid = np.linspace(0.35, 0.95, 50)
    found = fit(*sample(50_000, 0)).apply(grid)
    assert np.abs(found - grid**1.8).max() < 0.09  # ten steps of a histogram
    assert np.abs(found - grid**1.8).mean() < 0.03


def test_platt_by_hand() -> None:
    # Log-odds log 4 and −log 4 come true with odds 2 and 1/2: slope ½, no intercept.
    stated = np.repeat([0.8, 0.2], 30_000)
    came_true = np.arange(60_000) % 3 < np.repeat([2, 1], 30_000)
    found = fit_platt(stated, came_true)
    assert found.a == found.b == pytest.approx(0.5, abs=1e-4)
    assert found.intercept == pytest.approx(0, abs=1e-4)
    assert found.apply(0.8) == pytest.approx(2 / 3, abs=1e-4)


def test_beta_by_hand() -> None:
    # Three confidences and three parameters: each gets its share.
    stated = np.repeat([0.5, 0.7, 0.9], 40_000)
    came_true = np.arange(120_000) % 8 < np.repeat([4, 5, 6], 40_000)
    np.testing.assert_allclose(fit_beta(stated, came_true).apply([0.5, 0.7, 0.9]), [4 / 8, 5 / 8, 6 / 8], atol=1e-4)


@pytest.mark.parametrize("slopes", [1, 2])
def test_platt_and_beta_are_scipys_minimum_of_the_log_loss(slopes: int) -> None:
    confidence, correct = sample(3000, 1)
    first, second = np.log(confidence), np.log1p(-confidence)

    def penalised(values: NDArray[np.float64]) -> float:
        a, b = np.exp(values[0]), np.exp(values[slopes - 1])
        # A bias of ± half the intercept for right and wrong; half an answer shared by the slopes.
        prior = (values[-1] / 2) ** 2 / 9 + (a - 1 - np.log(a) + b - 1 - np.log(b)) / 4
        return loss(expit(a * first - b * second + values[-1]), correct) + float(prior) / len(correct)

    best = minimize(penalised, np.zeros(slopes + 1), method="BFGS", options={"gtol": 1e-9})
    found = (fit_platt, fit_beta)[slopes - 1](confidence, correct)
    assert found.a == pytest.approx(np.exp(best.x[0]), rel=1e-4)
    assert found.b == pytest.approx(np.exp(best.x[slopes - 1]), rel=1e-4)
    assert found.intercept == pytest.approx(best.x[-1], abs=1e-4)


def test_slopes_stay_above_0_where_confidence_misleads() -> None:
    confidence, correct = sample(2000, 2)
    for fit in (fit_platt, fit_beta):
        found = fit(confidence, 1 - correct)
        assert 0 < found.a < 0.1
        assert found.apply(confidence).mean() == pytest.approx(1 - correct.mean(), abs=0.01)


def test_isotonic_by_hand() -> None:
    # 0.4 occurs twice and is right once; 0.6 violates the order and is pooled with it: (1 + 0) / 3.
    found = fit_isotonic([0.2, 0.4, 0.4, 0.6, 0.8], [0, 1, 0, 0, 1])
    np.testing.assert_allclose(found.apply([0, 0.2, 0.4, 0.5, 0.6, 0.7, 1]), [0, 0, 1 / 3, 1 / 3, 1 / 3, 2 / 3, 1])


def test_histogram_by_hand() -> None:
    # Four bins of three values; 0.5 stands from the fifth to the eighth value, so that two bins share it.
    stated = [0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7, 0.8, 0.9]
    found = fit_histogram(stated, [0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1], bins=4)
    assert found.opens.tolist() == [0, 0.4, 0.5, 0.7]
    np.testing.assert_allclose(found.values, [1 / 3, 1, 3 / 5, 1])
    np.testing.assert_allclose(found.apply([0, 0.39, 0.4, 0.5, 0.69, 1]), [1 / 3, 1 / 3, 1, 3 / 5, 3 / 5, 1])


def test_histogram_refuses_no_bins() -> None:
    with pytest.raises(ValueError, match="bins must be at least 1, got 0"):
        fit_histogram([0.5], [1], bins=0)


def test_bbq_by_hand() -> None:
    # Ten values: binnings of one and of two bins.
    stated = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    came_true = np.array([0, 0, 1, 0, 0, 1, 1, 0, 1, 1])
    one = betaln(5 + 1, 5 + 1) - betaln(1, 1)  # midpoint 0.5, so a prior of one right and one wrong
    two = betaln(1 + 0.6, 4 + 1.4) - betaln(0.6, 1.4)  # 0 to 0.6: midpoint 0.3
    two += betaln(4 + 1.6, 1 + 0.4) - betaln(1.6, 0.4)
    weight = math.exp(two) / (math.exp(one) + math.exp(two))
    low, high = (1 + 0.6) / 7, (4 + 1.6) / 7
    expected = [(1 - weight) / 2 + weight * low, (1 - weight) / 2 + weight * high]
    np.testing.assert_allclose(fit_bbq(stated, came_true).apply([0.59, 0.6]), expected, rtol=1e-12)


def test_bbq_states_nothing_with_certainty() -> None:
    found = fit_bbq(np.repeat([0.0, 1.0], 1000), np.repeat([0, 1], 1000))
    assert 0 < found.apply(0.0) < 0.01
    assert 0.99 < found.apply(1.0) < 1


@each_fit
def test_certainties_and_ties_have_a_map(fit: Fit) -> None:
    stated = np.repeat([0.0, 0.5, 1.0], 200)
    came_true = np.arange(600) % 200 < np.repeat([20, 100, 180], 200)
    found = fit(stated, came_true.astype(float)).apply(np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(found, [0.1, 0.5, 0.9], atol=0.02)


@each_fit
@pytest.mark.parametrize("right", [0, 1])
def test_outcomes_of_one_kind_have_a_map(fit: Fit, right: int) -> None:
    found = fit(np.linspace(0.3, 1, 50), np.full(50, right)).apply(np.linspace(0, 1, 11))
    assert np.abs(found[3:] - right).max() < 0.35
    assert ((found >= 0) & (found <= 1)).all()


@each_fit
def test_one_value_has_a_map(fit: Fit) -> None:
    assert 0 <= fit(np.array([0.7]), np.array([1.0])).apply(0.7) <= 1


@each_fit
def test_refusals(fit: Fit) -> None:
    with pytest.raises(ValueError, match=r"confidence must be in \[0, 1\]; row 1 has 1.2"):
        fit(np.array([0.5, 1.2]), np.array([1.0, 0.0]))
    with pytest.raises(ValueError, match="correct must hold only 0 and 1"):
        fit(np.array([0.5, 0.4]), np.array([1.0, 0.5]))
    with pytest.raises(ValueError, match="at least one value, got none"):
        fit(np.array([]), np.array([]))


VALUES = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.99, 1.0]), st.booleans()), min_size=1)


@given(VALUES, st.integers(0, 2**32 - 1), st.sampled_from(list(FITS.values())))
def test_maps_stay_in_range_and_ignore_the_order_of_rows(values: list[tuple[float, bool]], seed: int, fit: Fit) -> None:
    confidence, correct = np.array([c for c, _ in values]), np.array([float(y) for _, y in values])
    grid = np.linspace(0, 1, 21)
    found = fit(confidence, correct).apply(grid)
    assert ((found >= 0) & (found <= 1)).all()
    order = np.random.default_rng(seed).permutation(len(values))
    np.testing.assert_allclose(fit(confidence[order], correct[order]).apply(grid), found, atol=1e-6)


@given(VALUES, st.sampled_from([fit_platt, fit_beta, fit_isotonic]))
def test_the_log_loss_never_gets_worse_and_the_map_never_falls(values: list[tuple[float, bool]], fit: Fit) -> None:
    confidence, correct = np.array([c for c, _ in values]), np.array([float(y) for _, y in values])
    found = fit(confidence, correct)
    # Certainties count as the nearest number to them.
    inside = np.clip(confidence, np.finfo(float).eps, 1 - np.finfo(float).eps)
    assert loss(found.apply(confidence), correct) <= loss(inside, correct) + 1e-9
    assert (np.diff(found.apply(np.linspace(0, 1, 101))) >= -1e-12).all()
