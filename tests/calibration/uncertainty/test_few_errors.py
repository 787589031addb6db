"""Intervals of few errors: binomial sums, Clopper and Pearson's limits, limits joined by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import beta, t

from calibration import Pairs, estimate
from calibration.uncertainty.few_errors import (
    fewest,
    gap_of_few_errors,
    mean_confidence_limits,
    mean_with_one_more,
    mid_p_limits,
)


def probability(k: int, n: int, rate: float) -> float:
    return math.comb(n, k) * rate**k * (1 - rate) ** (n - k)


def test_fewest_are_the_wrong_or_the_right() -> None:
    assert fewest(np.array([True, False, True])) == 1
    assert fewest(np.array([False, False, True])) == 1
    assert fewest(np.ones(4, dtype=bool)) == 0


@pytest.mark.parametrize(("events", "n"), [(1, 100), (3, 60), (10, 20), (29, 30)])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_mid_p_limits_are_where_half_of_the_observed_is_in_the_tail(events: int, n: int, level: float) -> None:
    low, high = mid_p_limits(events, n, level=level)
    above = sum(probability(k, n, low) for k in range(events + 1, n + 1)) + probability(events, n, low) / 2
    below = sum(probability(k, n, high) for k in range(events)) + probability(events, n, high) / 2
    assert (above, below) == pytest.approx(((1 - level) / 2, (1 - level) / 2), abs=1e-9)
    assert low < events / n < high


def test_mid_p_limits_of_none_and_of_all() -> None:
    # ½ (1 − p)^30 = 0.025 at p = 1 − 0.05^(1/30).
    end = 1 - 0.05 ** (1 / 30)
    assert mid_p_limits(0, 30, level=0.95) == pytest.approx((0, end), abs=1e-10)
    assert mid_p_limits(30, 30, level=0.95) == pytest.approx((1 - end, 1), abs=1e-10)


def test_limits_of_a_gap_join_those_of_the_rate_and_of_the_confidence() -> None:
    confidence, correct = np.tile([0.92, 1.0], 30), np.arange(60) >= 2
    low, high = gap_of_few_errors(confidence, correct, level=0.95)
    rates = mid_p_limits(2, 60, level=0.95)
    # Mean confidence 0.96, of standard error 0.04 / √59; 2 of 60 are wrong, so the gap is −0.04 + 0.0333.
    half, gap = float(t.ppf(0.975, 59)) * 0.04 / math.sqrt(59), -0.04 + 2 / 60
    assert low == pytest.approx(gap - math.sqrt((2 / 60 - rates[0]) ** 2 + half**2))
    assert high == pytest.approx(gap + math.sqrt((rates[1] - 2 / 60) ** 2 + half**2))


def test_limits_of_a_gap_turn_with_right_and_wrong() -> None:
    confidence, correct = np.linspace(0.6, 0.95, 40), np.arange(40) >= 3
    low, high = gap_of_few_errors(confidence, correct, level=0.9)
    turned = gap_of_few_errors(1 - confidence, ~correct, level=0.9)
    assert turned == pytest.approx((-high, -low))


@pytest.mark.parametrize(("events", "n"), [(0, 30), (2, 40), (5, 60), (58, 60), (3, 6000)])
def test_a_mean_of_0_and_1_has_clopper_and_pearsons_limits(events: int, n: int) -> None:
    """Within four standard errors of quantiles of 4,000 draws."""
    values = np.repeat([1.0, 0.0], [events, n - events])
    got = mean_with_one_more(values, 0.0, 1.0, level=0.95, seed=1)
    above = beta(events + 1, n - events)
    upper = above.ppf(0.975)
    assert got.high == pytest.approx(upper, abs=4 * math.sqrt(0.025 * 0.975 / 4000) / above.pdf(upper))
    below = beta(max(events, 1), n - events + 1)
    lower = below.ppf(0.025) * (events > 0)
    assert got.low == pytest.approx(lower, abs=4 * math.sqrt(0.025 * 0.975 / 4000) / below.pdf(below.ppf(0.025)))


def test_the_p_value_is_below_5_percent_just_where_0_is_left_out() -> None:
    """Of 200 random vectors, of which a good part leave out 0."""
    rng, left_out = np.random.default_rng(0), 0
    for seed in range(200):
        values = rng.normal(size=int(rng.integers(3, 40))) + rng.normal()
        lowest, highest = values.min() - rng.random(), values.max() + rng.random()
        got = mean_with_one_more(values, float(lowest), float(highest), level=0.95, seed=seed)
        misses_0 = got.low > 0 or got.high < 0
        assert (got.p_value < 0.05) == misses_0
        left_out += misses_0
    assert 40 < left_out < 180


def test_many_values_are_summed_as_if_each_had_its_weight() -> None:
    # The 2,000 that stand out have weights of their own; without others' noise all would have.
    values = np.random.default_rng(0).exponential(size=5000)
    got = mean_with_one_more(values, 0.0, float(values.max()), level=0.95, seed=0)
    # The weighted mean is nearly normal: Student's limits, and the atom at the end, of one in 5,001.
    half = 1.96 * values.std() / math.sqrt(5000)
    assert (got.low, got.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.15 * half)


def test_the_same_seed_gives_the_same_digits() -> None:
    values = np.linspace(0, 1, 30) ** 8
    first, again, other = (mean_with_one_more(values, 0.0, 1.0, level=0.95, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_a_mean_of_one_stated_confidence_allows_for_others_that_were_not_drawn() -> None:
    # One more of Beta(1, 20), whose confidence may be anything.
    share = 1 - 0.025 ** (1 / 20)
    low, high = mean_confidence_limits(np.full(20, 0.9), level=0.95)
    assert (low, high) == pytest.approx((0.9 - 0.9 * share, 0.9 + 0.1 * share), abs=0.01)
    stated = estimate(Pairs.from_arrays([0.9] * 20, [1] * 20), "mean_confidence")
    assert (stated.low, stated.high) == pytest.approx((low, high), abs=0.01)
    # Where others are stated often, or all differ, it is Student's.
    for confidence in (np.resize([0.7, 0.9], 20), np.linspace(0.5, 0.9, 20)):
        n = len(confidence)
        half = t.ppf(0.975, n - 1) * confidence.std(ddof=1) / np.sqrt(n)
        assert mean_confidence_limits(confidence, level=0.95) == pytest.approx(
            (confidence.mean() - half, confidence.mean() + half)
        )
