"""The largest gap of bins, and its interval."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from scipy.stats import beta

from calibration import change, estimate, max_calibration_error
from calibration.predictions.predictions import View
from tests.calibration.uncertainty.drawn_runs import population, run_of, samples


def test_one_bin_has_the_interval_of_its_accuracy_by_hand() -> None:
    # 100 times .75, 60 right: |.75 − .6|, with Clopper and Pearson's limits of .6.
    got = estimate(np.full(100, 0.75), np.arange(100) < 60, max_calibration_error)
    low, high = beta.ppf(0.025, 60, 41), beta.ppf(0.975, 61, 40)
    assert (got.value, got.low, got.high) == pytest.approx((0.15, 0.75 - high, 0.75 - low))
    assert got.p_value is None


def test_a_sparse_bin_makes_it_wide() -> None:
    confidence, correct = np.append(np.full(100, 0.75), 0.05), np.append(np.arange(100) < 60, False)
    got = estimate(confidence, correct, max_calibration_error)
    assert got.value == pytest.approx(0.15)
    assert got.high > 0.9


@pytest.mark.parametrize("view", get_args(View))
def test_changes_hold_both_runs_at_once(view: View) -> None:
    before, after = run_of(2000, 1, sharpness=1.0), run_of(2000, 1, sharpness=3.0)
    moved = change(before, after, max_calibration_error, view=view)
    assert moved.value == pytest.approx(
        estimate(after, max_calibration_error, view=view).value
        - estimate(before, max_calibration_error, view=view).value
    )
    assert moved.low < moved.value < moved.high
    assert (moved.p_value < 0.05) == (not moved.low <= 0 <= moved.high)
    same = change(before, before, max_calibration_error, view=view)
    assert (same.low, same.high, same.p_value) == (0, 0, 1)


def test_few_intervals_miss_the_truth() -> None:
    """Counted: intervals of 100 runs that miss; they hold all bins at once, so that 5 are many."""
    truth = estimate(population(1.7), max_calibration_error).value
    intervals = [estimate(run, max_calibration_error) for run in samples(1.7, 300, 100, seed=4)]
    assert sum(not got.low <= truth <= got.high for got in intervals) <= 5
