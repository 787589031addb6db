"""What a pilot leaves possible of the true gaps in bins."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import expit, logit

from ..metrics.arrays import FloatArray, IntArray
from .cells import Cells

# Standard deviations of the shift and of the logarithm of the slope of a recalibration in log-odds.
_SIZES = (0.03, 0.06, 0.12, 0.25, 0.5, 1.0)
# Of what bins are off beside it, over that size, and how far it reaches in log-odds.
_ROUGHNESS, _REACH = (0.1, 0.5), 1.5
# Correlations between the recalibrations of two models.
_ALIKE = (0.0, 0.9)
_OPTIONS = list(product(range(len(_SIZES)), range(len(_SIZES)), _ROUGHNESS, _ALIKE))
# Shifts and slopes that stand for all, standard normal on average.
_NODES = np.array([(shift, slope) for shift in (-1.5, -0.5, 0.5, 1.5) for slope in (-1.5, -0.5, 0.5, 1.5)])
_NODES /= np.sqrt(1.25)
# Noise that a pilot has at least, over that of its noisiest bin.
_LEAST_NOISE = 1e-6


def possible_gaps(
    runs: tuple[Cells, Cells], gaps: FloatArray, noise: FloatArray, *, change: float, n_draws: int, seed: int
) -> FloatArray:
    r"""Draws of the true gaps of two runs, by a pilot.

    Their absolute sums differ by a change. Each has its mirror image around what is expected.
    Shape (2 n_draws, n_bins of both).

    Parameters
    ----------
    runs : pair of Cells
        Before and after.
    gaps : ndarray, shape (n_bins of both,)
        Gaps as observed.
    noise : ndarray, shape (n_bins of both,) twice
        Covariance of their noise.
    change : float
        The sum after less that before.
    n_draws : int
        Number of draws, without the images.
    seed : int
        Same seed, same digits.

    Notes
    -----
    A model that is off is mostly off by a shift *a* and a slope *b* in log-odds: answers of confidence *p* are right
    with probability :math:`\sigma(a + b \operatorname{logit} p)`. A normal prior has the covariance of these gaps, with
    smaller deviations of neighbouring bins, for models that are off by more or less, alike or not; its size is averaged
    over, by the likelihood of the observed gaps. So all bins tell together which way a model is off. In each draw from
    the posterior the gaps of the run with more are then scaled to the change.
    """
    run = np.repeat(np.arange(2), [cells.n_bins for cells in runs])
    priors = _Priors.of(runs)
    noise = noise + (_LEAST_NOISE * float(np.diag(noise).max()) + np.finfo(np.float64).tiny) * np.eye(len(noise))
    likelihood = np.array([_log_likelihood(gaps, priors.covariance(*option) + noise) for option in _OPTIONS])
    chance = np.cumsum(np.exp(likelihood - likelihood.max()))
    rng = np.random.default_rng(seed)
    chosen = np.searchsorted(chance / chance[-1], (np.arange(n_draws) + rng.random()) / n_draws)
    draws = []
    for option, often in zip(*np.unique(np.minimum(chosen, len(_OPTIONS) - 1), return_counts=True), strict=True):
        prior = priors.covariance(*_OPTIONS[option])
        weight = np.linalg.solve(prior + noise, prior)  # (n_bins, n_bins)
        values, vectors = np.linalg.eigh(prior - prior @ weight)
        axes, mean = vectors * np.sqrt(np.maximum(values, 0.0)), gaps @ weight
        for moved in rng.standard_normal((often, len(run))) @ axes.T:
            draws += [with_change(mean + side * moved, run, change) for side in (1, -1)]
    return np.stack(draws)


def with_change(gaps: FloatArray, run: IntArray, change: float) -> FloatArray:
    """Gaps of both runs, whose absolute sums differ by a change.

    Those of the run with more are scaled.

    Parameters
    ----------
    gaps : ndarray, shape (n_bins,)
        Of both runs.
    run : ndarray of int, shape (n_bins,)
        0 before, 1 after.
    change : float
        The sum after less that before.

    Examples
    --------
    >>> with_change(np.array([0.1, 0.2]), np.array([0, 1]), 0.3)
    array([0.1, 0.4])
    """
    more = run == (1 if change > 0 else 0)
    size = float(np.abs(gaps[~more]).sum()) + abs(change)
    return np.where(more, gaps * (size / max(float(np.abs(gaps[more]).sum()), 1e-300)), gaps)


def _log_likelihood(gaps: FloatArray, covariance: FloatArray) -> float:
    """Logarithm of the normal density of gaps around 0, less a constant."""
    return -float(np.linalg.slogdet(covariance)[1] + gaps @ np.linalg.solve(covariance, gaps)) / 2


@dataclass(frozen=True, eq=False, kw_only=True)
class _Priors:
    """Covariances of gaps that are thought possible.

    Attributes
    ----------
    run : ndarray of int, shape (n_bins,)
        0 before, 1 after.
    curves : ndarray, shape (n_sizes, n_nodes, n_bins)
        Gaps of each recalibration.
    near : ndarray, shape (n_bins, n_bins)
        Covariance of what neighbouring bins are off beside it.
    """

    run: IntArray
    curves: FloatArray
    near: FloatArray

    @classmethod
    def of(cls, runs: tuple[Cells, Cells]) -> _Priors:
        """Those in the bins of both runs."""
        share, log_odds = (np.concatenate(sides) for sides in zip(*(_log_odds(cells) for cells in runs), strict=True))
        confidence = expit(log_odds)
        deviation = share * np.sqrt(confidence * (1 - confidence))
        shift, slope = _NODES.T[:, :, None]
        return cls(
            run=np.repeat(np.arange(2), [cells.n_bins for cells in runs]),
            curves=np.stack(
                [share * (confidence - expit(size * shift + np.exp(size * slope) * log_odds)) for size in _SIZES]
            ),
            near=np.exp(-np.square((log_odds[:, None] - log_odds) / _REACH) / 2) * np.outer(deviation, deviation),
        )

    def covariance(self, before: int, after: int, rough: float, alike: float) -> FloatArray:
        """Covariance for sizes before and after, by their index."""
        own = np.where(self.run == 1, self.curves[after], self.curves[before])
        size = rough * np.array([_SIZES[before], _SIZES[after]])[self.run]
        both = own.T @ own / len(_NODES) + self.near * np.outer(size, size)
        return np.asarray(both * np.where(self.run[:, None] == self.run, 1.0, alike))


def _log_odds(cells: Cells) -> tuple[FloatArray, FloatArray]:
    """Share and log-odds of each bin.

    It has one answer more, which is a fair coin's.
    """
    sums = np.bincount(cells.bin_index.ravel(), weights=(cells.confidence * cells.mass).ravel(), minlength=cells.n_bins)
    size, count = cells.shares * cells.total, cells.units()
    mean = np.divide(sums, size, out=np.full(cells.n_bins, 0.5), where=size > 0)
    return cells.shares, logit((mean * count + 0.5) / (count + 1))
