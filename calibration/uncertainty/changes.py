"""Changes of metrics between two runs on the same items."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UndefinedMeasure
from ..metrics.arrays import FloatArray
from ..metrics.bins import Strategy
from ..metrics.validation import level_in_range
from ..number_texts import interval_text
from ..predictions.pairing import ItemChoice, aligned
from ..predictions.predictions import View
from ..predictions.scored_runs import GivenRun, refuse_two_kinds, scored_run
from ..result_tables.html import as_html
from .chosen_measures import choose_measure
from .drawn_units import ITEMS, Sampling, Scheme, run_sampling, sampling_by
from .estimates import Origin, few_units, without_claims
from .intervals import Interval, blank, possible_change, without_none
from .kinds.own import Takes
from .kinds.protocol import Measure
from .measure_table import Metric
from .number_tables import number_table
from .one_sided_limits import one_sided_change_limits
from .same_answers import alike_by_chance, unseen_change


@dataclass(frozen=True, kw_only=True)
class Change:
    """Change of a measure, after − before.

    ``f"{change}"`` writes it with its intervals, ``f"{change:+.2f}"`` the value alone.

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
    label : str or None
        What must be told beside the interval, such as that it is not validated.
    visible : float or None
        Smallest change, up or down, whose interval for these subjects would leave out 0 in 80 % of samples; None if it
        is not known.
    n_items : int or None
        Number of items, of runs on different ones the smaller.
    least, most : float
        For these subjects: limits of which each holds alone at `level`, for `calibration.decide`; NaN if there are
        none.
    origin : Origin or None
        What it is of, if that is known.
    """

    value: float
    low: float
    high: float
    level: float
    p_value: float
    clustered: Interval | None
    reason: str | None = None
    label: str | None = None
    visible: float | None = None
    n_items: int | None = None
    least: float = field(default=math.nan, compare=False, repr=False)
    most: float = field(default=math.nan, compare=False, repr=False)
    origin: Origin | None = field(default=None, compare=False, repr=False)

    @property
    def known(self) -> bool:
        """Whether there is an interval for these subjects."""
        return self.reason is None

    def to_dict(self) -> dict[str, Any]:
        """Value and intervals for JSON, without values that are None or NaN."""
        return without_none(without_claims(asdict(self)))

    def __str__(self) -> str:
        text = f"{self.value:+.3f}" + (f" [{self.low:.3f}, {self.high:.3f}]" if self.known else "")
        wide = self.clustered
        text = f"{text}, new subjects {wide}" if wide is not None and wide.known else text
        return f"{text} ({self.label})" if self.label else text

    def __repr__(self) -> str:
        return f"<Change: {self}>"

    def __format__(self, form: str) -> str:
        return format(self.value, form) if form else str(self)

    def _repr_html_(self) -> str:
        wide = self.clustered
        cells = [
            ("change", f"{self.value:+.3f}"),
            (f"{100 * self.level:g} % interval, these subjects", interval_text(self.low, self.high)),
            ("new subjects", "" if wide is None else interval_text(wide.low, wide.high)),
        ]
        measure = self.origin.measure if self.origin else ""
        return as_html(number_table(measure, cells, p=self.p_value, n_items=self.n, notes=[self.reason, self.label]))

    @property
    def n(self) -> int | None:
        """Number of items, as `n_items` or what it is of has it."""
        return self.n_items if self.n_items is not None or self.origin is None else self.origin.n_items


def change(
    before: GivenRun,
    after: GivenRun,
    metric: Metric | str,
    *,
    view: View = "top",
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy | None = None,
    takes: Takes | None = None,
    sampling: Scheme | None = None,
    stratified: bool = False,
    paired: bool = True,
    items: ItemChoice = "same",
    level: float = 0.95,
    seed: int = 0,
) -> Change:
    """Change of a metric between two runs on the same items.

    Parameters
    ----------
    before, after : Predictions, Pairs, Verdicts, or pair of arrays
        Two runs of one kind on the same items, joined on their ids; ``(confidence, correct)`` in place of a run.
    metric, view, bins, n_bins, strategy, takes
        As in `estimate`.
    sampling : {"items", "strata", "clusters", "subjects"}, optional
        What the first interval is for, as in `estimate`; items if omitted.
    stratified : bool
        Another name of ``sampling="strata"``: for these subjects, items are drawn within each subject, its number of
        items fixed, instead of from all.
    paired : bool
        Whether the runs are on the same items. Otherwise the items of each are drawn by themselves: the runs may hold
        other items, and numbers of them, and there is no interval for new subjects.
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
        For items that only one run has, or whose text or answer differs, naming them; for runs of two kinds; as
        `estimate`.

    Notes
    -----
    Paired by item. *These subjects*: variance between items. *New subjects*: variance between subjects,
    each with all its items (a ratio estimator, Student's t with one degree of freedom fewer than even subjects). Means
    are Student's t; where few answers changed or are wrong, limits allow for those that were not seen. For accuracy the
    test is McNemar's and the interval Tango's, its inverse. For an ECE the interval allows for the bias of absolute
    gaps. Without pairing: the sum of both variances (of few clusters with Welch's degrees of freedom), for accuracy
    Newcombe's interval.

    References
    ----------
    McNemar (1947), doi:10.1007/BF02295996. Tango (1998),
    doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B. Miller (2024), arXiv:2411.00640 (paired and
    clustered errors in evaluations of language models).

    Examples
    --------
    >>> from calibration import Predictions, brier_score
    >>> before = Predictions.from_arrays([[1.5, 0.0], [0.0, 1.0], [1.0, 0.0]] * 10, answer=[0, 1, 1] * 10)
    >>> after = Predictions.from_arrays([[4.5, 0.0], [0.0, 3.0], [3.0, 0.0]] * 10, answer=[0, 1, 1] * 10)
    >>> print(change(before, after, brier_score))
    +0.180 [0.027, 0.332]
    """
    first, second = scored_run(before), scored_run(after)
    refuse_two_kinds(first, second)
    scheme = _scheme(sampling, stratified=stratified)
    chosen = choose_measure(metric, first, view=view, bins=bins, n_bins=n_bins, strategy=strategy, takes=takes)
    if not paired:
        if items != "same":
            raise ValueError(f"items={items!r} has no effect without pairing, which takes all items: leave it out")
        samplings = run_sampling(scheme, first), run_sampling(scheme, second)
        unpaired = unpaired_change(
            chosen.of_run(first), chosen.of_run(second), samplings, level=level, seed=seed,
            origin=Origin(chosen.key, min(first.n_items, second.n_items)),
        )  # fmt: skip
        return replace(unpaired, n_items=min(first.n_items, second.n_items))
    first, second = aligned(first, second, items)
    return measure_change(
        chosen.of_run(first), chosen.of_run(second), first.subject, these=run_sampling(scheme, first),
        weight=first.weights, level=level, seed=seed, origin=Origin(chosen.key, first.n_items),
        alike=alike_by_chance(first, second),
    )  # fmt: skip


def _scheme(sampling: Scheme | None, *, stratified: bool) -> Scheme:
    if stratified and sampling not in (None, "strata"):
        raise ValueError(
            f"stratified draws items within subjects, and sampling={sampling!r} does not: give one of them"
        )
    return "strata" if stratified else sampling or "items"


def measure_change(
    before: Measure,
    after: Measure,
    subject: NDArray[np.str_],
    *,
    these: Sampling = ITEMS,
    weight: FloatArray | None = None,
    level: float = 0.95,
    seed: int = 0,
    origin: Origin | None = None,
    alike: int = 0,
) -> Change:
    """Change of a measure between two runs whose items are aligned.

    `these` is what is drawn anew for these subjects, `weight` how much each item counts. A change whose origin is told
    has limits for decisions too. If both runs have the same answers it is exactly 0, unless so many items
    are `alike` by chance.
    """
    anew = sampling_by("subjects", subject, weight=weight)
    return _change(before, after, these, anew, level=level, seed=seed, origin=origin, alike=alike)


def _change(
    before: Measure,
    after: Measure,
    these: Sampling,
    anew: Sampling,
    *,
    level: float,
    seed: int,
    origin: Origin | None = None,
    alike: int = 0,
) -> Change:
    """Change of a measure, for two samplings: these subjects, and subjects drawn anew."""
    level_in_range(level)
    interval = few_units(these) or change_interval(before, after, these, level=level, seed=seed, alike=alike)
    clustered = None
    if anew.freedom:
        few = few_units(anew)
        clustered = few or change_interval(before, after, anew, level=level, seed=seed, alike=alike)
    alone = _alone(before, after, interval, (these,), level=level, seed=seed, origin=origin)
    return Change(
        value=after.value - before.value,
        low=interval.low,
        high=interval.high,
        level=level,
        p_value=interval.p_value,
        clustered=clustered,
        reason=interval.reason,
        label=interval.label,
        visible=_visible_change(before, after, [these], interval, level=level),
        n_items=None if anew.clusters is None else len(anew.clusters),
        least=alone.low,
        most=alone.high,
        origin=origin,
    )


def _visible_change(
    before: Measure, after: Measure, samplings: Sequence[Sampling], interval: Interval, *, level: float
) -> float | None:
    """Smallest change that is seen; None if nothing is known of it.

    So it is without an interval, and for a run against itself, which has no noise.
    """
    if not interval.known or before.has_same_answers(after):
        return None
    return before.visible_change(after, samplings, interval, level=level)


def _alone(
    before: Measure,
    after: Measure,
    interval: Interval,
    samplings: tuple[Sampling, ...],
    *,
    level: float,
    seed: int,
    origin: Origin | None,
) -> Interval:
    """Limits of a change for decisions, if its origin is told."""
    if origin is None:
        return blank("not asked for")
    return one_sided_change_limits(before, after, interval, samplings, level=level, seed=seed)


def unpaired_change(
    before: Measure,
    after: Measure,
    samplings: tuple[Sampling, Sampling],
    *,
    level: float = 0.95,
    seed: int = 0,
    origin: Origin | None = None,
) -> Change:
    """Change of a measure between two runs on different items.

    Raises
    ------
    UndefinedMeasure
        As `change_interval`.
    """
    level_in_range(level)
    _refuse_unknown(before, after)
    value = after.value - before.value
    few = few_units(samplings[0]) or few_units(samplings[1])
    interval = few or before.unpaired_interval(after, samplings, level=level, seed=seed)
    interval = possible_change(interval, value, before.bounds, after.bounds)
    alone = _alone(before, after, interval, samplings, level=level, seed=seed, origin=origin)
    return Change(
        value=value, low=interval.low, high=interval.high, level=level, p_value=interval.p_value, clustered=None,
        reason=interval.reason, label=interval.label,
        visible=_visible_change(before, after, samplings, interval, level=level),
        least=alone.low, most=alone.high, origin=origin,
    )  # fmt: skip


def change_interval(
    before: Measure, after: Measure, sampling: Sampling, *, level: float, seed: int = 0, alike: int = 0
) -> Interval:
    """Interval of the change of a measure.

    Blank if it would be a point or reach beyond the possible. Where both runs have the same answers it is exactly 0,
    unless so many items are `alike` by chance.

    Raises
    ------
    UndefinedMeasure
        For an AUROC or AURC of exactly 0 or 1, and for too few items.
    TypeError
        For measures of two kinds.
    """
    _refuse_unknown(before, after)
    interval = before.paired_interval(after, sampling, level=level, seed=seed)
    if before.has_same_answers(after):
        if not interval.known:
            return interval
        if alike:
            return unseen_change(before.bounds, sampling, alike, level=level)
        # Exactly: what is left of its noise is rounding, or a coin that both runs share.
        return Interval(0.0, 0.0, 1.0)
    return possible_change(interval, after.value - before.value, before.bounds, after.bounds)


def _refuse_unknown(before: Measure, after: Measure) -> None:
    """Raise for measures whose change has no interval."""
    if not isinstance(after, type(before)):
        kinds = f"{type(before).__name__} and {type(after).__name__}"
        raise TypeError(f"both must be measures of one kind, got {kinds}")
    if not has_change(before, after):
        raise UndefinedMeasure("the change of an AUROC that is exactly 0 or 1 has no interval")


def has_change(before: Measure, after: Measure) -> bool:
    """Whether the change of a measure has an interval."""
    return not (before.at_its_end or after.at_its_end)


def measure_changes(
    before: Mapping[str, Measure],
    after: Mapping[str, Measure],
    subject: NDArray[np.str_],
    *,
    these: Sampling = ITEMS,
    weight: FloatArray | None = None,
    level: float,
    seed: int,
    claims: bool = False,
    alike: int = 0,
) -> dict[str, Change]:
    """The change of every measure of both runs that has an interval.

    With limits for decisions, if claims are asked for; `alike` as in `measure_change`.
    """
    anew = sampling_by("subjects", subject, weight=weight)
    return {
        key: _change(
            measure,
            after[key],
            these,
            anew,
            level=level,
            seed=seed,
            origin=Origin(key, len(subject)) if claims else None,
            alike=alike,
        )
        for key, measure in before.items()
        if key in after and has_change(measure, after[key])
    }
