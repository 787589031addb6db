"""Predicted correctness without an item's own outcome, and overlap weights."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.analysis.matched_difficulty import FittedItems, overlap_weights, predicted_correctness


def known(chance: np.ndarray) -> FittedItems:
    return FittedItems(value=chance, slopes=np.zeros((len(chance), 1)), moves=np.zeros((len(chance), 1)))


def test_predicted_correctness_does_not_use_the_outcome_of_its_item() -> None:
    rng = np.random.default_rng(0)
    confidence, fold = rng.random(100), np.arange(100) % 5
    correct = rng.random(100) < confidence
    other = correct.copy()
    other[7] = not other[7]
    before, after = (predicted_correctness(confidence, outcome, fold).value for outcome in (correct, other))
    assert before[7] == after[7]
    assert (before[fold == fold[7]] == after[fold == fold[7]]).all()
    assert (before != after)[fold != fold[7]].all()


def test_predicted_correctness_undoes_a_temperature() -> None:
    """Chances of 20,000 answers, whose log-odds are stated twice as large, are within .02 of the true ones."""
    rng = np.random.default_rng(1)
    honest = rng.uniform(0.2, 0.98, 20_000)
    stated = honest**2 / (honest**2 + (1 - honest) ** 2)
    chance = predicted_correctness(stated, rng.random(20_000) < honest, np.arange(20_000) % 5).value
    np.testing.assert_allclose(chance, honest, atol=0.02)


def test_a_difficulty_adds_to_what_the_confidence_tells() -> None:
    rng = np.random.default_rng(2)
    hard, fold = rng.standard_normal(4_000), np.arange(4_000) % 5
    correct = rng.random(4_000) < 1 / (1 + np.exp(2 * hard))
    confidence = np.full(4_000, 0.5)
    blind = predicted_correctness(confidence, correct, fold).value
    told = predicted_correctness(confidence, correct, fold, difficulty=hard).value
    assert np.ptp(blind) < 0.05
    assert np.corrcoef(told, -hard)[0, 1] > 0.9


@pytest.mark.parametrize("weighted", [False, True])
def test_weighed_items_have_the_same_mean_square_and_cube(weighted: bool) -> None:
    rng = np.random.default_rng(3)
    before, after = rng.beta(3, 3, 3_000), rng.beta(5, 2, 3_000)
    mass = rng.uniform(0.5, 2, 3_000) if weighted else None
    sides = overlap_weights(known(before), known(after), weight=mass)
    for power in (1, 2, 3):
        left, right = (
            np.average(chance**power, weights=side.value * (1 if mass is None else mass))
            for chance, side in zip((before, after), sides, strict=True)
        )
        assert left == pytest.approx(right, abs=2e-4)


def test_equal_items_weigh_one_half() -> None:
    chance = np.linspace(0.2, 0.9, 50)
    for side in overlap_weights(known(chance), known(chance)):
        np.testing.assert_allclose(side.value, 0.5)
