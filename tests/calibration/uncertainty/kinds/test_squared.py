"""Squared errors: coverage whether calibrated or not, and estimates below 0."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from calibration import Pairs, change, debiased_ce2, estimate
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
    return [(measure, squared_error([measure], [ITEMS], level=0.95)) for measure in drawn]


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
def test_of_calibrated_samples_few_are_rejected_and_intervals_begin_at_estimates_below_0(key: str) -> None:
    """About 5 of 100 are rejected; about half are below 0, and their intervals hold them and 0."""
    shown = [measure_estimate(measure) for measure, _ in samples_of(key, 1.0)]
    assert np.mean([number.p_value is not None and number.p_value < 0.05 for number in shown]) < 0.09
    below = [number for number in shown if number.value < 0]
    assert 100 < len(below) < 300
    assert all(number.low == number.value and number.high > 0 for number in below)


def test_few_even_clusters_bound_no_squared_error() -> None:
    """Of ten clusters one holds 31 %: they say as much as 7.7 even ones."""
    rng = np.random.default_rng(3)
    confidence = rng.uniform(0.5, 1, 290)
    correct = rng.random(290) < confidence
    sizes = {10: [29] * 10, 7.7: [90, *[22] * 8, 24]}
    even, uneven = (
        Pairs.from_arrays(confidence, correct, cluster=np.repeat([f"c{i}" for i in range(10)], size).tolist())
        for size in sizes.values()
    )
    assert estimate(even, debiased_ce2).reason is None
    for got in (estimate(uneven, debiased_ce2), change(uneven, uneven, debiased_ce2)):
        assert got.reason == (
            "an interval for new clusters needs as many as 8 even clusters, got 10 of which one holds 31 %"
        )


def test_a_change_of_a_squared_error_with_few_errors_is_as_wide_as_those_of_its_runs() -> None:
    rng = np.random.default_rng(4)
    first, second = (Pairs.from_arrays(rng.uniform(0.9, 1, 80), np.arange(80) > n_wrong) for n_wrong in (1, 3))
    before, after, moved = (
        estimate(first, debiased_ce2),
        estimate(second, debiased_ce2),
        change(first, second, debiased_ce2),
    )
    assert moved.low <= max(after.low, 0) - before.high
    assert moved.high >= after.high - max(before.low, 0)
    again = change(first, second, debiased_ce2, paired=False)
    assert again.high >= after.high - max(before.low, 0)


def test_an_interval_of_a_squared_error_excludes_0_if_large_and_begins_at_an_estimate_below_0() -> None:
    calibrated, sharp = (estimate(run_of(500, 23, sharpness=k), debiased_ce2) for k in (1.0, 3.0))
    assert calibrated.low == calibrated.value < 0 < calibrated.high
    assert calibrated.p_value is not None
    assert calibrated.p_value > 0.05
    assert sharp.low > 0
    assert sharp.p_value is not None
    assert sharp.p_value < 0.001
