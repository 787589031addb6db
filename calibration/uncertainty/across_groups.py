"""Mean over groups, their spread, and where a new group would lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincinv

from ..metrics.arrays import FloatArray
from .intervals import Range, without_none
from .standard_errors import studentised_interval

# Fewer groups do not show how skewed groups are, and fewer items each, on average, how noisy.
FEWEST_GROUPS, _FEWEST_ITEMS = 10, 5
# Draws of the spread between groups, and steps at which its distribution is computed.
_N_DRAWS, _N_STEPS = 20_000, 400
# Spreads of a lower probability in either tail are left out.
_TAIL = 1e-4
# Least variance of a group's value, as a share of the largest distance between groups: without noise it would be 0.
_LEAST = 1e-12


@dataclass(frozen=True, kw_only=True)
class AcrossGroups:
    """Groups as a sample of groups: a random-effects summary.

    Attributes
    ----------
    mean, low, high : float
        Mean over groups, each counting alike, with its interval for groups drawn anew.
    between : float
        Standard deviation between groups, beyond the noise of their items.
    new_low, new_high : float
        Prediction interval: where the value of a new group lies.
    n_groups : int
        Number of groups.
    level : float
        Coverage of both intervals.
    """

    mean: float
    low: float
    high: float
    between: float
    new_low: float
    new_high: float
    n_groups: int
    level: float

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON."""
        return without_none(asdict(self))

    def __str__(self) -> str:
        return (
            f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}], SD between groups {self.between:.3f}, "
            f"a new group [{self.new_low:.3f}, {self.new_high:.3f}]"
        )


def across_groups(
    values: Sequence[float],
    influences: Sequence[FloatArray],
    *,
    bounds: Range = (-math.inf, math.inf),
    level: float = 0.95,
    seed: int = 0,
) -> AcrossGroups | None:
    r"""Random-effects summary of a measure over groups.

    Parameters
    ----------
    values : sequence of float
        The measure of each group.
    influences : sequence of ndarray
        Influence of each item on it, times the group's number of items, shape (n_items of the group,).
    bounds : pair of float
        Least and largest possible value, beyond which no interval reaches.
    level : float
        Coverage of the intervals.
    seed : int
        Same seed, same digits.

    Returns
    -------
    AcrossGroups or None
        None for fewer than ten groups, for fewer than five items a group on average, and for groups that are all alike.

    Notes
    -----
    Value :math:`y_g = \mu + u_g + e_g` with :math:`\operatorname{var} u = \tau^2` between groups and
    :math:`\operatorname{var} e_g = \sigma^2 / n_g` within. The variance of items :math:`\sigma^2` is pooled over the
    groups, since that of a small group goes with its value (a group without an error would seem certain).

    The mean counts each group alike, whatever their sizes. Groups are often skewed, as where a sharper model has far
    larger losses: so its limits reach as far as Student's t, and as far as that after Hall's transformation, which
    takes the skewness out of the studentised mean (`benchmarks.skewed_groups` counts both). Weights by precision with
    the error of Hartung, Knapp, Sidik and Jonkman are shorter, but covered 88 to 93 % where groups had 5 to 200
    items.
    :math:`\tau^2` is Paule and Mandel's: the weighted sum of squares
    :math:`Q(\tau^2) = \sum_g (y_g - \bar y_w)^2 / (\tau^2 + \sigma^2 / n_g)` is what it is expected to be,
    the number of groups less one. It has no interval: the one that inverts the distribution of *Q* (Viechtbauer) holds
    for groups that are normally distributed, and not for skewed ones. The prediction interval draws
    :math:`\tau^2` from the confidence distribution that *Q* gives, then a group and the error of the mean (Nagashima,
    Noma and Furukawa), and reaches to the least and the largest group, each moved towards the mean by the share of
    noise in it: skewed groups lie farther on one side.

    References
    ----------
    Paule and Mandel (1982), doi:10.6028/jres.087.022. Hall (1992), "On the removal of skewness by transformation",
    Journal of the Royal Statistical Society B 54:221. Viechtbauer (2007), doi:10.1002/sim.2514. Nagashima, Noma and
    Furukawa (2019), doi:10.1177/0962280218773520. IntHout, Ioannidis and Borm (2014), doi:10.1186/1471-2288-14-25
    (Hartung, Knapp, Sidik and Jonkman).

    Examples
    --------
    >>> values = [0.10, 0.12, 0.19, 0.08, 0.15, 0.11, 0.09, 0.21, 0.13, 0.10]
    >>> print(across_groups(values, [np.array([-0.3, 0.3] * 50)] * 10))
    0.128 [0.097, 0.174], SD between groups 0.031, a new group [0.043, 0.211]
    """
    y = np.asarray(values, dtype=np.float64)
    n_items = np.array([len(influence) for influence in influences])
    if len(y) < FEWEST_GROUPS or n_items.mean() < _FEWEST_ITEMS or y.min() == y.max():
        return None
    squares = sum(float((influence**2).sum()) for influence in influences)
    variance = squares / int((n_items - 1).sum()) / n_items
    freedom = len(y) - 1
    mean, error = float(y.mean()), float(y.std(ddof=1)) / math.sqrt(len(y))
    reach = studentised_interval(mean, error, _skewness(y) / math.sqrt(len(y)), level=level, freedom=freedom)
    low, high = reach.low, reach.high
    rng = np.random.default_rng(seed)
    spread = _drawn_spreads(y, variance, rng)
    between = _spread(y, variance, freedom)
    moved = mean + (y - mean) * (between / (between + variance) if between else 0.0)
    new = mean + rng.standard_normal(_N_DRAWS) * spread + rng.standard_t(freedom, _N_DRAWS) * error
    new_low, new_high = np.quantile(new, [(1 - level) / 2, (1 + level) / 2])
    return AcrossGroups(
        mean=mean,
        low=max(low, bounds[0]),
        high=min(high, bounds[1]),
        between=math.sqrt(between),
        new_low=max(float(min(new_low, low, moved.min())), bounds[0]),
        new_high=min(float(max(new_high, high, moved.max())), bounds[1]),
        n_groups=len(y),
        level=level,
    )


def _skewness(y: FloatArray) -> float:
    """Skewness of values, shape (n,), less biased for few."""
    n = len(y)
    return float(((y - y.mean()) ** 3).mean()) / float(y.std()) ** 3 * math.sqrt(n * (n - 1)) / (n - 2)


def _chi_square(freedom: int, quantile: float) -> float:
    """Quantile of a χ² distribution."""
    return float(2 * gammaincinv(freedom / 2, quantile))


def _sum_of_squares(spread: FloatArray, y: FloatArray, variance: FloatArray) -> FloatArray:
    """Weighted sum of squares for variances between groups, shape (n,)."""
    least = _LEAST * max(float(((y - y.mean()) ** 2).max()), float(variance.max()), np.finfo(np.float64).tiny / _LEAST)
    weight = least / np.maximum(spread[:, None] + variance, least)  # (n, n_groups)
    centre = (weight * y).sum(axis=1) / weight.sum(axis=1)
    return np.asarray((weight * (y - centre[:, None]) ** 2).sum(axis=1) / least)


def _spread(y: FloatArray, variance: FloatArray, target: float) -> float:
    """Variance between groups at which the sum of squares is `target`.

    0 if it is less without any.
    """

    def excess(spread: float) -> float:
        return float(_sum_of_squares(np.array([spread]), y, variance)[0]) - target

    if y.min() == y.max() or excess(0.0) <= 0:
        return 0.0
    # With no variance within, the sum of squares is that of equal weights.
    upper = float(((y - y.mean()) ** 2).sum()) / target * (1 + 1e-9)
    return upper if excess(upper) > 0 else float(brentq(excess, 0.0, upper, xtol=1e-15))


def _drawn_spreads(y: FloatArray, variance: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Standard deviations between groups, drawn from their confidence distribution, shape (n_draws,)."""
    freedom = len(y) - 1
    drawn = rng.chisquare(freedom, _N_DRAWS)
    largest = _spread(y, variance, _chi_square(freedom, _TAIL))
    steps = np.linspace(0.0, math.sqrt(largest), _N_STEPS)
    squares = _sum_of_squares(steps**2, y, variance)  # falls
    return np.asarray(np.interp(drawn, squares[::-1], steps[::-1]))
