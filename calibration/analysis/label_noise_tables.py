"""The tables of label noise: measures, what faults change, and the faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from ..number_texts import row_with_interval
from ..result_tables.result_table import ResultTable, result_columns
from ..uncertainty.changes import Change
from ..uncertainty.measure_names import row_label
from .summary import Summary

_Effects = Mapping[str, Change | float]


def values_table(sets: tuple[Summary, Summary, Summary]) -> ResultTable:
    """A row a measure: as given, without faulty items, with corrected answers.

    Parameters
    ----------
    sets : triple of Summary
        In that order.
    """
    return ResultTable(
        columns=result_columns(("", "as given", "without faulty", "corrected answers")),
        rows=tuple(
            (row_label(key), *(_number(summary, key) if key in summary else "" for summary in sets)) for key in sets[0]
        ),
        heading=("Annotated items",),
        caption="Measures of the annotated items as given, without faulty ones, and with corrected answers.",
    )


def effects_table(dropping: _Effects, correcting: _Effects) -> ResultTable:
    """A row a measure: what dropping faulty items changes, and correcting answers.

    Parameters
    ----------
    dropping, correcting
        As in `LabelNoise`.
    """
    title = "What dropping faulty items changes, and what correcting answers changes on the same items"
    return ResultTable(
        columns=result_columns(("", "dropping", "correcting")),
        rows=tuple(
            (row_label(key), *(_effect(changes.get(key)) for changes in (dropping, correcting))) for key in dropping
        ),
        heading=(title,),
        caption=f"{title}, with intervals where some are known to hold.",
    )


def types_table(types: pl.DataFrame, notes: Sequence[str]) -> ResultTable:
    """A row an error type: items, accuracy and confidence.

    Parameters
    ----------
    types, notes
        As in `LabelNoise`.
    """
    return ResultTable(
        columns=result_columns(("", "items", "accuracy", "confidence", "corrected answer")),
        rows=tuple(
            (
                row["error_type"], str(row["n_items"]), row_with_interval(row, "accuracy"),
                f"{row['mean_confidence']:.3f}",
                f"{row['accuracy_rekeyed']:.3f} of {row['n_rekeyed']}" if row["n_rekeyed"] else "",
            )
            for row in types.iter_rows(named=True)
        ),
        heading=("By error type",),
        notes=tuple(f"Note: {note}." for note in notes),
        caption="Accuracy with its interval and mean confidence by error type, and accuracy under corrected answers.",
    )  # fmt: skip


def _effect(effect: Change | float | None) -> str:
    if effect is None:
        return ""
    return str(effect) if isinstance(effect, Change) else f"{effect:+.3f}"


def _number(summary: Summary, key: str) -> str:
    value = summary[key]
    return str(value) if isinstance(value, int) else f"{summary.point(key):.3f}"
