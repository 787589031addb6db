"""How often the classes of a rubric are met, and what that changed by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from calibration.metrics.curves import wilson
from calibration.metrics.validation import level_in_range

from .rubric import Rubric

UNCLASSIFIED = "unclassified"


@dataclass(frozen=True, eq=False)
class ClassRates:
    """Shares of answers by class.

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

    def to_dict(self) -> dict[str, Any]:
        """Numbers for machines: by key an object of ``name``, ``good``, ``value``, ``low``, ``high``, ``level``."""
        shown = {"n": int(self.frame["n"][0])}
        classes = {
            row["class"]: {
                "name": row["name"],
                "good": row["good"],
                "value": row["share"],
                "low": row["low"],
                "high": row["high"],
                "level": self.level,
            }
            for row in self.frame.iter_rows(named=True)
        }
        return shown | {"classes": classes}


def class_rates(frame: pl.DataFrame, rubric: Rubric, *, level: float = 0.95) -> ClassRates:
    """Share of each class of a rubric in a table of one class an answer."""
    level_in_range(level)
    found = one_class_each(frame)["class"].fill_null(UNCLASSIFIED)
    named = [(one.key, one.name, one.good) for one in rubric.classes]
    keys, names, good = zip(*named, (UNCLASSIFIED, UNCLASSIFIED, None), strict=True)
    share = np.array([(found == key).mean() for key in keys], dtype=np.float64)
    low, high = wilson(share, np.full(len(keys), float(len(found))), level=level)
    columns = {"class": keys, "name": names, "good": good, "n": len(found), "share": share, "low": low, "high": high}
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
