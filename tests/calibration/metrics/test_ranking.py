from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration import auroc
from calibration.metrics.ranking import placements
from tests.calibration.metrics.drawn_pairs import Pairs, columns

# Values that differ by rounding alone are tied (see test_ties.py), which counting pair by pair does not know.
apart = st.floats(0, 1).map(lambda value: round(value, 6))
pairs = st.lists(
    st.tuples(st.one_of(st.sampled_from([0.0, 0.5, 1.0]), apart), st.booleans()), min_size=2, max_size=40
).filter(lambda values: len({hit for _, hit in values}) == 2)


def brute_force(confidence: np.ndarray, correct: np.ndarray) -> float:
    won = [
        1.0 if right > wrong else 0.5 if right == wrong else 0.0
        for right in confidence[correct]
        for wrong in confidence[~correct]
    ]
    return sum(won) / len(won)


@pytest.mark.parametrize(
    ("confidence", "correct", "expected"),
    [
        ([0.9, 0.1], [1, 0], 1.0),
        ([0.1, 0.9], [1, 0], 0.0),
        ([0.5, 0.5, 0.5], [1, 0, 0], 0.5),
        # Pairs: 0.9 wins twice, 0.8 wins over 0.3 and ties with 0.8: 3.5 of 4.
        ([0.9, 0.8, 0.8, 0.3], [1, 1, 0, 0], 0.875),
    ],
)
def test_auroc_by_hand(confidence: list[float], correct: list[int], expected: float) -> None:
    assert auroc(confidence, correct) == pytest.approx(expected, abs=1e-12)


def test_placements_by_hand() -> None:
    # Right 0.9 beats both wrong ones, right 0.8 beats one and ties one; wrong 0.8 loses to one and ties one.
    won = placements(np.array([0.9, 0.8, 0.8, 0.3]), np.array([True, True, False, False]))
    assert won.tolist() == pytest.approx([1.0, 0.75, 0.75, 1.0])


@pytest.mark.parametrize(
    ("correct", "message"),
    [
        ([1, 1, 1], "AUROC needs right and wrong answers, got 3 right and 0 wrong"),
        ([0, 0, 0], "AUROC needs right and wrong answers, got 0 right and 3 wrong"),
    ],
)
def test_one_class_alone_is_refused(correct: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        auroc([0.2, 0.5, 0.9], correct)


@given(pairs)
def test_auroc_is_the_share_of_won_pairs(values: Pairs) -> None:
    assert auroc(*columns(values)) == pytest.approx(brute_force(*columns(values)), abs=1e-12)


@given(pairs)
def test_both_classes_of_placements_have_the_auroc_as_mean_and_stay_in_0_to_1(values: Pairs) -> None:
    confidence, correct = columns(values)
    won = placements(confidence, correct)
    expected = auroc(confidence, correct)
    assert won[correct].mean() == pytest.approx(expected, abs=1e-12)
    assert won[~correct].mean() == pytest.approx(expected, abs=1e-12)
    assert won.min() >= -1e-12
    assert won.max() <= 1 + 1e-12


@given(pairs, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(values: Pairs, random: Random) -> None:
    shuffled = random.sample(values, len(values))
    assert auroc(*columns(shuffled)) == pytest.approx(auroc(*columns(values)), abs=1e-12)


@given(pairs)
def test_only_the_ranks_count_and_the_other_class_has_the_rest(values: Pairs) -> None:
    confidence, correct = columns(values)
    expected = auroc(confidence, correct)
    ranks = np.searchsorted(np.unique(confidence), confidence) / len(values)
    assert auroc(ranks, correct) == pytest.approx(expected, abs=1e-12)
    assert auroc(confidence, ~correct) == pytest.approx(1 - expected, abs=1e-12)
