"""Change of a measure in each group of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..errors import UndefinedMeasure
from ..metrics.calibration_errors import signed_gap
from ..metrics.validation import level_in_range
from ..predictions.pairing import paired
from ..predictions.predictions import View
from ..predictions.scored_runs import GivenRun, ScoredRun, scored_run, take_rows
from ..result_tables.result_table import ResultTable
from ..uncertainty.across_groups import AcrossGroups, across_groups
from ..uncertainty.change_table import ChangeTable
from ..uncertainty.changes import Change, change_interval, measure_change
from ..uncertainty.chosen_measures import choose_measure
from ..uncertainty.drawn_units import ITEMS, Sampling, Unit, unit_sampling
from ..uncertainty.intervals import Interval, blank
from ..uncertainty.kinds.mean_like import MeanLike
from ..uncertainty.kinds.protocol import Measure
from ..uncertainty.kinds.share import Share
from ..uncertainty.measure_names import text_label
from ..uncertainty.measure_table import Metric
from ..uncertainty.q_values import q_values
from ..uncertainty.same_answers import alike_by_chance
from .by_group import group_cells
from .group_tables import group_changes_table
from .grouping import grouped

_NUMBERS = ("before", "after", "change", "low", "high", "p_value", "q_value")


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class GroupChanges(ChangeTable):
    """Change of a measure in each group of items, and over all.

    Printed, it is the table of ``veracal compare --by``; in a notebook a table of HTML.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a group: a column for each that groups, then n_items, before, after, change, low, high, p_value and
        q_value.

        Null where a group has no such number.
    by : tuple of str
        By what the items are grouped.
    overall : Change or None
        Over all items, for these and for new subjects; None if all items together do not define the measure.
    across : AcrossGroups or None
        Changes of the groups as a sample of groups; None for fewer than ten, and for measures that are no means.
    measure : str
        Key of the measure, as in `summarize`.
    level : float
        Coverage of each group's interval.
    notes : tuple of str
        Which groups have no number or no interval, and why.
    """

    by: tuple[str, ...]
    overall: Change | None
    across: AcrossGroups | None
    measure: str
    notes: tuple[str, ...]

    @property
    def table(self) -> ResultTable:
        """The table that all formats are written from."""
        return self.titled_table(text_label(self.measure))

    def titled_table(self, label: str) -> ResultTable:
        """The same table, the measure named."""
        return group_changes_table(
            self.frame, self.notes, by=self.by, label=label, across=self.across, overall=self.overall,
            level=self.level,
        )  # fmt: skip


def group_changes(
    before: GivenRun,
    after: GivenRun,
    by: str | Sequence[str] = "subject",
    *,
    metric: Metric | str = signed_gap,
    view: View = "top",
    texts: pl.DataFrame | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> GroupChanges:
    """Change of a measure in each group of items between two runs.

    Parameters
    ----------
    before, after, view, seed
        Two runs on the same items, as in `change`.
    by, texts
        As in `by_group`; what a run itself tells of its items, such as ``confidence``, is that of `before`.
    metric : function or str
        As in `change`.
    level : float
        Coverage of each group's interval.

    Returns
    -------
    GroupChanges
        A paired change a group, with its interval and p-value and, for all groups together, q-values.

    Raises
    ------
    ValueError
        As `change` and `by_group`.

    Notes
    -----
    Paired by item within the group, as in `change`, with Student's t of one degree of freedom fewer than items instead
    of the normal (an accuracy has Tango's interval, as there). An ECE of a few items is mostly noise, before and after;
    the signed gap has no such floor. A q-value is the smallest false discovery rate at which the group would be named
    (Benjamini and Hochberg): among the groups with q < 0.05, at most one in twenty is expected to have no change.
    Groups of one item, and those whose items all changed by the same amount, have no interval.

    Groups by the confidence of one run regress: where it was high by chance, it is lower in the other.

    References
    ----------
    Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> from calibration import Predictions
    >>> logits = np.array([[1.0, 0.0], [0.4, 0.0], [0.0, 1.0], [2.0, 0.0], [0.0, 0.7], [0.9, 0.0]])
    >>> subject = ["art"] * 3 + ["law"] * 3
    >>> before = Predictions.from_arrays(logits, [0, 1, 1, 0, 0, 0], subject=subject)
    >>> after = Predictions.from_arrays(3 * logits, [0, 1, 1, 0, 0, 0], subject=subject)
    >>> for row in group_changes(before, after, "subject").frame.iter_rows(named=True):
    ...     print(f"{row['subject']} {row['change']:+.2f} [{row['low']:.2f}, {row['high']:.2f}] q {row['q_value']:.2f}")
    art +0.20 [0.06, 0.42] q 0.00
    law +0.19 [0.05, 0.41] q 0.00
    """
    level_in_range(level)
    before = scored_run(before)
    after = paired(before, scored_run(after))
    chosen = choose_measure(metric, before, view=view)
    measure = chosen.of_run
    groups = grouped(before, by, texts=texts)
    rows, notes, moved = [], [], []
    bounds = -np.inf, np.inf
    for index, part in enumerate(groups.rows):
        row: dict[str, Any] = {**group_cells(groups, index), "n_items": len(part)}
        rows.append(row)
        kept = take_rows(before, part)
        try:
            other = take_rows(after, part)
            first, second = measure(kept), measure(other)
            row |= {"before": first.value, "after": second.value, "change": second.value - first.value}
            if before.units is None and isinstance(first, MeanLike | Share) and isinstance(second, MeanLike | Share):
                bounds = second.bounds[0] - first.bounds[1], second.bounds[1] - first.bounds[0]
                moved.append((second.value - first.value, second.influence - first.influence))
            interval = _interval(first, second, kept, level, seed, alike_by_chance(kept, other))
        except UndefinedMeasure as error:
            interval = blank(str(error))
        if interval.known:
            row |= {"low": interval.low, "high": interval.high, "p_value": interval.p_value}
        else:
            notes.append(f"{groups.name(index)} ({len(part)} item{'s' * (len(part) > 1)}): {interval.reason}")
    columns = list(group_cells(groups, 0))
    schema = dict.fromkeys(columns, pl.String()) | {"n_items": pl.Int64()} | dict.fromkeys(_NUMBERS, pl.Float64())
    table = pl.DataFrame(rows, schema=schema)
    table = table.with_columns(q_value=pl.Series(q_values(table["p_value"]), dtype=pl.Float64))
    try:
        overall = measure_change(
            measure(before), measure(after), before.subject, these=unit_sampling(before), weight=before.weights,
            level=level, seed=seed, alike=alike_by_chance(before, after),
        )  # fmt: skip
    except UndefinedMeasure as error:
        overall = None
        notes.append(f"all ({before.n_items} items): {error}")
    return GroupChanges(
        frame=table,
        level=level,
        by=groups.columns,
        overall=overall,
        across=across_groups(
            [value for value, _ in moved], [change for _, change in moved], bounds=bounds, level=level, seed=seed
        ),
        measure=chosen.key,
        notes=tuple(notes),
    )


def subject_changes(
    before: GivenRun,
    after: GivenRun,
    metric: Metric | str = signed_gap,
    *,
    view: View = "top",
    level: float = 0.95,
    seed: int = 0,
) -> GroupChanges:
    """`group_changes` by subject.

    Examples
    --------
    >>> from calibration import Predictions
    >>> run = Predictions.from_arrays([[1.0, 0.0], [0.0, 1.0]], [0, 0], subject=["art", "law"])
    >>> subject_changes(run, run).by
    ('subject',)
    """
    return group_changes(before, after, "subject", metric=metric, view=view, level=level, seed=seed)


def _interval(before: Measure, after: Measure, run: ScoredRun, level: float, seed: int, alike: int) -> Interval:
    # Each item as a cluster of its own: Student's t instead of the normal, which a small group needs.
    clusters = np.arange(run.n_items) if run.units is None else run.units
    if int(clusters.max()) < 1:
        return blank(f"an interval needs at least two {'items' if run.units is None else 'clusters'}")
    if isinstance(before, Share) and run.units is None and run.weights is None:
        return change_interval(before, after, ITEMS, level=level, seed=seed)  # exact for any number of items
    unit: Unit = "items" if run.units is None else "clusters"
    return change_interval(
        before, after, Sampling(clusters=clusters, unit=unit, weight=run.weights), level=level, seed=seed, alike=alike
    )
