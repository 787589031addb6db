"""Signed gap of every subject before and after."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import plots
from calibration import GroupChanges

from ..abbreviations import meanings
from ..blocks.download import Download
from ..blocks.figure import Figure, drawn_names
from ..blocks.section import Section
from ..blocks.table import Table
from ..group_sentences import moved
from ..pair_results import PairResults
from .groups import MOST_SHOWN, change_table, few, left_out


def subjects(results: PairResults, changes: GroupChanges, *, shown: bool) -> Section:
    """Signed gap of every subject before and after.

    `shown` tells whether it changed in any.
    """
    frame, runs = changes.frame, results.runs
    summary = moved("gap", frame, what="subjects", shown=shown)
    wide = None if changes.overall is None else changes.overall.clustered
    line = ", the line through it for new ones" if wide is not None and wide.known else ""
    figure = Figure(
        name="forest",
        title="Change of the signed gap, subject by subject",
        text=f"A forest plot. {summary}",
        caption="Change of mean confidence − accuracy with its 95 % interval; to the right of 0 confidence rose "
        "against accuracy. Filled points: subjects named at a false discovery rate of 5 %. Last row: all subjects "
        f"together, the diamond for these subjects{line}.{left_out(frame.height, 'subjects')}",
        draw=partial(plots.by_group, changes, labels=drawn_names(runs.names), most=MOST_SHOWN),
        download=Download("subjects.csv", "Signed gap of each subject, before and after", frame),
    )
    return Section(
        name="subjects",
        title="Subject by subject",
        paragraphs=(summary, meanings(["p", "q"]), *few(changes.notes, "subjects")),
        figures=(figure,),
        tables=(_table(changes, runs.names),),
    )


def _table(changes: GroupChanges, names: tuple[str, str]) -> Table:
    table = change_table(changes, names, name="subjects-table", what="signed gap", by="subject")
    return replace(
        table,
        caption="Signed gap (mean confidence − accuracy) by subject."
        + left_out(changes.frame.height, "subjects", file="subjects.csv"),
        columns=("Subject", "Items", f"Gap, {names[0]}", f"Gap, {names[1]}", *table.columns[4:]),
    )
