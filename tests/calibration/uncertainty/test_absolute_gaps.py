"""Sums of absolute gaps with a bounded bias: its pieces by integration, limits by hand, tests that agree with them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from calibration.metrics.arrays import FloatArray
from calibration.uncertainty.absolute_gaps import (
    Tails,
    absolute_gaps_change,
    absolute_gaps_interval,
)
from calibration.uncertainty.noisy_gaps import noisy_gaps

TAILS = Tails(level=0.95)


@pytest.mark.parametrize("error", [1.0, 0.02])
def test_the_bias_that_is_left_of_a_gap_drawn_in_is_its_integral(error: float) -> None:
    noise = np.linspace(-10, 10, 20_001)
    density = norm.pdf(noise) * (noise[1] - noise[0])
    side = noisy_gaps(np.zeros(1), np.array([[error**2]]), seed=0)
    for true in (0.0, 0.3, 1.0, 1.2, 2.5, -4.0):
        seen = true + noise
        drawn_in = np.abs(seen) - 0.8 * np.exp(-(seen**2))
        expected = error * (np.sum(drawn_in * density) - abs(true))
        assert side.bias(np.array([[true * error]])).item() == pytest.approx(expected, abs=1e-6 * error)


def test_limits_of_a_gap_far_from_0_are_those_of_a_mean_at_96_percent() -> None:
    # Twenty standard errors from 0 nothing is drawn in and there is no bias: Φ(c) − Φ(−c) = 0.96 at c = 2.0537, and
    # the margin is 1.7507 standard errors above. The spread is that of 2,000 draws, whose error is 1.6 %.
    gaps, noise = np.array([0.2]), np.array([[0.0001]])
    limits = absolute_gaps_interval(gaps, noise, TAILS, seed=0)
    assert (limits.low, limits.high) == pytest.approx((0.2 - 0.020537, 0.2 + 0.020537), abs=0.001)
    assert (limits.least, limits.most) == pytest.approx((0.2 - 0.017507, 0.2 + 0.017507), abs=0.001)


def test_limits_of_a_gap_of_0_by_hand() -> None:
    # Around 0 the bias of a gap within two standard errors goes from −0.1735 (at 1.2) to 0.336 (at 0).
    side = noisy_gaps(np.zeros(1), np.array([[1.0]]), seed=0)
    above, below = side.bias_range
    assert (above, below) == pytest.approx((2 * norm.pdf(0) - 0.8 / np.sqrt(3), 0.1735), abs=0.0005)
    c = TAILS.critical(above + below)
    assert norm.cdf(c) - norm.cdf(-c - above - below) == pytest.approx(0.96)
    low, high = TAILS.limits(-0.8, (above, below), 1.0)
    assert (low, high) == pytest.approx((-0.8 - above - c, -0.8 + below + c))


def test_students_t_takes_the_place_of_the_normal_for_few_units() -> None:
    few = Tails(level=0.95, freedom=9)
    # Without bias the quantile at 2 % of Student's t with 9 degrees of freedom (tables: 2.398).
    assert few.critical(0.0) == pytest.approx(2.398, abs=0.001)
    assert few.one_sided(0.05) == pytest.approx(1.833, abs=0.001)
    assert Tails(level=0.95, units=40).few == pytest.approx(1.1)


def test_a_run_against_itself_changes_by_exactly_0() -> None:
    gaps, noise = np.array([0.05, -0.02, 0.01]), _covariance(np.random.default_rng(0), 3)
    limits = absolute_gaps_change(gaps, gaps, np.tile(noise, (2, 2)), TAILS, seed=0)
    assert (limits.low, limits.high, limits.p_value) == (0.0, 0.0, 1.0)


def test_no_noise_leaves_a_point() -> None:
    limits = absolute_gaps_interval(np.array([0.2, -0.1]), np.zeros((2, 2)), TAILS, seed=0)
    assert (limits.low, limits.high) == pytest.approx((0.3, 0.3))


@pytest.mark.parametrize("freedom", [None, 12.0])
def test_the_p_value_is_below_5_percent_just_where_0_is_left_out(freedom: float | None) -> None:
    """Of 100 random pairs of gap vectors each, correlated ones too; some 20 leave out 0."""
    rng, tails = np.random.default_rng(3), Tails(level=0.95, freedom=freedom)
    left_out = 0
    for seed in range(100):
        k = int(rng.integers(1, 6))
        joint = _covariance(rng, 2 * k) * 0.01
        before, after = rng.normal(size=(2, k)) * rng.choice([0.02, 0.1, 0.3])
        limits = absolute_gaps_change(before, after, joint, tails, seed=seed)
        misses_0 = limits.low > 0 or limits.high < 0
        assert (limits.p_value < 0.05) == misses_0
        left_out += misses_0
    assert 5 < left_out < 95


def test_the_same_seed_gives_the_same_digits_and_levels_are_nested() -> None:
    gaps, noise = np.array([0.03, -0.01]), np.diag([0.0002, 0.0004])
    again, first = (absolute_gaps_interval(gaps, noise, TAILS, seed=5) for _ in range(2))
    assert again == first
    wide = absolute_gaps_interval(gaps, noise, Tails(level=0.99), seed=5)
    assert wide.low <= first.low < first.high < wide.high


def test_noise_that_both_runs_share_narrows_a_change() -> None:
    before, after = np.array([0.05, 0.06]), np.array([0.08, 0.09])
    own = np.diag([0.0004, 0.0004])
    apart, together = (
        absolute_gaps_change(before, after, np.block([[own, shared], [shared, own]]), TAILS, seed=0)
        for shared in (0 * own, 0.95 * own)
    )
    assert together.high - together.low < 0.5 * (apart.high - apart.low)


def _covariance(rng: np.random.Generator, k: int) -> FloatArray:
    root = rng.normal(size=(k, k)) / np.sqrt(k)
    return np.asarray(root @ root.T)
