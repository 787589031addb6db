"""Verdicts: right or wrong, without any confidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..files.field_names import Fields
from ..files.row_rules import own_columns, refuse_broken
from ..tables.chosen_columns import chosen_columns, only_model, refuse_repeats, with_further
from ..tables.table_files import own_or_given
from .answered_items import AnsweredItems
from .confidence_columns import grades
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

_FIELDS = Fields(("correct", "row_id", "group", "model"), required=("correct",))


@dataclass(frozen=True, eq=False)
class Verdicts(AnsweredItems):
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

    schema: ClassVar[pl.Schema] = SCHEMA

    def __post_init__(self) -> None:
        own = own_columns(self.frame, SCHEMA, table="verdicts", row="item")
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

    @classmethod
    def from_frame(
        cls,
        data: object,
        *,
        correct: str | None = None,
        item: str | None = None,
        subject: str | None = None,
        model: str | None = None,
    ) -> Verdicts:
        """Verdicts from a data frame, a dict of arrays or a file.

        Parameters
        ----------
        data, correct, item, subject, model
            As in `calibration.Pairs.from_frame`; a word may also mean an abstention, and an empty cell is ungraded.

        Raises
        ------
        ValueError
            As `Verdicts`; for two columns that mean one field, cells that mean no grade, repeated ids and rows of
            several models, naming column and row.
        TypeError
            For what is no table.

        Examples
        --------
        >>> Verdicts.from_frame({"verdict": ["Correct", "wrong", "not attempted"]}).accuracy.__round__(3)
        0.333
        """
        table = own_or_given(data, SCHEMA, _FIELDS)
        if isinstance(table, pl.DataFrame):
            return cls(table)
        columns = chosen_columns(table, _FIELDS, {"correct": correct, "row_id": item, "group": subject}).named
        items = table.texts(columns["row_id"]) if "row_id" in columns else [str(row) for row in range(table.n_rows)]
        refuse_repeats(table, items)
        frame = pl.DataFrame(
            {
                "item": items,
                "subject": table.texts(columns["group"]) if "group" in columns else [""] * table.n_rows,
                "grade": grades(table, columns["correct"]),
            }
        ).with_columns(
            model=pl.lit(only_model(table, columns.get("model")) if model is None else model), revision=pl.lit("")
        )
        try:
            return cls(with_further(frame, table, columns.values()))
        except ValueError as error:
            raise table.named(error) from None

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The rows without ungraded ones, from which everything is computed."""
        return self.frame.filter(pl.col("grade") != "ungraded")

    @property
    def n_ungraded(self) -> int:
        """Number of items left out, because the grader gave no verdict."""
        return self.frame.height - self.n_items

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each graded item was answered right, shape (n_items,); an abstention is not."""
        return (self.rows["grade"] == "correct").to_numpy()
