"""Measures with an influence function: their error is that of a mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...errors import UndefinedMeasure
from ...metrics.arrays import FloatArray
from ..intervals import Interval, Range, blank, cut, holding, mean_interval, possible_change, wilson_interval
from ..standard_errors import Sampling, critical, degrees_of_freedom, standard_error
from ..tango import no_change

Scale = Literal["identity", "log", "logit"]


@dataclass(frozen=True, eq=False, kw_only=True)
class MeanLike:
    """A measure with an influence function (asymptotically linear).

    Attributes
    ----------
    value : float
        The measure.
    influence : ndarray, shape (n_items,)
        Influence of each item on it, times n_items; sums to 0 (for subjects of one item, on average).
    scale : {"identity", "log", "logit"}
        Scale on which its interval is symmetric.
    zero_means_calibrated : bool
        Whether 0 is a hypothesis worth a p-value.
    count : float
        Number of comparisons behind a measure at the end of its scale, where the influence is 0. A mean over items
        that has one is made of right and wrong answers alone.
    bounds : tuple of float
        Least and largest possible value.
    clustered : ndarray, shape (n_items,), or None
        Influence for subjects drawn anew, if it differs from that for fixed subjects.
    """

    value: float
    influence: FloatArray
    scale: Scale = "identity"
    zero_means_calibrated: bool = False
    count: float = math.nan
    bounds: Range = (-math.inf, math.inf)
    clustered: FloatArray | None = None

    @property
    def is_mean(self) -> bool:
        """Whether the value is the plain mean of ``value + influence`` over the items."""
        return self.scale == "identity" and self.clustered is None

    @property
    def of_answers(self) -> bool:
        """Whether it is made of right and wrong answers alone.

        They may stay while all else changes.
        """
        return self.scale == "identity" and math.isfinite(self.count)

    @property
    def at_its_end(self) -> bool:
        """Whether an AUROC or AURC is exactly 0 or 1.

        The influence is then 0 and bounds nothing.
        """
        return self.scale == "logit" and self.value in (0, 1)

    def influence_under(self, sampling: Sampling) -> FloatArray:
        """Influence of each item if subjects are drawn anew, otherwise for fixed subjects."""
        return self.influence if self.clustered is None or sampling.clusters is None else self.clustered


def mean_of(values: FloatArray, bounds: Range, *, zero_means_calibrated: bool = False) -> MeanLike:
    """The plain mean of one value an item, shape (n_items,)."""
    mean = values.mean()
    return MeanLike(
        value=float(mean), influence=values - mean, bounds=bounds, zero_means_calibrated=zero_means_calibrated
    )


def mean_like_interval(measure: MeanLike, sampling: Sampling, *, level: float) -> Interval:
    """Interval of the measure; its p-value is NaN unless 0 means calibrated."""
    value = measure.value
    all_alike = measure.of_answers and value in (0, 1) and sampling.clusters is None
    if measure.at_its_end or all_alike:
        raw = wilson_interval(value, measure.count, level=level)
    elif measure.scale != "identity":
        freedom = degrees_of_freedom(measure.influence, sampling)
        half = critical(level, freedom) * standard_error(measure.influence, sampling)
        raw = Interval(*_symmetric(value, half, measure.scale), math.nan)
    else:
        raw = mean_interval(value, measure.influence_under(sampling), sampling, level=level)
        if not measure.zero_means_calibrated:
            raw = Interval(raw.low, raw.high, math.nan)
    return cut(holding(raw, value), *measure.bounds)


def mean_like_has_change(before: MeanLike, after: MeanLike) -> bool:
    """Whether the change of the measure has an interval."""
    return not (before.at_its_end or after.at_its_end)


def mean_like_change(before: MeanLike, after: MeanLike, sampling: Sampling, *, level: float) -> Interval:
    """Interval of the change of the measure, paired by item.

    Raises
    ------
    UndefinedMeasure
        For an AUROC or AURC of exactly 0 or 1.
    """
    if not mean_like_has_change(before, after):
        raise UndefinedMeasure("the change of an AUROC that is exactly 0 or 1 has no interval")
    value = after.value - before.value
    same_influence = np.array_equal(before.influence, after.influence)
    if same_influence and before.of_answers and sampling.clusters is None:
        raw = no_change(before.count, level=level)
    else:
        moved = after.influence_under(sampling) - before.influence_under(sampling)
        raw = mean_interval(value, moved, sampling, level=level)
    if same_influence and value == 0 and not before.of_answers:
        return raw  # the same answers to the last digit: a change of exactly 0 is certain
    if before.scale == "log":  # temperatures have no upper end that bounds a change
        reach = before.value + after.value
        if max(abs(raw.low), abs(raw.high)) > reach:
            return blank(f"too few items: the interval would reach beyond both temperatures together, {reach:.3g}")
        return holding(raw, value)
    return possible_change(raw, value, before.bounds, after.bounds)


def mean_times(influence: FloatArray, *, half_width: float, level: float) -> float:
    r"""Required number of items over that of `influence`: :math:`(z s / h)^2`.

    With *s* the standard error, *h* the half-width.
    """
    return (critical(level, None) * standard_error(influence) / half_width) ** 2


def _symmetric(value: float, half: float, scale: Scale) -> tuple[float, float]:
    """Limits of an interval that is symmetric on its scale.

    `half` is its half-width on the natural one.
    """
    if scale == "log":
        return value * math.exp(-half / value), value * math.exp(half / value)
    centre, width = math.log(value / (1 - value)), half / (value * (1 - value))
    return 1 / (1 + math.exp(-(centre - width))), 1 / (1 + math.exp(-(centre + width)))
