"""Noise floor of confidences that stand alone, of uneven weight or in clusters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from ..metrics.arrays import BoolArray, FloatArray, IntArray
from ..metrics.bins import Strategy, assign_bins, bin_edges
from ..metrics.precision import carried_precision, known_to
from ..metrics.validation import whole_number
from .cells import cluster_moment
from .noise_floor import NullECE, null_distribution, null_from_gaps

# Random numbers drawn at a time: enough for speed, 16 MB of memory.
_CHUNK = 2_000_000
# Above so many items the gaps of redrawn answers are as good as normal, unless bins are many.
_MANY, _MOST_BINS = 2_000, 300


class StatedConfidence(Protocol):
    """One confidence an item, with what came true."""

    @property
    def confidence(self) -> FloatArray:
        """Confidences, shape (n_items,)."""
        ...

    @property
    def correct(self) -> BoolArray:
        """Whether each came true, shape (n_items,)."""
        ...

    @property
    def weights(self) -> FloatArray | None:
        """How much each counts, shape (n_items,); None if all count alike."""
        ...

    @property
    def units(self) -> IntArray | None:
        """Cluster of each item, if items of one are not independent."""
        ...


def stated_null_distribution(
    run: StatedConfidence,
    *,
    bins: int = 10,
    strategy: Strategy = "uniform",
    draws: int = 1000,
    seed: int = 0,
    of_gaps: Callable[[FloatArray], FloatArray] | None = None,
) -> NullECE:
    r"""`null_ece` of confidences that have no other options beside them.

    Answers of a cluster are redrawn together: with probability :math:`s` each takes the uniform number of its cluster
    instead of one of its own, so that two answers of confidences :math:`p, q` have the covariance :math:`s^2 (\min(p,
    q) - p q)` and each keeps its probability. :math:`s^2` is the sum of products of two residuals of a cluster, around
    the accuracy of their bins, over what it would be for :math:`s = 1`. Above 2,000 items the sums in the bins are
    normal, with one correlation for all pairs of a cluster.

    References
    ----------
    Lunn and Davies (1998), doi:10.1093/biomet/85.2.487 (correlated binary draws).
    """
    if run.weights is None and run.units is None:
        # The predicted letter beside one that is never the larger, so that it stays the predicted one below 0.5.
        pair = np.column_stack([run.confidence, np.zeros(len(run.confidence))])
        wrong = (~run.correct).astype(np.int64)
        return null_distribution(
            known_to(pair, carried_precision(run.confidence)), wrong, np.ones(pair.shape, dtype=bool), view="top",
            bins=bins, strategy=strategy, draws=draws, seed=seed, of_gaps=of_gaps,
        )  # fmt: skip
    draws = whole_number("draws", draws, least=1)
    edges = bin_edges(run.confidence, bins=bins, strategy=strategy)
    bin_index, n_bins = assign_bins(run.confidence, edges), len(edges) - 1
    confidence = np.asarray(run.confidence)
    weight = np.ones(len(confidence)) if run.weights is None else run.weights
    rng = np.random.default_rng(seed)
    real = np.bincount(bin_index, weights=(run.correct - confidence) * weight, minlength=n_bins).astype(np.float64)
    if len(confidence) > _MANY and n_bins <= _MOST_BINS:
        correlation = 0.0 if run.units is None else _correlation(run, run.units)
        gaps = _clustered_normal_gaps(confidence, weight, bin_index, n_bins, run.units, correlation, draws, rng)
    else:
        together = 0.0 if run.units is None else _share_together(run, run.units)
        gaps = _clustered_redrawn_gaps(confidence, weight, bin_index, n_bins, run.units, together, draws, rng)
    return null_from_gaps(real, gaps, float(weight.sum()), of_gaps, draws)


def _residuals(run: StatedConfidence) -> tuple[FloatArray, FloatArray]:
    """Accuracy of each answer's bin of ten, and the answer's distance from it."""
    bin_index = assign_bins(run.confidence, bin_edges(run.confidence))
    count = np.maximum(np.bincount(bin_index), 1)
    accuracy = (np.bincount(bin_index, weights=run.correct) / count)[bin_index]
    return accuracy, np.asarray(run.correct - accuracy)


def _products(values: FloatArray, units: IntArray) -> float:
    """Sum of the products of two values of a cluster."""
    sums, squares = (np.bincount(units, weights=part) for part in (values, values**2))
    return float((sums**2 - squares).sum())


def _share_together(run: StatedConfidence, units: IntArray) -> float:
    """Share of pairs of answers of a cluster that come true by one number."""
    accuracy, residual = _residuals(run)
    order = np.lexsort((accuracy, units))
    size = np.bincount(units)
    rank = np.arange(len(units)) - (np.cumsum(size) - size)[units[order]]
    smaller = 2 * float((accuracy[order] * (size[units[order]] - 1 - rank)).sum())
    most = smaller - _products(accuracy, units)
    return float(np.clip(_products(residual, units) / most, 0, 1)) if most > 0 else 0.0


def _correlation(run: StatedConfidence, units: IntArray) -> float:
    """Mean correlation of two answers of a cluster, between 0 and 1."""
    accuracy, residual = _residuals(run)
    spread = np.sqrt(accuracy * (1 - accuracy))
    most = _products(spread, units)
    return float(np.clip(_products(residual, units) / most, 0, 1)) if most > 0 else 0.0


def _clustered_normal_gaps(
    confidence: FloatArray,
    weight: FloatArray,
    bin_index: IntArray,
    n_bins: int,
    units: IntArray | None,
    correlation: float,
    draws: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Gaps of redrawn answers in the limit of many items."""
    variance = weight**2 * confidence * (1 - confidence)
    covariance = np.diag((1 - correlation) * np.bincount(bin_index, weights=variance, minlength=n_bins))
    if units is not None and correlation > 0:
        covariance += correlation * cluster_moment(bin_index[:, None], np.sqrt(variance)[:, None], units, n_bins)
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(rng.standard_normal((draws, n_bins)) @ (vectors * np.sqrt(np.maximum(values, 0))).T)


def _clustered_redrawn_gaps(
    confidence: FloatArray,
    weight: FloatArray,
    bin_index: IntArray,
    n_bins: int,
    units: IntArray | None,
    share_together: float,
    draws: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Gaps of redrawn answers, those of a cluster together."""
    n_items = len(confidence)
    gaps = []
    for start in range(0, draws, max(1, _CHUNK // n_items)):
        size = min(max(1, _CHUNK // n_items), draws - start)
        uniform = rng.random((size, n_items))
        if units is not None and share_together > 0:
            together = rng.random((size, int(units.max()) + 1))[:, units]
            uniform = np.where(rng.random((size, n_items)) < np.sqrt(share_together), together, uniform)
        moved = ((uniform < confidence) - confidence) * weight
        flat = bin_index + n_bins * np.arange(size)[:, None]
        gaps.append(np.bincount(flat.ravel(), weights=moved.ravel(), minlength=size * n_bins).reshape(size, n_bins))
    return np.concatenate(gaps)
