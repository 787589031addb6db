"""What a run shows of itself: its sizes, and its first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from ..number_texts import counted
from ..result_tables.preview import N_ROWS, preview
from ..result_tables.result_table import ResultTable

_MEASURED = "summarize(run) measures it, with intervals and noise floors."


def run_preview(
    frame: pl.DataFrame,
    shown: Mapping[str, Sequence[object]],
    *,
    n_items: int,
    numbers: Mapping[str, float],
    remarks: Sequence[str] = (),
) -> ResultTable:
    """The first items of a run, under its model and sizes.

    Parameters
    ----------
    frame : polars.DataFrame
        All of it.
    shown : mapping of str to sequence
        Columns of its first rows, beside item and subject.
    n_items : int
        Number of items.
    numbers : mapping of str to float
        What is told of all of it, by name.
    remarks : sequence of str
        Sentences on all of it.
    """
    subjects = frame["subject"].n_unique()
    sizes = counted(n_items, "item") + (f" of {counted(subjects, 'subject')}" if subjects > 1 else "")
    model = str(frame["model"][0])
    parts = [model, sizes, *(f"{name} {value:.3f}" for name, value in numbers.items())]
    head = frame.head(N_ROWS).select("item", *(["subject"] if subjects > 1 else []))
    columns = [pl.Series(name, list(values)) for name, values in shown.items()]
    return preview(
        head.with_columns(columns),
        n_rows=frame.height,
        heading=", ".join(text for text in parts if text),
        notes=(*remarks, _MEASURED),
    )
