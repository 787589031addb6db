"""Rows of forest plots: groups with their values, and all items together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calibration import GroupChanges, GroupMeasures
from calibration.analysis.clearest_groups import clearest_groups
from calibration.analysis.grouping import group_name
from calibration.uncertainty.measure_names import axis_label, is_known
from factuality.outcomes.by_group import SHARE_LABELS

from .theme import literal

# False discovery rate at which a subject is named.
_NAMED = 0.05


@dataclass(frozen=True, kw_only=True)
class Row:
    """A group: its name, size, value and interval; None without one."""

    name: str
    size: str
    value: float | None
    ends: tuple[float, float] | None
    named: bool
    more: bool
    floor: float | None = None


@dataclass(frozen=True, kw_only=True)
class Forest:
    """What is drawn: rows from the top, and all items together."""

    rows: list[Row]
    total: str
    overall: float | None
    ends: tuple[float, float] | None
    wide: tuple[float, float] | None
    wide_label: str
    zero: bool
    label: str


def forest_of_changes(groups: GroupChanges, labels: Sequence[str], most: int) -> Forest:
    """Changes of the clearest groups, with the names of both runs."""
    table = clearest_groups(groups, most).sort("change", descending=True, nulls_last=True)
    overall, by_subject = groups.overall, groups.by == ("subject",)
    wide = None
    subjects = None if overall is None or not by_subject else overall.clustered
    if subjects is not None and subjects.known:
        wide = subjects.low, subjects.high
    elif not by_subject and groups.across is not None:
        wide = groups.across.new_low, groups.across.new_high
    return Forest(
        rows=[
            Row(
                name=_name(groups, row),
                size=_size(groups, row),
                value=row["change"],
                ends=_ends(row["low"], row["high"]),
                named=row["q_value"] is not None and row["q_value"] < _NAMED,
                more=(row["change"] or 0) > 0,
            )
            for row in table.iter_rows(named=True)
        ],
        total=_total(groups),
        overall=None if overall is None else overall.value,
        ends=None if overall is None or not overall.known else (overall.low, overall.high),
        wide=wide,
        wide_label="new subjects" if by_subject else "a new group",
        zero=True,
        label=f"Change of {_axis(groups.measure)}\n{labels[1]} − {labels[0]}",
    )


def forest_of_measures(groups: GroupMeasures, name: str, most: int) -> Forest:
    """Measures of the clearest groups of a run, with its name."""
    table = clearest_groups(groups, most).sort("value", descending=True, nulls_last=True)
    compared = table["difference_q_value"].null_count() < table.height
    column = "difference_q_value" if compared else "q_value"
    overall, across = groups.overall, groups.across
    return Forest(
        rows=[
            Row(
                name=_name(groups, row),
                size=_size(groups, row),
                value=row["value"],
                ends=_ends(row["low"], row["high"]),
                named=row[column] is not None and row[column] < _NAMED,
                more=((row["difference"] if compared else row["value"]) or 0) > 0,
                floor=row["noise_floor"],
            )
            for row in table.iter_rows(named=True)
        ],
        total=_total(groups),
        overall=None if overall is None else overall.value,
        ends=None if overall is None or not overall.known else (overall.low, overall.high),
        wide=None if across is None else (across.new_low, across.new_high),
        wide_label="a new group",
        zero=groups.measure == "signed_gap",
        label=_sentence(_axis(groups.measure)) + (f"\n{name}" if name else ""),
    )


def _name(groups: GroupMeasures | GroupChanges, row: dict[str, Any]) -> str:
    labels = [row[column] for column in groups.frame.columns[: len(groups.by)]]
    return group_name(groups.by, labels).replace("_", " ")


def _size(groups: GroupMeasures | GroupChanges, row: dict[str, Any]) -> str:
    value = row["change"] if isinstance(groups, GroupChanges) else row["value"]
    return f"({row['n_items']})" + (": none" if value is None else "")


def _total(groups: GroupMeasures | GroupChanges) -> str:
    return f"all {'subjects' if groups.by == ('subject',) else 'items'} ({groups.frame['n_items'].sum()})"


def _axis(key: str) -> str:
    if key in SHARE_LABELS:
        return SHARE_LABELS[key]
    return axis_label(key) if is_known(key) else literal(key)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _ends(low: float | None, high: float | None) -> tuple[float, float] | None:
    return None if low is None or high is None else (low, high)
