from __future__ import annotations

import dataclasses
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration import ece, reliability_curve
from calibration.metrics.bins import Strategy
from calibration.metrics.curves import wilson
from tests.calibration.metrics.drawn_pairs import Pairs, columns, pairs, strategies


def test_curve_by_hand() -> None:
    # Bins [0, ¼) [¼, ½) [½, ¾) [¾, 1]: 0.1 alone; nothing; 0.5 and 0.7; 0.8, 0.9 and 1.
    curve = reliability_curve([0.1, 0.5, 0.7, 0.8, 0.9, 1.0], [0, 1, 0, 1, 1, 0], bins=4)
    assert curve.lower.tolist() == [0.0, 0.25, 0.5, 0.75]
    assert curve.upper.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.count.tolist() == [1, 0, 2, 3]
    np.testing.assert_allclose(curve.confidence, [0.1, np.nan, 0.6, 0.9])
    np.testing.assert_allclose(curve.accuracy, [0.0, np.nan, 0.5, 2 / 3])
    # (1·0.1 + 2·0.1 + 3·(0.9 − 0.6667)) / 6 = (0.1 + 0.2 + 0.7) / 6
    assert curve.ece == pytest.approx(1 / 6)


def test_empty_bins_stay_with_count_0_and_nan() -> None:
    curve = reliability_curve([1.0, 0.0], [1, 0], bins=3)
    assert curve.count.tolist() == [1, 0, 1]
    for values in (curve.confidence, curve.accuracy, curve.low, curve.high):
        assert np.isnan(values).tolist() == [False, True, False]


def test_frame_is_one_row_a_bin_with_the_numbers_of_the_curve() -> None:
    curve = reliability_curve([0.1, 0.5, 0.7], [0, 1, 0], bins=4)
    frame = curve.frame
    assert frame.columns == ["lower", "upper", "count", "confidence", "accuracy", "low", "high"]
    for name in frame.columns:
        np.testing.assert_array_equal(frame[name].to_numpy(), getattr(curve, name))


def test_a_curve_cannot_be_changed() -> None:
    curve = reliability_curve([0.1], [0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve.level = 0.5  # type: ignore[misc]


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        # Agresti and Coull (1998): z² / (n + z²) = 3.8415 / 13.8415 where none is right.
        (0, 10, 0.0, 0.27753),
        (10, 10, 0.72247, 1.0),
        (5, 10, 0.23659, 0.76341),
        # Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_is_that_of_the_literature(right: int, n: int, low: float, high: float) -> None:
    got = wilson(np.array([right / n]), np.array([float(n)]))
    assert (got[0][0], got[1][0]) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, -0.1, float("nan")])
def test_levels_outside_0_to_1_are_refused(level: float) -> None:
    with pytest.raises(ValueError, match="level must be strictly between 0 and 1, got"):
        reliability_curve([0.5], [1], level=level)


def test_a_higher_level_gives_a_wider_interval() -> None:
    narrow, wide = (reliability_curve([0.5] * 20, [1, 0] * 10, level=level) for level in (0.5, 0.99))
    assert wide.low[5] < narrow.low[5] < 0.5 < narrow.high[5] < wide.high[5]
    assert (narrow.level, wide.level) == (0.5, 0.99)


def test_items_of_one_value_each_change_no_interval() -> None:
    rng = np.random.default_rng(0)
    confidence, correct = rng.random(300), rng.random(300) < 0.5
    plain = reliability_curve(confidence, correct)
    paired = reliability_curve(confidence, correct, item=np.arange(300))
    np.testing.assert_allclose(plain.low, paired.low)
    np.testing.assert_allclose(plain.high, paired.high)


def test_values_repeated_within_an_item_add_no_information() -> None:
    rng = np.random.default_rng(1)
    confidence, correct = rng.random(200), rng.random(200) < 0.7
    once = reliability_curve(confidence, correct)
    item = np.repeat([f"item {row}" for row in range(200)], 3)
    thrice = reliability_curve(np.repeat(confidence, 3), np.repeat(correct, 3), item=item)
    assert ((once.accuracy > 0) & (once.accuracy < 1) & (once.count > 1)).all()
    # One less than the items: their variance comes from as many residuals about the bin's own accuracy.
    low, high = wilson(once.accuracy, once.count.astype(np.float64) - 1)
    np.testing.assert_allclose(thrice.low, low)
    np.testing.assert_allclose(thrice.high, high)
    assert (thrice.count == 3 * once.count).all()


def test_interval_of_dependent_values_has_the_spread_of_a_bootstrap_of_items() -> None:
    """The interval of a bin is as wide as the standard deviation of 1,000 draws of whole items says."""
    # Four letters an item: exactly one is right, so hits within an item depend on each other.
    rng = np.random.default_rng(2)
    p = rng.dirichlet(np.ones(4), size=800)
    hit = np.arange(4)[None, :] == (p.cumsum(axis=1) < rng.random((800, 1))).sum(axis=1)[:, None]
    curve = reliability_curve(p.ravel(), hit.ravel(), bins=4, item=np.repeat(np.arange(800), 4))
    boot = []
    for _ in range(1000):
        rows = rng.integers(0, 800, 800)
        boot.append(reliability_curve(p[rows].ravel(), hit[rows].ravel(), bins=4).accuracy)
    # Wilson's interval is ± 1.96 standard errors, but for terms in 1 / n.
    half = (curve.high - curve.low) / 2 / 1.96
    np.testing.assert_allclose(half, np.std(boot, axis=0), rtol=0.1)


def test_bins_that_are_all_wrong_count_their_items() -> None:
    curve = reliability_curve([0.5] * 20, [0] * 20, bins=1, item=np.repeat(np.arange(10), 2))
    assert curve.high[0] == pytest.approx(0.27753, abs=1e-5)  # Wilson's 0 of 10, not of 20


def test_one_item_in_a_bin_is_no_certainty() -> None:
    # Two values of one item, one right and one wrong: nothing is known about the variance between items.
    curve = reliability_curve([0.5, 0.5], [1, 0], bins=1, item=["a", "a"])
    assert curve.high[0] - curve.low[0] > 0.5


@pytest.mark.parametrize("item", [["a"], ["a", "b"], ["a", "b", "c", "d"]])
def test_item_must_fit_the_values(item: list[str]) -> None:
    with pytest.raises(ValueError, match=rf"item must name one item a value: \(3,\), got \({len(item)},\)"):
        reliability_curve([0.1, 0.2, 0.3], [0, 1, 0], item=item)


@given(pairs, st.integers(1, 20), strategies)
def test_the_curve_adds_up_to_the_data(values: Pairs, bins: int, strategy: Strategy) -> None:
    confidence, correct = columns(values)
    curve = reliability_curve(confidence, correct, bins=bins, strategy=strategy)
    filled = curve.count > 0
    assert curve.count.sum() == len(values)
    assert np.dot(curve.count[filled], curve.confidence[filled]) == pytest.approx(confidence.sum())
    assert np.dot(curve.count[filled], curve.accuracy[filled]) == pytest.approx(correct.sum())
    assert ece(confidence, correct, bins=bins, strategy=strategy) == curve.ece


@given(pairs, st.integers(1, 20), strategies)
def test_intervals_hold_their_accuracy_and_stay_in_0_to_1(values: Pairs, bins: int, strategy: Strategy) -> None:
    curve = reliability_curve(*columns(values), bins=bins, strategy=strategy)
    filled = curve.count > 0
    assert (curve.low[filled] <= curve.accuracy[filled] + 1e-12).all()
    assert (curve.high[filled] >= curve.accuracy[filled] - 1e-12).all()
    assert (curve.low[filled] >= 0).all()
    assert (curve.high[filled] <= 1).all()


@given(pairs, strategies, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(values: Pairs, strategy: Strategy, random: Random) -> None:
    shuffled = random.sample(values, len(values))
    one, other = (reliability_curve(*columns(rows), strategy=strategy) for rows in (values, shuffled))
    assert one.count.tolist() == other.count.tolist()
    np.testing.assert_allclose(one.confidence, other.confidence)
    np.testing.assert_allclose(one.accuracy, other.accuracy)
    np.testing.assert_allclose(one.low, other.low, atol=1e-12)
