from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from calibration import auroc, classwise_ece, ece, max_calibration_error, reliability_curve, signed_gap
from calibration.metrics.bins import Strategy
from calibration.metrics.calibration_errors import adaptive_calibration_error, average_calibration_error
from tests.calibration.metrics.drawn_pairs import Pairs, columns, pairs, strategies

PAIR_METRICS: list[Callable[[ArrayLike, ArrayLike], object]] = [
    ece,
    max_calibration_error,
    average_calibration_error,
    signed_gap,
    auroc,
    reliability_curve,
]


@pytest.mark.parametrize(
    ("confidence", "correct", "bins", "strategy", "expected"),
    [
        # One bin, [0.9, 1]: |3/4 − 0.9|.
        ([0.9, 0.9, 0.9, 0.9], [1, 1, 1, 0], 10, "uniform", 0.15),
        # [0, ½): |0 − 0.2| of weight 1; [½, 1]: |½ − 0.7| of weight 2.
        ([0.2, 0.6, 0.8], [0, 1, 0], 2, "uniform", 0.2),
        # The same gaps with opposite signs in one bin cancel: |½ − ½|.
        ([0.2, 0.8], [1, 0], 1, "uniform", 0.0),
        # ... and do not in two: (|1 − 0.2| + |0 − 0.8|) / 2.
        ([0.2, 0.8], [1, 0], 2, "uniform", 0.8),
        # An edge belongs to the bin above: 0.5 and 0.6 together, (0.1 + 2·|½ − 0.55|) / 3.
        ([0.1, 0.5, 0.6], [0, 0, 1], 2, "uniform", 0.2 / 3),
        # 0 and 1 have bins, and both are far off.
        ([0.0, 1.0], [1, 0], 10, "uniform", 1.0),
        # Saturated: half exactly 1, of which 3 of 4 right; the others 0.2 0.4 0.6 0.8, bins {0.2 0.4} {0.6 0.8} {1}:
        # (2·|0 − 0.3| + 2·|½ − 0.7| + 4·|¾ − 1|) / 8
        ([1, 0.2, 1, 0.4, 1, 0.6, 1, 0.8], [1, 0, 1, 0, 1, 0, 0, 1], 4, "quantile", 0.25),
        # One bin a value: (|0 − 0.2| + 2·|½ − 0.7|) / 3; confidences a millionth apart would be bins of their own.
        ([0.2, 0.7, 0.7], [0, 1, 0], 1, "distinct", 0.2),
    ],
)
def test_ece_by_hand(
    confidence: list[float], correct: list[int], bins: int, strategy: Strategy, expected: float
) -> None:
    assert ece(confidence, correct, bins=bins, strategy=strategy) == pytest.approx(expected, abs=1e-12)


def test_the_last_bin_counts() -> None:
    assert ece([1.0, 1.0], [0, 0]) == 1.0
    assert max_calibration_error([0.05, 1.0], [0, 0]) == 1.0


def test_max_calibration_error_by_hand() -> None:
    # [0, ½): |0 − 0.2|; [½, 1]: |1/3 − 0.8|. The weighted mean of ece is (0.2 + 3·0.4667) / 4.
    confidence, correct = [0.2, 0.7, 0.8, 0.9], [0, 1, 0, 0]
    assert max_calibration_error(confidence, correct, bins=2) == pytest.approx(7 / 15)
    assert ece(confidence, correct, bins=2) == pytest.approx(0.4)


def test_norms_by_hand() -> None:
    # [0, ½): gap 0.2 of one; [½, 1]: gap 7/15 of three.
    confidence, correct = [0.2, 0.7, 0.8, 0.9], [0, 1, 0, 0]
    assert ece(confidence, correct, bins=2, norm="l1") == pytest.approx(0.4)
    assert ece(confidence, correct, bins=2, norm="l2") == pytest.approx(((0.04 + 3 * 49 / 225) / 4) ** 0.5)
    assert ece(confidence, correct, bins=2, norm="max") == pytest.approx(7 / 15)
    with pytest.raises(ValueError, match="norm must be 'l1', 'l2' or 'max', got 'l3'"):
        ece(confidence, correct, norm="l3")  # type: ignore[arg-type]


def test_average_calibration_error_by_hand() -> None:
    # The same two bins of four, unweighted; two more are empty and do not count.
    confidence, correct = [0.2, 0.8, 0.8, 0.9], [0, 1, 0, 0]
    assert average_calibration_error(confidence, correct, bins=4) == pytest.approx((0.2 + 0.5) / 2)


def test_adaptive_calibration_error_is_the_plain_mean_over_options_and_bins_of_equal_mass() -> None:
    rng = np.random.default_rng(0)
    rows, answer = rng.dirichlet(np.ones(4), size=240), rng.integers(0, 4, 240)
    gaps: list[float] = []
    for option in range(4):
        order = np.argsort(rows[:, option])
        parts = np.array_split(order, 8)
        gaps.extend(abs((answer[part] == option).mean() - rows[part, option].mean()) for part in parts)
    assert adaptive_calibration_error(rows, answer, bins=8) == pytest.approx(np.mean(gaps), abs=1e-12)
    with pytest.raises(ValueError, match=r"must sum to 1 in each row; row 0 has 1\.1"):
        adaptive_calibration_error([[0.6, 0.5]], [0])


@pytest.mark.parametrize(("confidence", "correct", "expected"), [([0.9, 0.7], [1, 0], 0.3), ([0.1], [1], -0.9)])
def test_signed_gap_is_confidence_minus_accuracy(confidence: list[float], correct: list[int], expected: float) -> None:
    assert signed_gap(confidence, correct) == pytest.approx(expected)


def test_classwise_ece_by_hand() -> None:
    # First option: 0.8 right (0.2 off), 0.6 wrong (0.6 off); the second has the same gaps.
    assert classwise_ece([[0.8, 0.2], [0.6, 0.4]], [0, 1]) == pytest.approx(0.4)
    # One bin an option: means 0.5, 0.3, 0.2 against shares ½, 0, ½: (0 + 0.3 + 0.3) / 3.
    assert classwise_ece([[0.6, 0.3, 0.1], [0.4, 0.3, 0.3]], [0, 2], bins=1) == pytest.approx(0.2)


@pytest.mark.parametrize("metric", PAIR_METRICS)
@pytest.mark.parametrize(
    ("confidence", "correct", "message"),
    [
        ([], [], "must hold at least one value, got none"),
        ([0.5], [1, 0], r"must be 1-d and of one length, got \(1,\) and \(2,\)"),
        ([[0.5]], [[1]], r"must be 1-d and of one length, got \(1, 1\) and \(1, 1\)"),
        (0.5, 1, r"must be 1-d and of one length, got \(\) and \(\)"),
        ([0.5, 1.5], [1, 0], r"confidence must be in \[0, 1\]; row 1 has 1.5"),
        ([-1e-3, 0.5], [1, 0], r"confidence must be in \[0, 1\]; row 0 has -0.001"),
        ([0.5, 0.4, np.nan], [1, 0, 1], r"confidence must be in \[0, 1\]; row 2 has nan"),
        ([0.5, np.inf], [1, 0], r"confidence must be in \[0, 1\]; row 1 has inf"),
        ([0.5, 0.5], [1, 2], "correct must hold only 0 and 1 .*; row 1 has 2.0"),
        ([0.5, 0.5], [np.nan, 1], "correct must hold only 0 and 1 .*; row 0 has nan"),
        ([1, 0], [0.7, 0.6], r"correct must hold only 0 and 1 \(is the order confidence, correct\?\); row 0 has 0.7"),
    ],
)
def test_bad_pairs_are_refused(
    metric: Callable[[ArrayLike, ArrayLike], object], confidence: ArrayLike, correct: ArrayLike, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        metric(confidence, correct)


@given(pairs, st.integers(1, 20), strategies)
def test_errors_are_ordered(values: Pairs, bins: int, strategy: Strategy) -> None:
    confidence, correct = columns(values)
    expected = ece(confidence, correct, bins=bins, strategy=strategy)
    largest = max_calibration_error(confidence, correct, bins=bins, strategy=strategy)
    gap = abs(signed_gap(confidence, correct))
    # The gap of all values is that of one bin, and splitting bins never makes an ECE smaller.
    assert 0 <= gap <= expected + 1e-12
    root = ece(confidence, correct, bins=bins, strategy=strategy, norm="l2")
    assert expected <= root + 1e-12
    assert root <= largest + 1e-12
    assert largest <= 1
    assert largest == ece(confidence, correct, bins=bins, strategy=strategy, norm="max")
    assert largest / bins - 1e-12 <= average_calibration_error(confidence, correct, bins=bins) or strategy != "uniform"
    assert average_calibration_error(confidence, correct, bins=bins, strategy=strategy) <= largest + 1e-12


@given(pairs, st.integers(1, 10))
def test_finer_bins_never_lower_the_ece(values: Pairs, bins: int) -> None:
    coarse, fine = (ece(*columns(values), bins=count) for count in (bins, 2 * bins))
    assert coarse <= fine + 1e-12


@given(pairs)
def test_one_bin_is_the_absolute_gap(values: Pairs) -> None:
    assert ece(*columns(values), bins=1) == pytest.approx(abs(signed_gap(*columns(values))), abs=1e-12)


@given(pairs, strategies, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(values: Pairs, strategy: Strategy, random: Random) -> None:
    shuffled = random.sample(values, len(values))
    for metric in (ece, max_calibration_error, average_calibration_error):
        one, other = (metric(*columns(rows), strategy=strategy) for rows in (values, shuffled))
        assert one == pytest.approx(other, abs=1e-12)
    assert signed_gap(*columns(values)) == pytest.approx(signed_gap(*columns(shuffled)), abs=1e-12)


@given(pairs, strategies)
def test_repeating_every_row_changes_nothing(values: Pairs, strategy: Strategy) -> None:
    assert ece(*columns(values * 3), strategy=strategy) == pytest.approx(ece(*columns(values), strategy=strategy))


@given(pairs)
def test_a_saturated_model_has_the_error_of_its_two_values(values: Pairs) -> None:
    # All confidence exactly 0 or 1: the ECE is the share of wrong claims, whatever the bins (two or more).
    correct = columns(values)[1]
    confidence = (columns(values)[0] >= 0.5).astype(float)
    rows = [(confidence == side) for side in (0.0, 1.0)]
    expected = sum(abs(float((confidence[row] - correct[row]).sum())) for row in rows) / len(values)
    for strategy in ("uniform", "distinct"):
        assert ece(confidence, correct, strategy=strategy) == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_classwise_ece_of_two_options_counts_both_sides(values: Pairs) -> None:
    confidence, correct = columns(values)
    rows = np.column_stack([1 - confidence, confidence])
    by_hand = (ece(rows[:, 0], ~correct) + ece(rows[:, 1], correct)) / 2
    assert classwise_ece(rows, correct.astype(int)) == pytest.approx(by_hand, abs=1e-12)
