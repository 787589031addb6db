r"""Sums of absolute gaps over bins, with intervals that allow for their bias.

The absolute value of a noisy gap is too large by :math:`\sqrt{2/\pi}` standard errors where the true gap is 0, and by
nothing where it is beyond three. No data say which bins have this bias (there is no unbiased estimate of a sum of
absolute means), so it is bounded, and the critical value allows for the range that is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from ..metrics.arrays import FloatArray
from .gap_signs import sides_of_change
from .noisy_gaps import REACH, SHIFTS, NoisyGaps, noisy_gaps

# Share of the misses that is given to the normal approximation; the rest pays for estimated covariances.
_SPENT = 0.8
# Share of the misses of each limit that comes from what an ECE can be.
_SIDE = 0.25
# The same of each limit that comes from the signs of gaps of runs that are nearly one model.
_SIGNS = 0.125
# A spread below this is rounding.
_NOTHING = 1e-14
# Gaps of two runs, in standard errors, over which the bias of their change is bounded.
_DISK = np.concatenate([
    [0.0j], np.outer([0.25, 0.5, 0.75, 1.0], np.exp(2j * np.pi * np.arange(24) / 24)).ravel() * REACH
])  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """Limits of a sum of absolute gaps, or of its change.

    Attributes
    ----------
    low, high : float
        The limits.
    p_value : float
        Of the hypothesis that the change is 0; NaN for one run.
    least, most : float
        Limits of which each holds alone at the level.
    """

    low: float
    high: float
    p_value: float = math.nan
    least: float = math.nan
    most: float = math.nan


@dataclass(frozen=True, kw_only=True)
class Tails:
    """How limits are taken.

    Attributes
    ----------
    level : float
        Coverage of the interval.
    units : float
        Number of units drawn; infinite if their number is not few.
    freedom : float or None
        Degrees of freedom of Student's t; None for the normal distribution.
    """

    level: float
    units: float = math.inf
    freedom: float | None = None

    @property
    def misses(self) -> float:
        """Share of misses given to the normal approximation."""
        return _SPENT * (1 - self.level)

    @property
    def few(self) -> float:
        """What the noise of few units is larger by than their estimate."""
        return 1 + 4 / self.units

    def one_sided(self, misses: float) -> float:
        """Critical value that is exceeded with this probability."""
        return -float(ndtri(misses) if self.freedom is None else stdtrit(self.freedom, misses))

    def critical(self, bias_range: float) -> float:
        """Critical value for a bias within a range of so many standard deviations."""

        def excess(c: float) -> float:
            return float(ndtr(c) - ndtr(-c - bias_range)) - (1 - self.misses)

        c = float(brentq(excess, -bias_range / 2, 40.0))
        return c if self.freedom is None else -float(stdtrit(self.freedom, ndtr(-c)))

    def limits(self, value: float, bias: tuple[float, float], spread: float) -> tuple[float, float]:
        """Limits around a value whose bias lies within a range."""
        reach = self.critical(sum(bias) / spread) * spread
        return value - bias[0] - reach, value + bias[1] + reach

    def alone(self, value: float, bias: tuple[float, float], spread: float) -> tuple[float, float]:
        """Limits of which each holds alone."""
        reach = self.one_sided(self.misses) * spread
        return value - bias[0] - reach, value + bias[1] + reach

    def upper(self, side: NoisyGaps, spread: float, misses: float) -> float:
        """One-sided upper limit of a sum of absolute gaps."""
        return max(side.value + side.bias_range[1] + self.one_sided(misses) * spread * self.few, 0.0)


def absolute_gaps_interval(gaps: FloatArray, covariance: FloatArray, tails: Tails, *, seed: int) -> Limits:
    r"""Interval of :math:`\sum_b |g_b|`, from observed gaps and their covariance.

    Parameters
    ----------
    gaps : ndarray, shape (n_bins,)
        Observed gaps.
    covariance : ndarray, shape (n_bins, n_bins)
        Covariance of their noise.
    tails : Tails
        Level and degrees of freedom.
    seed : int
        Same seed, same digits.

    Notes
    -----
    Each gap is drawn in, :math:`s\,h(g/s)` with :math:`h(x) = |x| - 0.8 e^{-x^2}`. What this is too large by is then
    known for every true gap, and spans half a standard error a bin instead of 0.8. Its largest and least values over
    gaps within two standard errors of the observed ones bound the bias of the sum; the critical value *c* solves
    :math:`\Phi(c) - \Phi(-c - r) = 1 - 0.8 \alpha`, *r* the range of the bias in standard deviations.

    References
    ----------
    Armstrong and Kolesár (2018), arXiv:1511.06028, doi:10.3982/ECTA14434; (2020), arXiv:1606.01200,
    doi:10.3982/QE1199 (intervals with a bounded bias). Cai and Low (2011), arXiv:1105.3039 (a sum of absolute means has
    no unbiased estimate).

    Examples
    --------
    >>> limits = absolute_gaps_interval(np.array([0.1, 0.0]), np.diag([0.0001, 0.0001]), Tails(level=0.95), seed=0)
    >>> round(limits.low, 2), round(limits.high, 2)
    (0.06, 0.12)
    """
    side = noisy_gaps(gaps, covariance, seed=seed)
    spread = side.own_spread * tails.few
    if spread < _NOTHING:
        point = max(side.value, 0.0)
        return Limits(point, point, least=point, most=point)
    low, high = tails.limits(side.value, side.bias_range, spread)
    least, _ = tails.alone(side.value, side.bias_range, spread)
    most = tails.upper(side, side.own_spread, tails.misses)
    return Limits(max(low, 0.0), max(high, 0.0), least=max(least, 0.0), most=most)


def absolute_gaps_change(
    before: FloatArray,
    after: FloatArray,
    covariance: FloatArray,
    tails: Tails,
    *,
    seed: int,
    signs: tuple[FloatArray, FloatArray] | None = None,
) -> Limits:
    r"""Interval of :math:`\sum_b |g_b|` after less before, with its test.

    Parameters
    ----------
    before, after : ndarray, shape (n_bins,)
        Observed gaps of both runs, in the same bins.
    covariance : ndarray, shape (2 n_bins, 2 n_bins)
        Joint covariance of their noise, before first.
    tails, seed
        As in `absolute_gaps_interval`.
    signs : tuple of ndarray, shape (n_bins,), optional
        Signs that the gaps before and after may have, of runs that are nearly one model; not chosen by which answers
        are right.

    Notes
    -----
    The bias of a bin is that after less that before, bounded over the ellipse of both gaps: strongly correlated runs
    have the same one, which cancels. The change also lies between the one-sided upper limits of both sums, and within
    that of the sum of absolute changes of the gaps; neither can leave out 0. With signs it lies as well between the two
    limits of `sides_of_change`, for these signs and for the opposite ones, each of which has an eighth of the misses.

    References
    ----------
    As `absolute_gaps_interval`.

    Examples
    --------
    >>> noise = np.diag([0.0001] * 4)
    >>> limits = absolute_gaps_change(np.zeros(2), np.array([0.1, 0.0]), noise, Tails(level=0.95), seed=0)
    >>> round(limits.low, 2), round(limits.high, 2), limits.p_value < 0.001
    (0.07, 0.12, True)
    """
    k = len(before)
    joint = noisy_gaps(np.concatenate([before, after]), covariance, seed=seed)
    left, right = (
        NoisyGaps(gaps=joint.gaps[part], error=joint.error[part], noise=joint.noise[:, part], main=joint.main[part])
        for part in (slice(k), slice(k, None))
    )
    shared = _shared_noise(covariance, k)
    value = right.value - left.value
    centres = _likely_centres(left, right, shared)
    drawn = [(left.sums(first + left.noise), right.sums(second + right.noise)) for first, second in centres]
    spread = max(float((second - first).std()) for first, second in drawn) * tails.few
    if spread < _NOTHING:
        return Limits(value, value, 1.0 if abs(value) < _NOTHING else 0.0, least=value, most=value)
    above, below = _change_bias(left, right, shared)
    low, high = tails.limits(value, (above, below), spread)
    alone = tails.alone(value, (above, below), spread)
    side = _SIDE * tails.misses
    before_most = tails.upper(left, max(float(first.std()) for first, _ in drawn), side)
    after_most = tails.upper(right, max(float(second.std()) for _, second in drawn), side)
    moved = covariance[:k, :k] + covariance[k:, k:] - covariance[:k, k:] - covariance[k:, :k]
    step = noisy_gaps(after - before, moved, seed=seed)
    apart = tails.upper(step, step.own_spread, side)
    low, high = max(low, -before_most, -apart), min(high, after_most, apart)
    least, most = max(alone[0], -before_most, -apart), min(alone[1], after_most, apart)
    p_value = _p_value(value, (above, below), spread, tails)
    if signs is not None:
        sides = sides_of_change(left, right, signs)
        reach = tails.one_sided(_SIGNS * tails.misses) * tails.few
        at_least = max(bound - reach * error for bound, error in sides[0])
        at_most = min(bound + reach * error for bound, error in sides[1])
        low, high = max(low, at_least), min(high, at_most)
        least, most = max(least, at_least), min(most, at_most)
        p_value = min(p_value, _p_value_of_sides(sides, tails))
    return Limits(low, max(low, high), p_value, least, max(least, most))


def _shared_noise(covariance: FloatArray, k: int) -> FloatArray:
    """Covariance of each bin's gap before with that after, shape (k,)."""
    return np.asarray(covariance[np.arange(k), k + np.arange(k)])


def _likely_centres(left: NoisyGaps, right: NoisyGaps, shared: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    """Pairs of gaps around which the noise of a change may be largest.

    The observed ones; those without what may be 0; those of one run 0 where they may be, with those of the other as
    they then are expected to be, by the regression on the noise that both share; and those that all lie off the same
    way.
    """
    before, after = left.gaps, right.gaps
    no_before, no_after = np.where(left.is_small, 0.0, before), np.where(right.is_small, 0.0, after)
    to_right, to_left = shared / left.scale**2, shared / right.scale**2
    return [
        (before, after),
        (no_before, no_after),
        (no_before, np.where(left.is_small, after - to_right * before, after)),
        (np.where(right.is_small, before - to_left * after, before), no_after),
        *((before + steps * left.main, after + steps * right.main) for steps in SHIFTS),
    ]


def _change_bias(left: NoisyGaps, right: NoisyGaps, shared: FloatArray) -> tuple[float, float]:
    """Largest and least bias of the change, the sign of the latter turned."""
    slope = shared / left.scale
    rest = np.sqrt(np.maximum(right.error**2 - slope**2, 0.0))
    first = left.gaps[:, None] + left.error[:, None] * _DISK.real
    second = right.gaps[:, None] + slope[:, None] * _DISK.real + rest[:, None] * _DISK.imag
    bias = right.bias(second) - left.bias(first)
    return float(bias.max(axis=1).sum()), float(-bias.min(axis=1).sum())


def _p_value_of_sides(sides: tuple[list[tuple[float, float]], list[tuple[float, float]]], tails: Tails) -> float:
    """Smallest share of misses at which the limits from signs leave out 0."""
    away = max(
        *(bound / max(error, _NOTHING) for bound, error in sides[0]),
        *(-bound / max(error, _NOTHING) for bound, error in sides[1]),
    )
    if away <= 0:
        return 1.0
    away /= tails.few
    misses = float(ndtr(-away) if tails.freedom is None else stdtr(tails.freedom, -away))
    return min(1.0, misses / (_SIGNS * _SPENT))


def _p_value(value: float, bias: tuple[float, float], spread: float, tails: Tails) -> float:
    """Smallest share of misses at which the limits leave out 0."""
    away = (value - bias[0] if value > 0 else -value - bias[1]) / spread
    if away <= 0:
        return 1.0
    if tails.freedom is not None:
        away = -float(ndtri(stdtr(tails.freedom, -away)))
    misses = float(ndtr(-away) + ndtr(-away - sum(bias) / spread))
    return min(1.0, misses / _SPENT)
