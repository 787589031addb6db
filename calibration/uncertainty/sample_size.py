"""How many items a wanted precision needs."""

from __future__ import annotations

import math
from typing import Self

from ..errors import UndefinedMeasure
from ..metrics.validation import level_in_range
from ..predictions.pairing import paired
from ..predictions.predictions import View
from ..predictions.scored_runs import GivenRun, scored_run
from .changes import Change, change_interval, has_change
from .chosen_measures import choose_measure
from .drawn_units import Sampling, Scheme, run_sampling
from .estimates import measure_estimate, measure_floor
from .intervals import FEWEST_CLUSTERS, Range
from .kinds.protocol import Measure
from .measure_table import Metric
from .planned_noise import Precision
from .visible_changes import POWER


class RequiredItems(int):
    """A number of items, and that of the clusters that they make.

    Attributes
    ----------
    clusters : int or None
        How many clusters or subjects, of the same sizes as those of the run; None if items are drawn one by one.

    Examples
    --------
    >>> n = RequiredItems.of(252, clusters=20)
    >>> n, n.clusters
    (252, 20)
    """

    clusters: int | None

    @classmethod
    def of(cls, n_items: int, *, clusters: int | None) -> Self:
        """The number of items, with that of clusters."""
        number = cls(n_items)
        number.clusters = clusters
        return number


def required_n(
    predictions: GivenRun,
    metric: Metric | str,
    *,
    half_width: float | None = None,
    change: float | None = None,
    power: float = POWER,
    after: GivenRun | None = None,
    view: View = "top",
    sampling: Scheme = "items",
    level: float = 0.95,
    seed: int = 0,
) -> RequiredItems:
    r"""Number of items for a wanted precision, judged by a run.

    Either a half-width of the interval is wanted, or that it shows a change of a certain size.

    Parameters
    ----------
    predictions : Predictions, Pairs or Verdicts
        A run on items like those that will be asked; the more it has, the better is the answer known.
    metric : function or str
        As in `estimate`.
    half_width : float, optional
        Half of the interval's width, in the units of the metric.
    change : float, optional
        A change that is to be shown: its interval leaves out 0. Its sign matters for an ECE or a squared error, which
        rises if it is above 0, and for a share of two runs on different items, whose noise depends on where it moves.
    power : float
        Share of samples in which it is.
    after : Predictions, optional
        A second run on the same items: the number is then that for the paired *change* between the two. Without it,
        `change` is between two runs on different items, each of which is as noisy as this one: so many items for each.
    view : {"top", "choices"}
        Predicted letters, or all letters pooled.
    sampling : {"items", "strata", "clusters", "subjects"}
        What is drawn anew, as in `estimate`.
    level : float
        Coverage of the interval.
    seed : int
        Same seed, same digits.

    Returns
    -------
    RequiredItems
        Items, drawn as those of the run were; its `clusters` tells how many clusters, of the same sizes, they make. For
        the half-width of the ECE of one run also so many that its noise floor is no larger: below that an ECE cannot be
        told from that of a calibrated model.

    Raises
    ------
    ValueError
        For neither or both of `half_width` and `change`, for a width that is not above 0 or a change of 0, for either
        larger than the measure can be wide or change, and as `estimate` and `change`.
    UndefinedMeasure
        Where the run is too small a pilot to tell: fewer than five answers that are wrong (or right), or that change,
        or noise that comes from as few; with the range that is left. A squared error needs a pilot of 50 items, a
        change of an ECE of 100.

    Notes
    -----
    Standard errors shrink with :math:`1/\sqrt{n}`. A mean needs the *n* at which :math:`t_{\alpha/2} s / \sqrt n` is
    the half-width, or :math:`(t_{\alpha/2} + t_\beta) s / \sqrt n` the change; *s* is planned larger by what keeps the
    power at that asked for on average over pilots. Where so many items would hold few errors, limits are those that
    allow for errors that were not seen. A paired change of accuracy has the exact power of McNemar's test, with as many
    changed answers as the runs have. The interval of an ECE is that of its gaps with the noise of that many items; for
    its change planned samples are drawn around gaps that the pilot leaves possible, whose limits leave out 0 as often
    as asked for.

    A small pilot gives a number that is as uncertain as its noise: a factor of about :math:`\exp(\pm 2 / \sqrt k)` with
    *k* wrong or changed answers, so that one with ten may plan half the items, or twice as many. Of means the power is
    that asked for on average over pilots. A change of ECE needs a pilot of 100 items; one of a few hundred plans
    too few where one model is calibrated, and more than would do where both are off the same way in every bin. The
    half-width of an ECE hangs on the noise alone, which few items show well.

    Examples
    --------
    >>> from calibration import Predictions, signed_gap
    >>> run = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5], [1.0, 0.0]] * 25, answer=[0, 1, 1, 0] * 25)
    >>> required_n(run, signed_gap, half_width=0.05)
    254
    >>> required_n(run, signed_gap, change=0.1)
    261
    """
    level_in_range(level)
    wanted = _wanted(half_width, change, power, level)
    run = scored_run(predictions)
    chosen = choose_measure(metric, run, view=view)
    before, scheme = chosen.of_run(run), run_sampling(sampling, run)
    _refuse_impossible(wanted, before.bounds, chosen.key)
    later = None if after is None else chosen.of_run(paired(run, scored_run(after)))
    samplings = [scheme] if later is not None or wanted.change is None else [scheme, scheme]
    second = before if len(samplings) > 1 else later
    _refuse_blank(before, later, scheme, level=level, seed=seed)
    times = before.required_times(second, samplings, wanted, seed=seed)
    if times is None:
        raise ValueError(f"{chosen.key} has no required number of items; ask for ece, signed_gap or brier_score")
    if second is None and (floor := measure_floor(before, run, seed=seed)) is not None:
        times = max(times, (floor.quantile95 / wanted.target) ** 2)
    return _counted(times, run.n_items, scheme)


def _wanted(half_width: float | None, change: float | None, power: float, level: float) -> Precision:
    if (half_width is None) == (change is None):
        raise ValueError(f"give either half_width or change, got half_width={half_width} and change={change}")
    if half_width is not None and not half_width > 0:
        raise ValueError(f"half_width must be above 0, got {half_width}")
    if change is not None and not abs(change) > 0:
        raise ValueError(f"change must not be 0, got {change}")
    if not 0.5 <= power < 1:
        raise ValueError(f"power must be at least 0.5 and below 1, got {power}")
    return Precision(half_width=half_width, change=change, power=power, level=level)


def _refuse_impossible(wanted: Precision, bounds: Range, key: str) -> None:
    """Raise for a change or half-width that the measure cannot have."""
    room = bounds[1] - bounds[0]
    if wanted.change is not None and abs(wanted.change) > room:
        raise ValueError(f"{key} can change by at most {room:g}, got {wanted.change:g}")
    if wanted.half_width is not None and wanted.half_width > room / 2:
        raise ValueError(f"half the width of an interval of {key} is at most {room / 2:g}, got {wanted.half_width:g}")


def _counted(times: float, n_items: int, sampling: Sampling) -> RequiredItems:
    """Items, and clusters as many as have an interval."""
    if sampling.dependent is None:
        return RequiredItems.of(max(2, math.ceil(n_items * times)), clusters=None)
    n_clusters = len(sampling.cluster_shares)
    clusters = max(FEWEST_CLUSTERS, math.ceil(n_clusters * times))
    return RequiredItems.of(math.ceil(n_items * clusters / n_clusters), clusters=clusters)


def _refuse_blank(before: Measure, after: Measure | None, sampling: Sampling, *, level: float, seed: int) -> None:
    """Raise if the pilot itself has no interval."""
    if after is None:
        reason = measure_estimate(before, None, sampling, level=level, seed=seed).reason
    elif has_change(before, after):
        reason = change_interval(before, after, sampling, level=level, seed=seed).reason
    else:
        reason = "it is exactly 0 or 1"
    if reason is not None:
        raise UndefinedMeasure(f"the run is too small a pilot: {reason}")


def items_that_show(change: Change, size: float | None = None) -> int | None:
    r"""Number of items that would show a change in 80 % of samples.

    So many, drawn as those of the change were, as :math:`n (v / d)^2` says, with *v* what *n* of them show and *d* the
    size. Where few answers are wrong or change it is more than are needed.

    Parameters
    ----------
    change : Change
        Of a measure, on a pilot.
    size : float, optional
        The change that is to be shown, up or down; the change itself if omitted.

    Returns
    -------
    int or None
        None for a size of 0 (no number shows that), and if nothing is known of the measure's noise.

    Examples
    --------
    >>> from calibration import Predictions, brier_score, change
    >>> before = Predictions.from_arrays([[1.5, 0.0], [0.0, 1.5], [1.5, 0.0]] * 20, answer=[0, 1, 1] * 20)
    >>> after = Predictions.from_arrays([[3.0, 0.0], [0.0, 3.0], [3.0, 0.0]] * 20, answer=[0, 1, 1] * 20)
    >>> items_that_show(change(before, after, brier_score), 0.1)
    54
    """
    size = abs(change.value if size is None else size)
    if change.visible is None or change.n_items is None or size == 0:
        return None
    return max(2, math.ceil(change.n_items * (change.visible / size) ** 2))
