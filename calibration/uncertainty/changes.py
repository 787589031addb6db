"""Changes of metrics between two runs on the same items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UndefinedMeasure
from ..metrics.validation import level_in_range
from ..predictions.pairing import ItemChoice, aligned
from ..predictions.predictions import Predictions, View
from .drawn_units import ITEMS, Sampling, sampling_by
from .intervals import Interval, possible_change, too_few_clusters, without_none
from .kinds.protocol import Measure
from .measure_table import MEASURES, Metric, measure_key


@dataclass(frozen=True, kw_only=True)
class Change:
    """Change of a measure, after − before.

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

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON, without values that are None or NaN."""
        return without_none(asdict(self))

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
    """Change of a metric between two runs on the same items.

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
    before, after = aligned(before, after, items)
    measure = MEASURES[measure_key(metric, view)]
    return measure_change(
        measure(before), measure(after), before.subject, stratified=stratified, level=level, seed=seed
    )


def measure_change(
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
    these, anew = sampling_by("strata", subject) if stratified else ITEMS, sampling_by("clusters", subject)
    interval = change_interval(before, after, these, level=level, seed=seed)
    clustered = None
    if anew.freedom:
        few = too_few_clusters(anew.freedom + 1)
        clustered = few or change_interval(before, after, anew, level=level, seed=seed)
    return Change(
        value=after.value - before.value,
        low=interval.low,
        high=interval.high,
        level=level,
        p_value=interval.p_value,
        clustered=clustered,
        reason=interval.reason,
    )


def change_interval(before: Measure, after: Measure, sampling: Sampling, *, level: float, seed: int = 0) -> Interval:
    """Interval of the change of a measure.

    Blank if it would be a point or reach beyond the possible.

    Raises
    ------
    UndefinedMeasure
        For an AUROC or AURC of exactly 0 or 1, and for too few items.
    TypeError
        For measures of two kinds.
    """
    if not isinstance(after, type(before)):
        kinds = f"{type(before).__name__} and {type(after).__name__}"
        raise TypeError(f"both must be measures of one kind, got {kinds}")
    if not has_change(before, after):
        raise UndefinedMeasure("the change of an AUROC that is exactly 0 or 1 has no interval")
    interval = before.paired_interval(after, sampling, level=level, seed=seed)
    if before.has_same_answers(after):
        return interval
    return possible_change(interval, after.value - before.value, before.bounds, after.bounds)


def has_change(before: Measure, after: Measure) -> bool:
    """Whether the change of a measure has an interval."""
    return not (before.at_its_end or after.at_its_end)


def measure_changes(
    before: Mapping[str, Measure], after: Mapping[str, Measure], subject: NDArray[np.str_], *, level: float, seed: int
) -> dict[str, Change]:
    """The change of every measure of both runs that has an interval."""
    return {
        key: measure_change(measure, after[key], subject, level=level, seed=seed)
        for key, measure in before.items()
        if key in after and has_change(measure, after[key])
    }
