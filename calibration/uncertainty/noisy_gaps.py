"""Gaps in bins with their noise, and the bias of their absolute values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.special import ndtr

from ..metrics.arrays import BoolArray, FloatArray

# How far the absolute gap of a bin is drawn in; it leaves the least range of bias and noise for 10 to 20 bins.
_PULL = 0.8
# How many standard errors around the gap of a bin its bias is bounded over.
REACH = 2.0
# How far gaps may all lie off the same way, in standard deviations of what they share.
SHIFTS = (-2.0, -1.0, 1.0, 2.0)
_N_DRAWS = 2_000


@dataclass(frozen=True, eq=False, kw_only=True)
class NoisyGaps:
    """Gaps of one run in bins, with their noise.

    Attributes
    ----------
    gaps, error : ndarray, shape (n_bins,)
        Gaps as observed, and their standard errors.
    noise : ndarray, shape (n_draws, n_bins)
        Draws of their noise.
    main : ndarray, shape (n_bins,)
        Its first principal component, one standard deviation long, if a quarter of it is that; otherwise 0.
    """

    gaps: FloatArray
    error: FloatArray
    noise: FloatArray
    main: FloatArray

    @cached_property
    def scale(self) -> FloatArray:
        """Standard errors, 1 where there is no noise."""
        return np.where(self.error > 0, self.error, 1.0)

    @property
    def is_small(self) -> BoolArray:
        """Whether each gap may be 0, for all that is known."""
        return np.asarray(np.abs(self.gaps) < REACH * self.error)

    @property
    def value(self) -> float:
        """Sum of the absolute gaps, each drawn in."""
        return float(self.sums(self.gaps))

    def sums(self, gaps: FloatArray) -> FloatArray:
        """Sum of the absolute values, each drawn in, of gaps of shape (…, n_bins)."""
        drawn_in = np.abs(gaps) - self.error * _PULL * np.exp(-np.square(gaps / self.scale))
        return np.asarray(drawn_in.sum(axis=-1))

    def bias(self, gaps: FloatArray) -> FloatArray:
        """Bias of each bin's drawn-in value, for true gaps of shape (n_bins, n_points)."""
        away = np.abs(gaps) / self.scale[:, None]
        excess = 2 * (np.exp(-np.square(away) / 2) / math.sqrt(2 * math.pi) - away * ndtr(-away))
        return np.asarray(self.error[:, None] * (excess - _PULL / math.sqrt(3) * np.exp(-np.square(away) / 3)))

    @cached_property
    def bias_range(self) -> tuple[float, float]:
        """Largest and least bias of the sum, the sign of the latter turned."""
        around = self.gaps[:, None] + self.error[:, None] * np.linspace(-REACH, REACH, 25)
        bias = self.bias(around)
        return float(bias.max(axis=1).sum()), float(-bias.min(axis=1).sum())

    def spread(self, *centres: FloatArray) -> float:
        """Largest standard deviation of the drawn-in sum around any of these gaps."""
        return max(float(self.sums(centre + self.noise).std()) for centre in centres)

    @cached_property
    def own_spread(self) -> float:
        """Standard deviation of the drawn-in sum around the likely gaps where it is largest.

        Those are the observed ones, those without what may be 0, and those that all lie off the same way.
        """
        shifted = [self.gaps + steps * self.main for steps in SHIFTS]
        return self.spread(self.gaps, np.where(self.is_small, 0.0, self.gaps), *shifted)


def noisy_gaps(gaps: FloatArray, covariance: FloatArray, *, seed: int) -> NoisyGaps:
    """Gaps, shape (n_bins,), with draws of their noise from its covariance."""
    values, vectors = np.linalg.eigh(covariance)
    # What is left of a covariance of 0 after rounding is no noise.
    noisy = values > 1e-12 * max(values.max(initial=0.0), 0.0)
    axes = vectors[:, noisy] * np.sqrt(values[noisy])
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    # Noise that is shared for a good part moves all gaps at once, and a sum of them does not average it.
    main = axes[:, -1] if noisy.any() and values[-1] > values[noisy].sum() / 4 else np.zeros(len(gaps))
    return NoisyGaps(
        gaps=gaps, error=error, noise=np.asarray(_normals(seed, len(values))[:, noisy] @ axes.T), main=main
    )


@lru_cache(maxsize=4)  # all measures of a run take the same
def _normals(seed: int, n_bins: int) -> FloatArray:
    """Standard normal draws, shape (n_draws, n_bins)."""
    return np.random.default_rng(seed).standard_normal((_N_DRAWS, n_bins))
