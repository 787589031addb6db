"""Recalibration against scikit-learn and, where it is right, netcal."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import logit, softmax

from calibration import Predictions
from calibration.metrics.temperature import Temperature
from calibration.recalibration.confidence_maps import fit_bbq, fit_beta, fit_histogram, fit_isotonic, fit_platt
from calibration.recalibration.recalibration import recalibrate

pytestmark = pytest.mark.oracle


def sample(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    confidence = 0.25 + 0.75 * rng.beta(2, 1, n)
    return confidence, (rng.random(n) < confidence**1.8).astype(np.int64)


@contextlib.contextmanager
def netcal_at_work() -> Iterator[None]:
    """Its fits warn of deprecated parts of pyro, and print."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


def test_platt_and_beta_are_scikit_learns_unpenalised_logistic_regressions() -> None:
    from sklearn.linear_model import LogisticRegression

    # Our prior is worth half an answer: of 200,000 it moves a slope by about 1e-5.
    confidence, correct = sample(200_000, 0)
    platt = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(confidence)[:, None], correct)
    found = fit_platt(confidence, correct)
    assert found.a == found.b == pytest.approx(float(platt.coef_[0, 0]), abs=1e-4)
    assert found.intercept == pytest.approx(float(platt.intercept_[0]), abs=1e-4)

    features = np.column_stack([np.log(confidence), -np.log1p(-confidence)])
    beta = LogisticRegression(C=np.inf, tol=1e-10).fit(features, correct)
    found = fit_beta(confidence, correct)
    np.testing.assert_allclose([found.a, found.b], beta.coef_[0], atol=2e-4)
    assert found.intercept == pytest.approx(float(beta.intercept_[0]), abs=2e-4)


def test_isotonic_is_scikit_learns() -> None:
    from sklearn.isotonic import IsotonicRegression

    confidence, correct = sample(2000, 1)
    confidence[::3] = confidence[::3].round(2)  # with ties
    theirs = IsotonicRegression(out_of_bounds="clip").fit(confidence, correct)
    grid = np.linspace(0, 1, 1001)
    np.testing.assert_allclose(fit_isotonic(confidence, correct).apply(grid), theirs.predict(grid), atol=1e-12)


def test_temperature_platt_beta_and_isotonic_are_netcals_in_float64() -> None:
    with netcal_at_work():
        from netcal.binning import IsotonicRegression
        from netcal.scaling import BetaCalibration, LogisticCalibration, TemperatureScaling

        confidence, correct = sample(20_000, 2)
        theirs = [
            method.fit(confidence, correct, tensorboard=False).transform(confidence)
            for method in (LogisticCalibration(), BetaCalibration())
        ]
        isotonic = IsotonicRegression().fit(confidence, correct).transform(confidence)
        rng = np.random.default_rng(3)
        logits = rng.normal(size=(5000, 4)) * 1.5
        answer = (softmax(logits, axis=1).cumsum(axis=1)[:, :-1] < rng.random((5000, 1))).sum(axis=1)
        run = Predictions.from_arrays(2 * logits, answer)
        scaling = TemperatureScaling().fit(run.probabilities, answer, tensorboard=False)
    np.testing.assert_allclose(fit_platt(confidence, correct).apply(confidence), theirs[0], atol=1e-4)
    np.testing.assert_allclose(fit_beta(confidence, correct).apply(confidence), theirs[1], atol=5e-4)
    np.testing.assert_allclose(fit_isotonic(confidence, correct).apply(confidence), isotonic, atol=1e-6)
    ours = recalibrate(run).fitted
    assert isinstance(ours, Temperature)
    assert ours.temperature == pytest.approx(1 / float(np.squeeze(scaling.temperature)), rel=1e-4)


def test_netcals_histogram_loses_what_stands_on_an_edge_and_ours_does_not() -> None:
    with netcal_at_work():
        from netcal.binning import HistogramBinning

        stated, came_true = np.repeat([0.65, 0.7], 4), np.array([1, 0, 0, 0, 1, 1, 1, 0])
        theirs = HistogramBinning(10).fit(stated, came_true).transform(np.array([0.65, 0.7]))
    # It counts 0.7 in [0.7, 0.8) and looks it up in (0.6, 0.7].
    assert theirs[0] == theirs[1]
    assert fit_histogram(stated, came_true).apply([0.65, 0.7]).tolist() == [0.25, 0.75]


def test_bbq_is_close_to_netcals() -> None:
    # Theirs averages binnings of equal width, by an approximation of their likelihood.
    with netcal_at_work():
        from netcal.binning import BBQ

        confidence, correct = sample(5000, 4)
        theirs = BBQ().fit(confidence, correct).transform(confidence)
    ours = fit_bbq(confidence, correct).apply(confidence)
    assert np.abs(ours - theirs).mean() < 0.05
    for found in (ours, theirs):
        assert np.abs(found - confidence**1.8).mean() < 0.05
