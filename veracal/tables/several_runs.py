"""Tables of several runs: a measure at a time, a run a row."""

from __future__ import annotations

from calibration import RunsComparison

from .. import console


def print_runs(comparison: RunsComparison) -> None:
    """The chief measures of several runs, and their changes from the reference.

    With the groups of runs that are not shown to differ, if all pairs were compared.
    """
    table = comparison.narrow_table if console.SHOWN.document is None else comparison.table
    console.show_table(table, frame=comparison.frame)
