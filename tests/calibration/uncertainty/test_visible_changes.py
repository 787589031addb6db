from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.stats import binom

from calibration import Pairs, Predictions, change, compare
from calibration.uncertainty.changes import Change
from calibration.uncertainty.drawn_units import Scheme
from calibration.uncertainty.intervals import Interval
from calibration.uncertainty.kinds.share import Share
from calibration.uncertainty.measure_table import MEASURES
from calibration.uncertainty.sample_size import items_that_show
from calibration.uncertainty.visible_changes import shown_flips, visible_mean_change, visible_share_change


@cache
def run_of(n: int, seed: int) -> Predictions:
    rng = np.random.default_rng(seed)
    logits = 2 * rng.normal(size=(n, 4))
    answer = np.argmax(logits + rng.gumbel(size=(n, 4)), axis=1)
    return Predictions.from_arrays(logits, answer, subject=[f"s{item % 12}" for item in range(n)])


def pair_of(n: int, seed: int, *, flips: float = 0.1, sharper: float = 1.5) -> tuple[Pairs, Pairs]:
    rng = np.random.default_rng(seed)
    logit = 1 + rng.normal(size=n)
    correct = rng.random(n) < 1 / (1 + np.exp(-logit))
    later = correct ^ (rng.random(n) < flips)
    before, after = (1 / (1 + np.exp(-sharpness * logit)) for sharpness in (1.0, sharper))
    return Pairs.from_arrays(before, correct), Pairs.from_arrays(after, later)


def test_the_power_of_mcnemars_test_is_summed_by_hand() -> None:
    """Six items of which half change; five of five, and six of six, are shown (5 > 1.96 √5)."""
    gained = [binom.pmf(count, 6, 0.5) * 0.8**count for count in (4, 5, 6)]
    assert shown_flips(6, 0.5, 0.3, level=0.95) == pytest.approx(sum(gained))


def test_many_changed_answers_are_seen_as_a_mean_is() -> None:
    """Connor (1987), Biometrics 43:207: 1.96 √d + 0.84 √(d − δ²) standard errors."""
    size = visible_share_change(20_000, 0.1, level=0.95)
    assert size * np.sqrt(20_000) == pytest.approx(1.96 * np.sqrt(0.1) + 0.8416 * np.sqrt(0.1 - size**2), rel=0.01)


def test_a_mean_is_seen_from_both_errors_on() -> None:
    moved = np.repeat([0.1, -0.1], 5000)
    assert visible_mean_change(Interval(-0.00196, 0.00196, 1.0), 0.0, moved) == pytest.approx(0.0028, rel=0.01)


def test_a_run_against_itself_shows_no_smallest_change() -> None:
    before, _ = pair_of(60, 0)
    changes = compare(before, before).change
    assert changes["ece_top"].visible is None
    assert changes["accuracy"].visible == pytest.approx(5.4 / 60, rel=0.05)


@pytest.mark.parametrize("sampling", ["items", "strata", "clusters", "subjects"])
@pytest.mark.parametrize("key", [key for key in MEASURES if key != "nll_top"])
def test_a_run_against_itself_changes_by_exactly_nothing(key: str, sampling: Scheme) -> None:
    run = run_of(240, 0)
    shift = change(run, run, key, sampling=sampling)
    assert shift.value == 0
    # Right and wrong answers may stay while others would not: shares of items alone have an interval then.
    certain = not isinstance(MEASURES[key](run), Share)
    assert [limit for limit in (shift.low, shift.high) if shift.known and certain and limit != 0] == []


def test_every_change_says_what_could_have_been_seen() -> None:
    changes = compare(*pair_of(200, 0)).change
    visible = np.array([np.nan if value.visible is None else value.visible for value in changes.values()])
    # More than the noise alone, half of the interval.
    half = np.array([(value.high - value.low) / 2 for value in changes.values()])
    assert (half < visible).all()
    assert (visible < 1).all()


def test_so_many_items_would_show_the_change() -> None:
    shift = change(*pair_of(200, 0), "mean_confidence")
    assert shift.n_items == 200
    assert shift.visible is not None
    assert items_that_show(shift, 2 * shift.visible) == 50
    assert items_that_show(shift) == int(np.ceil(200 * (shift.visible / shift.value) ** 2))


@pytest.mark.parametrize(
    ("value", "visible"), [(0.0, 0.1), (0.1, None)], ids=["no change at all", "a measure of unknown noise"]
)
def test_no_number_of_items_shows_what_cannot_be_shown(value: float, visible: float | None) -> None:
    shift = Change(value=value, low=-1, high=1, level=0.95, p_value=1.0, clustered=None, visible=visible, n_items=9)
    assert items_that_show(shift) is None


def test_runs_on_different_items_show_less() -> None:
    before, after = pair_of(200, 0)
    paired, apart = (change(before, after, "accuracy", paired=paired) for paired in (True, False))
    assert paired.visible is not None
    assert apart.visible is not None
    assert paired.visible < apart.visible
    assert apart.n_items == 200
