"""Tables of measures and changes by group."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from calibration.number_texts import interval_text, p_value, with_interval
from calibration.uncertainty.across_groups import AcrossGroups

from ..console import print_line, print_table
from ..groups import PairGroups, RunGroups, is_share, worst_sentence


def print_groups(model: str, groups: RunGroups) -> None:
    """Measures of one run by group, the groups as a sample, the worst."""
    for key, table in groups.measures.items():
        label, tested = groups.labels[key], "difference_q_value" if is_share(key) else "q_value"
        against = "differs from all other items" if is_share(key) else "cannot be calibrated"
        floors = table.frame["noise_floor"].null_count() < table.frame.height
        columns = ("value", "95 % interval", *(["noise floor"] if floors else []), "q")
        rows = table.frame.iter_rows(named=True)
        cells = [
            (
                _plain(row["value"]), interval_text(row["low"], row["high"], form=".3f"),
                *([_plain(row["noise_floor"])] if floors else []), p_value(row[tested]),
            )
            for row in rows
        ]  # fmt: skip
        print_line()
        title = f"{model}, {label} by {' and '.join(table.by)}; q: that the group {against}"
        print_table(title, (*table.by, "items", *columns), _rows(table.frame, table.by, cells), wrap=True)
        _print_across(label, table.across)
        if key in groups.worst:
            print_line(f"{worst_sentence(label, groups.worst[key])}.")
    for note in dict.fromkeys(note for table in groups.measures.values() for note in table.notes):
        print_line(f"Note: {note}.")


def print_group_changes(groups: PairGroups) -> None:
    """Changes between two runs by group, a table a measure."""
    for key, table in groups.changes.items():
        label = groups.labels[key]
        columns = ("before", "after", "change", "95 % interval", "q")
        cells = [
            (
                _plain(row["before"]), _plain(row["after"]), "" if row["change"] is None else f"{row['change']:+.3f}",
                interval_text(row["low"], row["high"]), p_value(row["q_value"]),
            )
            for row in table.frame.iter_rows(named=True)
        ]  # fmt: skip
        print_line()
        title = f"Change of {label} by {' and '.join(table.by)}"
        print_table(title, (*table.by, "items", *columns), _rows(table.frame, table.by, cells), wrap=True)
        _print_across(f"change of {label}", table.across, form="+.3f")
    for note in dict.fromkeys(note for table in groups.changes.values() for note in table.notes):
        print_line(f"Note on the changes: {note}.")


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _rows(frame: pl.DataFrame, by: Sequence[str], cells: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    names = frame.select(frame.columns[: len(by)]).rows()
    return [
        (*(label or f"no {column}" for column, label in zip(by, labels, strict=True)), f"{n_items:,}", *numbers)
        for labels, n_items, numbers in zip(names, frame["n_items"], cells, strict=True)
    ]


def _print_across(label: str, across: AcrossGroups | None, *, form: str = ".3f") -> None:
    if across is None:
        return
    print_line(
        f"Over the {across.n_groups} groups, each counting alike: {label} "
        f"{with_interval(across.mean, across.low, across.high, form=form)}, standard deviation between groups "
        f"{with_interval(across.between, across.between_low, across.between_high)}; a new group would lie in "
        f"[{across.new_low:{form}}, {across.new_high:{form}}]."
    )
