"""The tables of guarantees: what sets and thresholds keep on held-out items."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from ..number_texts import counted, interval_text
from ..result_tables.result_table import ResultTable, result_columns
from ..uncertainty.estimates import Estimate


def sets_table(
    coverage: Estimate,
    shares: dict[str, float],
    notes: Sequence[str],
    *,
    title: str,
    expected: tuple[float, float] | None,
    error: float,
    n_items: int,
    n_fitted: int,
) -> ResultTable:
    """Coverage of conformal sets beside what is guaranteed, and their sizes.

    Parameters
    ----------
    coverage, notes, expected, error
        As in `ConformalSets`.
    shares : dict of str to float
        Further numbers by name.
    title : str
        What the sets are.
    n_items, n_fitted : int
        Number of held-out items and of items fitted on.
    """
    rows = [
        ("coverage", f"{coverage.value:.3f}", interval_text(coverage.low, coverage.high, form=".3f")),
        ("  guaranteed at least", f"{1 - error:g}", ""),
    ]
    if expected is not None:
        rows.append(("  expected of so many items", "", interval_text(*expected, form=".3f")))
    rows += [(name, f"{value:.3f}", "") for name, value in shares.items()]
    rows += [("held-out items", f"{n_items:,}", ""), ("items fitted on", f"{n_fitted:,}", "")]
    return _guarantee(title, rows, notes, n_items=n_items, level=coverage.level)


def letters_table(table: pl.DataFrame, *, level: float) -> ResultTable:
    """A row a right letter: its coverage, the range expected, its threshold.

    Parameters
    ----------
    table : polars.DataFrame
        As `ConformalSets.by_letter`.
    level : float
        Coverage of the intervals.
    """
    interval = f"{100 * level:g} % interval"
    return ResultTable(
        columns=result_columns(("", "items", "coverage", interval, "expected", "mean size", "threshold")),
        rows=tuple(
            (
                row["letter"], f"{row['n_items']:,}", f"{row['coverage']:.3f}",
                interval_text(row["low"], row["high"], form=".3f"),
                interval_text(row["expected_low"], row["expected_high"], form=".3f"),
                f"{row['mean_size']:.2f}", _threshold(row["threshold"]),
            )
            for row in table.iter_rows(named=True)
        ),
        heading=("By right letter",),
        caption=f"Coverage of the sets by right letter, with {interval}s.",
    )  # fmt: skip


def threshold_table(
    threshold: float,
    coverage: Estimate,
    wrong: Estimate | None,
    notes: Sequence[str],
    *,
    error: float,
    delta: float,
    n_items: int,
    n_fitted: int,
) -> ResultTable:
    """The threshold, what is answered above it, and how much of that is wrong.

    Parameters
    ----------
    threshold, coverage, notes, error, delta, n_items, n_fitted
        As in `SelectiveThreshold`.
    wrong : Estimate or None
        Share of the answered items that are wrong.
    """
    rows = [
        ("confidence from which is answered", _threshold(threshold), ""),
        ("answered", f"{coverage.value:.3f}", interval_text(coverage.low, coverage.high, form=".3f")),
    ]
    if wrong is not None:
        rows.append(("wrong of the answered", f"{wrong.value:.3f}", interval_text(wrong.low, wrong.high, form=".3f")))
    rows += [
        ("  guaranteed at most", f"{error:g}", ""),
        ("held-out items", f"{n_items:,}", ""),
        ("items fitted on", f"{n_fitted:,}", ""),
    ]
    title = f"Threshold that keeps the error at {error:g} with probability {1 - delta:g}"
    return _guarantee(title, rows, notes, n_items=n_items, level=coverage.level)


def _guarantee(
    title: str, rows: list[tuple[str, str, str]], notes: Sequence[str], *, n_items: int, level: float
) -> ResultTable:
    interval = f"{100 * level:g} % interval"
    return ResultTable(
        columns=result_columns(("", "value", interval)),
        rows=tuple(rows),
        heading=(title,),
        notes=tuple(f"Note: {note}." for note in notes),
        caption=f"{title}, measured on {counted(n_items, 'held-out item')}, with {interval}s.",
    )


def _threshold(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "none"
