from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import norm

from calibration.metrics.calibration_tests import CalibrationTest, spiegelhalter_test
from tests.calibration.metrics.drawn_pairs import Pairs, columns

pairs = st.lists(
    st.tuples(st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0.01, 0.99)), st.booleans()),
    min_size=1,
    max_size=40,
)


def top_confidence(n: int, sharpness: float, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(softmax(sharpness * rng.normal(size=(n, 4)), axis=1).max(axis=1))


def test_statistic_by_hand() -> None:
    # Excess (1 − 0.9)(−0.8) + (0 − 0.8)(−0.6) = 0.4; variance 0.64·0.09 + 0.36·0.16 = 0.1152.
    found = spiegelhalter_test([0.9, 0.8], [1, 0])
    assert found.statistic == pytest.approx(0.4 / math.sqrt(0.1152))
    assert found.p_value == pytest.approx(2 * norm.sf(0.4 / math.sqrt(0.1152)))


def test_statistic_is_the_brier_score_in_standard_errors() -> None:
    # Mean and spread of the Brier score over labels redrawn from the confidences.
    rng = np.random.default_rng(0)
    confidence = rng.random(50)
    correct = rng.random(50) < 0.5
    redrawn = rng.random((200_000, 50)) < confidence
    brier = np.square(confidence - redrawn).mean(axis=1)
    expected = (np.square(confidence - correct).mean() - brier.mean()) / brier.std()
    assert spiegelhalter_test(confidence, correct).statistic == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(
    ("confidence", "correct"), [([0.7, 1.0], [1, 0]), ([0.0, 0.5], [1, 0]), ([1.0] * 3, [1, 1, 0])]
)
def test_a_broken_certainty_refutes_calibration(confidence: list[float], correct: list[int]) -> None:
    assert spiegelhalter_test(confidence, correct) == CalibrationTest(math.inf, 0.0)


@pytest.mark.parametrize(("confidence", "correct"), [([1.0, 0.0], [1, 0]), ([0.5, 0.5], [1, 1]), ([1.0, 0.5], [1, 0])])
def test_a_brier_score_that_is_certain_beforehand_says_nothing(confidence: list[float], correct: list[int]) -> None:
    assert spiegelhalter_test(confidence, correct) == CalibrationTest(0.0, 1.0)


def test_kept_certainties_change_nothing() -> None:
    alone = spiegelhalter_test([0.9, 0.6, 0.3], [0, 1, 0])
    assert spiegelhalter_test([0.9, 0.6, 0.3, 1.0, 0.0], [0, 1, 0, 1, 0]) == alone


REGIMES: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "flat": lambda n, rng: top_confidence(n, 1.5, rng),
    "sharp": lambda n, rng: top_confidence(n, 4.0, rng),
    "saturated": lambda n, rng: np.where(rng.random(n) < 0.5, 1.0, top_confidence(n, 1.5, rng)),
    "discrete": lambda n, rng: top_confidence(n, 1.5, rng).round(1),
}


@pytest.mark.parametrize("n", [50, 200, 1000])
@pytest.mark.parametrize("regime", REGIMES)
def test_calibrated_models_are_rejected_as_often_as_stated(n: int, regime: str) -> None:
    """The p-values of 4,000 runs of n items, calibrated by construction, are below 5 % in 5 % of them."""
    rng = np.random.default_rng(n)
    p_values: list[float] = []
    for _ in range(50):
        confidence = REGIMES[regime](n, rng)
        labels = rng.random((80, n)) < confidence
        p_values.extend(spiegelhalter_test(confidence, correct).p_value for correct in labels)
    # 4,000 draws at 5 % have a standard error of 0.35 %.
    assert 0.04 < np.mean(np.array(p_values) < 0.05) < 0.06


def test_over_and_under_confidence_have_opposite_signs() -> None:
    rng = np.random.default_rng(1)
    confidence = top_confidence(1000, 2.0, rng)
    over = spiegelhalter_test(confidence, rng.random(1000) < confidence**2)
    under = spiegelhalter_test(confidence, rng.random(1000) < confidence**0.3)
    assert over.statistic > 5
    assert under.statistic < -5
    assert max(over.p_value, under.p_value) < 1e-6


@given(pairs, st.randoms(use_true_random=False))
def test_ranges_hold_and_order_of_rows_changes_nothing(values: Pairs, random: Random) -> None:
    found = spiegelhalter_test(*columns(values))
    assert 0 <= found.p_value <= 1
    assert not math.isnan(found.statistic)
    other = spiegelhalter_test(*columns(random.sample(values, len(values))))
    assert other.statistic == pytest.approx(found.statistic, abs=1e-9)


@given(pairs)
def test_the_other_side_of_every_claim_gives_the_same(values: Pairs) -> None:
    confidence, correct = columns(values)
    found, mirrored = spiegelhalter_test(confidence, correct), spiegelhalter_test(1 - confidence, ~correct)
    assert mirrored.statistic == pytest.approx(found.statistic, abs=1e-9)


def test_bad_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"confidence must be in \[0, 1\]; row 1 has 1.5"):
        spiegelhalter_test([0.5, 1.5], [1, 0])
    with pytest.raises(ValueError, match=r"is the order confidence, correct\?"):
        spiegelhalter_test([1, 0], [0.7, 0.6])
