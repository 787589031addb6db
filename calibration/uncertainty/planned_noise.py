"""Noise of a sample that is planned, judged by a pilot."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import UndefinedMeasure
from ..metrics.arrays import FloatArray
from .drawn_units import Sampling
from .few_errors import mid_p_limits
from .standard_errors import critical, standard_error
from .visible_changes import missed

# With noise from fewer events than this, such as wrong answers, a pilot tells no number of items.
FEWEST_EVENTS = 5.0
# Items more that give a change of absolute or squared gaps its power over pilots (counted by `benchmarks.power`): power
# falls faster than it rises, and the noise of few items is taken for gaps.
GAP_ALLOWANCE = 1.15


@dataclass(frozen=True, kw_only=True)
class Precision:
    """What is wanted of an interval: a half-width, or a change that it shows.

    Attributes
    ----------
    half_width, change : float or None
        In the units of the measure; one of them.
    power : float
        Share of samples in which the interval is to leave out 0 at this change.
    level : float
        Coverage of the interval.
    """

    half_width: float | None
    change: float | None
    power: float
    level: float

    @property
    def target(self) -> float:
        """Half-width, or change."""
        return abs(float(self.change or 0.0)) if self.half_width is None else self.half_width

    @property
    def shown(self) -> float | None:
        """Power to show a change; None if a half-width is wanted."""
        return None if self.change is None else self.power


def doubt(influence: FloatArray, sampling: Sampling) -> float:
    r"""Squared relative error of the variance that a pilot shows.

    :math:`(m_4 / m_2^2 - 1) / n` over the items (sums of the clusters): 1/k if the noise is that of *k* rare events,
    and at least that of normal sums for clusters.
    """
    if sampling.clusters is None:
        moved, least = influence - influence.mean(), 0.0
    else:
        moved = np.bincount(sampling.clusters, weights=influence)
        least = 2 / max(len(moved) - 1, 1)
    square = np.square(moved)
    mean = float(square.mean())
    if mean == 0:
        return math.inf
    return max(max(float(np.square(square).mean()) / mean**2 - 1, 0.0) / len(moved), least)


def inflation(doubtful: float, *, level: float, power: float | None) -> float:
    r"""What a pilot's variance is planned larger by.

    A number of items from a variance that is known to a relative error :math:`\sqrt v` has less power on average than
    was asked for, as power falls faster than it rises. To second order :math:`v (z_\beta (z_\alpha + z_\beta) + 1) / 4`
    more variance gives it back; the width of an interval is as good as linear, and needs none.
    """
    if power is None:
        return 1.0
    late = missed(power)
    return 1 + doubtful * max(late * (critical(level, None) + late) + 1, 0.0) / 4


def refuse_doubtful(doubtful: float, times: Callable[[float], float], n_items: int) -> None:
    """Raise where a pilot's noise comes from too few events.

    `times` gives what a variance so many times as large needs.
    """
    if doubtful <= 1 / FEWEST_EVENTS:
        return
    events = 0.0 if math.isinf(doubtful) else 1 / doubtful
    if events == 0:
        raise UndefinedMeasure("a pilot without noise says nothing about it: draw a larger one")
    low, high = (max(2, math.ceil(n_items * times(factor))) for factor in spread_of(doubtful))
    raise UndefinedMeasure(
        f"the noise of the pilot comes from as good as {events:.1f} events (answers that are wrong, or change), which "
        f"leaves all from {low:,} to {high:,} items possible; draw a pilot with {FEWEST_EVENTS:.0f} or more"
    )


def refuse_few_events(events: int, n_items: int, what: str) -> None:
    """Raise for a pilot with too few events, with the range of their rate."""
    if events < FEWEST_EVENTS:
        low, high = mid_p_limits(events, n_items, level=0.95)
        raise UndefinedMeasure(
            f"the pilot has {events} {what} among {n_items:,}: their share may be {low:.2%} to {high:.2%}, and the "
            f"number of items grows with it; draw a pilot with {FEWEST_EVENTS:.0f} or more".replace("%", " %")
        )


def refuse_small(n_items: int, least: int, plans: str) -> None:
    """Raise for a pilot whose noise is taken for gaps."""
    if n_items < least:
        raise UndefinedMeasure(
            f"the pilot has {n_items} items, whose noise cannot be told from gaps of that size: it would plan too "
            f"{plans}; draw a pilot with {least} or more"
        )


def spread_of(doubtful: float) -> tuple[float, float]:
    """Factors between which a pilot leaves its variance, at 95 %."""
    reach = math.exp(1.96 * math.sqrt(doubtful))
    return 1 / reach, reach


def scaled_error(influence: FloatArray, sampling: Sampling, times: float) -> float:
    """Standard error of a mean over a sample so many times as large.

    Of clusters there are so many times as many, of the same sizes.
    """
    if sampling.clusters is None:
        return standard_error(influence, sampling) / math.sqrt(times)
    share = sampling.cluster_shares / times
    n_clusters = max(len(share) * times, 1 + 1e-9)
    moved = np.bincount(sampling.clusters, weights=influence) / (1 - np.minimum(share, 0.999))
    variance = float((moved**2).sum()) * (n_clusters - 1) / n_clusters / times
    return math.sqrt(variance) / len(influence)


def scaled_freedom(sampling: Sampling, times: float) -> float | None:
    """Degrees of freedom of such a mean; None for items."""
    if sampling.clusters is None:
        return None
    share = np.minimum(sampling.cluster_shares / times, 0.999)
    pull = share**2 / (1 - share)
    return float(1 / (times * (share**2).sum() + (times * pull.sum()) ** 2 - times * (pull**2).sum()))


def mean_reach(
    influences: Sequence[FloatArray], samplings: Sequence[Sampling], times: float, *, level: float, power: float | None
) -> float:
    """Half-width of an interval of a mean, or what it shows.

    With a power it is the smallest change that is shown.

    Influences are those of one mean, or of two whose difference it is.
    """
    error, freedoms = 0.0, []
    for influence, sampling in zip(influences, samplings, strict=True):
        error = math.hypot(error, scaled_error(influence, sampling, times))
        freedoms.append(scaled_freedom(sampling, times) or max(len(influence) * times - 1, 1.0))
    freedom = max(min(freedoms), 1e-3) if len(freedoms) == 1 else max(sum(freedoms), 1e-3)
    late = 0.0 if power is None else missed(power, freedom)
    return (critical(level, freedom) + late) * error


def mean_times(influences: Sequence[FloatArray], samplings: Sequence[Sampling], wanted: Precision) -> float:
    """Items that a mean (or a difference) needs, over those of the pilot.

    Raises
    ------
    UndefinedMeasure
        Where the pilot's noise comes from too few events.
    """
    doubtful = max(doubt(influence, sampling) for influence, sampling in zip(influences, samplings, strict=True))

    def times(factor: float) -> float:
        def reach(times: float) -> float:
            return mean_reach(influences, samplings, times, level=wanted.level, power=wanted.shown)

        return smallest_times(reach, wanted.target / math.sqrt(factor), close=1 + 1e-6)

    refuse_doubtful(doubtful, times, len(influences[0]))
    return times(inflation(doubtful, level=wanted.level, power=wanted.shown))


def smallest_times(
    falling: Callable[[float], float], target: float, *, start: float = 1.0, step: float = 4.0, close: float = 1.001
) -> float:
    """Argument at which a falling function reaches a target.

    From `start` on, or below it if that reaches it too; to within a factor of `close`.
    """
    low = high = start
    while falling(high) > target:
        low, high = high, step * high
        if high > 1e9 * start:
            raise UndefinedMeasure("no number of items gives that precision")
    while low == high or (low > 1e-9 and falling(low) <= target):
        low, high = low / step, low
    while high / low > close:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if falling(middle) <= target else (middle, high)
    return high
