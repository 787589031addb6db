"""A metric of one run, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ..metrics.curves import wilson
from ..metrics.validation import level_in_range
from ..predictions.predictions import Predictions, View
from .intervals import Interval, cut, holding, too_few_clusters
from .measures import MEASURES, Binned, Measure, Metric, Scale, Share, Smooth, Squared, key_of
from .noise_floor import NullECE, null_of
from .standard_errors import (
    ITEMS,
    Sampling,
    Scheme,
    critical,
    degrees_of_freedom,
    draws,
    mean_interval,
    sampling_of,
    squared_error,
    standard_error,
)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value with its uncertainty.

    Attributes
    ----------
    value : float
        The measure on these items.
    low, high : float
        Interval for the population of items that these were drawn from.
    level : float
        Its coverage.
    p_value : float or None
        Of the hypothesis that the population value is 0 (for an ECE: that the model is calibrated); None if 0 means
        nothing or nothing is known of it.
    reason : str or None
        Why there is no interval; `low` and `high` are then NaN.
    """

    value: float
    low: float
    high: float
    level: float
    p_value: float | None = None
    reason: str | None = None

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return self.reason is None

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]" if self.known else f"{self.value:.3f}"


def estimate(
    predictions: Predictions,
    metric: Metric,
    *,
    view: View = "top",
    sampling: Scheme = "items",
    level: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """A metric on a run, with its interval.

    Parameters
    ----------
    predictions : Predictions
        The run.
    metric : function
        ``ece``, ``debiased_ce2``, ``smooth_ece``, ``classwise_ece``, ``signed_gap``, ``brier_score``, ``log_loss``,
        ``auroc``, ``aurc`` or ``augrc``, with their defaults.
    view : {"top", "choices"}
        Predicted letters, or all letters pooled.
    sampling : {"items", "strata", "clusters"}
        What the interval is for: items drawn anew from all, items drawn anew within each subject (its number of
        items fixed), or subjects drawn anew with all their items (Student's t with one degree of freedom fewer than
        subjects).
    level : float
        Coverage of the interval.
    seed : int
        Same seed, same digits.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        For a metric that has no valid interval in this view, by name.

    Notes
    -----
    Signed gap, Brier score and log loss: normal, moved for skewness. AUROC: DeLong, on the logit scale; AURC and AUGRC
    from influence functions, likewise. Debiased squared error: an inverted test, valid for calibrated models too; an
    estimate below 0 has no interval around it, and `reason` tells how large the error is at most. ECE and smooth ECE:
    the *basic* interval ``2 ECE − quantiles`` from normal draws of the per-bin sums with their covariance between
    items; it starts at 0 where the noise floor is not exceeded at this level. The percentile interval is not offered:
    it never covers the truth of a calibrated model.

    References
    ----------
    Davison and Hinkley (1997), doi:10.1017/CBO9780511802843, section 5.2 (basic interval).

    Examples
    --------
    >>> from calibration import Predictions, signed_gap
    >>> run = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5]], answer=[0, 1, 1])
    >>> print(estimate(run, signed_gap))
    0.143 [-0.263, 0.891]
    """
    measure = MEASURES[key_of(metric, view)](predictions)
    null = null_of_run(predictions, measure, seed=seed)
    return estimate_of(measure, null, sampling_of(sampling, predictions.subject), level=level, seed=seed)


def estimate_of(
    measure: Measure,
    null: NullECE | None = None,
    sampling: Sampling = ITEMS,
    *,
    level: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Interval of a measure on one run; `null` is the noise floor of a binned one.

    It holds its own value and stays within what is possible; it is left blank, with the reason, if no interval does
    both (around a squared error below 0), if all items give the same, or if too few subjects speak for new ones.
    """
    level_in_range(level)
    few = too_few_clusters(sampling.freedom + 1) if sampling.freedom else None
    if few is not None:
        return Estimate(value=measure.value, low=few.low, high=few.high, level=level, reason=few.reason)
    raw = _raw_estimate(measure, null, sampling, level, seed)
    if isinstance(measure, Squared):
        return raw if raw.value >= 0 else _below_zero(raw)
    interval = cut(holding(Interval(raw.low, raw.high, np.nan), raw.value), *measure.possible)
    p_value = raw.p_value if interval.known else None
    return Estimate(
        value=raw.value, low=interval.low, high=interval.high, level=level, p_value=p_value, reason=interval.reason
    )


def _raw_estimate(measure: Measure, null: NullECE | None, sampling: Sampling, level: float, seed: int) -> Estimate:
    match measure:
        case Share():
            low, high = _share_interval(measure, sampling, level)
            return Estimate(value=measure.value, low=low, high=high, level=level)
        case Smooth():
            all_alike = measure.of_answers and measure.value in (0, 1)
            if measure.at_its_end or (all_alike and sampling.clusters is None):
                low, high = _wilson(measure.value, measure.count, level)
                return Estimate(value=measure.value, low=low, high=high, level=level)
            if measure.scale != "identity":
                freedom = degrees_of_freedom(measure.influence, sampling)
                half = critical(level, freedom) * standard_error(measure.influence, sampling)
                low, high = _on_scale(measure.value, half, measure.scale)
                return Estimate(value=measure.value, low=low, high=high, level=level)
            influence = measure.influence_of(clusters=sampling.clusters is not None)
            found = mean_interval(measure.value, influence, sampling, level)
            p_value = found.p_value if measure.zero_means_calibrated else None
            return Estimate(value=measure.value, low=found.low, high=found.high, level=level, p_value=p_value)
        case Squared():
            interval = squared_error([measure], sampling, level)
            return Estimate(
                value=measure.value, low=interval.low, high=interval.high, level=level, p_value=interval.p_value
            )
        case Binned():
            return _binned_estimate(measure, null, sampling, level, seed)


def _below_zero(raw: Estimate) -> Estimate:
    """The estimate without its interval, which is of the population value: 0 or more."""
    reason = f"the estimate is below 0, as that of a calibrated model may be; the error is at most {raw.high:.3g}"
    return replace(raw, low=math.nan, high=math.nan, reason=reason)


def null_of_run(predictions: Predictions, measure: Measure, *, seed: int = 0) -> NullECE | None:
    """Noise floor of an ECE, items with fewer options included; none for a measure that has none."""
    if not isinstance(measure, Binned) or measure.view is None:
        return None
    return null_of(
        predictions.probabilities,
        predictions.answer,
        predictions.present,
        measure.view,
        measure.cells.n_cells,
        seed=seed,
        of_gaps=measure.of_gaps,
    )


def _share_interval(measure: Share, sampling: Sampling, level: float) -> tuple[float, float]:
    """Wilson's interval, its count the effective one: what gives a share this standard error."""
    value, n_items = measure.value, len(measure.credit)
    if sampling.strata is None and sampling.clusters is None:
        variance = float(np.mean(measure.influence**2))  # that of a share of whole items is value × (1 − value)
        return _wilson(value, n_items * value * (1 - value) / variance if variance > 0 else n_items, level)
    error = standard_error(measure.influence, sampling)
    count = value * (1 - value) / error**2 if error > 0 else n_items
    freedom = degrees_of_freedom(measure.influence, sampling)
    if freedom is not None:  # a wider interval is that of fewer items (Korn and Graubard 1998)
        count *= (critical(level, None) / critical(level, freedom)) ** 2
    return _wilson(value, count, level)


def _wilson(value: float, count: float, level: float) -> tuple[float, float]:
    low, high = wilson(np.array(value), np.array(count), level=level)
    return float(low), float(high)


def _binned_estimate(measure: Binned, null: NullECE | None, sampling: Sampling, level: float, seed: int) -> Estimate:
    drawn = draws([measure], sampling, seed)[0]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    low, high = max(2 * measure.value - high, 0.0), max(2 * measure.value - low, 0.0)
    if null is not None and null.p_value >= 1 - level:
        low = 0.0
    return Estimate(
        value=measure.value,
        low=float(low),
        high=float(high),
        level=level,
        p_value=None if null is None else null.p_value,
    )


def _on_scale(value: float, half: float, scale: Scale) -> tuple[float, float]:
    """Interval that is symmetric on the given scale; `half` is its half-width on the natural one."""
    if scale == "log":
        return value * math.exp(-half / value), value * math.exp(half / value)
    centre, width = math.log(value / (1 - value)), half / (value * (1 - value))
    return 1 / (1 + math.exp(-(centre - width))), 1 / (1 + math.exp(-(centre + width)))
