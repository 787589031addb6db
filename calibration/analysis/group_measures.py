"""A measure in each group of a run's items, as `by_group` gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import ShownResult
from ..uncertainty.across_groups import AcrossGroups
from ..uncertainty.estimates import Estimate
from ..uncertainty.measure_names import text_label
from .group_tables import group_measures_table


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class GroupMeasures(ShownResult):
    """A measure in each group of a run's items, and over all.

    Printed, it is the table of ``veracal summarize --by``; in a notebook a table of HTML.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a group: a column for each that groups, then n_items; value, low, high; noise_floor (of an ECE: 95 %
        quantile for a calibrated model); p_value and q_value (that the value is 0, or the model calibrated); difference
        (from all other items), difference_p_value, difference_q_value. Null where there is no such number.
    by : tuple of str
        By what the items are grouped.
    measure : str
        Key of the measure, as in `summarize`.
    level : float
        Coverage of the intervals.
    overall : Estimate or None
        Over all items; None if they do not define the measure.
    across : AcrossGroups or None
        Groups as a sample of groups; None for fewer than ten, for measures whose noise shifts them (ECEs), and for
        items in clusters.
    notes : tuple of str
        Which groups have no number or no interval, and why, and which are small.
    """

    frame: pl.DataFrame
    by: tuple[str, ...]
    measure: str
    level: float
    overall: Estimate | None
    across: AcrossGroups | None
    notes: tuple[str, ...]

    @property
    def table(self) -> ResultTable:
        """The table that all formats are written from."""
        return self.titled_table(text_label(self.measure))

    def titled_table(self, label: str, *, model: str = "") -> ResultTable:
        """The same table, the measure and the model named."""
        return group_measures_table(
            self.frame, self.notes, by=self.by, label=label, model=model, across=self.across,
            overall=self.overall, level=self.level,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON, without values that are None."""
        rows = [{key: value for key, value in row.items() if value is not None} for row in self.frame.to_dicts()]
        return {
            "by": list(self.by),
            "groups": rows,
            **({"overall": self.overall.to_dict()} if self.overall else {}),
            **({"across": self.across.to_dict()} if self.across else {}),
            **({"notes": list(self.notes)} if self.notes else {}),
        }
