"""Limits of which each holds alone, for claims that something is not larger."""

from __future__ import annotations

import math
from dataclasses import replace

from .drawn_units import Sampling
from .few_errors import exact_limits
from .intervals import Interval
from .kinds.largest import LargestGap
from .kinds.protocol import Measure
from .kinds.share import Share
from .noise_floor import NullECE


def one_sided_limits(
    measure: Measure, interval: Interval, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int
) -> Interval:
    r"""Limits of a measure, each of which is missed with probability 1 − `level`.

    Parameters
    ----------
    measure : Measure
    interval : Interval
        Its interval at this level; without one there are no limits.
    sampling, floor, level, seed
        As for the interval.

    Notes
    -----
    Those of an interval at :math:`2 L - 1` for a level *L*. An ECE's allow for its whole bias on either side, which an
    interval may give to one of its ends. A share of whole items has Clopper and Pearson's.
    """
    if not interval.known:
        return interval
    if not math.isnan(interval.most):
        ends = interval.least, interval.most
    elif isinstance(measure, Share) and measure.is_whole and sampling.clusters is None and sampling.strata is None:
        ends = exact_limits(int(measure.credit.sum()), len(measure.credit), level=2 * level - 1)
    else:
        inner = measure.interval(sampling, floor=floor, level=2 * level - 1, seed=seed)
        if not inner.known:
            return inner
        high = measure.margin(sampling, level=level) if isinstance(measure, LargestGap) else inner.high
        ends = inner.low, high
    low, high = (min(max(end, measure.bounds[0]), measure.bounds[1]) for end in ends)
    return Interval(min(low, measure.value), max(high, measure.value), math.nan)


def one_sided_change_limits(
    before: Measure,
    after: Measure,
    interval: Interval,
    samplings: tuple[Sampling, ...],
    *,
    level: float,
    seed: int,
) -> Interval:
    """Limits of a change, each of which is missed with probability 1 − `level`.

    Of one sampling the runs are paired by item; of two they are on different items.
    """
    if not interval.known:
        return interval
    value = after.value - before.value
    if not math.isnan(interval.most):
        inner = replace(interval, low=interval.least, high=interval.most)
    elif len(samplings) == 1:
        inner = before.paired_interval(after, samplings[0], level=2 * level - 1, seed=seed)
    else:
        inner = before.unpaired_interval(after, (samplings[0], samplings[1]), level=2 * level - 1, seed=seed)
    return inner if not inner.known else replace(inner, low=min(inner.low, value), high=max(inner.high, value))
