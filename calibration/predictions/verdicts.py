"""Verdicts: right or wrong, without any confidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..files.row_rules import refuse_broken
from .further_columns import with_further_columns
from .grades import GRADES

SCHEMA = pl.Schema(
    {
        "model": pl.String(),
        "revision": pl.String(),
        "item": pl.String(),
        "subject": pl.String(),
        "grade": pl.String(),
    }
)


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Whether one model answered each item right; nothing is known of its confidence.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an item: ``model``, ``revision``, ``item``, ``subject`` and ``grade`` (``correct``, ``incorrect``,
        ``abstained`` or ``ungraded``). Further columns, such as a language, stand behind these; they can group.

    Raises
    ------
    ValueError
        For an empty table, missing columns or values, further ones that hold lists or objects, unknown grades, items
        that occur twice, and if no item is graded.

    Examples
    --------
    >>> rows = {"item": ["a", "b"], "grade": ["correct", "incorrect"], "model": "m", "revision": "", "subject": ""}
    >>> Verdicts(pl.DataFrame(rows)).correct.tolist()
    [True, False]
    """

    frame: pl.DataFrame

    def __post_init__(self) -> None:
        missing = [name for name in SCHEMA if name not in self.frame.columns]
        if missing:
            raise ValueError(f"verdicts must have the columns {', '.join(SCHEMA)}; missing: {', '.join(missing)}")
        if self.frame.is_empty():
            raise ValueError("verdicts must hold at least one item, got none")
        own = self.frame.select(list(SCHEMA)).cast(SCHEMA)
        refuse_broken(
            own,
            {
                "all columns must be given": pl.any_horizontal(pl.col(name).is_null() for name in SCHEMA),
                f"the grade must be one of {', '.join(GRADES)}": ~pl.col("grade").is_in(GRADES),
                "each item must occur once": pl.col("item").is_duplicated(),
            },
            lambda row: f"row {row['row']} (item {row['item']}) has the grade {row['grade']!r}",
        )
        if self.frame["grade"].eq("ungraded").all():
            raise ValueError(f"at least one item must be graded, all {self.frame.height} are ungraded")
        object.__setattr__(self, "frame", with_further_columns(own, self.frame))

    @property
    def model(self) -> str:
        """Name of the model."""
        return str(self.frame["model"][0])

    @cached_property
    def graded(self) -> pl.DataFrame:
        """The rows without ungraded ones, from which everything is computed."""
        return self.frame.filter(pl.col("grade") != "ungraded")

    @property
    def n_items(self) -> int:
        """Number of graded items."""
        return self.graded.height

    @property
    def n_ungraded(self) -> int:
        """Number of items left out, because the grader gave no verdict."""
        return self.frame.height - self.graded.height

    @cached_property
    def item(self) -> NDArray[np.str_]:
        """Ids of the graded items, shape (n_items,)."""
        return np.asarray(self.graded["item"].to_list(), dtype=np.str_)

    @cached_property
    def subject(self) -> NDArray[np.str_]:
        """Their subjects, shape (n_items,)."""
        return np.asarray(self.graded["subject"].to_list(), dtype=np.str_)

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each graded item was answered right, shape (n_items,); an abstention is not."""
        return (self.graded["grade"] == "correct").to_numpy()

    @property
    def accuracy(self) -> float:
        """Share of graded items that were answered right."""
        return float(self.correct.mean())
