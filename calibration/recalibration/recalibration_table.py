"""The table of a recalibration: every measure before and after, and its change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from ..number_texts import interval_text
from ..result_tables.result_table import ResultTable, result_columns
from ..uncertainty.blank_intervals import blank_notes, new_subjects_notes
from ..uncertainty.changes import Change
from ..uncertainty.measure_names import row_label


def recalibration_table(
    frame: pl.DataFrame,
    changes: Mapping[str, Change],
    notes: Sequence[str],
    *,
    title: str,
    temperature: float | None,
    level: float,
) -> ResultTable:
    """A row a measure before and after, noise floors under theirs.

    Parameters
    ----------
    frame : polars.DataFrame
        As `Recalibration.frame`.
    changes : mapping of str to Change
        By key of the measure.
    notes : sequence of str
        What could not be measured, without full stops.
    title : str
        What was recalibrated, and how.
    temperature : float or None
        That of all items to fit on.
    level : float
        Coverage of the intervals.
    """
    rows = []
    wide = any(change.clustered is not None and change.clustered.known for change in changes.values())
    for row in frame.iter_rows(named=True):
        values = [_number(row[side]) for side in ("before", "after")]
        names = ("change", "new_subjects")[: 1 + wide]
        intervals = [interval_text(row[f"{name}_low"], row[f"{name}_high"]) for name in names]
        rows.append((row_label(row["measure"]), *values, _number(row["change"], form="+.3f"), *intervals))
        floors = [_number(row[key]) for key in ("before_null95", "after_null95")]
        if any(floors):
            rows.append(("  noise floor", *floors, "", "", *[""] * wide))
    blank = blank_notes((key, change.reason) for key, change in changes.items())
    at = () if temperature is None else (f"Temperature of all items to fit on: {temperature:.3f}.",)
    drawn = "new items of these subjects, and for new subjects" if wide else "new items of these subjects"
    return ResultTable(
        columns=result_columns(("", "before", "after", "change", "these subjects", *["new subjects"] * wide)),
        rows=tuple(rows),
        heading=(title,),
        notes=(*(f"Note: {note}." for note in (*notes, *blank, *new_subjects_notes(changes))), *at),
        caption=f"{title}; changes are after − before, with {100 * level:g} % intervals for {drawn}. Noise floor: the "
        "95 % quantile of what a calibrated model would score on as many items.",
    )


def _number(value: float | None, *, form: str = ".3f") -> str:
    return "" if value is None else f"{value:{form}}"
