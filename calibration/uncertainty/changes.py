"""What a metric changed by between two runs on the same items."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

from ..metrics.arrays import FloatArray
from ..metrics.validation import level_in_range
from ..predictions.pairing import ItemChoice, paired
from ..predictions.predictions import Predictions, View
from .intervals import Interval, blank, holding, possible, too_few_clusters
from .measures import MEASURES, Binned, Measure, Metric, Share, Smooth, Squared, key_of
from .overlap import selected_items
from .standard_errors import ITEMS, Sampling, draws, mean_interval, sampling_of, squared_error

# Two sums of the same gaps in another order differ by less.
_SAME = 1e-12


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a measure changed by, after − before.

    Attributes
    ----------
    value : float
        The change on these items.
    low, high, p_value : float
        For these subjects: new items of the same subjects, paired by item.
    level : float
        Coverage of both intervals.
    clustered : Interval or None
        For new subjects: subjects drawn anew, with their items; blank for fewer than ten. None for a single subject.
    reason : str or None
        Why there is no interval for these subjects; `low`, `high` and `p_value` are then NaN.
    """

    value: float
    low: float
    high: float
    level: float
    p_value: float
    clustered: Interval | None
    reason: str | None = None

    @property
    def known(self) -> bool:
        """Whether there is an interval for these subjects."""
        return self.reason is None

    def __str__(self) -> str:
        text = f"{self.value:+.3f}" + (f" [{self.low:.3f}, {self.high:.3f}]" if self.known else "")
        wide = self.clustered
        return f"{text}, new subjects {wide}" if wide is not None and wide.known else text


def change(
    before: Predictions,
    after: Predictions,
    metric: Metric,
    *,
    view: View = "top",
    stratified: bool = False,
    items: ItemChoice = "same",
    level: float = 0.95,
    seed: int = 0,
) -> Change:
    """What a metric changed by between two runs on the same items.

    Parameters
    ----------
    before, after : Predictions
        Two runs on the same items; joined on their ids.
    metric : function
        As in `estimate`.
    view : {"top", "choices"}
        Predicted letters, or all letters pooled.
    stratified : bool
        Whether, for these subjects, items are drawn within each subject, its number of items fixed, instead of from
        all.
    items : {"same", "common"}
        Whether both must hold the same items, or those that both hold are compared (`compare` bounds what the others
        could change).
    level : float
        Coverage of both intervals.
    seed : int
        Same seed, same digits.

    Returns
    -------
    Change
        ``after − before``, for new items of these subjects and for new subjects.

    Raises
    ------
    ValueError
        For items that only one run has, or whose text or answer differs, naming them; for a metric that is not known.

    Notes
    -----
    Paired by item. *These subjects*: variance between items. *New subjects*: variance between subjects, each with all
    its items (a ratio estimator, Student's t with one degree of freedom fewer than subjects). For accuracy the test
    is McNemar's and the interval Tango's, its inverse.

    References
    ----------
    McNemar (1947), doi:10.1007/BF02295996. Tango (1998),
    doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B. Miller (2024), arXiv:2411.00640 (paired and
    clustered errors in evaluations of language models).

    Examples
    --------
    >>> from calibration import Predictions, brier_score
    >>> before = Predictions.from_arrays([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], answer=[0, 1, 1])
    >>> after = Predictions.from_arrays([[3.0, 0.0], [0.0, 3.0], [3.0, 0.0]], answer=[0, 1, 1])
    >>> print(change(before, after, brier_score))
    +0.155 [-0.249, 0.909]
    """
    before, after, _ = selected_items(before, after, items)
    after = paired(before, after)
    measure = MEASURES[key_of(metric, view)]
    return change_of(measure(before), measure(after), before.subject, stratified=stratified, level=level, seed=seed)


def has_change(before: Measure, after: Measure) -> bool:
    """Whether the change of a measure has an interval."""
    return not any(isinstance(measure, Smooth) and measure.at_its_end for measure in (before, after))


def change_of(
    before: Measure,
    after: Measure,
    subject: NDArray[np.str_],
    *,
    stratified: bool = False,
    level: float = 0.95,
    seed: int = 0,
) -> Change:
    """Change of a measure between two runs whose items are aligned."""
    level_in_range(level)

    def interval(sampling: Sampling) -> Interval:
        return change_interval(before, after, sampling, level=level, seed=seed)

    these = interval(sampling_of("strata", subject) if stratified else ITEMS)
    anew = sampling_of("clusters", subject)
    new_subjects = (too_few_clusters(anew.freedom + 1) or interval(anew)) if anew.freedom else None
    value = after.value - before.value
    return Change(
        value=value,
        low=these.low,
        high=these.high,
        level=level,
        p_value=these.p_value,
        clustered=new_subjects,
        reason=these.reason,
    )


def change_interval(before: Measure, after: Measure, sampling: Sampling, *, level: float, seed: int = 0) -> Interval:
    """Interval of the change of a measure, blank if it would be a point or reach beyond what is possible."""
    value = after.value - before.value
    interval = _any_interval(before, after, sampling, level, seed)
    if _same_items(before, after):
        return interval
    if isinstance(before, Smooth) and before.scale == "log":  # temperatures have no upper end that bounds a change
        reach = before.value + after.value
        if max(abs(interval.low), abs(interval.high)) > reach:
            return blank(f"too few items: the interval would reach beyond both temperatures together, {reach:.3g}")
        return holding(interval, value)
    least, most = after.possible[0] - before.possible[1], after.possible[1] - before.possible[0]
    return possible(holding(interval, value), least, most)


def _same_items(before: Measure, after: Measure) -> bool:
    """Whether the runs are the same to the last digit, so that a change of exactly 0 is certain."""
    if isinstance(before, Smooth) and isinstance(after, Smooth) and not before.of_answers:
        return before.value == after.value and np.array_equal(before.influence, after.influence)
    if isinstance(before, Binned | Squared) and isinstance(after, Binned | Squared):
        return np.array_equal(before.cells.gap, after.cells.gap)
    return False  # right and wrong answers may stay while all else changes


def _any_interval(before: Measure, after: Measure, sampling: Sampling, level: float, seed: int) -> Interval:
    """What the sampling noise says, whether it is possible or not."""
    if isinstance(before, Binned) and isinstance(after, Binned):
        return _binned_change(before, after, sampling, level, seed)
    if isinstance(before, Squared) and isinstance(after, Squared):
        found = squared_error([before, after], sampling, level)
        return Interval(found.low, found.high, found.p_value)
    if isinstance(before, Binned | Squared) or isinstance(after, Binned | Squared):
        kinds = f"{type(before).__name__} and {type(after).__name__}"
        raise TypeError(f"both must be measures of one kind, got {kinds}")
    if not has_change(before, after):
        raise ValueError("the change of an AUROC that is exactly 0 or 1 has no interval")
    if sampling is ITEMS and _is_whole(before) and _is_whole(after):
        return share_change(before.credit, after.credit, level=level)
    count = _unmoved(before, after)
    if sampling.clusters is None and count is not None:
        return Interval(*_no_change(count, level), 1.0)
    clusters = sampling.clusters is not None
    first, second = (
        side.influence_of(clusters=clusters) if isinstance(side, Smooth) else side.influence for side in (before, after)
    )
    return mean_interval(after.value - before.value, second - first, sampling, level)


def share_change(before: FloatArray, after: FloatArray, *, level: float) -> Interval:
    """Tango's score interval of a paired difference of shares, and McNemar's test, which it inverts.

    Parameters
    ----------
    before, after : ndarray of 0 and 1, shape (n_items,)
        Whether each item counted, in each run.
    level : float
        Coverage of the interval.

    Examples
    --------
    >>> found = share_change(np.zeros(20), np.repeat([1.0, 0.0], [5, 15]), level=0.95)  # 5 of 20 gained, none lost
    >>> round(found.low, 3), round(found.high, 3), round(found.p_value, 3)
    (0.049, 0.469, 0.025)
    """
    moved = after - before
    n_items, value = len(moved), float(moved.mean())
    gained, lost = int((moved > 0).sum()), int((moved < 0).sum())
    if gained + lost == 0:
        return Interval(*_no_change(n_items, level), 1.0)
    z = norm.ppf((1 + level) / 2)

    def score(difference: float) -> float:
        # Maximum likelihood of the lost share under a given difference (Tango 1998, equation 4).
        a = 2 * n_items
        b = -gained - lost + (2 * n_items - gained + lost) * difference
        c = -lost * difference * (1 - difference)
        share = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
        variance = n_items * (2 * share + difference * (1 - difference))
        return (gained - lost - n_items * difference) / math.sqrt(max(variance, 1e-300))

    edge = 1 - 1e-9
    low = brentq(lambda d: score(d) - z, -edge, value, xtol=1e-12) if value > -edge else -1.0
    high = brentq(lambda d: score(d) + z, value, edge, xtol=1e-12) if value < edge else 1.0
    return Interval(low, high, float(2 * norm.sf(abs(gained - lost) / math.sqrt(gained + lost))))


def _is_whole(measure: Measure) -> TypeGuard[Share]:
    """Whether every item's credit is 0 or 1; credit that ties split has no table of right and wrong to test."""
    return isinstance(measure, Share) and bool(((measure.credit == 0) | (measure.credit == 1)).all())


def _unmoved(before: Measure, after: Measure) -> float | None:
    """How many items' worth of answers stand behind two shares of right ones where none changed; otherwise None."""
    if isinstance(before, Share) and isinstance(after, Share) and np.array_equal(before.credit, after.credit):
        return len(before.credit)
    if not (isinstance(before, Smooth) and isinstance(after, Smooth) and before.of_answers):
        return None
    return before.count if np.array_equal(before.influence, after.influence) else None


def _no_change(n_items: float, level: float) -> tuple[float, float]:
    """Tango's interval where no item changed: ± z² / (n + z²)."""
    z2 = norm.ppf((1 + level) / 2) ** 2
    return -z2 / (n_items + z2), z2 / (n_items + z2)


def _binned_change(before: Binned, after: Binned, sampling: Sampling, level: float, seed: int) -> Interval:
    value = after.value - before.value
    drawn_before, drawn_after = draws([before, after], sampling, seed)
    error = np.sort(drawn_after - drawn_before - value)
    low, high = np.quantile(error, [(1 - level) / 2, (1 + level) / 2])
    # Inverts the basic interval: 0 is outside it at just this level.
    above = (1 + np.count_nonzero(error >= value - _SAME)) / (len(error) + 1)
    below = (1 + np.count_nonzero(error <= value + _SAME)) / (len(error) + 1)
    return Interval(float(value - high), float(value - low), float(min(1.0, 2 * min(above, below))))
