from __future__ import annotations

import numpy as np
import pytest

from calibration.metrics.arrays import FloatArray
from calibration.uncertainty.cells import Cells
from calibration.uncertainty.drawn_units import ITEMS
from calibration.uncertainty.gap_noise import gap_noise
from calibration.uncertainty.gap_posterior import possible_gaps, with_change

N_BINS = 8


def cells_of(n_items: int, over: float) -> Cells:
    """Confidences of .2 to .98, each of which is right by so much less often."""
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.2, 0.98, n_items)
    correct = rng.random(n_items) < np.maximum(confidence - over * confidence, 0)
    return Cells.of_top(confidence, correct, np.linspace(0, 1, N_BINS + 1))


def draws_of(before: Cells, after: Cells, change: float) -> tuple[FloatArray, FloatArray]:
    """Possible gaps of both runs of a pilot."""
    noise = gap_noise([before, after], ITEMS)
    observed = np.concatenate([before.gaps, after.gaps])
    draws = possible_gaps((before, after), observed, noise, change=change, n_draws=16, seed=0)
    return draws[:, :N_BINS], draws[:, N_BINS:]


@pytest.mark.parametrize("change", [0.1, -0.1, 0.01])
def test_possible_gaps_differ_by_the_change(change: float) -> None:
    before, after = draws_of(cells_of(200, 0.0), cells_of(200, 0.1), change)
    np.testing.assert_allclose(np.abs(after).sum(axis=1) - np.abs(before).sum(axis=1), change, atol=1e-9)


def test_bins_tell_together_which_way_a_model_is_off() -> None:
    """In 200 items a bin's gap is within two standard errors, and all of them are not."""
    run = cells_of(200, 0.2)
    before, _ = draws_of(run, run, 0.1)
    errors = np.sqrt(np.diag(gap_noise([run], ITEMS)))
    assert np.median(np.abs(run.gaps[run.shares > 0]) / errors[run.shares > 0]) < 2
    signed = before.sum(axis=1) / np.abs(before).sum(axis=1)
    assert signed.mean() > 0.8


def test_gaps_of_the_run_with_more_are_scaled() -> None:
    """If the sum is to fall, those before: 0.02 after, and 0.52 before."""
    gaps = with_change(np.array([0.1, -0.1, 0.0, 0.02]), np.array([0, 0, 1, 1]), -0.5)
    np.testing.assert_allclose(gaps, [0.26, -0.26, 0.0, 0.02])
