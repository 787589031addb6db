"""Sparse sums of bins and their covariance, against dense matrices of one row an item."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration import Predictions, change, ece, estimate, signed_gap
from calibration.metrics.bins import bin_edges
from calibration.predictions.predictions import View
from calibration.uncertainty.cells import Cells, covariance
from calibration.uncertainty.drawn_units import Sampling, Scheme, sampling_by
from calibration.uncertainty.measure_table import Metric


def run_of(n: int, seed: int, *, n_subjects: int = 6, sharpness: float = 1.0, noise: float = 0.0) -> Predictions:
    rng = np.random.default_rng(seed)
    # Subjects differ in how hard they are; some items have three options.
    easy = np.linspace(0.0, 1.0, n_subjects)[np.arange(n) % n_subjects]
    logits = rng.normal(size=(n, 4)) * 1.5
    answer = np.where(rng.random(n) < easy, logits[:, :3].argmax(axis=1), rng.integers(0, 3, n))
    logits += noise * rng.normal(size=(n, 4))
    rows = [(sharpness * line[: 3 + k % 2]).tolist() for k, line in enumerate(logits)]
    subject = [f"subject {k % n_subjects}" for k in range(n)]
    return Predictions.from_lists(rows, answer.tolist(), subject=subject)


def cells_of(run: Predictions, view: View) -> Cells:
    edges = bin_edges(run.confidence)
    return Cells.of_choices(run, edges) if view == "choices" else Cells.of_top(run.confidence, run.correct, edges)


def dense(cells: Cells) -> NDArray[np.float64]:
    """What each item moves gaps and shares by, times n_items: shape (n_items, 2 n_bins)."""
    sums = np.zeros((cells.n_items, 2 * cells.n_bins))
    for row in range(cells.n_items):
        for index, gap, present in zip(cells.bin_index[row], cells.gap[row], cells.present[row], strict=True):
            sums[row, index] += gap
            sums[row, cells.n_bins + index] += present
    weight = cells.present.sum(axis=1)
    centre = np.concatenate([cells.gaps, cells.shares])
    return np.asarray((sums - weight[:, None] * centre) / weight.mean())


@pytest.mark.parametrize("view", ["top", "choices"])
def test_gaps_add_up_to_the_ece(view: View) -> None:
    run = run_of(80, 0)
    confidence, correct, _ = run.view(view)
    assert np.abs(cells_of(run, view).gaps).sum() == pytest.approx(ece(confidence, correct), abs=1e-15)
    assert cells_of(run, view).shares.sum() == pytest.approx(1)


@pytest.mark.parametrize("view", ["top", "choices"])
def test_covariance_is_that_between_the_drawn_units(view: View) -> None:
    runs = [cells_of(run_of(60, seed), view) for seed in (1, 2)]
    of_gaps, of_shares = zip(*(np.split(dense(cells), 2, axis=1) for cells in runs), strict=True)
    moves = np.concatenate([*of_gaps, *of_shares], axis=1)
    n = len(moves)
    np.testing.assert_allclose(covariance(runs), np.cov(moves.T) / n, atol=1e-12)
    group = np.arange(n) % 6
    sums = np.stack([moves[group == k].sum(axis=0) for k in range(6)])
    np.testing.assert_allclose(covariance(runs, Sampling(clusters=group)), np.cov(sums.T) * 6 / n**2, atol=1e-12)
    within = sum(np.cov(moves[group == k].T) * (group == k).sum() for k in range(6)) / n**2
    np.testing.assert_allclose(covariance(runs, Sampling(strata=group)), within, atol=1e-12)


def test_units_are_the_items_or_groups_that_have_values_in_a_bin() -> None:
    bin_index = np.array([[0, 0], [0, 1], [1, 2]])
    cells = Cells(
        bin_index,
        np.zeros((3, 2)),
        np.zeros((3, 2), dtype=bool),
        np.array([[True, True], [True, True], [True, False]]),
        3,
    )
    assert cells.units().tolist() == [2, 2, 0]
    assert cells.units(np.array([0, 0, 1])).tolist() == [1, 2, 0]


@pytest.mark.parametrize("metric", [signed_gap, ece])
def test_items_within_subjects_spread_less_than_items_and_these_less_than_subjects(metric: Metric) -> None:
    """The fewer things are drawn anew, the narrower the interval: items within subjects, all items, subjects."""
    run = run_of(600, 3, n_subjects=12)
    schemes: tuple[Scheme, ...] = ("strata", "items", "clusters")
    found = [estimate(run, metric, sampling=scheme) for scheme in schemes]
    strata, items, clusters = (got.high - got.low for got in found)
    assert strata < items < clusters
    # Some answers change: where none does, one that was not drawn decides, and strata say nothing about it.
    later = run_of(600, 3, n_subjects=12, sharpness=3.0, noise=0.5)
    within, from_all = (change(run, later, metric, stratified=kind) for kind in (True, False))
    assert within.high - within.low < from_all.high - from_all.low
    assert within.clustered == from_all.clustered


def test_what_cannot_be_drawn_anew_is_refused() -> None:
    run = run_of(7, 4)  # one subject has two items, the others one
    with pytest.raises(ValueError, match="each stratum must have at least two items, got 1 in one"):
        estimate(run, ece, sampling="strata")
    with pytest.raises(ValueError, match="each stratum must have at least two items, got 1 in one"):
        estimate(run, signed_gap, sampling="strata")
    with pytest.raises(ValueError, match="an interval needs at least two clusters, got 1"):
        estimate(run_of(7, 4, n_subjects=1), ece, sampling="clusters")
    with pytest.raises(ValueError, match="sampling must be 'items', 'strata', 'clusters' or 'subjects', got 'rows'"):
        sampling_by("rows", run.subject)  # type: ignore[arg-type]
