"""Ratios over answers: Wilson's interval where they are shares, coverage by simulation elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.special import xlogy

from calibration.metrics.curves import wilson
from factuality.outcomes.ratios import ATTEMPTED, OTHER, RIGHT, WRONG, F, Ratio, difference, swapped, target_ratio

COUNTS = st.tuples(*[st.integers(0, 12)] * 3).filter(lambda counts: sum(counts) > 0)
RATIOS = {"attempted": ATTEMPTED, "F": F, "target 0.75": target_ratio(0.75)}


@given(COUNTS)
def test_shares_have_wilson_s_interval(counts: tuple[int, int, int]) -> None:
    right, wrong, _ = counts
    for ratio, whole in ((target_ratio(0), sum(counts)), (ATTEMPTED, right + wrong)):
        if not whole:
            assert ratio.value(counts) is None
            with pytest.raises(ValueError, match="a ratio needs answers that count in it"):
                ratio.interval(counts)
            continue
        low, high = wilson(np.array([right / whole]), np.array([float(whole)]))
        assert ratio.value(counts) == pytest.approx(right / whole)
        assert ratio.interval(counts) == pytest.approx((low[0], high[0]), abs=1e-7)


def test_values_by_hand() -> None:
    assert F.value((4, 2, 4)) == pytest.approx(2 * 0.4 * (4 / 6) / (0.4 + 4 / 6))  # the harmonic mean
    assert F.value((0, 0, 3)) == 0
    assert target_ratio(0.9).value((9, 1, 5)) == pytest.approx(0)
    assert target_ratio(0.5).value((3, 1, 6)) == pytest.approx(0.2)
    assert swapped(np.array([RIGHT, WRONG, OTHER])).tolist() == [WRONG, RIGHT, OTHER]


def test_limits_invert_the_score_test_under_the_likeliest_shares() -> None:
    """The same limits with the likeliest shares found numerically instead of by the quadratic equation."""
    counts, z = (7, 4, 9), 1.959963984540054

    def test(at: float) -> float:
        right, wrong, other = 2 - 2 * at, -2 * at, -at

        def shares(share: float) -> tuple[float, float]:
            one = (-wrong * (1 - share) - other * share) / (right - wrong)
            return one, 1 - share - one

        def loss(share: float) -> float:
            one, two = shares(share)
            return -float(xlogy(7, max(one, 1e-300)) + xlogy(4, max(two, 1e-300)) + xlogy(9, share))

        top = min(1.0, right / (right - other))
        share = minimize_scalar(loss, bounds=(1e-9, top), method="bounded", options={"xatol": 1e-12}).x
        one, two = shares(share)
        variance = one * right**2 + two * wrong**2 + share * other**2
        return float((7 * right + 4 * wrong + 9 * other) / np.sqrt(20 * variance))

    value = F.value(counts)
    assert value == pytest.approx(14 / 31)
    low = brentq(lambda at: test(at) - z, 0.01, value)
    high = brentq(lambda at: test(at) + z, value, 0.99)
    assert F.interval(counts) == pytest.approx((low, high), abs=1e-5)


@settings(max_examples=40)
@given(COUNTS, st.sampled_from(list(RATIOS)))
def test_an_interval_holds_its_value_and_keeps_the_range(counts: tuple[int, int, int], name: str) -> None:
    ratio = RATIOS[name]
    value = ratio.value(counts)
    if value is None:
        return
    low, high = ratio.interval(counts)
    assert low <= value + 1e-9 <= high + 2e-9
    assert (-3 if name.startswith("target") else 0) <= low <= high <= 1
    wider = ratio.interval(counts, level=0.99)
    assert wider[0] <= low + 1e-9 <= high + 2e-9 <= wider[1] + 3e-9
    if sum(counts) > 1 and 0 < counts[0] < sum(counts):
        assert low < high


@pytest.mark.parametrize("name", RATIOS)
@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (0.85, 0.1, 0.05), (0.1, 0.3, 0.6)])
def test_intervals_cover(name: str, shares: tuple[float, float, float]) -> None:
    """Of 1,500 draws of 60 answers, 93 to 97 in 100 intervals hold the ratio of the true shares."""
    ratio, rng = RATIOS[name], np.random.default_rng(0)
    truth = np.dot(shares, ratio.gains) / np.dot(shares, ratio.weights)
    found, times = np.unique(rng.multinomial(60, shares, size=1500), axis=0, return_counts=True)
    inside = [low <= truth <= high for low, high in (ratio.interval((a, b, c)) for a, b, c in found.tolist())]
    assert 0.93 <= np.average(inside, weights=times) <= 0.97


@pytest.mark.slow  # 400 pairs of runs each
@pytest.mark.parametrize("name", RATIOS)
@pytest.mark.parametrize("shares", [((0.5, 0.3, 0.2), (0.5, 0.3, 0.2)), ((0.3, 0.5, 0.2), (0.6, 0.1, 0.3))])
def test_intervals_of_changes_cover(name: str, shares: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
    """Of 400 pairs, about 95 in 100 intervals hold the change, and p is below 0.05 just where 0 is outside."""
    ratio, rng = RATIOS[name], np.random.default_rng(1)
    first, second = (float(np.dot(one, ratio.gains) / np.dot(one, ratio.weights)) for one in shares)
    inside = touching = 0
    for _ in range(400):
        before, after = pair(rng, shares, 100)
        found = ratio.change(before, after)
        assert found is not None
        inside += found.low <= second - first <= found.high
        touching += (found.p_value < 0.05) == (not found.low <= 0 <= found.high)
    assert 0.92 <= inside / 400 <= 0.98
    assert touching == 400


def test_what_a_ratio_changed_by() -> None:
    rng = np.random.default_rng(2)
    before, after = pair(rng, ((0.3, 0.5, 0.2), (0.6, 0.1, 0.3)), 80)
    for ratio in RATIOS.values():
        there, back = ratio.change(before, after), ratio.change(after, before)
        assert there is not None
        assert back is not None
        assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-8)
        # Where the interval of level 1 − p begins.
        edge = ratio.change(before, after, level=1 - there.p_value)
        assert edge is not None
        assert min(abs(edge.low), abs(edge.high)) == pytest.approx(0, abs=1e-4)
        same = ratio.change(before, before)
        assert same is not None
        assert (same.low, same.p_value) == pytest.approx((-same.high, 1))
    assert ATTEMPTED.change(before, np.full(80, OTHER)) is None


def test_a_change_of_0_but_for_rounding_is_0() -> None:
    # At 0.8 a wrong answer costs 4: (13 − 6 × 4) / 23 and (9 − 5 × 4) / 23 are equal, their floats are not.
    before, after = (np.repeat([RIGHT, WRONG, OTHER], counts) for counts in ((13, 6, 4), (9, 5, 9)))
    ratio = target_ratio(0.8)
    assert ratio.of(after) != ratio.of(before)
    got = ratio.change(before, after)
    assert got is not None
    assert got.p_value == 1
    assert got.low < 0 < got.high
    assert difference(ratio.of(before) or 0.0, ratio.of(after) or 0.0) == 0
    # Where a change is tiny but real the p-value is next to 1, not an error.
    rng = np.random.default_rng(0)
    for _ in range(300):
        one, other = rng.integers(0, 3, 20), rng.integers(0, 3, 20)
        for target in (0.1, 0.25, 0.7, 0.8):
            found = target_ratio(target).change(one, other)
            assert found is not None
            assert 0 <= found.p_value <= 1


def pair(
    rng: np.random.Generator, shares: tuple[tuple[float, ...], tuple[float, ...]], n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Kinds of answers of two models, half of the questions as hard for one as for the other."""
    one = rng.random(n)
    other = np.where(rng.random(n) < 0.5, one, rng.random(n))
    edges = [np.cumsum(share)[:2] for share in shares]
    return np.searchsorted(edges[0], one, side="right"), np.searchsorted(edges[1], other, side="right")


def test_a_ratio_is_a_value() -> None:
    assert Ratio((1, 0, 0), (1, 1, 0)) == ATTEMPTED
