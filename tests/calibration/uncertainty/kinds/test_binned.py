"""ECEs: noise floors, draws beside bootstraps, coverage."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from calibration import Pairs, Predictions, change, ece, estimate, null_ece
from calibration.predictions.predictions import View
from calibration.uncertainty.changes import measure_change
from calibration.uncertainty.drawn_units import Sampling
from calibration.uncertainty.measure_table import MEASURES
from tests.calibration.uncertainty.drawn_runs import (
    brute_force,
    drawn_eces,
    ece_of,
    measured,
    population,
    ragged,
    run_of,
    samples,
)


def test_ece_p_value_is_that_of_its_noise_floor_and_the_interval_starts_at_0_within_it() -> None:
    calibrated, sharp = run_of(300, 19), run_of(300, 19, sharpness=3.0)
    cases: list[tuple[Predictions, View]] = [(run, view) for run in (calibrated, sharp) for view in get_args(View)]
    for run, view in cases:
        got = estimate(run, ece, view=view)
        assert got.p_value == null_ece(run.probabilities, run.answer, view=view).p_value
        assert (got.low == 0) == (got.p_value >= 0.05)
    assert estimate(calibrated, ece).low == 0.0
    assert estimate(sharp, ece).low > 0.05


@pytest.mark.parametrize("run", [run_of(400, 11, sharpness=2.0), ragged(400, 12)], ids=["four letters", "ragged"])
def test_draws_of_an_ece_spread_like_a_bootstrap_of_items(run: Predictions) -> None:
    """Mean and standard deviation of the draws are those of 1,000 runs whose items were drawn anew."""
    hit = np.arange(run.present.shape[1])[None, :] == run.answer[:, None]

    def pooled(rows: NDArray[np.int64]) -> float:
        kept = run.present[rows]
        return ece(run.probabilities[rows][kept], hit[rows][kept])

    scores: dict[View, Callable[[NDArray[np.int64]], float]] = {
        "top": lambda rows: ece(run.confidence[rows], run.correct[rows]),
        "choices": pooled,
    }
    for view, score in scores.items():
        drawn, boot = drawn_eces([run], view)[0], brute_force(run, score, 1000)
        assert drawn.std() == pytest.approx(boot.std(), rel=0.1), view
        assert drawn.mean() == pytest.approx(boot.mean(), abs=0.15 * boot.std()), view


@pytest.mark.parametrize("view", ["top", "choices"])
def test_draws_of_clusters_spread_like_a_bootstrap_of_clusters(view: View) -> None:
    """The standard deviation of the draws is that of 1,000 runs whose subjects were drawn anew, whole."""
    # Subjects of 1 to 30 items, each with its own shift of the accuracy.
    rng = np.random.default_rng(13)
    subject = np.repeat(np.arange(80), rng.integers(1, 31, 80))
    logits = rng.normal(size=(len(subject), 4)) * 6
    answer = logits.argmax(axis=1)
    wrong = rng.random(len(subject)) < rng.beta(1, 1, 80)[subject]
    answer[wrong] = (answer[wrong] + 1) % 4
    run = Predictions.from_arrays(logits, answer, subject=subject.astype(str).tolist())
    rows_of = [np.flatnonzero(subject == k) for k in range(80)]
    draws = (np.concatenate([rows_of[k] for k in rng.integers(0, 80, 80)]) for _ in range(1000))
    boot = [ece_of(run, rows, view) for rows in draws]
    clusters = np.unique(run.subject, return_inverse=True)[1]
    assert drawn_eces([run], view, Sampling(clusters=clusters))[0].std() == pytest.approx(np.std(boot), rel=0.1)
    # What the clusters are for: items drawn by themselves would spread far less.
    assert drawn_eces([run], view)[0].std() < 0.7 * float(np.std(boot))


@pytest.mark.slow  # 150 runs each
@pytest.mark.parametrize("key", ["ece_top", "ece_choices"])
@pytest.mark.parametrize(("sharpness", "n"), [(1.0, 300), (1.7, 300), (1.6, 200), (1.2, 200)])
def test_ece_intervals_cover_the_binned_truth(key: str, sharpness: float, n: int) -> None:
    """Of 150 runs, at least 93 % have an interval that holds the ECE of the population in the same bins."""
    truth = MEASURES[key](population(sharpness)).value
    held = [got.low <= truth <= got.high for got in (measured(run, key) for run in samples(sharpness, n, 150, seed=21))]
    assert np.mean(held) >= 0.93


@pytest.mark.slow  # 150 pairs of runs each
@pytest.mark.parametrize("key", ["ece_top", "ece_choices"])
@pytest.mark.parametrize("later", [1.15, 1.6])
def test_changes_from_a_calibrated_model_hold(key: str, later: float) -> None:
    """Of 150 pairs of 200 items, at least 93 % have an interval that holds the change of the population's ECE."""
    pools = [population(sharpness) for sharpness in (1.0, later)]
    truth = MEASURES[key](pools[1]).value - MEASURES[key](pools[0]).value
    rng, ids, held = np.random.default_rng(5), pl.int_range(200, eager=True).cast(pl.String), []
    for _ in range(150):
        rows = rng.integers(0, 20_000, 200)
        before, after = (Predictions(pool.frame[rows].with_columns(item=ids)) for pool in pools)
        got = measure_change(MEASURES[key](before), MEASURES[key](after), before.subject)
        held.append(got.low <= truth <= got.high)
    assert np.mean(held) >= 0.93


def test_weights_in_bins_of_equal_size_without_errors_have_no_interval() -> None:
    # Of ten bins of six items the wrong answers are in the lowest three, 70 % of the weight without any.
    confidence = np.linspace(0.5, 0.99, 60)
    correct, weight = np.arange(60) % 2 == 0, np.tile([1.0, 2.0], 30)
    correct[18:] = True
    run = Pairs.from_arrays(confidence, correct, weight=weight)
    assert "70 % of the weight is in bins" in str(estimate(run, "ece_top", strategy="quantile").reason)
    assert estimate(run, "ece_top").known
    assert "70 %" in str(change(run, run, "ece_top", strategy="quantile").reason)
