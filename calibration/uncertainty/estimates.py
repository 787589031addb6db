"""A metric of one run, with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..metrics.validation import level_in_range
from ..predictions.predictions import Predictions, View
from .drawn_units import ITEMS, Sampling, Scheme, sampling_by
from .intervals import too_few_clusters, wilson_interval, without_none
from .kinds.binned import Binned, binned_floor
from .kinds.protocol import Measure
from .measure_table import MEASURES, Metric, measure_key
from .noise_floor import NullECE


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

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON, without values that are None or NaN.

        Examples
        --------
        >>> Estimate(value=0.5, low=0.4, high=0.6, level=0.95).to_dict()
        {'value': 0.5, 'low': 0.4, 'high': 0.6, 'level': 0.95}
        """
        return without_none(asdict(self))

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
    measure = MEASURES[measure_key(metric, view)](predictions)
    floor = measure_floor(measure, predictions, seed=seed)
    return measure_estimate(measure, floor, sampling_by(sampling, predictions.subject), level=level, seed=seed)


def measure_floor(measure: Measure, run: Predictions, *, seed: int = 0) -> NullECE | None:
    """Noise floor of an ECE on its run; None for a measure without one."""
    return binned_floor(measure, run, seed=seed) if isinstance(measure, Binned) else None


def measure_estimate(
    measure: Measure,
    floor: NullECE | None = None,
    sampling: Sampling = ITEMS,
    *,
    level: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """A measure with its interval; `floor` is the noise floor of a binned one.

    The interval holds its own value and stays within the possible. It is left blank, with the reason, if no interval
    does both (around a squared error below 0), if all items give the same, or if subjects drawn anew are too few.
    """
    level_in_range(level)
    few = too_few_clusters(sampling.freedom + 1) if sampling.freedom else None
    interval = few or measure.interval(sampling, floor=floor, level=level, seed=seed)
    return Estimate(
        value=measure.value,
        low=interval.low,
        high=interval.high,
        level=level,
        p_value=None if math.isnan(interval.p_value) else interval.p_value,
        reason=interval.reason,
    )


def measure_floors(run: Predictions, measures: Mapping[str, Measure], *, seed: int) -> dict[str, NullECE]:
    """Noise floors of the measures of a run that have one, by key."""
    floors = {key: measure_floor(measure, run, seed=seed) for key, measure in measures.items()}
    return {key: floor for key, floor in floors.items() if floor is not None}


def measure_estimates(
    measures: Mapping[str, Measure], floors: Mapping[str, NullECE], *, level: float, seed: int
) -> dict[str, Estimate]:
    """Each measure with its interval, by key."""
    return {
        key: measure_estimate(measure, floors.get(key), level=level, seed=seed) for key, measure in measures.items()
    }


def share_estimate(value: float, count: float, *, level: float) -> Estimate:
    """A share of `count` items with Wilson's interval.

    Examples
    --------
    >>> print(share_estimate(0.5, 100, level=0.95))
    0.500 [0.404, 0.596]
    """
    interval = wilson_interval(value, count, level=level)
    return Estimate(value=value, low=interval.low, high=interval.high, level=level)
