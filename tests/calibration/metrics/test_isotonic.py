from __future__ import annotations

import dataclasses
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration import brier_score
from calibration.metrics.isotonic import isotonic_curve, pooled, tally
from calibration.metrics.isotonic_errors import isotonic_ce, isotonic_ce2
from tests.calibration.metrics.drawn_pairs import Pairs, columns, pairs


def top_confidence(n: int, rng: np.random.Generator) -> np.ndarray:
    logits = 2 * rng.normal(size=(n, 4))
    weight = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray((weight / weight.sum(axis=1, keepdims=True)).max(axis=1))


def test_curve_by_hand() -> None:
    # Means by confidence: 0.1 → ½, 0.3 → 0, 0.6 → 1, 0.9 → ⅔. The first two violate and pool to ⅓, the last two to ¾.
    curve = isotonic_curve([0.9, 0.1, 0.3, 0.1, 0.9, 0.6, 0.9], [1, 1, 0, 0, 0, 1, 1])
    assert curve.confidence.tolist() == [0.1, 0.3, 0.6, 0.9]
    assert curve.count.tolist() == [2, 1, 1, 3]
    assert curve.right.tolist() == [1, 0, 1, 2]
    assert curve.accuracy.tolist() == pytest.approx([1 / 3, 1 / 3, 3 / 4, 3 / 4])
    # Squared errors of the confidence: 0.81 + 0.01 + 0.09 + 0.16 + 0.01 + 0.81 + 0.01; recalibrated: 3·⅓·⅔ + 4·¾·¼.
    recalibrated = (3 * 2 / 9 + 4 * 3 / 16) / 7
    assert curve.brier == pytest.approx(1.9 / 7)
    assert curve.miscalibration == pytest.approx(1.9 / 7 - recalibrated)
    assert curve.uncertainty == pytest.approx(4 / 7 * 3 / 7)
    assert curve.discrimination == pytest.approx(4 / 7 * 3 / 7 - recalibrated)


def test_frame_is_one_row_a_distinct_confidence_with_the_numbers_of_the_curve() -> None:
    curve = isotonic_curve([0.1, 0.5, 0.5], [0, 1, 0])
    frame = curve.frame
    assert frame.columns == ["confidence", "count", "right", "accuracy", "low", "high"]
    for name in frame.columns:
        np.testing.assert_array_equal(frame[name].to_numpy(), getattr(curve, name))
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve.level = 0.5  # type: ignore[misc]


def test_saturated_and_constant_models() -> None:
    sure = isotonic_curve([1.0] * 4, [1, 1, 1, 0])
    assert (sure.accuracy.tolist(), sure.low.tolist(), sure.high.tolist()) == ([0.75], [1.0], [1.0])
    assert (sure.miscalibration, sure.discrimination, sure.uncertainty) == (0.0625, 0.0, 0.1875)
    right = isotonic_curve([0.0, 1.0], [0, 1])
    assert (right.brier, right.miscalibration, right.discrimination, right.uncertainty) == (0.0, 0.0, 0.25, 0.25)


def test_band_of_one_confidence_is_the_binomial_quantiles() -> None:
    from scipy.stats import binom

    curve = isotonic_curve([0.7] * 100, [1] * 100, draws=20_000)
    assert curve.low[0] * 100 == pytest.approx(binom.ppf(0.025, 100, 0.7), abs=1)
    assert curve.high[0] * 100 == pytest.approx(binom.ppf(0.975, 100, 0.7), abs=1)


@pytest.mark.parametrize("n", [200, 6000])
def test_band_holds_a_calibrated_models_curve_at_its_level(n: int) -> None:
    # Point by point; above 2,000 distinct values neighbours are drawn together.
    rng = np.random.default_rng(n)
    inside = []
    for seed in range(25):
        confidence = top_confidence(n, rng)
        curve = isotonic_curve(confidence, rng.random(n) < confidence, draws=200, level=0.9, seed=seed)
        inside.append(((curve.low <= curve.accuracy) & (curve.accuracy <= curve.high)).mean())
    assert np.mean(inside) == pytest.approx(0.9, abs=4 * np.std(inside) / 5)
    assert 0.86 < np.mean(inside) < 0.94


def test_neighbours_drawn_together_leave_the_band_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    confidence = np.sort(top_confidence(3000, rng))
    correct = rng.random(3000) < confidence
    grouped = isotonic_curve(confidence, correct)
    monkeypatch.setattr("calibration.metrics.isotonic._GROUPS", 3000)
    each = isotonic_curve(confidence, correct)
    assert np.abs(grouped.low - each.low).mean() < 0.005
    assert np.abs(grouped.high - each.high).mean() < 0.005
    # A heavy value and many light ones, more groups than distinct values would give.
    heavy = isotonic_curve(np.append(confidence, np.ones(5000)), np.append(correct, np.ones(5000)), draws=20)
    assert len(heavy.low) == 3001


def test_same_seed_same_band() -> None:
    confidence = np.linspace(0, 1, 100)
    one, other, third = (isotonic_curve(confidence, confidence > 0.5, draws=50, seed=seed) for seed in (1, 1, 2))
    assert one.high.tolist() == other.high.tolist()
    assert one.high.tolist() != third.high.tolist()


def test_refusals() -> None:
    with pytest.raises(ValueError, match="draws must be at least 1, got 0"):
        isotonic_curve([0.5], [1], draws=0)
    with pytest.raises(ValueError, match="level must be strictly between 0 and 1, got 95"):
        isotonic_curve([0.5], [1], level=95)
    for metric in (isotonic_curve, isotonic_ce, isotonic_ce2):
        with pytest.raises(ValueError, match=r"confidence must be in \[0, 1\]; row 1 has 1.5"):
            metric([0.5, 1.5], [1, 0])
        with pytest.raises(ValueError, match=r"is the order confidence, correct\?"):
            metric([1, 0], [0.7, 0.6])
        with pytest.raises(ValueError, match="at least one value, got none"):
            metric([], [])
    for error in (isotonic_ce, isotonic_ce2):
        with pytest.raises(ValueError, match="at least two folds and as many items as folds, got 1 and 3"):
            error([0.1, 0.2, 0.3], [1, 0, 0], n_folds=1)
        with pytest.raises(ValueError, match="at least two folds and as many items as folds, got 5 and 2"):
            error([0.1, 0.2, 0.3], [1, 0, 0], item=["a", "a", "b"])
        with pytest.raises(ValueError, match=r"item must name one item a value: \(3,\), got \(2,\)"):
            error([0.1, 0.2, 0.3], [1, 0, 0], item=["a", "b"])


@given(pairs)
def test_parts_add_up_and_stay_in_range(values: Pairs) -> None:
    confidence, correct = columns(values)
    curve = isotonic_curve(confidence, correct, draws=2)
    parts = (curve.miscalibration, curve.discrimination, curve.uncertainty)
    assert curve.brier == pytest.approx(np.square(confidence - correct).mean(), abs=1e-12)
    # The score of the package counts both options of two.
    both = np.column_stack([confidence, 1 - confidence])
    assert 2 * curve.brier == pytest.approx(brier_score(both, (~correct).astype(int)), abs=1e-12)
    assert min(parts) >= 0
    assert max(parts) <= 1
    assert curve.discrimination <= curve.uncertainty + 1e-12


@given(pairs)
def test_curve_never_falls_and_keeps_what_came_true(values: Pairs) -> None:
    curve = isotonic_curve(*columns(values), draws=3)
    for line in (curve.confidence, curve.accuracy, curve.low, curve.high):
        assert (np.diff(line) >= -1e-12).all()
        assert line.min() >= 0
        assert line.max() <= 1
    assert (curve.low <= curve.high).all()
    assert curve.count @ curve.accuracy == pytest.approx(curve.right.sum())


@given(pairs)
def test_no_curve_that_never_falls_is_closer(values: Pairs) -> None:
    # Max-min formula of isotonic regression (Robertson, Wright and Dykstra 1988).
    confidence, correct = columns(sorted(values))
    distinct, count, right = tally(confidence, correct.astype(float))
    n = len(distinct)
    mean = [[right[i : j + 1].sum() / count[i : j + 1].sum() if j >= i else np.inf for j in range(n)] for i in range(n)]
    expected = [max(min(mean[i][j] for j in range(k, n)) for i in range(k + 1)) for k in range(n)]
    assert pooled(right / count, count).tolist() == pytest.approx(expected, abs=1e-12)


@given(pairs, st.randoms(use_true_random=False))
def test_order_and_repetition_of_rows_change_no_curve(values: Pairs, random: Random) -> None:
    curve = isotonic_curve(*columns(values), draws=5)
    shuffled = isotonic_curve(*columns(random.sample(values, len(values))), draws=5)
    for name in ("confidence", "count", "right", "accuracy", "low", "high"):
        assert getattr(shuffled, name).tolist() == getattr(curve, name).tolist()
    twice = isotonic_curve(*columns(values * 2), draws=1)
    assert twice.accuracy.tolist() == pytest.approx(curve.accuracy.tolist())
    assert twice.miscalibration == pytest.approx(curve.miscalibration, abs=1e-12)
