"""Covariance of gaps with one coin a bin, against sums over items and both sides of every coin."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import Pairs, Predictions
from calibration.metrics.arrays import FloatArray
from calibration.metrics.bins import bin_edges
from calibration.uncertainty.cells import Cells, covariance
from calibration.uncertainty.drawn_units import ITEMS, Sampling
from calibration.uncertainty.gap_noise import gap_noise
from calibration.uncertainty.kinds.binned import Binned
from calibration.uncertainty.measure_table import MEASURES


def cells_of(run: Predictions | Pairs, key: str) -> Cells:
    measure = MEASURES[key](run)
    assert isinstance(measure, Binned)
    return measure.cells


def pair(n: int, seed: int) -> tuple[Predictions, Predictions]:
    """Two runs on the same items; some predict other options."""
    rng = np.random.default_rng(seed)
    logits, answer = rng.normal(size=(n, 3)) * 2, rng.integers(0, 3, n)
    return Predictions.from_arrays(logits, answer), Predictions.from_arrays(logits + rng.normal(size=(n, 3)), answer)


def test_three_right_answers_have_the_noise_of_a_coin() -> None:
    # Confidence .9 and right, three times: no variance, of which ¾ counts. A coin's gap would be −.1 or .9, of second
    # moment (.01 + .81) / 2 = .41; three of them over 3² are .13667, of which ¼ counts.
    cells = Cells.of_top(np.full(3, 0.9), np.ones(3, dtype=bool), np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(gap_noise([cells], ITEMS), np.diag([0.0, 0.41 / 3 / 4]), atol=1e-12)


@pytest.mark.parametrize("key", ["ece_top", "ece_choices"])
def test_covariance_is_that_of_the_items_and_of_both_sides_of_each_coin(key: str) -> None:
    runs = [cells_of(run, key) for run in pair(40, 0)]
    n_bins = sum(cells.n_bins for cells in runs)
    coins, count = np.zeros((n_bins, n_bins)), np.zeros(n_bins)
    values = [(run, item, place) for run in range(2) for item in range(40) for place in range(runs[0].gap.shape[1])]
    for first in values:
        for second in values:
            coins[bin_of(runs, first), bin_of(runs, second)] += shared_coin(runs, first, second)
    for run, cells in enumerate(runs):
        for index in range(cells.n_bins):
            count[index + run * runs[0].n_bins] = (cells.bin_index == index).any(axis=1).sum()
    seen = covariance(runs)[:n_bins, :n_bins]
    kept, coin = np.sqrt(count / (count + 1)), np.sqrt(1 / (count + 1))
    expected = seen * np.outer(kept, kept) + coins * np.outer(coin, coin)
    np.testing.assert_allclose(gap_noise(runs, ITEMS), expected, atol=1e-12)


def bin_of(runs: list[Cells], value: tuple[int, int, int]) -> int:
    run, item, place = value
    return int(runs[run].bin_index[item, place]) + run * runs[0].n_bins


def shared_coin(runs: list[Cells], first: tuple[int, int, int], second: tuple[int, int, int]) -> float:
    """Mean product of two gaps over both sides of their coin; 0 for two coins."""
    options = [runs[run].option for run, _, _ in (first, second)]
    assert options[0] is not None
    assert options[1] is not None
    one_coin = first[1] == second[1] and options[0][first[1:]] == options[1][second[1:]]
    left, right = (runs[run].gap[item, place] + runs[run].correct[item, place] for run, item, place in (first, second))
    product = (left * right + (1 - left) * (1 - right)) / 2 / (runs[first[0]].total * runs[second[0]].total)
    return float(product) if one_coin else 0.0


def test_a_run_beside_itself_has_one_coin() -> None:
    cells = cells_of(pair(30, 1)[0], "ece_top")
    joint = gap_noise([cells, cells], ITEMS)
    own = joint[: cells.n_bins, : cells.n_bins]
    np.testing.assert_allclose(joint, np.tile(own, (2, 2)), atol=1e-15)


def test_pairs_have_one_coin_only_if_all_answers_come_out_alike() -> None:
    confidence, correct = np.array([0.7, 0.8, 0.9, 0.95]), [1, 1, 1, 1]
    first, same = (cells_of(Pairs.from_arrays(values, correct), "ece_top") for values in (confidence, confidence - 0.1))
    other = cells_of(Pairs.from_arrays(confidence, [1, 1, 1, 0]), "ece_top")
    assert coins_between(first, same).sum() == pytest.approx(np.sum((confidence - 0.5) * (confidence - 0.6) + 0.25))
    assert coins_between(first, other).sum() == pytest.approx(0)


def coins_between(first: Cells, second: Cells) -> FloatArray:
    """What coins add between two runs, as if each bin were nothing but coins."""
    n_bins = first.n_bins + second.n_bins
    count = np.concatenate([cells.units() for cells in (first, second)])
    kept = np.sqrt(count / (count + 1))
    rest = gap_noise([first, second], ITEMS) - covariance([first, second])[:n_bins, :n_bins] * np.outer(kept, kept)
    whole = rest * np.sqrt(np.outer(count + 1, count + 1)) * first.total * second.total
    return np.asarray(whole[: first.n_bins, first.n_bins :])


def test_clusters_of_one_are_items() -> None:
    runs = [cells_of(run, "ece_choices") for run in pair(50, 2)]
    np.testing.assert_allclose(
        gap_noise(runs, Sampling(clusters=np.arange(50))), gap_noise(runs, ITEMS), rtol=1e-10, atol=1e-15
    )


def test_clusters_of_items_that_agree_have_more_noise() -> None:
    rng = np.random.default_rng(0)
    correct = np.repeat(rng.random(20) < 0.7, 5)
    cells = Cells.of_top(np.full(100, 0.7), correct, bin_edges(np.full(100, 0.7)))
    together, apart = (gap_noise([cells], sampling).sum() for sampling in (_FIVES, ITEMS))
    assert together == pytest.approx(5 * apart, rel=0.1)


_FIVES = Sampling(clusters=np.repeat(np.arange(20), 5))
