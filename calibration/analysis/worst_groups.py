"""The worst group of a run, with intervals that allow for its choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..errors import UndefinedMeasure
from ..metrics.arrays import BoolArray, FloatArray
from ..metrics.calibration_errors import signed_gap
from ..metrics.validation import level_in_range
from ..number_texts import interval_text
from ..predictions.predictions import View
from ..predictions.scored_runs import GivenRun, ScoredRun, scored_run
from ..result_tables.result_table import Column, ResultTable
from ..result_tables.shown_result import ShownResult
from ..uncertainty.chosen_measures import choose_measure
from ..uncertainty.drawn_units import ITEMS
from ..uncertainty.few_errors import exact_limits
from ..uncertainty.intervals import Interval, Range, possible
from ..uncertainty.kinds.mean_like import MeanLike
from ..uncertainty.kinds.protocol import Measure
from ..uncertainty.kinds.share import Share
from ..uncertainty.measure_names import direction, text_label
from ..uncertainty.measure_table import Metric
from ..uncertainty.standard_errors import critical
from .by_group import MeasuredGroup, group_cells, measured_groups, small_groups
from .grouping import grouped

# Share of the misses that is spent on finding which groups may be the worst.
_SPENT = 0.1
# Fewer items have no spread.
_FEWEST = 2


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class WorstGroups(ShownResult):
    """The groups that may be the worst, from the one that seems so.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a group that may be the worst: a column for each that groups, then n_items, value, low and high. With
        probability `level` all of these intervals hold their groups' values at once, whichever group is looked at, and
        the worst group is among them.
    by : tuple of str
        By what the items are grouped.
    measure : str
        Key of the measure, as in `summarize`.
    level : float
        Coverage of the intervals, the choice of the group included.
    n_groups : int
        Number of groups that were compared.
    notes : tuple of str
        Which groups are left out, and why, and which are small.
    """

    frame: pl.DataFrame
    by: tuple[str, ...]
    measure: str
    level: float
    n_groups: int
    notes: tuple[str, ...]

    @property
    def table(self) -> ResultTable:
        """The groups that may be the worst, with intervals that allow for the choice."""
        title = f"Groups that may be the worst of {self.n_groups} by {text_label(self.measure)}"
        interval = f"{100 * self.level:g} % interval"
        return ResultTable(
            columns=(
                *(Column(name, holds_numbers=False) for name in self.by),
                *(Column(heading) for heading in ("items", "value", interval)),
            ),
            rows=tuple(
                (
                    *(name or f"no {column}" for column, name in zip(self.by, row[: len(self.by)], strict=True)),
                    f"{row[-4]:,}", f"{row[-3]:.3f}", interval_text(row[-2], row[-1], form=".3f"),
                )
                for row in self.frame.iter_rows()
            ),
            heading=(title,),
            notes=tuple(f"Note: {note}." for note in self.notes),
            caption=f"{title}, with {interval}s that hold together, whichever group is looked at.",
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON."""
        return {
            "by": list(self.by),
            "measure": self.measure,
            "n_groups": self.n_groups,
            "groups": self.frame.to_dicts(),
            **({"notes": list(self.notes)} if self.notes else {}),
        }


def worst_groups(
    run: GivenRun,
    by: str | Sequence[str] = "subject",
    metric: Metric | str = signed_gap,
    *,
    view: View = "top",
    texts: pl.DataFrame | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> WorstGroups:
    r"""The groups that may be the worst, with intervals that allow for the choice.

    Parameters
    ----------
    run, by, metric, view, texts, seed
        As in `by_group`. The measure must be a mean over items (accuracy, signed gap, Brier score, log loss, …); of a
        signed gap the worst is the one farthest from 0.
    level : float
        Coverage of the intervals, the choice of the group included.

    Raises
    ------
    ValueError
        For a measure of which neither direction is worse, for items in clusters or with weights, and for an ECE: its
        noise differs with the number of items, so that the smallest group would seem the worst.
    UndefinedMeasure
        If the items of each group have one and the same value.

    Notes
    -----
    The worst of many groups seems worse than it is, since it was chosen for its bad luck too. Intervals are
    simultaneous over the groups that may be the worst (locally simultaneous inference of Zrnic and Fithian): a tenth of
    the misses is spent on intervals of all groups, from which follows which groups could have been chosen at all; the
    rest on intervals of these, by Šidák's :math:`(1 - \alpha)^{1/k}`, since groups share no items. Where one group is
    clearly the worst its interval is hardly wider than without a choice; where all are alike it is that of all.

    An accuracy has Clopper and Pearson's interval: Wilson's held in half the samples of 57 groups of up to 13 items of
    accuracy .97, since at levels near 1 one wrong answer of two leaves it out. Other means have Student's t, with the
    larger of the group's own variance and the one pooled over all groups: answers that happen to be alike say nothing
    about their spread, and of a signed gap they are in a group that seems bad (with its own variance alone that of the
    chosen of two groups covered 91 %).

    In simulations the interval of the chosen group held its value in 94 % of runs and more for accuracies and in 96 %
    and more for gaps, Brier scores and log losses: 57 groups that are alike, one bad group of 20, 60 groups of 5 to 20
    items, groups of 5 to 200, two groups of 20. Its interval by itself did in as few as 1 %.

    References
    ----------
    Zrnic and Fithian (2024), arXiv:2212.09009. Šidák (1967), doi:10.1080/01621459.1967.10482935.

    Examples
    --------
    >>> from calibration import Predictions
    >>> answer = [0] * 40
    >>> logits = [[2.0, 0.0]] * 20 + [[0.0, 2.0]] * 15 + [[2.0, 0.0]] * 5
    >>> run = Predictions.from_arrays(logits, answer, subject=["art"] * 20 + ["law"] * 20)
    >>> for row in worst_groups(run, "subject", "accuracy").frame.iter_rows(named=True):
    ...     print(f"{row['subject']} {row['value']:.2f} [{row['low']:.2f}, {row['high']:.2f}]")
    law 0.25 [0.07, 0.53]
    """
    level_in_range(level)
    run = scored_run(run)
    _refuse_uneven_items(run)
    chosen_measure = choose_measure(metric, run, view=view)
    key = chosen_measure.key
    sign = _sign(key)
    groups = grouped(run, by, texts=texts)
    measured = list(measured_groups(run, groups, chosen_measure, level=level, seed=seed))
    known = [group for group in measured if group.measure is not None and len(groups.rows[group.index]) >= _FEWEST]
    _refuse_other_measures(known, key)
    notes = [group.note for group in measured if group not in known]
    left_out = [f"{note}; it is left out" for note in notes if note]
    if not known:
        raise ValueError(f"no group of {' and '.join(groups.columns)} has two items and this measure")
    values = np.array([group.measure.value for group in known if group.measure])
    pooled = _pooled_variance(known)
    misses = 1 - level
    wide = [_interval(group, pooled, (1 - _SPENT * misses) ** (1 / len(known))) for group in known]
    if not any(interval.known for interval in wide):
        raise UndefinedMeasure(f"the items of each group have one value of {text_label(key)}: none has an interval")
    chosen = np.flatnonzero(_may_be_chosen(values, wide, sign))
    single = (1 - (1 - _SPENT) * misses) ** (1 / len(chosen))
    intervals = {int(number): _interval(known[number], pooled, single) for number in chosen}
    ends = {number: _badness_ends(interval, sign) for number, interval in intervals.items()}
    least = max(low for low, _ in ends.values())
    rows = [
        {
            **group_cells(groups, known[number].index),
            "n_items": len(groups.rows[known[number].index]),
            "value": float(values[number]),
            "low": intervals[number].low,
            "high": intervals[number].high,
        }
        for number in sorted(intervals, key=lambda number: -_badness(values, sign)[number])
        if ends[number][1] >= least
    ]
    return WorstGroups(
        frame=pl.DataFrame(rows),
        by=groups.columns,
        measure=key,
        level=level,
        n_groups=len(known),
        notes=(*left_out, *small_groups(groups)),
    )


def _refuse_uneven_items(run: ScoredRun) -> None:
    if run.units is not None or run.weights is not None:
        raise ValueError("the worst group is told of single items that count alike; these have clusters or weights")


def _sign(key: str) -> int:
    """Direction of the worse: 1 larger, −1 smaller, 0 farther from 0.

    Raises
    ------
    ValueError
        For a measure of which neither direction is worse.
    """
    better = direction(key)
    if better is not None:
        return 1 if better == "lower" else -1
    if key == "signed_gap":
        return 0
    raise ValueError(f"{text_label(key)} has no worse direction, so that no group is the worst")


def _refuse_other_measures(known: Sequence[MeasuredGroup], key: str) -> None:
    for group in known:
        measure = group.measure
        if not (isinstance(measure, Share) or (isinstance(measure, MeanLike) and measure.is_mean)):
            raise ValueError(
                f"the worst group by {text_label(key)} cannot be told: only a mean over items has an interval that "
                "allows for the choice; use accuracy, signed_gap, brier or nll"
            )


def _badness(values: FloatArray, sign: int) -> FloatArray:
    return np.abs(values) if sign == 0 else sign * values


def _badness_ends(interval: Interval, sign: int) -> Range:
    """Least and largest badness in an interval."""
    if sign == 0:
        least = 0.0 if interval.low <= 0 <= interval.high else min(abs(interval.low), abs(interval.high))
        return least, max(abs(interval.low), abs(interval.high))
    low, high = sorted((sign * interval.low, sign * interval.high))
    return low, high


def _may_be_chosen(values: FloatArray, intervals: Sequence[Interval], sign: int) -> BoolArray:
    """Whether each group could have been chosen, had the items been drawn again."""
    width = np.array([interval.high - interval.low for interval in intervals])
    badness = _badness(values, sign)
    may_be: BoolArray = badness + width >= (badness - width).max()
    return may_be


def _pooled_variance(known: Sequence[MeasuredGroup]) -> float:
    """Variance of the items within groups, over all of them."""
    influences = [group.measure.influence for group in known if isinstance(group.measure, MeanLike)]
    freedom = sum(len(influence) - 1 for influence in influences)
    return sum(float((influence**2).sum()) for influence in influences) / freedom if freedom else 0.0


def _interval(group: MeasuredGroup, pooled: float, level: float) -> Interval:
    """Interval of a group by itself at a level near 1."""
    measure: Measure | None = group.measure
    assert measure is not None  # noqa: S101
    if isinstance(measure, MeanLike):
        n_items = len(measure.influence)
        variance = max(float((measure.influence**2).sum()) / (n_items - 1), pooled)
        half = critical(level, n_items - 1) * float(np.sqrt(variance / n_items))
        return possible(Interval(measure.value - half, measure.value + half, np.nan), measure.value, measure.bounds)
    if isinstance(measure, Share) and measure.is_whole:
        n_items = len(measure.credit)
        return Interval(*exact_limits(int(measure.credit.sum()), n_items, level=level), np.nan)
    return measure.interval(ITEMS, floor=None, level=level, seed=0)
