"""Shares of answers in the classes of a rubric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from calibration.metrics.curves import wilson
from calibration.metrics.validation import level_in_range
from calibration.number_texts import interval_text
from calibration.result_tables.result_table import ResultTable, result_columns
from calibration.result_tables.shown_result import ShownResult
from calibration.uncertainty.estimates import Estimate

from .rubric import Rubric

UNCLASSIFIED = "unclassified"


@dataclass(frozen=True, eq=False, repr=False)
class ClassRates(ShownResult):
    """Shares of answers by class.

    Printed, they are a table; in a notebook a table of HTML.

    Attributes
    ----------
    frame : polars.DataFrame
        The table, one row a class in the rubric's order, then ``unclassified``.

        Columns: ``class`` (its key), ``name``, ``good``, ``n`` (all answers), ``share`` (of them), ``low``, ``high``.
    level : float
        Coverage of the intervals.
    """

    frame: pl.DataFrame
    level: float

    @property
    def table(self) -> ResultTable:
        """The table that all formats are written from."""
        return self.titled_table(f"Shares of classes, {100 * self.level:g} % intervals")

    def titled_table(self, title: str) -> ResultTable:
        """The same table under another title."""
        rows = tuple(
            (row["name"], str(row["n"]), f"{row['share']:.3f}", interval_text(row["low"], row["high"], form=".3f"))
            for row in self.frame.iter_rows(named=True)
        )
        columns = result_columns(("class", "n", "share", f"{100 * self.level:g} % interval"))
        return ResultTable(columns=columns, rows=rows, heading=(title,), caption=f"{title}.")

    def to_dict(self) -> dict[str, Any]:
        """Numbers as JSON, by key of the class.

        Each class is an object of ``name``, ``good``, ``value``, ``low``, ``high``, ``level``.
        """
        shown = {"n": int(self.frame["n"][0])}
        classes = {
            row["class"]: {
                "name": row["name"],
                "good": row["good"],
                **Estimate(value=row["share"], low=row["low"], high=row["high"], level=self.level).to_dict(),
            }
            for row in self.frame.iter_rows(named=True)
        }
        return shown | {"classes": classes}


def class_rates(frame: pl.DataFrame, rubric: Rubric, *, level: float = 0.95) -> ClassRates:
    """Shares of a rubric's classes in a table of one class an answer."""
    level_in_range(level)
    classes = one_class_each(frame)["class"].fill_null(UNCLASSIFIED)
    named = [(rubric_class.key, rubric_class.name, rubric_class.good) for rubric_class in rubric.classes]
    keys, names, good = zip(*named, (UNCLASSIFIED, UNCLASSIFIED, None), strict=True)
    share = np.array([(classes == key).mean() for key in keys], dtype=np.float64)
    low, high = wilson(share, np.full(len(keys), float(len(classes))), level=level)
    columns = {"class": keys, "name": names, "good": good, "n": len(classes), "share": share, "low": low, "high": high}
    return ClassRates(pl.DataFrame(columns, schema_overrides={"good": pl.Boolean}), level)


def one_class_each(frame: pl.DataFrame) -> pl.DataFrame:
    """The table, refused if a question has several answers."""
    repeated = frame.filter(pl.col("question").is_duplicated())
    if not repeated.is_empty():
        raise ValueError(
            "rates need one answer a question, since answers to the same question are not independent; question "
            f"{repeated['question'][0]} has several"
        )
    return frame
