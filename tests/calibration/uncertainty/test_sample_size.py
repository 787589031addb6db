from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from calibration import Pairs, Predictions, auroc, brier_score, ece, estimate, log_loss, null_ece, signed_gap
from calibration.errors import UndefinedMeasure
from calibration.predictions.predictions import View
from calibration.uncertainty.changes import change
from calibration.uncertainty.measure_table import Metric
from calibration.uncertainty.sample_size import required_n


def run_of(n: int, seed: int, sharpness: float = 1.0, noise: float = 0.0) -> Predictions:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4)) * 1.5
    answer = np.argmax(logits + rng.gumbel(size=(n, 4)), axis=1)
    logits += noise * rng.normal(size=(n, 4))
    return Predictions.from_arrays(logits * sharpness, answer)


@pytest.mark.parametrize("metric", [signed_gap, brier_score, log_loss, auroc])
def test_so_many_items_give_an_interval_of_that_width(metric: Metric) -> None:
    n = required_n(run_of(2000, 0), metric, half_width=0.02)
    got = estimate(run_of(n, 1), metric)
    assert (got.high - got.low) / 2 == pytest.approx(0.02, rel=0.1)


@pytest.mark.parametrize("view", ["top", "choices"])
def test_so_many_items_give_an_ece_of_that_width_and_floor(view: View) -> None:
    # The wider of the two decides.
    n = required_n(run_of(2000, 0, 2.0), ece, view=view, half_width=0.02)
    got = estimate(run_of(n, 1, 2.0), ece, view=view)
    run = run_of(n, 1, 2.0)
    floor = null_ece(run.probabilities, run.answer, view=view).quantile95
    assert max((got.high - got.low) / 2, floor) == pytest.approx(0.02, rel=0.15)
    n = required_n(run_of(2000, 0), ece, view=view, half_width=0.03)
    run = run_of(n, 1)
    assert null_ece(run.probabilities, run.answer, view=view).quantile95 == pytest.approx(0.03, rel=0.15)


@pytest.mark.parametrize(
    ("metric", "view", "noise"),
    # Of a signed gap some answers change: where none does, one that was not drawn decides.
    [(signed_gap, "top", 0.5), (ece, "top", 0.0), (ece, "choices", 0.0)],
)
def test_so_many_items_give_a_change_of_that_width(metric: Metric, view: View, noise: float) -> None:
    later = run_of(2000, 0, 0.6, noise)
    n = required_n(run_of(2000, 0, 1.5), metric, after=later, view=view, half_width=0.02)
    got = change(run_of(n, 1, 1.5), run_of(n, 1, 0.6, noise), metric, view=view)
    assert (got.high - got.low) / 2 == pytest.approx(0.02, rel=0.15)


@pytest.mark.parametrize("view", ["top", "choices"])
def test_a_change_of_ece_on_different_items_is_planned_with_the_noise_of_both(view: View) -> None:
    """It is shown from some 1.7 half-widths on."""
    n = required_n(run_of(2000, 0), ece, view=view, change=0.1)
    got = change(run_of(n, 1), run_of(n, 2, 2.0), ece, view=view, paired=False)
    assert (got.high - got.low) / 2 == pytest.approx(0.1 / 1.7, rel=0.25)


def test_runs_that_are_off_the_same_way_need_fewer_items_than_one_that_gets_off() -> None:
    """Of both over-confident the change is that of the mean confidence, whose noise is small."""
    off = run_of(1000, 0, 2.0)
    together = required_n(off, ece, after=run_of(1000, 0, 3.5), change=0.06)
    assert together < 0.75 * required_n(run_of(1000, 0), ece, after=off, change=0.06)


def test_the_sign_of_a_change_tells_which_run_is_planned_with_more() -> None:
    """The calibrated run before falls from an error of .05 in the plan, whatever the pilots' own change is."""
    before, after = run_of(400, 0), run_of(400, 0, 2.0)
    up, down = (required_n(before, "debiased_ce2", after=after, change=size) for size in (0.05, -0.05))
    assert down > up


def test_a_change_of_ece_is_not_planned_with_a_small_pilot() -> None:
    with pytest.raises(UndefinedMeasure, match=r"the pilot has 60 items, .* draw a pilot with 100 or more"):
        required_n(run_of(60, 0), ece, after=run_of(60, 0, 2.0), change=0.1)


def test_squared_errors_of_runs_on_different_items_need_more() -> None:
    before, after = run_of(1000, 0), run_of(1000, 0, 2.0)
    paired = required_n(before, "debiased_ce2", after=after, change=0.01)
    assert required_n(before, "debiased_ce2", change=0.01) > 0.8 * paired


def test_gaps_that_all_turn_out_of_one_sign_need_fewer_items_than_said() -> None:
    """The change of two over-confident ECEs is then that of the mean confidence, whose noise is small."""
    n = required_n(run_of(2000, 0, 1.5), ece, after=run_of(2000, 0, 3.0), half_width=0.01)
    got = change(run_of(n, 1, 1.5), run_of(n, 1, 3.0), ece)
    assert (got.high - got.low) / 2 <= 0.01


@pytest.mark.parametrize("n_wrong", [0, 3])
def test_a_run_with_few_errors_has_a_number_too(n_wrong: int) -> None:
    """So many that ten errors are to be expected, or as many as if half a one had been seen."""
    run = Predictions.from_arrays([[5.0, 0.0]] * 60, [1] * n_wrong + [0] * (60 - n_wrong))
    assert required_n(run, ece, half_width=0.02) >= {0: 1200, 3: 200}[n_wrong]


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="half_width must be above 0, got 0"):
        required_n(run_of(20, 0), signed_gap, half_width=0)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, "give either half_width or change"),
        ({"half_width": 0.1, "change": 0.1}, "give either half_width or change"),
        ({"change": 0}, "change must not be 0"),
        ({"change": 0.1, "power": 0.3}, "power must be at least 0.5"),
    ],
)
def test_what_is_wanted_is_a_width_or_a_change(wanted: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        required_n(run_of(20, 0), signed_gap, **wanted)  # type: ignore[arg-type]


def flipped(n_flips: int, n: int = 200) -> tuple[Pairs, Pairs]:
    """Accurate answers, some of which become wrong."""
    confidence, right = np.linspace(0.9, 0.99, n), np.ones(n, dtype=bool)
    return Pairs.from_arrays(confidence, right), Pairs.from_arrays(confidence, np.arange(n) >= n_flips)


def test_a_pilot_with_few_changed_answers_is_refused_with_the_range() -> None:
    before, after = flipped(3)
    with pytest.raises(UndefinedMeasure, match=r"3 answers that became right or wrong among 200: .* 0.38 % to 4.03 %"):
        required_n(before, "accuracy", after=after, change=0.02)


def test_changed_answers_have_the_power_of_mcnemars_test() -> None:
    """2.8² · .1 / .02² = 1962 by the normal approximation, planned larger by .84 of one flip in 20."""
    before, after = flipped(20)
    assert required_n(before, "accuracy", after=after, change=0.02) == pytest.approx(1962 * (1 + 0.84 / 20), rel=0.03)


def test_a_share_needs_more_items_where_it_moves_towards_a_half() -> None:
    before, _ = flipped(0)
    run = Pairs.from_arrays(before.confidence, np.arange(200) >= 20)
    up, down = (required_n(run, "accuracy", change=size) for size in (0.05, -0.05))
    # (.9 · .1 + .95 · .05) and (.9 · .1 + .85 · .15) times 2.8² / .05²
    assert up == pytest.approx(432, rel=0.15)
    assert down == pytest.approx(683, rel=0.15)


def test_clusters_are_counted_with_their_items() -> None:
    """Answers of a cluster that are all alike: as many clusters are needed as single answers would be."""
    right = np.arange(100) % 10 >= 3
    single = Pairs.from_arrays(np.full(100, 0.7), right)
    fives = Pairs.from_arrays(
        np.full(500, 0.7), np.repeat(right, 5), cluster=np.repeat(np.arange(100), 5).astype(str).tolist()
    )
    one_by_one, together = (required_n(run, "accuracy", half_width=0.05) for run in (single, fives))
    assert one_by_one.clusters is None
    assert together.clusters == pytest.approx(one_by_one, rel=0.03)
    assert together == 5 * (together.clusters or 0)


def test_the_change_of_a_mean_is_shown_in_four_of_five_samples() -> None:
    """Of 300 samples those that show the change are counted; a share of .8 is beyond .73 to .87 in one of 400."""
    rng = np.random.default_rng(0)
    before, after = np.array([0.5, 0.6, 0.7, 0.8]), np.array([0.52, 0.6, 0.71, 0.83])
    runs = [Pairs.from_arrays(np.tile(side, 100), np.tile([0, 1, 1, 1], 100)) for side in (before, after)]
    n = required_n(runs[0], "mean_confidence", after=runs[1], change=0.015)
    rows = rng.integers(0, 4, (300, n))
    moved = (after - before)[rows]
    studentised = moved.mean(axis=1) / (moved.std(axis=1, ddof=1) / np.sqrt(n))
    # The population's change is .015; so few items are not normal, and the critical value is Student's.
    assert np.mean(studentised > t.ppf(0.975, n - 1)) == pytest.approx(0.8, abs=0.1)


def test_what_no_measure_can_be_is_refused() -> None:
    run = Pairs.from_arrays([0.9, 0.4, 0.6] * 40, [1, 0, 0] * 40)
    with pytest.raises(ValueError, match="accuracy can change by at most 1, got 2"):
        required_n(run, "accuracy", change=2)
    with pytest.raises(ValueError, match=r"half the width of an interval of ece_top is at most 0.5, got 0.6"):
        required_n(run, "ece_top", half_width=0.6)


def test_a_small_pilot_of_a_squared_error_is_refused() -> None:
    run = Pairs.from_arrays([0.9, 0.4, 0.6, 0.2] * 10, [1, 0, 0, 1] * 10)
    with pytest.raises(UndefinedMeasure, match=r"the pilot has 40 items, .* draw a pilot with 50 or more"):
        required_n(run, "debiased_ce2", half_width=0.01)
