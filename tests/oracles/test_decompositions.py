"""Decompositions of scores against model-diagnostics."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from calibration.metrics.decompositions import brier_decomposition, log_loss_decomposition

pytestmark = pytest.mark.oracle

PARTS = ("miscalibration", "discrimination", "uncertainty", "score")


def sample(n: int, n_options: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, n_options))
    answer = (softmax(logits, axis=1).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    # Over-confident, in hundredths so that values repeat (scikit-learn takes values a rounding apart for equal).
    rows = (0.01 + 0.95 * softmax(logits * 1.7, axis=1)).round(2)
    rows[:, -1] = (1 - rows[:, :-1].sum(axis=1)).round(2)
    return rows, np.minimum(answer, n_options - 1)


@pytest.mark.parametrize("n_options", [2, 4])
@pytest.mark.parametrize("n", [30, 2000])
def test_brier_parts_are_model_diagnostics_summed_over_options(n: int, n_options: int) -> None:
    from model_diagnostics.scoring import SquaredError, decompose

    rows, answer = sample(n, n_options, n)
    ours = brier_decomposition(rows, answer)
    theirs = [
        decompose((answer == k).astype(float), rows[:, k], scoring_function=SquaredError()) for k in range(n_options)
    ]
    for name in PARTS:
        assert getattr(ours, name) == pytest.approx(sum(table[name][0] for table in theirs), abs=1e-9)


@pytest.mark.parametrize("n", [30, 2000])
def test_log_loss_parts_of_two_options_are_model_diagnostics(n: int) -> None:
    from model_diagnostics.scoring import LogLoss, decompose

    rows, answer = sample(n, 2, n)
    ours = log_loss_decomposition(rows, answer)
    theirs = decompose((answer == 1).astype(float), rows[:, 1], scoring_function=LogLoss())
    for name in PARTS:
        assert getattr(ours, name) == pytest.approx(theirs[name][0], abs=1e-9)


def test_log_loss_parts_of_four_options_are_half_the_poisson_deviances_of_model_diagnostics() -> None:
    from model_diagnostics.scoring import PoissonDeviance, decompose

    rows, answer = sample(4000, 4, 5)
    # Their deviance allows no recalibrated 0 and pools it away, so the lowest value of each option is made right once.
    for k in range(4):
        answer[rows[:, k].argmin()] = k
    ours = log_loss_decomposition(rows, answer)
    theirs = [decompose((answer == k).astype(float), rows[:, k], scoring_function=PoissonDeviance()) for k in range(4)]
    for name in PARTS:
        # Twice y log(y / p) − y + p, which sums to twice the log loss over options.
        assert getattr(ours, name) == pytest.approx(sum(table[name][0] for table in theirs) / 2, abs=1e-9)
