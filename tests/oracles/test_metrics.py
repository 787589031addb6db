"""Our metrics against other libraries."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from calibration import Predictions, auroc, brier_score, classwise_ece, ece, log_loss, max_calibration_error, summarize

pytestmark = pytest.mark.oracle


def sample(n: int, n_options: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, n_options)) * 2
    return softmax(logits * 1.5, axis=1), np.where(rng.random(n) < 0.5, logits.argmax(axis=1), n_options - 1)


@pytest.mark.parametrize("bins", [5, 10, 15])
@pytest.mark.parametrize("seed", [0, 1])
def test_ece_and_mce_are_netcals(bins: int, seed: int) -> None:
    from netcal.metrics import ECE, MCE

    # Off the edges of the bins, where the two libraries close them on different sides; in float64.
    probabilities, answer = sample(2000, 4, seed)
    confidence, correct = probabilities.max(axis=1), (probabilities.argmax(axis=1) == answer).astype(int)
    assert np.abs(confidence * bins - np.round(confidence * bins)).min() > 1e-9
    assert ece(confidence, correct, bins=bins) == pytest.approx(
        float(ECE(bins).measure(confidence, correct)), abs=1e-12
    )
    assert max_calibration_error(confidence, correct, bins=bins) == pytest.approx(
        float(MCE(bins).measure(confidence, correct)), abs=1e-12
    )


def test_pooled_ece_is_netcals_of_the_letters() -> None:
    from netcal.metrics import ECE

    probabilities, answer = sample(1000, 4, 2)
    run = Predictions.from_arrays(np.log(probabilities), answer)
    expected = float(ECE(10).measure(run.choice_confidence, run.choice_correct.astype(int)))
    assert summarize(run).point("ece_choices") == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n_options", [2, 4, 10])
def test_brier_log_loss_and_auroc_are_scikit_learns(n_options: int) -> None:
    from sklearn import metrics

    probabilities, answer = sample(2000, n_options, 3)
    labels = list(range(n_options))
    # Twice the square of one option of two is our sum over both.
    theirs = metrics.brier_score_loss(answer, probabilities, labels=labels, scale_by_half=False)
    assert brier_score(probabilities, answer) == pytest.approx(theirs, abs=1e-12)
    assert log_loss(probabilities, answer) == pytest.approx(
        metrics.log_loss(answer, probabilities, labels=labels), abs=1e-12
    )
    confidence, correct = probabilities.max(axis=1).round(2), probabilities.argmax(axis=1) == answer  # with ties
    assert auroc(confidence, correct) == pytest.approx(metrics.roc_auc_score(correct, confidence), abs=1e-12)


def test_gaps_of_the_bins_are_scikit_learns() -> None:
    from sklearn.calibration import calibration_curve

    from calibration import reliability_curve

    probabilities, answer = sample(2000, 4, 4)
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == answer
    accuracy, stated = calibration_curve(correct, confidence, n_bins=10)
    curve = reliability_curve(confidence, correct)
    np.testing.assert_allclose(curve.accuracy[curve.count > 0], accuracy, atol=1e-12)
    np.testing.assert_allclose(curve.confidence[curve.count > 0], stated, atol=1e-12)


def test_classwise_ece_is_the_mean_of_netcals_over_letters() -> None:
    from netcal.metrics import ECE

    probabilities, answer = sample(1500, 4, 5)
    each = [float(ECE(10).measure(probabilities[:, k], (answer == k).astype(int))) for k in range(4)]
    assert classwise_ece(probabilities, answer) == pytest.approx(np.mean(each), abs=1e-12)


def test_temperature_is_scipys_minimum_of_the_likelihood() -> None:
    probabilities, answer = sample(2000, 4, 6)
    run = Predictions.from_arrays(np.log(probabilities), answer)

    def loss(temperature: float) -> float:
        scaled = log_softmax(run.log_probabilities / temperature, axis=1)
        return float(-scaled[np.arange(run.n_items), run.answer].mean())

    best = minimize_scalar(loss, bounds=(0.05, 50), method="bounded", options={"xatol": 1e-9})
    assert summarize(run).point("temperature") == pytest.approx(float(best.x), rel=1e-6)
