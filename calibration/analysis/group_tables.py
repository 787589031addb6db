"""The tables of groups: a measure in each, or its change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from ..number_texts import interval_text, p_value, with_interval
from ..result_tables.result_table import Column, ResultTable
from ..uncertainty.across_groups import AcrossGroups
from ..uncertainty.changes import Change
from ..uncertainty.estimates import Estimate


def group_measures_table(
    frame: pl.DataFrame,
    notes: Sequence[str],
    *,
    by: Sequence[str],
    label: str,
    model: str,
    across: AcrossGroups | None,
    overall: Estimate | None,
    level: float,
) -> ResultTable:
    """A row a group: number of items, value, interval, noise floor and q-value.

    Parameters
    ----------
    frame, notes, by, across, overall, level
        As in `GroupMeasures`.
    label, model : str
        What the measure is called, and the model.
    """
    # Of a measure that no value is right for, a group's differs from that of all other items, or does not.
    of_rest = frame["q_value"].null_count() == frame.height
    tested = "difference_q_value" if of_rest else "q_value"
    against = "differs from all other items" if of_rest else "cannot be calibrated"
    floors = frame["noise_floor"].null_count() < frame.height
    title = f"{f'{model}, ' if model else ''}{label} by {' and '.join(by)}"
    return ResultTable(
        columns=_columns(by, ("value", f"{100 * level:g} % interval", *(["noise floor"] if floors else []), "q")),
        rows=_rows(
            frame,
            by,
            [
                (
                    _plain(row["value"]), interval_text(row["low"], row["high"], form=".3f"),
                    *([_plain(row["noise_floor"])] if floors else []), p_value(row[tested]),
                )
                for row in frame.iter_rows(named=True)
            ],
        ),
        heading=(f"{title}; q: that the group {against}",),
        notes=(*_overall(overall), *_across(label, across), *(f"Note: {note}." for note in notes)),
        caption=f"{title}, with {100 * level:g} % intervals. q: false discovery rate at which it would be named that "
        f"the group {against} (Benjamini and Hochberg).",
    )  # fmt: skip


def group_changes_table(
    frame: pl.DataFrame,
    notes: Sequence[str],
    *,
    by: Sequence[str],
    label: str,
    across: AcrossGroups | None,
    overall: Change | None,
    level: float,
) -> ResultTable:
    """A row a group: number of items, before, after, change, interval and q-value.

    Parameters
    ----------
    frame, notes, by, across, overall, level
        As in `GroupChanges`.
    label : str
        What the measure is called.
    """
    title = f"Change of {label} by {' and '.join(by)}"
    return ResultTable(
        columns=_columns(by, ("before", "after", "change", f"{100 * level:g} % interval", "q")),
        rows=_rows(
            frame,
            by,
            [
                (
                    _plain(row["before"]), _plain(row["after"]), _plain(row["change"], form="+.3f"),
                    interval_text(row["low"], row["high"]), p_value(row["q_value"]),
                )
                for row in frame.iter_rows(named=True)
            ],
        ),
        heading=(title,),
        notes=(
            *_overall(overall), *_across(f"change of {label}", across, form="+.3f"),
            *(f"Note on the changes: {note}." for note in notes),
        ),
        caption=f"{title}, after − before, with {100 * level:g} % intervals. q: false discovery rate at which a change "
        "would be named (Benjamini and Hochberg).",
    )  # fmt: skip


def _columns(by: Sequence[str], numbers: Sequence[str]) -> tuple[Column, ...]:
    names = (Column(name, holds_numbers=False) for name in by)
    return (*names, *(Column(heading) for heading in ("items", *numbers)))


def _rows(frame: pl.DataFrame, by: Sequence[str], cells: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    names = frame.select(frame.columns[: len(by)]).rows()
    return tuple(
        (*(label or f"no {column}" for column, label in zip(by, labels, strict=True)), f"{n_items:,}", *numbers)
        for labels, n_items, numbers in zip(names, frame["n_items"], cells, strict=True)
    )


def _overall(overall: Estimate | Change | None) -> Iterator[str]:
    if overall is not None:
        yield f"Over all items: {overall}."


def _across(label: str, across: AcrossGroups | None, *, form: str = ".3f") -> Iterator[str]:
    if across is not None:
        yield (
            f"Over the {across.n_groups} groups, each counting alike: {label} "
            f"{with_interval(across.mean, across.low, across.high, form=form)}, standard deviation between groups "
            f"{across.between:.3f}; a new group would lie in "
            f"[{across.new_low:{form}}, {across.new_high:{form}}]."
        )


def _plain(value: float | None, *, form: str = ".3f") -> str:
    return "" if value is None else f"{value:{form}}"
