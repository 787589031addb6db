"""The tables of rates by category, and of their changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from calibration.number_texts import interval_text, p_value, row_with_interval
from calibration.result_tables.result_table import ResultTable, result_columns

from ..questions.question import category_label

_SHARES = ("correct", "abstained", "incorrect")


def rates_table(frame: pl.DataFrame, totals: pl.DataFrame, notes: Sequence[str], *, title: str) -> ResultTable:
    """Shares of answers by category in per cent, with their intervals.

    Parameters
    ----------
    frame, totals, notes
        As in `Rates`.
    title : str
        What they are of.
    """
    controls = bool(totals["adversarial"].any())
    distractors = controls or bool(totals["tempted"].sum())
    measures = (*_SHARES, *(("tempted",) if distractors else ()), "ungraded")
    whole = list(totals.iter_rows(named=True))
    several = totals.filter(pl.col("n_answers") != pl.col("n")).height > 0
    rows = []
    for row in (*frame.iter_rows(named=True), *whole):
        name = category_label(row["category"], controls=controls)
        name += ", control" * (controls and not row["adversarial"] and row not in whole)
        # Without a space inside, an interval that does not fit goes to the next line whole.
        cells = [
            f"{100 * row[key]:.0f} [{100 * row[f'{key}_low']:.0f}–{100 * row[f'{key}_high']:.0f}]" for key in measures
        ]
        sizes = [str(row["n"]), str(row["n_answers"])] if several else [str(row["n"])]
        rows.append((name, *sizes, *cells))
    attempted = [
        f"{category_label(row['category'], controls=controls)}: accuracy when attempted "
        f"{row_with_interval(row, 'correct_attempted')}, F {row_with_interval(row, 'f')}."
        for row in whole
        if row["correct_attempted"] is not None
    ]
    return ResultTable(
        columns=result_columns(("", "n", *(["answers"] if several else []), *measures)),
        rows=tuple(rows),
        heading=(title,),
        notes=(*attempted, *(f"Note: {note}." for note in notes)),
        caption=f"{title}.",
    )


def changes_tables(
    frame: pl.DataFrame, labels: Mapping[str, str], *, key: str, level: float
) -> tuple[ResultTable, ...]:
    """Changes by category, a table for each measure or variant.

    Parameters
    ----------
    frame : polars.DataFrame
        ``category``, possibly ``adversarial``, ``n``, ``before``, ``after``, ``change``, ``low``, ``high``,
        ``p_value``, ``q_value``, and the column `key`.
    labels : mapping of str to str
        What measures are called, if not by their keys.
    key : str
        The column of measures or variants.
    level : float
        Coverage of the intervals.
    """
    controls = "all adversarial" in frame["category"]
    interval = f"{100 * level:g} % interval"
    tables = []
    for (name,), part in frame.group_by(key, maintain_order=True):
        if name == "tempted" and not controls and not part.select("before", "after").to_numpy().any():
            continue
        label = labels.get(str(name), str(name))
        rows = [
            _change_cells(row, controls=controls) for row in part.iter_rows(named=True) if row["change"] is not None
        ]
        tables.append(
            ResultTable(
                columns=result_columns(("", "n", "before", "after", "change", interval, "p", "q")),
                rows=tuple(rows),
                heading=(label,),
                caption=f"Change of {label} by category, after − before, with {interval}s. q: false discovery rate at "
                "which a change would be named (Benjamini and Hochberg).",
            )
        )
    return tuple(tables)


def _change_cells(row: dict[str, Any], *, controls: bool) -> tuple[str, ...]:
    is_control = controls and row["adversarial"] is False and not row["category"].startswith("all ")
    return (
        category_label(row["category"], controls=controls) + ", control" * is_control,
        str(row["n"]),
        f"{row['before']:.3f}",
        f"{row['after']:.3f}",
        f"{row['change']:+.3f}",
        interval_text(row["low"], row["high"]),
        p_value(row["p_value"]),
        p_value(row["q_value"]),
    )
