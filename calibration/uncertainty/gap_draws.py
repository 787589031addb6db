"""Draws of the gaps in bins: normal, with the covariance between the drawn units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..metrics.arrays import FloatArray
from .cells import Cells, covariance
from .standard_errors import Sampling


def draw_gaps(
    runs: Sequence[Cells], sampling: Sampling, *, n_draws: int, seed: int, times_as_many: float = 1.0
) -> list[FloatArray]:
    """Joint noise of the gaps in bins, of one run or two.

    Parameters
    ----------
    runs : sequence of Cells
        One run, or two on the same items in the same order.
    sampling : Sampling
        What is drawn anew.
    n_draws : int
        Number of draws.
    seed : int
        Same seed, same digits.
    times_as_many : float
        Size of the imagined sample over that of the real one; its noise is smaller by the root.

    Returns
    -------
    list of ndarray, shape (n_draws, n_bins)
        One array a run; rows of both belong together.
    """
    n_bins = [cells.n_bins for cells in runs]
    gaps = covariance(runs, sampling.clusters, sampling.strata)[: sum(n_bins), : sum(n_bins)]
    values, vectors = np.linalg.eigh(gaps)
    # What is left of a covariance of 0 after rounding is no noise.
    values[values < 1e-12 * values.max()] = 0
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((n_draws, len(values))) @ (vectors * np.sqrt(np.maximum(values, 0))).T
    if sampling.freedom is not None:  # few subjects: Student's t instead of the normal
        noise *= np.sqrt(sampling.freedom / rng.chisquare(sampling.freedom, n_draws))[:, None]
    noise /= np.sqrt(times_as_many)
    return np.split(noise, np.cumsum(n_bins)[:-1], axis=1)
