"""Intervals of means from what each item adds to them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from calibration.uncertainty.drawn_units import Sampling
from calibration.uncertainty.standard_errors import mean_interval, studentised_interval


def test_without_skewness_it_is_students() -> None:
    got = studentised_interval(0.3, 0.1, 0.0, level=0.9, freedom=5)
    half = 0.1 * t.ppf(0.95, 5)
    assert (got.low, got.high) == pytest.approx((0.3 - half, 0.3 + half))
    assert got.p_value == pytest.approx(2 * t.sf(3, 5))


@pytest.mark.parametrize("skewness", [-0.6, -0.1, 0.2, 0.8])
@pytest.mark.parametrize("value", [-0.3, 0.1, 0.26])
def test_the_p_value_is_that_of_the_interval_that_touches_0(value: float, skewness: float) -> None:
    p_value = studentised_interval(value, 0.1, skewness, level=0.95, freedom=9).p_value
    touching = studentised_interval(value, 0.1, skewness, level=1 - p_value, freedom=9)
    assert min(abs(touching.low), abs(touching.high)) == pytest.approx(0, abs=1e-9)


def test_ten_skewed_clusters_hold_the_mean_in_93_of_100_samples() -> None:
    """Clusters without noise, log-normal of sigma .6 (skewness 2.3): Student's t holds in 88 %."""
    rng, n_runs = np.random.default_rng(0), 1500
    sampling = Sampling(clusters=np.repeat(np.arange(10), 2))
    held = student = 0
    for values in rng.lognormal(0, 0.6, (n_runs, 10)):
        items = np.repeat(values, 2)
        got = mean_interval(values.mean(), items - items.mean(), sampling, level=0.95)
        half = t.ppf(0.975, 9) * values.std(ddof=1) / np.sqrt(10)
        held += got.low <= np.exp(0.18) <= got.high
        student += abs(values.mean() - np.exp(0.18)) <= half
    assert held / n_runs > 0.93
    assert student / n_runs < 0.92
