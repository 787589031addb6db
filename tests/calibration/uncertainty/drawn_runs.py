"""Runs with answers drawn from known probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import softmax

from calibration import (
    Estimate,
    Predictions,
    auroc,
    brier_score,
    classwise_ece,
    ece,
    log_loss,
    signed_gap,
)
from calibration.metrics.arrays import FloatArray
from calibration.predictions.predictions import View
from calibration.uncertainty.cells import covariance
from calibration.uncertainty.drawn_units import ITEMS, Sampling
from calibration.uncertainty.estimates import measure_estimate, measure_floor
from calibration.uncertainty.kinds.binned import Binned
from calibration.uncertainty.measure_table import MEASURES, Metric

METRIC_VIEWS: list[tuple[Metric, View]] = [
    (ece, "top"),
    (ece, "choices"),
    (classwise_ece, "top"),
    (signed_gap, "top"),
    (brier_score, "top"),
    (log_loss, "choices"),
    (auroc, "top"),
]


def run_of(n: int, seed: int, *, sharpness: float = 1.0, spread: float = 2.0) -> Predictions:
    """Four letters, `sharpness` times too sharp, answers drawn from the honest probabilities."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4)) * spread
    answer = (softmax(logits, axis=1).cumsum(axis=1)[:, :-1] < rng.random((n, 1))).sum(axis=1)
    return Predictions.from_arrays(logits * sharpness, answer)


def measured(run: Predictions, key: str, *, level: float = 0.95) -> Estimate:
    """A measure of the table on a run, with its interval and, for an ECE, its noise floor."""
    measure = MEASURES[key](run)
    return measure_estimate(measure, measure_floor(measure, run), level=level)


def drawn_eces(runs: Sequence[Predictions], view: View, sampling: Sampling = ITEMS) -> list[FloatArray]:
    """ECEs of 10,000 normal draws of the gaps of runs on the same items, run by run."""
    measures = [MEASURES[f"ece_{view}"](run) for run in runs]
    cells = [measure.cells for measure in measures if isinstance(measure, Binned)]
    n_bins = sum(own.n_bins for own in cells)
    gaps = np.concatenate([own.gaps for own in cells])
    noise = covariance(cells, sampling)[:n_bins, :n_bins]
    drawn = np.random.default_rng(0).multivariate_normal(gaps, noise, 10_000, method="eigh")
    return [np.abs(own).sum(axis=1) for own in np.split(drawn, len(cells), axis=1)]


@cache
def population(sharpness: float) -> Predictions:
    return run_of(20_000, 1, sharpness=sharpness)


@cache
def samples(sharpness: float, n: int, times: int, seed: int) -> list[Predictions]:
    """Runs of n items drawn from the population, whose values are then the truth."""
    rng = np.random.default_rng(seed)
    pool, ids = population(sharpness), pl.int_range(n).cast(pl.String)
    return [Predictions(pool.frame[rng.integers(0, 20_000, n)].with_columns(item=ids)) for _ in range(times)]


def ragged(n: int, seed: int) -> Predictions:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 6, n)
    return Predictions.from_lists(
        [(rng.normal(size=size) * 3).tolist() for size in sizes], [int(rng.integers(size)) for size in sizes]
    )


def ece_of(run: Predictions, rows: NDArray[np.int64], view: View) -> float:
    """ECE of some of a run's items, which all have four letters."""
    if view == "top":
        return ece(run.confidence[rows], run.correct[rows])
    hit = np.arange(4)[None, :] == run.answer[rows, None]
    return ece(run.probabilities[rows].ravel(), hit.ravel())


def brute_force(run: Predictions, score: Callable[[NDArray[np.int64]], float], times: int) -> NDArray[np.float64]:
    """The score of items drawn with replacement."""
    rng = np.random.default_rng(99)
    return np.array([score(rng.integers(0, run.n_items, run.n_items)) for _ in range(times)])
