"""A metric of one run, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .curves import wilson
from .measures import MEASURES, Binned, Measure, Metric, Scale, Share, Smooth, key_of
from .noise_floor import NullECE, null_of
from .predictions import Predictions, View
from .sampling import critical, draws, standard_error, two_sided
from .validation import level_in_range


@dataclass(frozen=True)
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
        Of the hypothesis that the population value is 0 (for an ECE: that the model is calibrated); none where 0
        means nothing.
    """

    value: float
    low: float
    high: float
    level: float
    p_value: float | None = None

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def estimate(
    predictions: Predictions, metric: Metric, *, view: View = "top", level: float = 0.95, seed: int = 0
) -> Estimate:
    """A metric on a run, with its interval.

    Parameters
    ----------
    predictions : Predictions
        The run.
    metric : function
        ``ece``, ``classwise_ece``, ``signed_gap``, ``brier_score``, ``log_loss`` or ``auroc``, with their defaults.
    view : {"top", "choices"}
        Predicted letters, or all letters pooled.
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
    Signed gap, Brier score and log loss: normal. AUROC: DeLong, on the logit scale. ECE: the *basic* interval
    ``2 ECE − quantiles`` from normal draws of the per-bin sums with their covariance between items; it starts at 0
    where the noise floor is not exceeded at this level. The percentile interval is not offered: it never covers the
    truth of a calibrated model.

    References
    ----------
    Davison and Hinkley (1997), doi:10.1017/CBO9780511802843, section 5.2 (basic interval).

    Examples
    --------
    >>> from calibration import Predictions, signed_gap
    >>> run = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5]], answer=[0, 1, 1])
    >>> print(estimate(run, signed_gap))
    0.143 [-0.434, 0.720]
    """
    measure = MEASURES[key_of(metric, view)](predictions)
    return estimate_of(measure, null_of_run(predictions, measure, seed=seed), level=level, seed=seed)


def estimate_of(measure: Measure, null: NullECE | None = None, *, level: float = 0.95, seed: int = 0) -> Estimate:
    """Interval of a measure on one run; `null` is the noise floor of a binned one."""
    level_in_range(level)
    match measure:
        case Share():
            low, high = _share_interval(measure, level)
            return Estimate(measure.value, low, high, level)
        case Smooth():
            error = standard_error(measure.influence)
            if measure.at_its_end:
                low, high = _wilson(measure.value, measure.count, level)
            else:
                low, high = _on_scale(measure.value, error * critical(level, None), measure.scale)
            p_value = two_sided(measure.value, error, None) if measure.zero_means_calibrated else None
            return Estimate(measure.value, low, high, level, p_value)
        case Binned():
            return _binned_estimate(measure, null, level, seed)


def null_of_run(predictions: Predictions, measure: Measure, *, seed: int = 0) -> NullECE | None:
    """Noise floor of an ECE, items with fewer options included; none for a measure that has none."""
    if not isinstance(measure, Binned) or measure.view is None:
        return None
    return null_of(predictions.probabilities, predictions.answer, predictions.present, measure.view, seed=seed)


def _share_interval(measure: Share, level: float) -> tuple[float, float]:
    """Wilson's interval, with the effective count where ties split an item's credit."""
    value, n_items = measure.value, len(measure.credit)
    variance = float(np.mean(measure.influence**2))
    count = n_items * value * (1 - value) / variance if variance > 0 else n_items
    return _wilson(value, count, level)


def _wilson(value: float, count: float, level: float) -> tuple[float, float]:
    low, high = wilson(np.array(value), np.array(count), level=level)
    return float(low), float(high)


def _binned_estimate(measure: Binned, null: NullECE | None, level: float, seed: int) -> Estimate:
    drawn = draws([measure], None, seed)[0]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    low, high = max(2 * measure.value - high, 0.0), max(2 * measure.value - low, 0.0)
    if null is not None and null.p_value >= 1 - level:
        low = 0.0
    return Estimate(measure.value, float(low), float(high), level, None if null is None else null.p_value)


def _on_scale(value: float, half: float, scale: Scale) -> tuple[float, float]:
    """Interval that is symmetric on the given scale; `half` is its half-width on the natural one."""
    if scale == "identity":
        return value - half, value + half
    if scale == "log":
        return value * math.exp(-half / value), value * math.exp(half / value)
    centre, width = math.log(value / (1 - value)), half / (value * (1 - value))
    return 1 / (1 + math.exp(-(centre - width))), 1 / (1 + math.exp(-(centre + width)))
