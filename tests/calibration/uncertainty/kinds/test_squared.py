"""Squared errors: coverage whether calibrated or not, and blanks below 0."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from calibration import debiased_ce2, estimate
from calibration.uncertainty.drawn_units import ITEMS
from calibration.uncertainty.estimates import measure_estimate
from calibration.uncertainty.kinds.squared import Squared, squared, squared_error
from calibration.uncertainty.measure_table import MEASURES
from calibration.uncertainty.squared_error_intervals import SquaredError
from tests.calibration.uncertainty.drawn_runs import run_of


@cache
def population(key: str, sharpness: float) -> Squared:
    """The measure on 50,000 items, whose value is the truth of the samples."""
    whole = MEASURES[key](run_of(50_000, 21, sharpness=sharpness))
    assert isinstance(whole, Squared)
    return whole


@cache
def samples_of(key: str, sharpness: float) -> list[tuple[Squared, SquaredError]]:
    """400 samples of 300 items with their intervals; docs/simulation.md has more and larger ones."""
    whole, rng = population(key, sharpness), np.random.default_rng(22)
    drawn = [squared(whole.cells.take(rng.integers(0, 50_000, 300))) for _ in range(400)]
    return [(measure, squared_error([measure], ITEMS, level=0.95)) for measure in drawn]


@pytest.mark.slow  # 400 samples of 300 items each
@pytest.mark.parametrize("key", ["debiased_ce2", "debiased_ce2_choices"])
@pytest.mark.parametrize("sharpness", [1.0, 1.2, 2.5])
def test_intervals_of_the_squared_error_cover_its_truth_whether_calibrated_or_not(key: str, sharpness: float) -> None:
    """About 95 of 100 intervals hold the population's value, and the mean of the estimates is not off it."""
    got = [error for _, error in samples_of(key, sharpness)]
    whole = population(key, sharpness)
    truth = max(whole.value, 0.0)  # of a calibrated population, 0 but for its own noise
    covered = np.mean([error.low <= truth <= error.high for error in got])
    assert 0.92 <= covered <= 0.985
    values = np.array([error.value for error in got])
    assert abs(values.mean() - whole.value) < 3 * values.std() / 20  # unbiased


@pytest.mark.slow  # the same samples
@pytest.mark.parametrize("key", ["debiased_ce2", "debiased_ce2_choices"])
def test_of_calibrated_samples_few_are_rejected_and_estimates_below_0_are_blank(key: str) -> None:
    """About 5 of 100 are rejected; about half are below 0, where a bound stands in place of an interval."""
    got = samples_of(key, 1.0)
    assert np.mean([error.p_value < 0.05 for _, error in got]) < 0.09
    below = [(error, measure_estimate(measure)) for measure, error in got if error.value < 0]
    assert 100 < len(below) < 300
    for error, shown in below:
        assert (shown.value, shown.p_value) == pytest.approx((error.value, error.p_value), abs=1e-12)
        assert not shown.known
        assert np.isnan([shown.low, shown.high]).all()
        assert shown.reason is not None
        assert shown.reason.endswith(f"the error is at most {error.high:.3g}")


def test_a_squared_error_above_0_excludes_0_from_its_interval_and_is_blank_below_0() -> None:
    calibrated, sharp = (estimate(run_of(500, 23, sharpness=k), debiased_ce2) for k in (1.0, 3.0))
    assert calibrated.value < 0
    assert not calibrated.known
    assert calibrated.p_value is not None
    assert calibrated.p_value > 0.05
    assert sharp.low > 0
    assert sharp.p_value is not None
    assert sharp.p_value < 0.001
