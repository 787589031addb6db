"""The isotonic curve against model-diagnostics and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.metrics.isotonic import isotonic_curve
from calibration.metrics.isotonic_errors import cross_fitted_accuracy

pytestmark = pytest.mark.oracle


def sample(n: int, seed: int, decimals: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    confidence = rng.beta(3, 1.5, n).round(decimals)
    return confidence, rng.random(n) < confidence**1.5


@pytest.mark.parametrize("decimals", [1, 2, 12])
@pytest.mark.parametrize("n", [20, 500, 5000])
def test_decomposition_is_model_diagnostics(n: int, decimals: int) -> None:
    from model_diagnostics.scoring import SquaredError, decompose

    confidence, correct = sample(n, n + decimals, decimals)
    curve = isotonic_curve(confidence, correct, draws=1)
    theirs = decompose(correct.astype(float), confidence, scoring_function=SquaredError())
    for name, value in (
        ("miscalibration", curve.miscalibration),
        ("discrimination", curve.discrimination),
        ("uncertainty", curve.uncertainty),
        ("score", curve.brier),
    ):
        assert value == pytest.approx(theirs[name][0], abs=1e-9)


@pytest.mark.parametrize("decimals", [1, 12])
def test_accuracy_is_scikit_learns(decimals: int) -> None:
    from sklearn.isotonic import IsotonicRegression

    confidence, correct = sample(1000, 1, decimals)
    curve = isotonic_curve(confidence, correct, draws=1)
    theirs = IsotonicRegression().fit(confidence, correct.astype(float)).predict(curve.confidence)
    np.testing.assert_allclose(curve.accuracy, theirs, atol=1e-9)


def test_cross_fitted_accuracy_is_scikit_learns_fitted_on_the_other_items() -> None:
    from sklearn.isotonic import IsotonicRegression

    confidence, correct = sample(600, 2, 3)
    item = np.arange(600) // 3
    found = cross_fitted_accuracy(confidence, correct.astype(float), n_folds=4, seed=7, item=item)
    fold = (np.random.default_rng(7).permutation(200) % 4)[item]
    for part in range(4):
        fit = IsotonicRegression(out_of_bounds="clip").fit(
            confidence[fold != part], correct[fold != part].astype(float)
        )
        np.testing.assert_allclose(found[fold == part], fit.predict(confidence[fold == part]), atol=1e-9)
