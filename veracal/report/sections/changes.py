"""Every measure before and after, and its change."""

from __future__ import annotations

import math

import polars as pl

from calibration import Change, Comparison, Estimate
from calibration.number_texts import p_value
from calibration.uncertainty.measure_names import named_with, row_label, text_label
from calibration.uncertainty.measure_table import TABLE

from ..abbreviations import meanings
from ..blocks.download import Download
from ..blocks.section import Section
from ..blocks.table import Table
from ..pair_results import PairResults


def changes(results: PairResults) -> Section:
    """Both values of every measure, the change, and both of its intervals."""
    comparison = results.comparison
    wide = any(change.clustered and change.clustered.known for change in comparison.change.values())
    table = Table(
        name="changes",
        caption="Every measure before and after, with 95 % intervals of the change for these subjects"
        + " and for new subjects." * wide
        + "." * (not wide),
        columns=(
            "Measure",
            *results.runs.names,
            "Change",
            "These subjects",
            "p",
            "Visible",
            *["New subjects", "p"] * wide,
        ),
        rows=[_row(comparison, key)[: 9 if wide else 7] for key in comparison.before if key in comparison.after],
        download=Download("changes.csv", "Every measure before and after, and its change", _with_sides(comparison)),
    )
    return Section(
        name="changes",
        title="What changed",
        paragraphs=(
            _directions(comparison),
            "Visible: the smallest change that 80 % of such samples of items would show. "
            "These subjects: new items of the same subjects. New subjects: other subjects, with their items.",
            *(f"{note[0].upper()}{note[1:]}." for note in comparison.notes_on_new_subjects),
            meanings([row_label(key) for key in comparison.change] + ["p"]),
        ),
        tables=(table,),
    )


def _directions(comparison: Comparison) -> str:
    """Which measures are better if lower, and which if higher."""
    shown = [row for row in TABLE if row.key in comparison.change]
    lower, higher = (
        ", ".join(text_label(row.key) for row in shown if row.better == direction) for direction in ("lower", "higher")
    )
    return f"Lower is better: {lower}. Higher is better: {higher}."


def _label(key: str) -> str:
    """Name of a measure; a noise floor is named with its measure."""
    measure = key.removesuffix("_null95").removesuffix("_within")
    label = row_label(measure)
    return label if measure == key else named_with(key, label)


def _row(comparison: Comparison, key: str) -> tuple[str, ...]:
    change = comparison.change.get(key)
    clustered = change.clustered if change else None
    return (
        _label(key),
        _number(comparison.before[key]),
        _number(comparison.after[key]),
        f"{change.value:+.4f}" if change else "",
        _interval(change.low, change.high) if change else "",
        p_value(change.p_value) if change else "",
        f"{change.visible:.4f}" if change and change.visible is not None else "",
        _interval(clustered.low, clustered.high) if clustered else "",
        p_value(clustered.p_value) if clustered else "",
    )


def _with_sides(comparison: Comparison) -> pl.DataFrame:
    """The whole table: measures without a change too, and the interval of each side."""
    before, after = comparison.before.frame, comparison.after.frame
    joined = before.join(after, on="measure", how="inner", suffix="_after", maintain_order="left").rename(
        {"value": "before", "low": "before_low", "high": "before_high"}
        | {"value_after": "after", "low_after": "after_low", "high_after": "after_high"}
    )
    rows = [_change_row(key, comparison.change.get(key)) for key in joined["measure"]]
    schema = {"measure": pl.String} | dict.fromkeys(list(rows[0])[1:], pl.Float64)
    table = pl.DataFrame(rows, schema=schema).fill_nan(None)
    return joined.join(table, on="measure", how="left", maintain_order="left")


def _change_row(key: str, change: Change | None) -> dict[str, str | float | None]:
    clustered = change.clustered if change else None
    return {
        "measure": key,
        "change": change.value if change else None,
        "low": change.low if change else None,
        "high": change.high if change else None,
        "p_value": change.p_value if change else None,
        "visible": change.visible if change else None,
        "new_subjects_low": clustered.low if clustered else None,
        "new_subjects_high": clustered.high if clustered else None,
        "new_subjects_p_value": clustered.p_value if clustered else None,
    }


def _number(value: float | Estimate) -> str:
    if isinstance(value, Estimate):
        return f"{value.value:.4f}"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def _interval(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"[{low:+.4f}, {high:+.4f}]"
