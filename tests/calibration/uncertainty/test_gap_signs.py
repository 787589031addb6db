"""Limits from the signs of gaps: by hand, in every arrangement of gaps, and between runs that are nearly one model."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import Predictions
from calibration.uncertainty.absolute_gaps import Tails, absolute_gaps_change
from calibration.uncertainty.changes import change_interval
from calibration.uncertainty.drawn_units import ITEMS
from calibration.uncertainty.gap_signs import is_nearly_one, likely_signs
from calibration.uncertainty.measures import ece_choices, ece_top


def overconfident(n_items: int, seed: int) -> Predictions:
    rng = np.random.default_rng(seed)
    honest = 1.5 * rng.normal(size=(n_items, 4))
    chances = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    answer = (rng.random((n_items, 1)) > chances.cumsum(axis=1)).sum(axis=1)
    return Predictions.from_arrays(logits=honest / 0.6, answer=np.minimum(answer, 3))


def test_runs_are_nearly_one_by_their_agreement_beyond_chance() -> None:
    # 80 of 100 right; with two swapped 4 differ, by chance .8 · .2 · 2 = 32 would: kappa 1 − 4/32 = .875 with two,
    # 1 − 2/32 = .9375 with one.
    right = np.arange(100) < 80
    one, two = right.copy(), right.copy()
    one[[0, 99]] = ~one[[0, 99]]
    two[[0, 1, 98, 99]] = ~two[[0, 1, 98, 99]]
    assert is_nearly_one(right, one)
    assert not is_nearly_one(right, two)
    assert is_nearly_one(np.ones(5, dtype=bool), np.ones(5, dtype=bool))


def test_signs_are_those_of_the_change_of_confidence() -> None:
    run = overconfident(200, 0)
    cooler = Predictions.from_arrays(logits=run.log_probabilities / 1.5, answer=run.answer)
    before, after = ece_top(run), ece_top(cooler)
    filled = [measure.cells.shares > 0 for measure in (before, after)]
    signs = likely_signs(before.cells, after.cells, [None, None])
    assert [set(own[has].tolist()) for own, has in zip(signs, filled, strict=True)] == [{-1.0}, {-1.0}]
    # All letters: the unlikely ones become likelier.
    before, after = ece_choices(run), ece_choices(cooler)
    first, second = likely_signs(before.cells, after.cells, [None, None])
    assert (first[0], first[-1], second[0], second[-1]) == (1.0, -1.0, 1.0, -1.0)


@pytest.mark.parametrize(("before", "after"), [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.5), (2.0, 2.0), (-3.0, 3.0)])
def test_limits_with_signs_miss_no_more_than_they_may(before: float, after: float) -> None:
    """How many of 60 changes of 8 gaps, in standard errors, correlation .95, are held: more than 9 misses, of a true
    .05, have a probability of .001."""
    rng, k = np.random.default_rng(5), 8
    noise = np.block([[np.eye(k), 0.95 * np.eye(k)], [0.95 * np.eye(k), np.eye(k)]])
    root, signs, truth = np.linalg.cholesky(noise), (np.ones(k), np.ones(k)), k * (abs(after) - abs(before))
    misses = 0
    for _ in range(60):
        gaps = np.repeat([before, after], k) + root @ rng.standard_normal(2 * k)
        limits = absolute_gaps_change(gaps[:k], gaps[k:], noise, Tails(level=0.95), seed=0, signs=signs)
        misses += not limits.low <= truth <= limits.high
    assert misses <= 9


def test_p_values_agree_with_the_limits_that_signs_give() -> None:
    k = 8
    noise = np.block([[np.eye(k), 0.99 * np.eye(k)], [0.99 * np.eye(k), np.eye(k)]])
    signs, before = (np.ones(k), np.ones(k)), np.full(k, 2.0)
    rejected = []
    for step in np.linspace(0, 0.8, 17):
        limits = absolute_gaps_change(before, before + step, noise, Tails(level=0.95), seed=0, signs=signs)
        assert (limits.low > 0) == (limits.p_value < 0.05)
        rejected.append(limits.low > 0)
    assert set(rejected) == {True, False}


def test_a_sharper_overconfident_run_has_a_narrower_interval_from_its_signs() -> None:
    run = overconfident(400, 1)
    sharper = Predictions.from_arrays(logits=run.log_probabilities / 0.7, answer=run.answer)
    before, after = ece_top(run), ece_top(sharper)
    noise = before.noise(ITEMS, after)
    wide = absolute_gaps_change(before.cells.gaps, after.cells.gaps, noise, Tails(level=0.95, units=400), seed=0)
    interval = change_interval(before, after, ITEMS, level=0.95)
    assert interval.high - interval.low < 0.75 * (wide.high - wide.low)
    assert interval.low <= after.value - before.value <= interval.high
