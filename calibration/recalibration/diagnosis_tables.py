"""The tables of a diagnosis: what each correction leaves, and each letter's share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from ..number_texts import row_with_interval, with_interval
from ..result_tables.result_table import ResultTable, result_columns
from ..uncertainty.estimates import Estimate

_FITTED = {"items": "other items", "subjects": "other subjects"}


def corrections_table(
    frame: pl.DataFrame,
    notes: Sequence[str],
    *,
    temperatures: Mapping[str, Estimate | None],
    n_items: int,
    level: float,
) -> ResultTable:
    """A row a correction: both ECEs with their noise floors, and the log loss.

    Parameters
    ----------
    frame : polars.DataFrame
        As `Diagnosis.frame`.
    notes : sequence of str
        What could not be measured, without full stops.
    temperatures : mapping of str to Estimate or None
        The best on all items, by what it was fitted with.
    n_items : int
        How many items.
    level : float
        Coverage of the intervals.
    """
    rows: list[tuple[str, ...]] = []
    for (folds,), part in frame.group_by("folds", maintain_order=True):
        fitted = part.filter(pl.col("step") != "as is")
        if not rows:
            rows.append(("as is", *_cells(part.row(0, named=True))))
        rows.append((_FITTED[str(folds)], *[""] * 5))
        rows += [(f"  {row['step']}", *_cells(row)) for row in fitted.iter_rows(named=True)]
    title = (
        f"Diagnosis of {n_items:,} items: ECE and log loss after corrections fitted on other items, or other subjects"
    )
    return ResultTable(
        columns=result_columns(("", "ECE, top", "floor", "ECE, choices", "floor", "log loss")),
        rows=tuple(rows),
        heading=(title,),
        notes=(*_temperature_lines(temperatures), *(f"Note: {note}." for note in notes)),
        caption=f"{title}, with {100 * level:g} % intervals. Floor: the 95 % quantile of what a calibrated model would "
        "score on as many items. Log loss in nats.",
    )


def letters_table(letters: pl.DataFrame, *, level: float) -> ResultTable:
    """A row a letter: how often it is right, predicted and believed.

    Parameters
    ----------
    letters : polars.DataFrame
        As `Diagnosis.letters`.
    level : float
        Coverage of the intervals.
    """
    title = "Letters: share of right answers, of predictions, mean probability, and what corrects it in nats"
    return ResultTable(
        columns=result_columns(("", "right", "predicted", "probability", "too much", "letter bias")),
        rows=tuple(
            (
                row["letter"], *(f"{row[key]:.3f}" for key in ("key", "predicted", "mean_probability")),
                row_with_interval(row, "excess", form="+.3f"), f"{row['bias']:+.3f} ± {row['bias_error']:.3f}",
            )
            for row in letters.iter_rows(named=True)
        ),
        heading=(title,),
        caption=f"{title}. Too much: mean probability less share of right answers, with {100 * level:g} % interval; "
        "letter bias with its standard error.",
    )  # fmt: skip


def _cells(row: Mapping[str, float]) -> tuple[str, ...]:
    eces = (
        cell
        for key in ("ece_top", "ece_choices")
        for cell in (row_with_interval(row, key), f"{row[f'{key}_null95']:.3f}")
    )
    return (*eces, f"{row['nll']:.3f}")


def _temperature_lines(temperatures: Mapping[str, Estimate | None]) -> Iterator[str]:
    for fitted, value in temperatures.items():
        if value is not None:
            limits = (value.low, value.high) if value.known else (None, None)
            yield f"Best temperature on all items, {fitted}: {with_interval(value.value, *limits)}."
