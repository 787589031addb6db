"""What recalibration does to the two runs of predictions, on items that it was not fitted on."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.recalibration import Recalibration
from calibration.uncertainty.measure_table import row_label

from ...recalibrations import cross_fitting, recalibrations
from ..inputs import Letters
from ..parts.download import csv_of
from ..parts.section import Section
from ..parts.table import Table

_TOP = ("ece_top", "brier_top", "nll_top", "accuracy")
_LETTERS = ("ece_choices", "brier", "nll")
_FLOOR = "in brackets the noise floor of the ECE after"

_Results = Sequence[tuple[str, Recalibration]]


def recalibration_section(pair: Letters, methods: Sequence[str], by: FoldKind) -> Section:
    """What each method does to both runs, a row a run and method.

    Raises
    ------
    ValueError
        For a method that cannot be fitted on one of the runs.
    """
    results = [
        (name, result)
        for name, run in zip(pair.names, (pair.before, pair.after), strict=True)
        for result in recalibrations(run, methods, by=by, name=name)
    ]
    # Rows of one method stand together, before and after.
    results.sort(key=lambda named: methods.index(named[1].method))
    what = "Does it help on new questions of these subjects?" if by == "items" else "Does it help on other subjects?"
    fitting = cross_fitting(by)
    tables = [
        Table(
            "recalibration-top",
            f"The predicted letter, before → after, {fitting}; {_FLOOR}.",
            *_columns_and_rows(results, _TOP),
            csv_of(
                _frame(results), "recalibration.csv", "Every measure before and after recalibration, and its change"
            ),
        )
    ]
    of_letters = [named for named in results if named[1].predictions is not None]
    if of_letters:
        tables.append(
            Table(
                "recalibration-letters",
                f"All letters, before → after, by the methods of whole rows, {fitting}; {_FLOOR}.",
                *_columns_and_rows(of_letters, _LETTERS),
            )
        )
    notes = (f"{name}, {result.method}: {note}." for name, result in results for note in result.notes)
    return Section(
        "recalibration",
        "Recalibration",
        (
            f"What a recalibration of each run would give on held-out items. Each run is {fitting}: every "
            f"item is recalibrated by what was learnt on the other folds. {what}",
            *notes,
        ),
        tables=tuple(tables),
    )


def _columns_and_rows(results: _Results, keys: Sequence[str]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    labels = [row_label(key) for key in keys]
    columns = ("Run", "Method", *(label[0].upper() + label[1:] for label in labels))
    return columns, [(name, result.method, *(_cell(result, key) for key in keys)) for name, result in results]


def _cell(result: Recalibration, key: str) -> str:
    before, after = (f"{side[key].value:.3f}" if key in side else "left out" for side in (result.before, result.after))
    floor = f" ({result.floors_after[key]:.3f})" if key in result.floors_after else ""
    return f"{before} → {after}{floor}"


def _frame(results: _Results) -> pl.DataFrame:
    return pl.concat(
        result.frame.select(
            pl.lit(name).alias("run"),
            pl.lit(result.method).alias("method"),
            pl.lit(result.by).alias("folds_of"),
            pl.lit(len(result.confidence)).alias("n_items"),
            pl.all(),
        )
        for name, result in results
    )
