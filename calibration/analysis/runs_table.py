"""The table of several runs: a measure at a time, a run a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from ..number_texts import interval_text, p_value
from ..result_tables.result_table import ResultTable, result_columns
from .summary_table import how_measured

# What is shown of many measures; the others are in the frame.
CHIEF = (
    *("accuracy", "correct", "incorrect", "abstained", "tempted", "correct_attempted", "mc1", "mc2", "binary"),
    *("signed_gap", "ece_top", "ece_choices", "brier", "brier_top", "nll", "nll_top", "auroc"),
)


def runs_table(
    frame: pl.DataFrame,
    notes: Iterable[str],
    *,
    labels: Mapping[str, str],
    groups: Mapping[str, Mapping[str, str]],
    level: float,
    sizes: str,
    reference: str,
    floors: bool,
) -> ResultTable:
    """Chief measures of several runs, and their changes from the reference.

    Parameters
    ----------
    frame : polars.DataFrame
        That of a `RunsComparison`.
    notes : iterable of str
        Its notes.
    labels : mapping of str to str
        Names of the measures, by their keys.
    groups : mapping of str to mapping of str to str
        Letters of the runs, by key of the measure; empty if not all pairs were compared.
    level : float
        Coverage of the intervals.
    sizes : str
        Of how many items.
    reference : str
        Name of the run that the others are compared with.
    floors : bool
        Whether noise floors have a column; without it the table fits 80 columns.
    """
    known = list(dict.fromkeys(frame["measure"]))
    chief = [key for key in CHIEF if key in known]
    floors = floors and not frame.filter(pl.col("measure").is_in(chief))["noise_floor"].is_null().all()
    interval = f"{100 * level:g} % interval"
    rows: list[tuple[str, ...]] = []
    columns = ("", "value", interval, *(["floor"] if floors else []), "change", interval, "q")
    columns += ("group",) if groups else ()
    for key in chief:
        rows.append((labels[key], *[""] * (len(columns) - 1)))
        for row in frame.filter(measure=key).iter_rows(named=True):
            cells = [f"  {row['run']}", f"{row['value']:.3f}", _ends(row, "low", "high", form=".3f")]
            cells += [_number(row["noise_floor"])] if floors else []
            cells += [_number(row["change"], form="+.3f"), _ends(row, "change_low", "change_high", form="+.3f")]
            cells += ["" if row["q_value"] is None else p_value(row["q_value"])]
            cells += [groups.get(key, {}).get(row["run"], "")] if groups else []
            rows.append(tuple(cells))
    names = list(dict.fromkeys(frame["run"]))
    also = [labels[key] for key in known if key not in chief]
    return ResultTable(
        columns=result_columns(columns),
        rows=tuple(rows),
        notes=(
            *((f"Also compared, in the frame and in JSON: {'; '.join(also)}.",) if also else ()),
            *(f"Note: {note}." for note in notes),
            *((_COMMON_LETTER,) if groups else ()),
        ),
        caption=f"{', '.join(names)} on the same {sizes}, with {100 * level:g} % intervals; changes are from "
        f"{reference}, q is the false discovery rate.{f' {_COMMON_LETTER}' if groups else ''}"
        f"{how_measured([*chief, *(['ece_null95'] if floors else [])])}",
    )


_COMMON_LETTER = (
    "Runs with a common letter are not shown to differ (all pairs together, Holm), which is no proof that they are "
    "alike."
)


def _ends(row: Mapping[str, Any], low: str, high: str, *, form: str) -> str:
    return "" if row[low] is None or row[high] is None else interval_text(row[low], row[high], form=form)


def _number(value: float | None, *, form: str = ".3f") -> str:
    return "" if value is None else f"{value:{form}}"
