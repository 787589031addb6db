"""Logistic regression with a penalty: coefficients, certain features, influence of rows."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.metrics.penalised_logistic import fit_penalised


def test_coefficients_are_those_of_two_groups_by_hand() -> None:
    """Of two groups the chances are the shares of ones, but for the penalty."""
    features = np.repeat([[0.0], [1.0]], 1000, axis=0)
    target = np.arange(2000) % 1000 < np.repeat([300, 800], 1000)
    fit = fit_penalised(features, target.astype(np.float64), penalty=1e-6)
    np.testing.assert_allclose(fit.apply(np.array([[0.0], [1.0]])), [0.3, 0.8], atol=1e-5)


def test_a_weight_counts_as_so_many_rows() -> None:
    rng = np.random.default_rng(0)
    features, target = rng.normal(size=(80, 2)), (rng.random(80) < 0.6).astype(np.float64)
    weight = rng.integers(1, 4, 80)
    repeated = np.repeat(np.arange(80), weight)
    weighed = fit_penalised(features, target, weight=weight.astype(np.float64))
    np.testing.assert_allclose(weighed.coefficients, fit_penalised(features[repeated], target[repeated]).coefficients)


@pytest.mark.parametrize("target", [np.zeros(30), np.ones(30), (np.arange(30) >= 15).astype(np.float64)])
def test_chances_exist_where_the_features_tell_all(target: np.ndarray) -> None:
    chance = fit_penalised(np.arange(30.0)[:, None], target).apply(np.arange(30.0)[:, None])
    assert np.isfinite(chance).all()
    assert np.abs(chance - target).mean() < 0.2


def test_a_constant_feature_says_nothing() -> None:
    fit = fit_penalised(np.full((40, 1), 3.0), np.arange(40) % 4 == 0)
    np.testing.assert_allclose(fit.apply(np.array([[3.0]])), 0.25, atol=1e-3)


def test_moves_are_what_a_row_that_counts_more_moves_the_coefficients_by() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(200, 1))
    target = (rng.random(200) < 1 / (1 + np.exp(-features[:, 0]))).astype(np.float64)
    fit = fit_penalised(features, target, penalty=0.01)
    moves = fit.moves(fit.design(features) * (target - fit.apply(features))[:, None])
    for row in (0, 57):
        weight = np.ones(200)
        weight[row] += 1e-4
        heavier = fit_penalised(features, target, weight=weight, penalty=0.01)
        # In the features themselves, whose standard deviations the weight moves too.
        slopes = [whole.coefficients[1] / whole.scale[0] for whole in (fit, heavier)]
        assert (slopes[1] - slopes[0]) / 1e-4 * 200 == pytest.approx(moves[row, 1] / fit.scale[0], rel=0.02, abs=0.01)
