"""The table of a summary: every measure, its value and interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..metrics.bins import wanted_bins
from ..number_texts import counted, interval_text
from ..result_tables.result_table import ResultTable, result_columns
from ..uncertainty.changes import Change
from ..uncertainty.estimates import Estimate
from ..uncertainty.measure_names import run_label


def summary_table(
    values: Mapping[str, int | float | Estimate], notes: Iterable[str], *, title: str = ""
) -> ResultTable:
    """A row a measure, noise floors under theirs."""
    rows = []
    whole = "ece_choices" in values
    for key, value in values.items():
        label = run_label(key, whole=whole)
        if isinstance(value, Estimate):
            interval = interval_text(value.low, value.high, form=".4f") if value.known else ""
            rows.append((label, f"{value.value:.4f}", interval))
        else:
            rows.append((label, str(value) if isinstance(value, int) else f"{value:.4f}", ""))
    level = level_text(values.values())
    name = f" of {title}" if title else ""
    intervals = f" with {level} intervals" if level else ""
    return ResultTable(
        columns=result_columns(("", "value", f"{level or '95 %'} interval")),
        rows=tuple(rows),
        heading=(title,) if title else (),
        notes=tuple(f"Note: {note}." for note in notes),
        caption=f"Calibration{name} on {sizes_text(values)}{intervals}.{how_measured(values)}",
    )


def level_text(values: Iterable[int | float | Estimate | Change]) -> str:
    """Coverage of the intervals in per cent; empty if there are none.

    Examples
    --------
    >>> level_text([7, Estimate(value=0.5, low=0.4, high=0.6, level=0.9)])
    '90 %'
    """
    level = next((value.level for value in values if isinstance(value, Estimate | Change) and value.known), None)
    return "" if level is None else f"{100 * level:g} %"


def sizes_text(values: Mapping[str, int | float | Estimate]) -> str:
    """Number of items of a summary, and of the clusters that they lie in.

    Examples
    --------
    >>> sizes_text({"n_items": 1200, "n_clusters": 40})
    '1,200 items in 40 clusters'
    """
    n_items, clusters = values.get("n_items"), values.get("n_clusters")
    sizes = counted(n_items, "item") if isinstance(n_items, int) else "its items"
    return f"{sizes} in {counted(clusters, 'cluster')}" if isinstance(clusters, int) else sizes


def how_measured(keys: Iterable[str]) -> str:
    """Sentences for a caption on bins and noise floors, for measures by their keys.

    Examples
    --------
    >>> how_measured(["accuracy", "ece_top"])
    ' ECE: 10 bins of equal width.'
    """
    keys = set(keys)
    text = f" ECE: {wanted_bins(None, None)} bins of equal width." if keys & {"ece_top", "ece_choices"} else ""
    if any(key.endswith("_null95") for key in keys):
        text += " Noise floor: the 95 % quantile of what a calibrated model would score on as many items."
    return text
