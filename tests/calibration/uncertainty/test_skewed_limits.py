"""Limits of temperatures over clusters: symmetric on two scales, blank where one has no end."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t

from calibration.uncertainty.drawn_units import Sampling
from calibration.uncertainty.skewed_limits import skewed_interval

TEN = Sampling(clusters=np.repeat(np.arange(10), 20), unit="clusters")


def influences(size: float, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=10)
    return np.repeat(size * (drawn - drawn.mean()), 20)


def test_limits_are_the_hull_of_those_of_logarithms_and_of_inverses() -> None:
    moved = influences(0.3)
    got = skewed_interval([1.5], [moved], [1.0], TEN, level=0.95)
    step = t.ppf(0.975, 9) * moved[::20].std(ddof=1) / math.sqrt(10) / 1.5
    assert got.low == pytest.approx(1.5 * math.exp(-step))
    assert got.high == pytest.approx(1.5 / (1 - step))


def test_a_change_of_a_common_factor_moves_as_the_values_do() -> None:
    moved = influences(0.3)
    alone = skewed_interval([1.0], [moved], [1.0], TEN, level=0.95)
    got = skewed_interval([1.0, 3.0], [moved, 3 * moved], [-1.0, 1.0], TEN, level=0.95)
    assert (got.low, got.high) == pytest.approx((2 * alone.low, 2 * alone.high))
    turned = skewed_interval([3.0, 1.0], [3 * moved, moved], [-1.0, 1.0], TEN, level=0.95)
    assert (turned.low, turned.high) == pytest.approx((-got.high, -got.low))


def test_its_test_rejects_just_where_0_is_left_out() -> None:
    moved, other = influences(0.4), influences(0.4, 1)
    got = skewed_interval([1.0, 1.4], [moved, other], [-1.0, 1.0], TEN, level=0.95)
    touching = skewed_interval([1.0, 1.4], [moved, other], [-1.0, 1.0], TEN, level=1 - got.p_value)
    assert min(abs(touching.low), abs(touching.high)) == pytest.approx(0, abs=1e-3)


def test_clusters_that_leave_no_upper_limit_have_no_interval() -> None:
    got = skewed_interval([1.0], [influences(3.0)], [1.0], TEN, level=0.95)
    assert got.reason == "too few clusters: they leave the temperature without an upper limit"


def test_what_does_not_move_is_a_point() -> None:
    still = np.zeros(200)
    got = skewed_interval([1.0, 1.0], [still, still], [-1.0, 1.0], TEN, level=0.95)
    assert (got.low, got.high, got.p_value) == (0, 0, 1)
