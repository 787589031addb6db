"""Distances of confidence from a smooth calibration curve."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from scipy.special import expit, fdtri, gammaincinv

from ...errors import UndefinedMeasure
from ...metrics.arrays import FloatArray
from ...metrics.smooth_curves import SmoothCurve
from ..drawn_units import Sampling
from ..few_errors import fewest
from ..intervals import Interval, Range, blank, possible
from ..noise_floor import NullECE
from ..planned_noise import Precision
from ..standard_errors import critical
from .coefficient import even_freedom, unit_moves

# With fewer wrong answers, or right ones, the noise of a curve is not known.
FEWEST_ERRORS = 20
# Directions in which curves are tried, steps to the farthest and nearest of them, and points where they are compared.
_N_DIRECTIONS, _N_STEPS, _N_POINTS = 60, 12, 400
# Places by chance from which the nearest curve is sought too.
_N_PLACES = 15


@dataclass(frozen=True, eq=False, kw_only=True)
class CurveDistance:
    r"""Mean, quantile or maximum of |curve − confidence| over the items.

    Attributes
    ----------
    curve : SmoothCurve
    odds : ndarray, shape (n_items,)
        Stated log-odds.
    part : float or None
        Share of the items whose distance it is not exceeded by: .5 for a median, 1 for the maximum; None for the mean.

    Notes
    -----
    The coefficients of the curve have an ellipsoid of noise, the jackknife's. The upper limit is the largest distance
    of all curves within *t* of its radii. A mean distance, as well as the largest, is convex in the curve: where the
    estimate is too small, it is so by no more than its slope at the truth allows, so that a *t* for one direction does.
    A lower limit has no such bound: calibrated models lie at the corner of the measure. So it is the least distance
    of all curves in the ellipsoid that holds the truth as a whole (Scheffé's), and 0 if the diagonal is one of them, or
    is not rejected by a score test. The mean joins the noise of which confidences were drawn (Zou and Donner 2008), the
    quantiles are those of as many more, or fewer, items as may lie below them; the largest distance is that of the
    confidences of these items. In a change the limits of both runs hold together (Bonferroni).

    References
    ----------
    Scheffé (1953), doi:10.1093/biomet/40.1-2.87. Zou and Donner (2008), doi:10.1002/sim.3095.
    """

    curve: SmoothCurve
    odds: FloatArray
    part: float | None = None
    bounds: ClassVar[Range] = (0.0, 1.0)
    at_its_end: ClassVar[bool] = False
    item_values: ClassVar[None] = None

    @cached_property
    def value(self) -> float:
        """The distance."""
        fit = self.curve.fit
        return _summary(np.abs(fit.fitted - expit(self.odds)), fit.weight, self.part)

    def interval(self, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int) -> Interval:
        """Interval of the distance, without a p-value."""
        if (few := self._too_few()) is not None:
            return few
        try:
            low, high = self.limits(sampling, level, seed=seed)
        except UndefinedMeasure as undefined:
            return blank(str(undefined))
        return possible(Interval(low, high, math.nan), self.value, self.bounds)

    def paired_interval(self, after: Self, sampling: Sampling, *, level: float, seed: int) -> Interval:
        """Interval of the change: both runs' intervals hold together (Bonferroni)."""
        if self.has_same_answers(after):
            return Interval(0.0, 0.0, 1.0)
        return self.unpaired_interval(after, (sampling, sampling), level=level, seed=seed)

    def unpaired_interval(
        self, after: Self, samplings: tuple[Sampling, Sampling], *, level: float, seed: int
    ) -> Interval:
        """Interval of the change between runs on different items."""
        if (few := self._too_few() or after._too_few()) is not None:
            return few

        try:
            first = self.limits(samplings[0], (1 + level) / 2, seed=seed)
            second = after.limits(samplings[1], (1 + level) / 2, seed=seed)
        except UndefinedMeasure as undefined:
            return blank(str(undefined))
        # Limits joined as if independent would be too near: distances near the diagonal are too large on average.
        return Interval(second[0] - first[1], second[1] - first[0], math.nan)

    def visible_change(self, after: Self, samplings: Sequence[Sampling], interval: Interval, *, level: float) -> None:
        """Not known: near the diagonal noise does not shrink as a mean's."""
        return

    def has_same_answers(self, after: Self) -> bool:
        """Whether the answers are the same to the last digit."""
        return np.array_equal(self.odds, after.odds) and np.array_equal(self.curve.fit.correct, after.curve.fit.correct)

    def required_times(
        self, after: Self | None, samplings: Sequence[Sampling], wanted: Precision, *, seed: int
    ) -> None:
        """Not known: near the diagonal noise does not shrink as a mean's."""
        return

    def _too_few(self) -> Interval | None:
        few = fewest(self.curve.fit.correct == 1)
        if few >= FEWEST_ERRORS:
            return None
        return blank(f"fewer than {FEWEST_ERRORS} wrong (or right) answers say too little of a curve: {few}")

    def limits(self, sampling: Sampling, level: float, *, seed: int) -> tuple[float, float]:
        """Least and largest distance that the noise of the curve leaves possible."""
        fit = self.curve.fit
        moves = unit_moves(fit, sampling)
        freedom = even_freedom(fit, sampling)
        axes = np.linalg.cholesky(moves.T @ moves)
        points, weight = self._points()
        columns = self.curve.columns(points)
        stated = expit(points)
        n_units = len(moves) if sampling.clusters is None else 1 / float(np.square(sampling.cluster_shares).sum())
        t = critical(level, freedom)
        most, least = self.part, self.part
        if self.part is not None and self.part < 1:
            around = t * math.sqrt(self.part * (1 - self.part) / n_units)
            most, least = min(self.part + around, 1.0), max(self.part - around, 0.0)

        def away(moved: FloatArray) -> FloatArray:  # (n_curves, n_columns) -> (n_curves, n_points)
            return np.asarray(expit((fit.coefficients + moved @ axes.T) @ columns.T) - stated)

        def slopes(gap: FloatArray, part: float | None) -> FloatArray:
            """Direction in which the distance of each curve grows."""
            right = stated + gap
            pull = _pull(np.abs(gap), weight, part) * np.sign(gap) * right * (1 - right)
            return np.asarray(pull @ columns @ axes)

        centre = _summary(np.abs(away(np.zeros((1, len(axes))))[0]), weight, self.part)
        high = _farthest(away, slopes, weight, most, t, len(axes), seed)
        diagonal = np.zeros(len(axes))
        diagonal[1] = 1.0
        home = np.linalg.solve(axes, diagonal - fit.coefficients)  # the diagonal, in radii
        radius = math.sqrt(len(axes) * float(fdtri(len(axes), freedom, (1 + level) / 2)))
        calibrated = home @ home <= radius**2 or not self._is_off(sampling, (1 - level) / 2)
        low = 0.0 if calibrated else _nearest(away, slopes, weight, least, radius, home, seed)
        if self.part is None:
            gaps = (
                np.abs(fit.fitted - stated)
                if len(points) == len(self.odds)
                else np.abs(away(np.zeros((1, len(axes))))[0])
            )
            spread = t * math.sqrt(float(np.average((gaps - centre) ** 2, weights=weight)) / n_units)
            high = centre + math.hypot(max(high - centre, 0.0), spread)
            low = max(centre - math.hypot(max(centre - low, 0.0), spread), 0.0) if low > 0 else 0.0
        # The points stand for all items.
        return max(low + self.value - centre, 0.0) if low > 0 else 0.0, min(high + self.value - centre, 1.0)

    def _is_off(self, sampling: Sampling, misses: float) -> bool:
        """Whether a score test rejects that confidence is right everywhere.

        Its noise is what the confidences themselves promise, of clusters that between them: that of the fitted curve is
        too small where the few answers that could be wrong happen to be right.
        """
        fit, stated = self.curve.fit, expit(self.odds)
        scores = fit.design * (fit.weight * (fit.correct - stated))[:, None]
        total, n_columns = scores.sum(axis=0), scores.shape[1]
        if sampling.dependent is None:
            chance = (fit.weight**2 * stated * (1 - stated))[:, None] * fit.design
            return bool(
                total @ np.linalg.solve(chance.T @ fit.design, total) > 2 * gammaincinv(n_columns / 2, 1 - misses)
            )
        summed = np.stack([np.bincount(sampling.dependent, weights=column) for column in scores.T], axis=1)
        spare = len(summed) - n_columns
        if spare < 1:
            return False
        noise = summed.T @ summed
        square = float(total @ np.linalg.solve(noise, total)) * spare / n_columns
        return bool(square > fdtri(n_columns, spare, 1 - misses))

    def _points(self) -> tuple[FloatArray, FloatArray]:
        """Log-odds at which curves are compared, and their weight.

        Of many items they are groups of neighbours.
        """
        weight = self.curve.fit.weight
        if len(self.odds) <= _N_POINTS:
            return self.odds, weight
        order = np.argsort(self.odds, kind="stable")
        parts = np.array_split(order, _N_POINTS)
        points = np.array([np.average(self.odds[part], weights=weight[part]) for part in parts])
        if self.part == 1:
            points[[0, -1]] = self.odds[order[[0, -1]]]
        return points, np.array([weight[part].sum() for part in parts])


_Curves = Callable[[FloatArray], FloatArray]
_Slopes = Callable[[FloatArray, float | None], FloatArray]


def _farthest(
    away: _Curves, slopes: _Slopes, weight: FloatArray, part: float | None, radius: float, n_axes: int, seed: int
) -> float:
    """Largest distance of curves on the ellipsoid.

    By steps in which a convex function cannot lose.
    """
    radii = np.random.default_rng(seed).standard_normal((_N_DIRECTIONS, n_axes))
    best = 0.0
    for _ in range(_N_STEPS):
        radii *= radius / np.maximum(np.linalg.norm(radii, axis=1, keepdims=True), 1e-300)
        gap = away(radii)
        best = max(best, float(_summaries(np.abs(gap), weight, part).max()))
        moved = slopes(gap, part)
        radii = np.where(np.linalg.norm(moved, axis=1, keepdims=True) > 0, moved, radii)
    return best


def _nearest(
    away: _Curves, slopes: _Slopes, weight: FloatArray, part: float | None, radius: float, home: FloatArray, seed: int
) -> float:
    """Least distance of curves in the ellipsoid.

    By steps against the slope, from the side of the diagonal. A quantile has valleys, so that steps also begin at
    places by chance.
    """
    radii = home[None, :] * (radius / np.linalg.norm(home))
    if part is not None and part < 1:
        inside = np.random.default_rng(seed).standard_normal((_N_PLACES, len(home)))
        radii = np.vstack([radii, inside * (radius / np.linalg.norm(inside, axis=1, keepdims=True))])
    best = math.inf
    for step in range(10 * _N_STEPS):
        gap = away(radii)
        best = min(best, float(_summaries(np.abs(gap), weight, part).min()))
        down = slopes(gap, part)
        length = np.linalg.norm(down, axis=1, keepdims=True)
        if not length.any():
            break
        radii = radii - down / np.maximum(length, 1e-300) * radius / (2 + step)
        radii *= np.minimum(1.0, radius / np.maximum(np.linalg.norm(radii, axis=1, keepdims=True), 1e-300))
    return best


def _summary(distance: FloatArray, weight: FloatArray, part: float | None) -> float:
    return float(_summaries(distance[None, :], weight, part)[0])


def _summaries(distance: FloatArray, weight: FloatArray, part: float | None) -> FloatArray:
    """Mean, quantile or maximum of each curve's distances, shape (n_curves, n_points)."""
    if part is None:
        return np.asarray(distance @ weight / weight.sum())
    if part == 1:
        return np.asarray(distance.max(axis=1))
    if weight.min() == weight.max():
        return np.asarray(np.quantile(distance, part, axis=1))
    order = np.argsort(distance, axis=1)
    reached = (np.cumsum(weight[order], axis=1) < part * weight.sum() * (1 - 1e-12)).sum(axis=1)
    return np.asarray(np.take_along_axis(distance, order, axis=1)[np.arange(len(distance)), reached])


def _pull(distance: FloatArray, weight: FloatArray, part: float | None) -> FloatArray:
    """How much each point's distance moves the summary, shape (n_curves, n_points)."""
    if part is None:
        return np.broadcast_to(weight / weight.sum(), distance.shape)
    chosen = np.zeros(distance.shape)
    rank = min(round(part * (distance.shape[1] - 1)), distance.shape[1] - 1)
    at = np.argpartition(distance, rank, axis=1)[:, rank] if part < 1 else distance.argmax(axis=1)
    chosen[np.arange(len(distance)), at] = 1.0
    return chosen
