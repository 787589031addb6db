"""Tables of measures and changes by group."""

from __future__ import annotations

from dataclasses import replace

from calibration.result_tables.result_table import ResultTable

from ..console import print_line, show_table
from ..groups import PairGroups, RunGroups, worst_sentence


def print_groups(model: str, groups: RunGroups) -> None:
    """Measures of one run by group, the groups as a sample, the worst."""
    shown: set[str] = set()
    for key, table in groups.measures.items():
        label = groups.labels[key]
        _print_new(table.titled_table(label, model=model), shown)
        if key in groups.worst:
            print_line(f"{worst_sentence(label, groups.worst[key])}.")


def print_group_changes(groups: PairGroups) -> None:
    """Changes between two runs by group, a table a measure."""
    shown: set[str] = set()
    for key, table in groups.changes.items():
        _print_new(table.titled_table(groups.labels[key]), shown)


def _print_new(table: ResultTable, shown: set[str]) -> None:
    """A table with the notes that no earlier one has shown."""
    print_line()
    show_table(replace(table, notes=tuple(note for note in table.notes if note not in shown)), wrap=True)
    shown.update(table.notes)
