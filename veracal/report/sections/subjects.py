"""Signed gap of every subject before and after."""

from __future__ import annotations

from functools import partial

import polars as pl

import plots
from calibration import GroupChanges

from ...number_texts import p_value, with_interval
from ..blocks.download import Download
from ..blocks.figure import Figure, drawn_names
from ..blocks.section import Section
from ..blocks.table import Table
from ..results import PairResults

# False discovery rate at which a subject is named, as in the figure.
_NAMED = 0.05
# Notes on single subjects that are shown.
_FEW_NOTES = 5


def subjects(results: PairResults, changes: GroupChanges) -> Section:
    """Signed gap of every subject before and after."""
    frame, runs = changes.frame, results.runs
    named = frame.filter(pl.col("q_value") < _NAMED)
    rose, fell = (named.filter(moved).height for moved in (pl.col("change") > 0, pl.col("change") < 0))
    summary = f"The gap rose in {rose:,} of {frame.height:,} subjects and fell in {fell:,}, at q < {_NAMED}."
    n_left_out = len(changes.notes) - _FEW_NOTES
    left_out = (f"The same holds of {n_left_out:,} subjects more.",) if n_left_out > 0 else ()
    wide = changes.overall.clustered
    line = ", the line through it for new ones" if wide is not None and wide.known else ""
    figure = Figure(
        name="forest",
        title="Change of the signed gap, subject by subject",
        text=f"A forest plot. {summary}",
        caption="Change of mean confidence − accuracy with its 95 % interval; to the right of 0 the model became more "
        "over-confident. Filled points: subjects named at a false discovery rate of 5 %. Last row: all subjects "
        f"together, the diamond for these subjects{line}.",
        draw=partial(plots.by_subject, runs.before, runs.after, labels=drawn_names(runs.names)),
        download=Download("subjects.csv", "Signed gap of each subject, before and after", frame),
    )
    return Section(
        name="subjects",
        title="Subject by subject",
        paragraphs=(summary, *(f"{note}." for note in changes.notes[:_FEW_NOTES]), *left_out),
        figures=(figure,),
        tables=(_table(frame, runs.names),),
    )


def _table(frame: pl.DataFrame, names: tuple[str, str]) -> Table:
    rows = [
        (
            row["subject"].replace("_", " "),
            f"{row['n_items']:,}",
            with_interval(row["before"], None, None),
            with_interval(row["after"], None, None),
            with_interval(row["change"], row["low"], row["high"], form="+.3f"),
            p_value(row["p_value"]),
            p_value(row["q_value"]),
        )
        for row in frame.iter_rows(named=True)
    ]
    return Table(
        name="subjects-table",
        caption="Signed gap (mean confidence − accuracy) by subject.",
        columns=("Subject", "Items", f"Gap, {names[0]}", f"Gap, {names[1]}", "Change [95 % interval]", "p", "q"),
        rows=rows,
    )
