"""Changes of calibration at equal accuracy, and their tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import polars as pl

from ..number_texts import interval_text
from ..result_tables.named_values import NamedValues
from ..result_tables.result_table import ResultTable, result_columns
from ..result_tables.shown_result import ShownResult
from ..uncertainty.changes import Change
from ..uncertainty.measure_names import run_label


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class EqualAccuracyChange(Change):
    """Change of a measure on items that are equally hard for both runs.

    Attributes
    ----------
    measure : str
        Key of the measure.
    before, after : float
        The measure in each run, on these items.
    all_items : float
        The change on all items as they are.
    accuracy : pair of float
        Accuracy of each run on these items, before and after.
    effective_items : pair of float
        How many items of equal weight would say as much.
    frame : polars.DataFrame
        One row a run and bin: run, low, high, n_items, share (of all items), matched_share (of these items),
        confidence and accuracy.
    """

    measure: str
    before: float
    after: float
    all_items: float
    accuracy: tuple[float, float]
    effective_items: tuple[float, float]
    frame: pl.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON, without values that are None or NaN."""
        own = {
            "measure": self.measure,
            "before": self.before,
            "after": self.after,
            "all_items": self.all_items,
            "accuracy": list(self.accuracy),
            "effective_items": list(self.effective_items),
        }
        return own | Change.to_dict(self.plain)

    @property
    def plain(self) -> Change:
        """The change by itself."""
        return Change(**{field.name: getattr(self, field.name) for field in fields(Change)})


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class EqualAccuracy(ShownResult, NamedValues[Change]):
    """Changes of calibration on equally hard items, and over the same candidates.

    A change is ``matched.equally_hard["ece_top"]`` or ``matched.ece_top``. Printed, it is the tables of ``veracal
    compare --equal-accuracy``; in a notebook tables of HTML.

    Attributes
    ----------
    equally_hard : dict of str to EqualAccuracyChange
        Signed gap and ECE of the predicted answers, on items that are equally hard for both; empty if there are too
        few.
    same_candidates : dict of str to Change
        ECE, debiased squared error and best temperature over every option of every item, right or wrong; empty for
        runs that hold one confidence an item.
    notes : tuple of str
        Which changes are missing, and why.
    """

    holding = ("equally_hard", "same_candidates")
    equally_hard: dict[str, EqualAccuracyChange]
    same_candidates: dict[str, Change]
    notes: tuple[str, ...] = ()

    @property
    def table(self) -> ResultTable:
        """The first of `tables`."""
        return self.tables[0]

    @property
    def tables(self) -> tuple[ResultTable, ...]:
        """Changes on items that are equally hard, and over the same candidates."""
        return equal_accuracy_tables(self.equally_hard, self.same_candidates, self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON."""
        return {
            "equally_hard": {key: value.to_dict() for key, value in self.equally_hard.items()},
            "same_candidates": {key: value.to_dict() for key, value in self.same_candidates.items()},
            **({"notes": list(self.notes)} if self.notes else {}),
        }

    @property
    def frame(self) -> pl.DataFrame:
        """One row a change: on which items, measure, change, interval and p-value."""
        rows = [
            {"items": items, "measure": key, "change": value.value, "low": value.low, "high": value.high,
             "p_value": value.p_value}
            for items, changes in (("equally_hard", self.equally_hard), ("same_candidates", self.same_candidates))
            for key, value in changes.items()
        ]  # fmt: skip
        schema = {"items": pl.String, "measure": pl.String} | dict.fromkeys(
            ("change", "low", "high", "p_value"), pl.Float64
        )
        return pl.DataFrame(rows, schema=schema).fill_nan(None)


def equal_accuracy_tables(
    equally_hard: Mapping[str, EqualAccuracyChange], same_candidates: Mapping[str, Change], notes: Sequence[str]
) -> tuple[ResultTable, ...]:
    """A table of changes on equally hard items, and one over the same candidates.

    Parameters
    ----------
    equally_hard, same_candidates, notes
        As in `EqualAccuracy`.
    """
    whole = bool(same_candidates)
    parts = [*_equally_hard(equally_hard, whole=whole), *_same_candidates(same_candidates)]
    last = parts.pop() if parts else ResultTable(columns=result_columns(("", "change")), rows=())
    lines = tuple(f"Note on equal accuracy: {note}." for note in notes)
    return (*parts, replace(last, notes=lines))


def _equally_hard(changes: Mapping[str, EqualAccuracyChange], *, whole: bool) -> Iterator[ResultTable]:
    if not changes:
        return
    some = next(iter(changes.values()))
    title = (
        f"On items that are equally hard for both: accuracy {some.accuracy[0]:.3f} before, {some.accuracy[1]:.3f} "
        f"after, as many as {min(some.effective_items):,.0f} even items"
    )
    yield ResultTable(
        columns=result_columns(("", "before", "after", "change", "these subjects", "change on all items")),
        rows=tuple(
            (
                run_label(key, whole=whole), f"{value.before:.3f}", f"{value.after:.3f}",
                f"{value.value:+.3f}", _interval(value), f"{value.all_items:+.3f}",
            )
            for key, value in changes.items()
        ),
        heading=(title,),
        caption=f"{title}, with {100 * some.level:g} % intervals.",
    )  # fmt: skip


def _same_candidates(changes: Mapping[str, Change]) -> Iterator[ResultTable]:
    if not changes:
        return
    title = "Over the same candidates: every option of every item, right or wrong"
    level = next(iter(changes.values())).level
    yield ResultTable(
        columns=result_columns(("", "change", "these subjects")),
        rows=tuple(
            (run_label(key, whole=True), f"{value.value:+.3f}", _interval(value)) for key, value in changes.items()
        ),
        heading=(title,),
        caption=f"{title}, with {100 * level:g} % intervals.",
    )


def _interval(change: Change) -> str:
    return interval_text(change.low, change.high) if change.known else ""
