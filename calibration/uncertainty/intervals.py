"""Intervals: of means, within the possible, or blank with a reason."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..metrics.arrays import FloatArray
from ..metrics.curves import wilson

Range = tuple[float, float]

# Subjects drawn anew say next to nothing about others where they are fewer.
FEWEST_CLUSTERS = 10
# Clusters of one size that say as much as uneven ones must: below, an interval rests on one or two of them.
_FEWEST_EVEN_CLUSTERS = 3
# Relative to the value; a narrower interval is a point but for the rounding of stored log-probabilities to float32.
_POINT = 2.0**-23
# P-values are found down to this one, in so many halvings of its logarithm.
_LEAST_MISSES, _HALVINGS = 1e-12, 50


@dataclass(frozen=True)
class Interval:
    """An interval with the p-value of the hypothesis that the population value is 0.

    Attributes
    ----------
    low, high, p_value : float
        NaN if the interval is left blank.
    reason : str or None
        Why it is left blank.
    label : str or None
        What must be told beside it.
    least, most : float
        Limits of which each holds alone at the same level, where they are known beside it.
    """

    low: float
    high: float
    p_value: float
    reason: str | None = None
    label: str | None = None
    least: float = field(default=math.nan, compare=False, repr=False)
    most: float = field(default=math.nan, compare=False, repr=False)

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return self.reason is None

    def __str__(self) -> str:
        return f"[{self.low:.3f}, {self.high:.3f}]" if self.known else "[not known]"


def wilson_interval(share: float, count: float, *, level: float) -> Interval:
    """Wilson's score interval of a share of `count` items, without a p-value.

    Examples
    --------
    >>> print(wilson_interval(0.5, 100, level=0.95))
    [0.404, 0.596]
    """
    low, high = wilson(np.array(share), np.array(count), level=level)
    return Interval(float(low), float(high), math.nan)


def blank(reason: str) -> Interval:
    """No interval, with the reason.

    Examples
    --------
    >>> blank("one item").known
    False
    """
    return Interval(math.nan, math.nan, math.nan, reason)


def too_few_clusters(
    shares: FloatArray, unit: str = "subjects", *, least_even: int = _FEWEST_EVEN_CLUSTERS
) -> Interval | None:
    """A blank interval if subjects (clusters) are too few, or too uneven.

    None otherwise. `shares`, shape (n_clusters,), are those of the items in each; they must say as much as
    `least_even` clusters of one size would.

    Examples
    --------
    >>> too_few_clusters(np.array([0.6, *[0.02] * 20])).reason
    'an interval for new subjects needs as many as 3 even subjects, got 21 of which one holds 60 %'
    """
    if len(shares) < FEWEST_CLUSTERS:
        return blank(f"an interval for new {unit} needs at least {FEWEST_CLUSTERS} {unit}, got {len(shares)}")
    if 1 / float(np.square(shares).sum()) < least_even * (1 - 1e-9):
        return blank(
            f"an interval for new {unit} needs as many as {least_even} even {unit}, got {len(shares)} of "
            f"which one holds {shares.max():.0%}".replace("%", " %")
        )
    return None


def holding(interval: Interval, value: float) -> Interval:
    """The interval, widened to hold its own value; blank if it is a point.

    Examples
    --------
    >>> holding(Interval(0.0, 0.03, 0.5), 0.04).high
    0.04
    >>> holding(Interval(0.7, 0.7, 0.0), 0.7).reason
    'all items give the same, which says nothing about their spread'
    >>> holding(Interval(0.2689414308, 0.2689414352, 0.0), 0.2689414331).known
    False
    """
    if not interval.known:
        return interval
    if interval.high - interval.low <= _POINT * max(abs(value), _POINT):
        return blank("all items give the same, which says nothing about their spread")
    return replace(interval, low=min(interval.low, value), high=max(interval.high, value))


def possible(interval: Interval, value: float, bounds: Range) -> Interval:
    """The possible part of an interval, widened to hold its value.

    Examples
    --------
    >>> possible(Interval(0.8, 1.1, 0.5), 0.9, (0.0, 1.0)).high
    1.0
    """
    interval = holding(interval, value)
    if not interval.known:
        return interval
    return replace(interval, low=max(interval.low, bounds[0]), high=min(interval.high, bounds[1]))


def possible_change(interval: Interval, value: float, before: Range, after: Range) -> Interval:
    """Interval of a change, widened to hold its value.

    Blank if it is a point or reaches beyond the possible.

    Parameters
    ----------
    interval : Interval
        As the sampling noise has it.
    value : float
        The change, after − before.
    before, after : pair of float
        Least and largest possible value of the measure in each run.

    Examples
    --------
    >>> possible_change(Interval(-1.341, 0.779, 0.5), -0.2, (0.0, 1.0), (0.0, 1.0)).reason
    'too few items: the interval would reach from -1.341 to 0.779, beyond what is possible'
    """
    interval = holding(interval, value)
    low, high = after[0] - before[1], after[1] - before[0]
    if not interval.known or (low <= interval.low and interval.high <= high):
        return interval
    reach = f"from {interval.low:.3f} to {interval.high:.3f}"
    return blank(f"too few items: the interval would reach {reach}, beyond what is possible")


def joined_limits(
    values: tuple[float, float], before: tuple[float, float], after: tuple[float, float]
) -> tuple[float, float]:
    """Limits of a change between independent values, from the limits of each.

    References
    ----------
    Zou and Donner (2008), doi:10.1002/sim.3095.

    Examples
    --------
    >>> low, high = joined_limits((0.2, 0.5), (0.16, 0.24), (0.47, 0.53))
    >>> round(low, 2), round(high, 2)
    (0.25, 0.35)
    """
    value = values[1] - values[0]
    low = value - math.hypot(values[1] - after[0], before[1] - values[0])
    return low, value + math.hypot(after[1] - values[1], values[0] - before[0])


def inverted_p_value(limits: Callable[[float], tuple[float, float]], *, halvings: int = _HALVINGS) -> float:
    """Smallest share of misses at which an interval leaves out 0.

    Parameters
    ----------
    limits : function
        Low and high end of the interval by its level; wider at higher ones.
    halvings : int
        How often the range of its logarithm is halved.

    Examples
    --------
    >>> from scipy.special import ndtri
    >>> round(inverted_p_value(lambda level: (2 - ndtri((1 + level) / 2), 9.0)), 4)
    0.0455
    """

    def holds(misses: float) -> bool:
        low, high = limits(1 - misses)
        return low <= 0 <= high

    least, most = math.log(_LEAST_MISSES), 0.0
    if not holds(_LEAST_MISSES):
        return _LEAST_MISSES
    for _ in range(halvings):
        middle = (least + most) / 2
        least, most = (middle, most) if holds(math.exp(middle)) else (least, middle)
    return math.exp(most)


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    """A dictionary without values of None or NaN, nested ones too."""
    return {
        key: without_none(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None and not (isinstance(value, float) and math.isnan(value))
    }
