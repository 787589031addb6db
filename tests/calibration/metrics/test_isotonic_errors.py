"""Isotonic errors by hand, and as lower bounds."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from calibration.metrics.isotonic_errors import cross_fitted_accuracy, isotonic_ce, isotonic_ce2

from .test_isotonic import top_confidence


def test_cross_fitted_errors_by_hand() -> None:
    # Every fold has the same two confidences with shares ¼ and 1, so that every fold is recalibrated by them.
    confidence = np.tile([0.5] * 4 + [0.8] * 4, 10)
    correct = np.tile([1, 0, 0, 0, 1, 1, 1, 1], 10)
    item = np.repeat(np.arange(10), 8)
    # |0.5 − ¼| and |0.8 − 1|, and their squares.
    assert isotonic_ce(confidence, correct, item=item) == pytest.approx((0.25 + 0.2) / 2)
    assert isotonic_ce2(confidence, correct, item=item) == pytest.approx((0.0625 + 0.04) / 2)


def test_a_fold_is_recalibrated_by_the_others_alone() -> None:
    rng = np.random.default_rng(0)
    confidence, correct = rng.random(40), (rng.random(40) < 0.5).astype(float)
    item = np.repeat(np.arange(10), 4)
    before = cross_fitted_accuracy(confidence, correct, item=item)
    flipped = correct.copy()
    flipped[item == 3] = 1 - flipped[item == 3]
    after = cross_fitted_accuracy(confidence, flipped, item=item)
    np.testing.assert_array_equal(before[item == 3], after[item == 3])
    assert (before != after).any()


def test_rows_of_distinct_confidences_may_stand_in_any_order() -> None:
    rng = np.random.default_rng(1)
    confidence = rng.random(100)
    correct = rng.random(100) < confidence**2
    order = rng.permutation(100)
    for metric in (isotonic_ce, isotonic_ce2):
        assert metric(confidence[order], correct[order]) == pytest.approx(metric(confidence, correct), abs=1e-12)
        assert metric(confidence, correct, seed=1) != metric(confidence, correct, seed=2)
    item = rng.integers(0, 30, 100)
    one, other = (isotonic_ce(confidence[o], correct[o], item=item[o]) for o in (np.arange(100), order))
    assert one == pytest.approx(other, abs=1e-12)


@pytest.mark.parametrize(
    ("power", "rounded", "n"), [(1.0, False, 100), (1.1, False, 200), (2.0, False, 200), (1.3, True, 200)]
)
def test_isotonic_errors_are_lower_bounds_in_expectation(power: float, rounded: bool, n: int) -> None:
    """True accuracy is confidence to a power: the truth is known, and the mean of many samples must not be above it."""
    errors, squares, truth = isotonic_errors(power, n, rounded=rounded)
    assert np.mean(errors) <= truth.mean() + 3 * np.std(errors) / 20
    assert np.mean(squares) <= np.square(truth).mean() + 3 * np.std(squares) / 20


def test_of_calibrated_models_the_error_is_centred_at_0_and_its_square_below() -> None:
    """As above, with the power 1: the mean of 400 errors is within three of its standard errors of 0."""
    errors, squares, _ = isotonic_errors(1.0, 100)
    assert abs(np.mean(errors)) < 3 * np.std(errors) / 20
    assert np.mean(squares) < 0


@cache
def isotonic_errors(power: float, n: int, *, rounded: bool = False) -> tuple[list[float], list[float], np.ndarray]:
    """Errors and squared errors of 400 samples of n items, and the gaps of all their items."""
    rng = np.random.default_rng(int(10 * power) + n)
    errors, squares, gaps = [], [], []
    for seed in range(400):
        confidence = top_confidence(n, rng)
        confidence = confidence.round(1) if rounded else confidence
        correct = rng.random(n) < confidence**power
        errors.append(isotonic_ce(confidence, correct, seed=seed))
        squares.append(isotonic_ce2(confidence, correct, seed=seed))
        gaps.append(confidence - confidence**power)
    return errors, squares, np.concatenate(gaps)


def test_letters_of_one_item_in_several_folds_would_leak() -> None:
    # Four equal rows an item, calibrated: with folds of rows the recalibration knows the answers that it is scored on.
    rng = np.random.default_rng(5)
    leaking, honest = [], []
    for seed in range(200):
        stated = rng.uniform(0.3, 0.7, 50)
        confidence, correct = np.repeat(stated, 4), np.repeat(rng.random(50) < stated, 4)
        leaking.append(isotonic_ce(confidence, correct, seed=seed))
        honest.append(isotonic_ce(confidence, correct, seed=seed, item=np.repeat(np.arange(50), 4)))
    assert np.mean(leaking) > 0.1
    assert abs(np.mean(honest)) < 4 * np.std(honest) / 200**0.5
