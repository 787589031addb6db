"""Calibration errors beyond the ECE against netcal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from calibration.metrics.calibration_errors import average_calibration_error, ece

pytestmark = pytest.mark.oracle


@pytest.mark.parametrize("bins", [5, 10, 15])
def test_average_calibration_error_is_netcals_ace(bins: int) -> None:
    from netcal.metrics import ACE

    rng = np.random.default_rng(bins)
    confidence = softmax(2 * rng.normal(size=(2000, 4)), axis=1).max(axis=1)  # the first bins are empty
    correct = (rng.random(2000) < confidence).astype(int)
    expected = float(ACE(bins).measure(confidence, correct))
    assert average_calibration_error(confidence, correct, bins=bins) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("bins", [5, 10, 15])
def test_largest_gap_is_netcals_mce(bins: int) -> None:
    from netcal.metrics import MCE

    rng = np.random.default_rng(bins)
    confidence = rng.random(1000)
    correct = (rng.random(1000) < confidence).astype(int)
    expected = float(MCE(bins).measure(confidence, correct))
    assert ece(confidence, correct, bins=bins, norm="max") == pytest.approx(expected, abs=1e-12)
