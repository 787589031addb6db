"""Tables of the page, as text cells, each with the CSV of its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from calibration import Change, Comparison, Estimate
from calibration.uncertainty.measure_table import row_label

from .download import Download, csv_of


@dataclass(frozen=True)
class Table:
    """A table of the page: the first cell of a row is its heading.

    Attributes
    ----------
    name : str
        Its id in the page.
    caption : str
        What it holds.
    columns : tuple of str
        Headings.
    rows : list of tuple of str
        Cells as text, as many as columns.
    download : Download or None
        The same numbers as a file.
    words : bool
        Whether cells hold words, which wrap and stand left, instead of numbers.
    groups : tuple of (str, int)
        Headings above the columns after the first, each with how many columns it spans.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    download: Download | None = None
    words: bool = False
    groups: tuple[tuple[str, int], ...] = ()


def change_table(comparison: Comparison, names: Sequence[str]) -> Table:
    """One row a measure that both runs have: both values, the change, both of its intervals."""
    rows = []
    for key in comparison.before:
        if key not in comparison.after:
            continue
        change = comparison.change.get(key)
        wide = change.clustered if change else None
        rows.append(
            (
                row_label(key).strip(),
                _number(comparison.before[key]),
                _number(comparison.after[key]),
                f"{change.value:+.4f}" if change else "",
                _interval(change.low, change.high) if change else "",
                p_value(change.p_value) if change else "",
                _interval(wide.low, wide.high) if wide else "",
                p_value(wide.p_value) if wide else "",
            )
        )
    columns = ("Measure", *names[:2], "Change", "These subjects", "p", "New subjects", "p")
    return Table(
        "changes",
        "Every measure before and after, with 95 % intervals of the change for these subjects and for new subjects.",
        columns,
        rows,
        csv_of(_with_sides(comparison), "changes.csv", "Every measure before and after, and its change"),
    )


def frame_table(
    name: str, caption: str, frame: pl.DataFrame, columns: dict[str, str], download: Download | None = None
) -> Table:
    """A table of some columns of a frame, under new headings; numbers with three digits, nothing where null."""
    rows = [tuple(_cell(row[key]) for key in columns) for row in frame.iter_rows(named=True)]
    return Table(name, caption, tuple(columns.values()), rows, download)


def between(frame: pl.DataFrame, name: str, low: str, high: str, *, sign: bool = False, digits: int = 3) -> pl.Series:
    """A column of ``value [low, high]``, empty where the value is null."""
    form = f"{'+' if sign else ''}.{digits}f"
    return pl.Series(
        name,
        [
            "" if value is None else f"{value:{form}}" + ("" if a is None else f" [{a:{form}}, {b:{form}}]")
            for value, a, b in zip(frame[name], frame[low], frame[high], strict=True)
        ],
        dtype=pl.String,
    )


def p_value(value: float | None) -> str:
    """A p- or q-value; what is below a thousandth is said to be so."""
    if value is None or math.isnan(value):
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _with_sides(comparison: Comparison) -> pl.DataFrame:
    """The whole table: measures without a change too, and the interval of each side."""
    before, after = comparison.before.frame, comparison.after.frame
    joined = before.join(after, on="measure", how="inner", suffix="_after", maintain_order="left").rename(
        {"value": "before", "low": "before_low", "high": "before_high"}
        | {"value_after": "after", "low_after": "after_low", "high_after": "after_high"}
    )
    rows = [_change_row(key, comparison.change.get(key)) for key in joined["measure"]]
    schema = {"measure": pl.String} | dict.fromkeys(list(rows[0])[1:], pl.Float64)
    changes = pl.DataFrame(rows, schema=schema).fill_nan(None)
    return joined.join(changes, on="measure", how="left", maintain_order="left")


def _change_row(key: str, change: Change | None) -> dict[str, str | float | None]:
    wide = change.clustered if change else None
    return {
        "measure": key,
        "change": change.value if change else None,
        "low": change.low if change else None,
        "high": change.high if change else None,
        "p_value": change.p_value if change else None,
        "new_subjects_low": wide.low if wide else None,
        "new_subjects_high": wide.high if wide else None,
        "new_subjects_p_value": wide.p_value if wide else None,
    }


def _number(value: float | Estimate) -> str:
    if isinstance(value, Estimate):
        return f"{value.value:.4f}"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _interval(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"[{low:+.4f}, {high:+.4f}]"
