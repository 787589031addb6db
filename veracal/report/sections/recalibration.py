"""Recalibration of the runs, on held-out items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.recalibrated_run import Recalibration
from calibration.uncertainty.measure_names import row_label

from ...recalibrations import cross_fitting
from ..abbreviations import meanings
from ..blocks.download import Download
from ..blocks.section import Section
from ..blocks.table import Table

_TOP = ("ece_top", "brier_top", "nll_top", "accuracy")
_LETTERS = ("ece_choices", "brier", "nll")
_FLOOR = "in brackets the noise floor of the ECE after"

# Name of a run and its recalibration.
_Named = Sequence[tuple[str, Recalibration]]


def recalibration(
    names: Sequence[str],
    recalibrations: Mapping[str, Sequence[Recalibration]],
    by: FoldKind,
    *,
    what: str = "The predicted letter",
) -> Section:
    """Measures before and after each method, a row a run and method.

    Parameters
    ----------
    names : sequence of str
        Names of the runs.
    recalibrations : mapping of str to sequence of Recalibration
        Of each run, by method.
    by : {"items", "subjects"}
        What was split into folds.
    what : str
        Whose confidence was recalibrated, as the first words of a caption.
    """
    named = [row for results in recalibrations.values() for row in zip(names, results, strict=True)]
    of_letters = [(name, result) for name, result in named if result.predictions is not None]
    fitting = cross_fitting(by)
    others = "new questions of these subjects" if by == "items" else "other subjects"
    tables = [
        Table(
            name="recalibration-top",
            caption=f"{what}, before → after, {fitting}; {_FLOOR}.",
            columns=_columns(_TOP),
            rows=_rows(named, _TOP),
            download=Download(
                "recalibration.csv", "Every measure before and after recalibration, and its change", _frame(named)
            ),
        )
    ]
    if of_letters:
        tables.append(
            Table(
                name="recalibration-letters",
                caption=f"All letters, before → after, by the methods of whole rows, {fitting}; {_FLOOR}.",
                columns=_columns(_LETTERS),
                rows=_rows(of_letters, _LETTERS),
            )
        )
    return Section(
        name="recalibration",
        title="Recalibration",
        paragraphs=(
            f"What a recalibration of each run would give on held-out items. Each run is {fitting}: every item is "
            f"recalibrated by what was learnt on the other folds. Does it help on {others}?",
            meanings(map(row_label, (*_TOP, *_LETTERS))),
            *(f"{name}, {result.method}: {note}." for name, result in named for note in result.notes),
        ),
        tables=tuple(tables),
    )


def _columns(keys: Sequence[str]) -> tuple[str, ...]:
    labels = [row_label(key) for key in keys]
    return ("Run", "Method", *(label[0].upper() + label[1:] for label in labels))


def _rows(named: _Named, keys: Sequence[str]) -> list[tuple[str, ...]]:
    return [(name, result.method, *(_cell(result, key) for key in keys)) for name, result in named]


def _cell(result: Recalibration, key: str) -> str:
    before, after = (f"{side[key].value:.3f}" if key in side else "left out" for side in (result.before, result.after))
    floor = f" ({result.floors_after[key]:.3f})" if key in result.floors_after else ""
    return f"{before} → {after}{floor}"


def _frame(named: _Named) -> pl.DataFrame:
    return pl.concat(
        result.frame.select(
            pl.lit(name).alias("run"),
            pl.lit(result.method).alias("method"),
            pl.lit(result.by).alias("folds_of"),
            pl.lit(len(result.confidence)).alias("n_items"),
            pl.all(),
        )
        for name, result in named
    )
