"""Squared errors: coverage whether calibrated or not, and blanks below 0."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import debiased_ce2, estimate
from calibration.uncertainty.estimates import measure_estimate
from calibration.uncertainty.kinds.squared import Squared, squared, squared_error
from calibration.uncertainty.measure_table import MEASURES
from calibration.uncertainty.standard_errors import ITEMS
from tests.calibration.uncertainty.drawn_runs import run_of


@pytest.mark.slow  # 400 samples of 300 items each
@pytest.mark.parametrize("key", ["debiased_ce2", "debiased_ce2_choices"])
@pytest.mark.parametrize("sharpness", [1.0, 1.2, 2.5])
def test_intervals_of_the_squared_error_cover_its_truth_whether_calibrated_or_not(key: str, sharpness: float) -> None:
    # 400 samples of 300 items; docs/simulation.md has more and larger ones.
    whole, rng = MEASURES[key](run_of(50_000, 21, sharpness=sharpness)), np.random.default_rng(22)
    assert isinstance(whole, Squared)
    drawn = [squared(whole.cells.take(rng.integers(0, 50_000, 300))) for _ in range(400)]
    found = [squared_error([measure], ITEMS, level=0.95) for measure in drawn]
    truth = max(whole.value, 0.0)  # of a calibrated population, 0 but for its own noise
    covered = np.mean([got.low <= truth <= got.high for got in found])
    assert 0.92 <= covered <= 0.985
    values = np.array([got.value for got in found])
    assert abs(values.mean() - whole.value) < 3 * values.std() / 20  # unbiased
    if sharpness == 1.0:
        assert np.mean([got.p_value < 0.05 for got in found]) < 0.09
        below = [(got, measure_estimate(measure)) for got, measure in zip(found, drawn, strict=True) if got.value < 0]
        assert 100 < len(below) < 300
        for got, shown in below:
            assert (shown.value, shown.p_value) == pytest.approx((got.value, got.p_value), abs=1e-12)
            assert not shown.known
            assert np.isnan([shown.low, shown.high]).all()
            assert shown.reason is not None
            assert shown.reason.endswith(f"the error is at most {got.high:.3g}")


def test_a_squared_error_above_0_excludes_0_from_its_interval_and_is_blank_below_0() -> None:
    calibrated, sharp = (estimate(run_of(500, 23, sharpness=k), debiased_ce2) for k in (1.0, 3.0))
    assert calibrated.value < 0
    assert not calibrated.known
    assert calibrated.p_value is not None
    assert calibrated.p_value > 0.05
    assert sharp.low > 0
    assert sharp.p_value is not None
    assert sharp.p_value < 0.001
