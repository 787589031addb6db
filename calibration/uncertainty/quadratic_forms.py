"""Signed sums of squared gaps as quadratic forms in normal noise."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import stdtr

from ..errors import UndefinedMeasure
from ..metrics.arrays import FloatArray

# Each bin's variance is drawn towards the pooled one with the weight of this many values.
_POOLED = 2.0
# Relative to the largest noise: what is left after rounding is none.
NOTHING = 1e-9


class SquaredGaps:
    """Signed sum of squared gaps over runs: a quadratic form in normal noise.

    Attributes
    ----------
    observed : float
        Σ sign × gap² / share.
    bias : float
        What noise adds to it.
    vectors, noise : ndarray, shape (n_runs, n_bins)
        Gap over the root of the share, so that a run's error is a squared length; its variance.
    covariance : ndarray, shape (n_runs × n_bins, n_runs × n_bins)
        Of the vectors at given shares, small samples' variances drawn towards the pooled one.
    weights : ndarray, shape (2 × n_runs × n_bins,)
        What the squares of the noise weigh in the form, in coordinates of variance 1.
    """

    def __init__(
        self,
        gaps: FloatArray,
        shares: FloatArray,
        spread: FloatArray,
        counts: NDArray[np.int64],
        units: int,
        signs: FloatArray,
    ) -> None:
        if units < 2:
            raise UndefinedMeasure(f"an interval needs at least two items, got {units}")
        known = counts > 1
        if not known.any(axis=1).all():
            raise UndefinedMeasure("an interval of the squared error needs a bin with two items in each run")
        self.signs, self.freedom = signs, units - 1
        self.shares = np.where(known, shares, 1.0)
        self.vectors = np.where(known, gaps, 0.0) / np.sqrt(self.shares)
        # Noise of a gap at a given share of its bin, with the size of the bin as the sample size of its variance.
        correction = np.where(known, counts / np.maximum(counts - 1, 1) * (1 - 1 / units), 0.0)
        scale = np.sqrt(correction / self.shares).ravel()
        n_values = gaps.size
        change = np.eye(2 * n_values)
        change[:n_values] = np.hstack([np.diag(scale), -np.diag(scale * (self.vectors / np.sqrt(self.shares)).ravel())])
        joint = change @ spread @ change.T
        self.noise = np.maximum(np.diag(joint)[:n_values], 0.0).reshape(gaps.shape)
        self.observed = float(signs @ (self.vectors**2).sum(axis=1))
        self.bias = float(signs @ self.noise.sum(axis=1))

        # A bin of few values that all came out alike is not without noise.
        freedom = np.where(known, counts - 1.0, 0.0)
        pooled = (freedom * self.noise).sum(axis=1, keepdims=True) / freedom.sum(axis=1, keepdims=True)
        moderate = np.where(known, (freedom * self.noise + _POOLED * pooled) / (freedom + _POOLED), 0.0)
        within = np.arange(n_values)
        joint[within, within] += np.maximum(moderate - self.noise, 0.0).ravel()

        self.covariance = joint[:n_values, :n_values]
        values, axes = _eigen(joint)
        root = axes * np.sqrt(values)
        self.weights, axes = np.linalg.eigh((root[:n_values].T * np.repeat(signs, gaps.shape[1])) @ root[:n_values])
        self._root = root @ axes  # of gaps, then shares, in the coordinates that make the form diagonal

    def linear(self, true: FloatArray) -> FloatArray:
        """Linear part of the form in each noise coordinate, given the true gaps.

        Gaps are scaled as in `vectors`.
        """
        slope = np.concatenate([2 * self.signs[:, None] * true, self.signs[:, None] * true**2 / self.shares])
        return np.asarray(slope.ravel() @ self._root)

    def probability(self, error: float, linear: FloatArray) -> float:
        """Probability of a form up to the observed one, given its true value."""
        return float(stdtr(self.freedom, deviate(self.observed - error, self.weights, linear)))


def likeliest_gaps(error: float, form: SquaredGaps) -> FloatArray:
    """Likeliest true gaps of a run with this squared length, shape (1, n_bins).

    Each axis of the noise is drawn towards 0 (or, for an error above the observed one, away from it) the more, the
    more noise it has: g / (1 + λ σ²), where λ is the Lagrange multiplier of the length. Noise makes observed gaps too
    large: four times its variance is taken off their squares before, so that one of less than 2 standard errors is
    taken for none (of 0, 2 and 4 times, this covered best in simulations).
    """
    noise, axes = _eigen(form.covariance)
    along = axes.T @ form.vectors[0]
    along = np.copysign(np.sqrt(np.maximum(along**2 - 4 * noise, 0.0)), along)
    noise = noise / max(noise.max(), 1e-300)

    def drawn(multiplier: float) -> FloatArray:
        return np.asarray(along / (1 + multiplier * noise))

    def excess(log: float) -> float:
        return float((drawn(math.expm1(log)) ** 2).sum()) - error

    # 1 + λ from just above the pole to where nothing with noise is left.
    bottom, top = math.log(NOTHING), -math.log(NOTHING)
    if excess(bottom) < 0:  # at the pole all that is missing lies along the noisiest axis
        gaps, noisiest = drawn(math.expm1(bottom)), int(noise.argmax())
        gaps[noisiest] = math.copysign(math.sqrt(gaps[noisiest] ** 2 - excess(bottom)), along[noisiest])
    elif excess(top) > 0:
        gaps = drawn(math.expm1(top))
        gaps *= math.sqrt(error / float((gaps**2).sum()))
    else:
        gaps = drawn(math.expm1(brentq(excess, bottom, top)))
    return np.asarray(axes @ gaps)[None]


def deviate(x: float, weights: FloatArray, linear: FloatArray) -> float:
    """Normal deviate of P(Σ weight ε² + linear ε ≤ x).

    By the saddle point of Lugannani and Rice.
    """
    size = float(np.abs(weights).max() + np.sqrt(linear @ linear))
    if size == 0:
        return math.copysign(math.inf, x) if x else 0.0

    def slope(tilt: float) -> float:
        shrunk = 1 - 2 * tilt * weights
        return float((weights / shrunk + linear**2 * tilt * (1 - tilt * weights) / shrunk**2).sum())

    # Between the poles; where there is none, far enough for probabilities of 0 and 1.
    least = (1 - NOTHING) / (2 * min(weights.min(), -1e-6 * size))
    most = (1 - NOTHING) / (2 * max(weights.max(), 1e-6 * size))
    if slope(least) >= x:
        return -math.inf
    if slope(most) <= x:
        return math.inf
    tilt = brentq(lambda at: slope(at) - x, least, most, xtol=1e-12 / size, rtol=1e-12)
    shrunk = 1 - 2 * tilt * weights
    cumulant = float((-np.log(shrunk) / 2 + (linear * tilt) ** 2 / (2 * shrunk)).sum())
    spread = math.sqrt(float((2 * weights**2 / shrunk**2 + linear**2 / shrunk**3).sum()))
    root = math.copysign(math.sqrt(max(2 * (tilt * x - cumulant), 0.0)), tilt)
    if abs(tilt * spread) < 1e-4:  # at the mean, where both roots are 0
        skewness = float((8 * weights**3 / shrunk**3 + 6 * weights * linear**2 / shrunk**4).sum()) / spread**3
        return root + skewness / 6
    return root + math.log(tilt * spread / root) / root


def _eigen(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    values, vectors = np.linalg.eigh(matrix)
    return np.where(values > NOTHING * values.max(), values, 0.0), vectors
