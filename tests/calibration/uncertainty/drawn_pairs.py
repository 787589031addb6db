"""Pairs with answers drawn from known probabilities, in clusters and of uneven weight."""

from __future__ import annotations

from functools import cache

import numpy as np

from calibration import Pairs


def pairs_of(n_clusters: int, seed: int, *, clustered: bool, weighted: bool, sharpness: float = 1.0) -> Pairs:
    """Clusters of one to five answers that come true together; the surer ones weigh more."""
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 6, n_clusters) if clustered else np.ones(n_clusters, dtype=np.int64)
    cluster = np.repeat(np.arange(n_clusters), size)
    n = len(cluster)
    logit = 0.5 + 1.2 * rng.normal(size=n_clusters)[cluster] + 0.8 * rng.normal(size=n)
    honest = 1 / (1 + np.exp(-logit))
    shared, own = rng.random(n_clusters)[cluster], rng.random(n)
    correct = np.where(rng.random(n) < 0.7, shared, own) < honest
    confidence = 1 / (1 + np.exp(-sharpness * logit))
    weight = np.exp(0.8 * rng.normal(size=n)) * np.where(confidence > 0.6, 2, 1)
    return Pairs.from_arrays(
        confidence,
        correct,
        cluster=cluster.astype(str).tolist() if clustered else None,
        weight=weight if weighted else None,
    )


@cache
def population_of(*, clustered: bool, weighted: bool, sharpness: float) -> Pairs:
    """So many that their values are the truth."""
    return pairs_of(60_000, 7, clustered=clustered, weighted=weighted, sharpness=sharpness)
