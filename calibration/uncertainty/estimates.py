"""A metric of one run, with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, overload

from numpy.typing import ArrayLike

from ..metrics.bins import Strategy
from ..metrics.validation import level_in_range
from ..number_texts import interval_text
from ..predictions.predictions import Predictions, View
from ..predictions.scored_runs import GivenRun, scored_run
from ..predictions.verdicts import Verdicts
from ..result_tables.html import as_html
from .chosen_measures import choose_measure
from .drawn_units import ITEMS, Sampling, Scheme, run_sampling
from .intervals import Interval, blank, too_few_clusters, wilson_interval, without_none
from .kinds.binned import Binned, binned_floor
from .kinds.own import Takes
from .kinds.protocol import Measure
from .measure_table import Metric
from .noise_floor import NullECE
from .number_tables import number_table
from .one_sided_limits import one_sided_limits
from .stated_noise_floor import StatedConfidence


@dataclass(frozen=True)
class Origin:
    """What a number is of.

    Attributes
    ----------
    measure : str
        Key of the measure, or the name of a function of one's own.
    n_items : int
        Number of items.
    """

    measure: str
    n_items: int


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value with its uncertainty.

    ``f"{estimate}"`` writes it with its interval, ``f"{estimate:.2f}"`` the value alone.

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
    label : str or None
        What must be told beside the interval, such as that it is not validated.
    least, most : float
        Limits of which each holds alone at `level`, for `calibration.decide`; NaN if there are none.
    origin : Origin or None
        What it is of, if that is known.
    """

    value: float
    low: float
    high: float
    level: float
    p_value: float | None = None
    reason: str | None = None
    label: str | None = None
    least: float = field(default=math.nan, compare=False, repr=False)
    most: float = field(default=math.nan, compare=False, repr=False)
    origin: Origin | None = field(default=None, compare=False, repr=False)

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return self.reason is None

    def to_dict(self) -> dict[str, Any]:
        """Value and interval for JSON, without values that are None or NaN.

        Examples
        --------
        >>> Estimate(value=0.5, low=0.4, high=0.6, level=0.95).to_dict()
        {'value': 0.5, 'low': 0.4, 'high': 0.6, 'level': 0.95}
        """
        return without_none(without_claims(asdict(self)))

    def __str__(self) -> str:
        text = f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]" if self.known else f"{self.value:.3f}"
        return f"{text} ({self.label})" if self.label else text

    def __repr__(self) -> str:
        return f"<Estimate: {self}>"

    def __format__(self, form: str) -> str:
        return format(self.value, form) if form else str(self)

    def _repr_html_(self) -> str:
        interval = interval_text(self.low, self.high, form=".3f")
        cells = [("value", f"{self.value:.3f}"), (f"{100 * self.level:g} % interval", interval)]
        measure = self.origin.measure if self.origin else ""
        return as_html(number_table(measure, cells, p=self.p_value, n_items=self.n, notes=[self.reason, self.label]))

    @property
    def n(self) -> int | None:
        """Number of items that it is of; None if that is not known."""
        return None if self.origin is None else self.origin.n_items

    def of_items(self, measure: str, n_items: int) -> Estimate:
        """The same, which tells its measure and number of items.

        Examples
        --------
        >>> share_estimate(0.5, 100, level=0.95).of_items("accuracy", 100).n
        100
        """
        return replace(self, origin=Origin(measure, n_items))


def without_claims(values: dict[str, Any]) -> dict[str, Any]:
    """A dictionary without what decisions alone need, nested ones too."""
    return {
        key: without_claims(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if key not in ("least", "most", "origin")
    }


@overload
def estimate(
    predictions: GivenRun,
    metric: Metric | str,
    /,
    *,
    view: View = ...,
    bins: int | None = ...,
    n_bins: int | None = ...,
    strategy: Strategy | None = ...,
    takes: Takes | None = ...,
    sampling: Scheme = ...,
    level: float = ...,
    seed: int = ...,
) -> Estimate: ...


@overload
def estimate(
    predictions: ArrayLike,
    correct: ArrayLike,
    metric: Metric | str,
    *,
    view: View = ...,
    bins: int | None = ...,
    n_bins: int | None = ...,
    strategy: Strategy | None = ...,
    takes: Takes | None = ...,
    sampling: Scheme = ...,
    level: float = ...,
    seed: int = ...,
) -> Estimate: ...


def estimate(
    predictions: Any,
    correct: Any = None,
    metric: Any = None,
    *,
    view: View = "top",
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy | None = None,
    takes: Takes | None = None,
    sampling: Scheme = "items",
    level: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """A metric on a run, with its interval.

    ``estimate(run, metric)``, or ``estimate(confidence, correct, metric)`` of two arrays.

    Parameters
    ----------
    predictions : Predictions, Pairs, Verdicts, or array_like
        The run; or confidences in [0, 1], shape (n,), or rows of probabilities, shape (n_items, n_options).
    correct : array_like, shape (n,)
        Beside an array: 0 and 1 for wrong and right, or the indices of the right options. Left out beside a run.
    metric : function or str
        ``ece``, ``debiased_ce2``, ``smooth_ece``, ``classwise_ece``, ``max_calibration_error``, ``signed_gap``,
        ``brier_score``, ``log_loss``, ``auroc``, ``aurc`` or ``augrc``; the key of a measure, such as ``"accuracy"`` or
        ``"ece_top"`` (an unknown one lists them); or a function of your own, of ``(confidence, correct)`` or
        ``(probabilities, answer)``.
    view : {"top", "choices"}
        Predicted letters, or all letters pooled. Pairs have the former alone.
    bins, n_bins : int, optional
        Number of bins of a measure that has some, 10 if omitted; two names of one number.
    strategy : {"uniform", "quantile", "distinct"}, optional
        How they are made, ``uniform`` if omitted.
    takes : {"confidence", "probabilities"}, optional
        What a function of your own takes. If omitted, the names of its parameters tell: rows of probabilities if the
        first begins with ``prob`` or the second is ``answer``, otherwise confidences.
    sampling : {"items", "strata", "clusters", "subjects"}
        What the interval is for: items drawn anew from all (of pairs in clusters whole clusters, since their items are
        not independent), items drawn anew within each subject (its number of items fixed), or clusters drawn anew with
        all their items (Student's t with one degree of freedom fewer than even clusters). *Clusters* are those of pairs
        that have some, otherwise subjects.
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
        For a metric that has no valid interval in this view, or needs more than the run holds, by name; for an unknown
        key; for a function of your own that gives no finite number or depends on the order of the rows.

    Notes
    -----
    Signed gap, Brier score and log loss: Student's t, moved for skewness; with fewer than 20 wrong (or
    right) answers limits that allow for errors that were not seen, of a log loss with fewer than 5 none. AUROC: DeLong,
    on the logit scale; AURC and AUGRC from influence functions, likewise; these and a temperature have none with fewer
    than 10 wrong (or right) answers, an AUGRC as a Brier score. Debiased squared error: an inverted test, valid for
    calibrated models too, with the p-value of answers redrawn from the confidences; it begins at an estimate below 0.
    ECE and smooth ECE: the covariance of the per-bin sums between items, and a critical value that allows for the
    bias of absolute gaps, which is bounded; it starts at 0 where the noise floor is not exceeded at this level. Maximum
    calibration error: intervals of all bins that hold together. A function of your own: a basic interval from 1,000
    bootstrap samples of the items or clusters, labelled as not validated; withheld below 60 of them, and if its error
    does not shrink as a root of their number.

    Weighted pairs: every mean is the ratio of weighted sums, with the error of that ratio by the jackknife and
    Student's t; AURC and the mean over subjects have no weighted form.

    References
    ----------
    Davison and Hinkley (1997), doi:10.1017/CBO9780511802843, section 5.2 (basic interval). Armstrong and Kolesár
    (2018), doi:10.3982/ECTA14434 (intervals with a bounded bias).

    Examples
    --------
    >>> from calibration import Predictions, signed_gap
    >>> run = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5]] * 10, answer=[0, 1, 1] * 10)
    >>> print(estimate(run, signed_gap))
    0.143 [-0.009, 0.325]
    >>> print(estimate([0.9, 0.8, 0.6, 0.7], [1, 1, 0, 1], "accuracy"))
    0.750 [0.301, 0.954]
    """
    if metric is None:
        correct, metric = None, correct
    run = scored_run(predictions, correct)
    chosen = choose_measure(metric, run, view=view, bins=bins, n_bins=n_bins, strategy=strategy, takes=takes)
    measure = chosen.of_run(run)
    floor = measure_floor(measure, run, seed=seed)
    origin = Origin(chosen.key, run.n_items)
    return measure_estimate(measure, floor, run_sampling(sampling, run), level=level, seed=seed, origin=origin)


def measure_floor(measure: Measure, run: Predictions | StatedConfidence | Verdicts, *, seed: int = 0) -> NullECE | None:
    """Noise floor of an ECE on its run; None for a measure without one."""
    if not isinstance(measure, Binned) or isinstance(run, Verdicts):
        return None
    return binned_floor(measure, run, seed=seed)


def measure_estimate(
    measure: Measure,
    floor: NullECE | None = None,
    sampling: Sampling = ITEMS,
    *,
    level: float = 0.95,
    seed: int = 0,
    origin: Origin | None = None,
) -> Estimate:
    """A measure with its interval; `floor` is the noise floor of a binned one.

    The interval holds its own value and stays within the possible. It is left blank, with the reason, if no interval
    does both, if all items give the same, or if subjects drawn anew are too few. One whose origin is told has limits
    for decisions too.
    """
    level_in_range(level)
    interval = few_units(sampling) or measure.interval(sampling, floor=floor, level=level, seed=seed)
    alone = blank("not asked for")
    if origin is not None:
        alone = one_sided_limits(measure, interval, sampling, floor=floor, level=level, seed=seed)
    return Estimate(
        value=measure.value,
        low=interval.low,
        high=interval.high,
        level=level,
        p_value=None if math.isnan(interval.p_value) else interval.p_value,
        reason=interval.reason,
        label=interval.label,
        least=alone.low,
        most=alone.high,
        origin=origin,
    )


def few_units(sampling: Sampling) -> Interval | None:
    """A blank interval if subjects or clusters drawn anew are too few."""
    if not sampling.freedom or sampling.unit == "items":
        return None
    return too_few_clusters(sampling.cluster_shares, sampling.unit)


def measure_floors(
    run: Predictions | StatedConfidence | Verdicts, measures: Mapping[str, Measure], *, seed: int
) -> dict[str, NullECE]:
    """Noise floors of the measures of a run that have one, by key."""
    floors = {key: measure_floor(measure, run, seed=seed) for key, measure in measures.items()}
    return {key: floor for key, floor in floors.items() if floor is not None}


def measure_estimates(
    measures: Mapping[str, Measure],
    floors: Mapping[str, NullECE],
    sampling: Sampling = ITEMS,
    *,
    level: float,
    seed: int,
    n_items: int | None = None,
) -> dict[str, Estimate]:
    """Each measure with its interval, by key.

    With limits for decisions if the number of items is given.
    """
    return {
        key: measure_estimate(
            measure,
            floors.get(key),
            sampling,
            level=level,
            seed=seed,
            origin=None if n_items is None else Origin(key, n_items),
        )
        for key, measure in measures.items()
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
