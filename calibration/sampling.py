"""Sampling noise, from what each item contributes.

Noise comes from items, never from the dependent rows of one item. For new subjects the items of a subject are drawn
together, so contributions are summed by subject first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from .measures import Binned

FloatArray = NDArray[np.float64]

DRAWS = 10_000


def covariance(moves: FloatArray, clusters: NDArray[np.int64] | None) -> FloatArray:
    """Covariance of a mean of n_items rows (n_items, m), whole clusters drawn together where given."""
    n_items = len(moves)
    if clusters is not None:
        moves = np.column_stack([np.bincount(clusters, weights=column) for column in moves.T])
    n_units = len(moves)
    if n_units < 2:
        raise ValueError(f"an interval needs at least two items, got {n_units}")
    centred = moves - moves.mean(axis=0)
    scale = n_units / (n_units - 1) / n_items**2
    return np.asarray(centred.T @ centred * scale)


def standard_error(influence: FloatArray, clusters: NDArray[np.int64] | None = None) -> float:
    """Standard error of a mean, from each item's influence on it (n_items,)."""
    return float(np.sqrt(covariance(influence[:, None], clusters)[0, 0]))


def critical(level: float, freedom: int | None) -> float:
    """Half-width of an interval in standard errors: normal, or Student's t with these degrees of freedom."""
    quantile = (1 + level) / 2
    return float(norm.ppf(quantile) if freedom is None else t.ppf(quantile, freedom))


def two_sided(value: float, error: float, freedom: int | None) -> float:
    """P-value of the hypothesis that the population value is 0."""
    if error == 0:
        return 1.0 if value == 0 else 0.0
    return float(2 * (norm.sf(abs(value) / error) if freedom is None else t.sf(abs(value) / error, freedom)))


def draws(measures: list[Binned], clusters: NDArray[np.int64] | None, seed: int) -> list[FloatArray]:
    """Draws of binned measures: their mean gaps are jointly normal with the covariance between units.

    Returns
    -------
    list of ndarray, shape (draws,)
        One a measure; draws of two measures belong together.
    """
    means = [measure.gaps.sum(axis=0) / measure.weight.sum() for measure in measures]
    # Linearised ratio: what each item moves its mean gaps by, times n_items.
    moves = [
        (measure.gaps - measure.weight[:, None] * mean) / measure.weight.mean()
        for measure, mean in zip(measures, means, strict=True)
    ]
    spread = covariance(np.concatenate(moves, axis=1), clusters)
    rng = np.random.default_rng(seed)
    values, vectors = np.linalg.eigh(spread)
    # What is left of a covariance of 0 after rounding is no noise.
    values[values < 1e-12 * values.max()] = 0
    noise = rng.standard_normal((DRAWS, len(values))) @ (vectors * np.sqrt(np.maximum(values, 0))).T
    if clusters is not None:  # few subjects: Student's t instead of the normal
        freedom = int(clusters.max())
        noise *= np.sqrt(freedom / rng.chisquare(freedom, DRAWS))[:, None]
    parts = np.split(noise, np.cumsum([len(mean) for mean in means])[:-1], axis=1)
    return [np.abs(mean + part).sum(axis=1) for mean, part in zip(means, parts, strict=True)]
