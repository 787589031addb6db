"""Change of a metric in each subject."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ..errors import UndefinedMeasure
from ..metrics.calibration_errors import signed_gap
from ..metrics.validation import level_in_range
from ..predictions.pairing import paired
from ..predictions.predictions import View
from ..predictions.scored_runs import GivenRun, ScoredRun, scored_run, take_rows
from ..uncertainty.change_table import ChangeTable
from ..uncertainty.changes import Change, change_interval, measure_change
from ..uncertainty.chosen_measures import choose_measure
from ..uncertainty.drawn_units import Sampling, unit_sampling
from ..uncertainty.intervals import Interval, blank
from ..uncertainty.kinds.protocol import Measure
from ..uncertainty.measure_table import Metric
from ..uncertainty.q_values import q_values

_SCHEMA = pl.Schema({"subject": pl.String(), "n_items": pl.Int64()}) | dict.fromkeys(
    ("before", "after", "change", "low", "high", "p_value", "q_value"), pl.Float64()
)


@dataclass(frozen=True, eq=False, kw_only=True)
class SubjectChanges(ChangeTable):
    """Change of a metric in each subject, and over all.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a subject, by name: subject, n_items, before, after, change, low, high, p_value, q_value.

        Null where a subject has no such number.
    overall : Change
        Over all items, for these and for new subjects.
    measure : str
        Key of the measure, as in `summarize`.
    level : float
        Coverage of each subject's interval.
    notes : tuple of str
        Which subjects have no number or no interval, and why.
    """

    overall: Change
    measure: str
    notes: tuple[str, ...]


def subject_changes(
    before: GivenRun,
    after: GivenRun,
    metric: Metric | str = signed_gap,
    *,
    view: View = "top",
    level: float = 0.95,
    seed: int = 0,
) -> SubjectChanges:
    """Change of a metric in each subject between two runs on the same items.

    Parameters
    ----------
    before, after, metric, view, seed
        As in `change`.
    level : float
        Coverage of each subject's interval.

    Returns
    -------
    SubjectChanges
        A paired change a subject, with its interval and p-value and, for all subjects together, q-values.

    Raises
    ------
    ValueError
        As `change`.

    Notes
    -----
    Paired by item within the subject, as in `change`, with Student's t of one degree of freedom fewer than items
    instead of the normal. An ECE of a few items is mostly noise, before and after; the signed gap has no such floor. A
    q-value is the smallest false discovery rate at which the subject would be named (Benjamini and Hochberg): among
    the subjects with q < 0.05, at most one in twenty is expected to have no change.
    Subjects of one item, and those whose items all changed by the same amount, have no interval.

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
    >>> for row in subject_changes(before, after).frame.iter_rows(named=True):
    ...     print(f"{row['subject']} {row['change']:+.2f} [{row['low']:.2f}, {row['high']:.2f}] q {row['q_value']:.2f}")
    art +0.20 [0.13, 0.28] q 0.01
    law +0.19 [0.03, 0.34] q 0.03
    """
    level_in_range(level)
    before = scored_run(before)
    after = paired(before, scored_run(after))
    chosen = choose_measure(metric, before, view=view)
    key, measure = chosen.key, chosen.of_run
    rows, notes = [], []
    for subject in np.unique(before.subject):
        part = np.flatnonzero(before.subject == subject)
        row: dict[str, str | int | float | None] = {"subject": str(subject), "n_items": len(part)}
        rows.append(row)
        kept = take_rows(before, part)
        try:
            first, second = (measure(run) for run in (kept, take_rows(after, part)))
            row |= {"before": first.value, "after": second.value, "change": second.value - first.value}
            interval = _interval(first, second, kept, level, seed)
        except UndefinedMeasure as error:
            interval = blank(str(error))
        if interval.known:
            row |= {"low": interval.low, "high": interval.high, "p_value": interval.p_value}
        else:
            notes.append(f"{subject} ({len(part)} item{'s' * (len(part) > 1)}): {interval.reason}")
    table = pl.DataFrame(rows, schema=_SCHEMA)
    table = table.with_columns(q_value=pl.Series(q_values(table["p_value"]), dtype=pl.Float64))
    overall = measure_change(
        measure(before), measure(after), before.subject, these=unit_sampling(before), weight=before.weights,
        level=level, seed=seed,
    )  # fmt: skip
    return SubjectChanges(frame=table, level=level, overall=overall, measure=key, notes=tuple(notes))


def _interval(before: Measure, after: Measure, run: ScoredRun, level: float, seed: int) -> Interval:
    # Each item as a cluster of its own: Student's t instead of the normal, which a small subject needs.
    clusters = np.arange(run.n_items) if run.units is None else run.units
    if int(clusters.max()) < 1:
        return blank(f"an interval needs at least two {'items' if run.units is None else 'clusters'}")
    sampling = Sampling(clusters=clusters, weight=run.weights)
    return change_interval(before, after, sampling, level=level, seed=seed)
