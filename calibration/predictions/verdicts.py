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
from ..metrics.arrays import FloatArray
from ..number_texts import counted
from ..result_tables.preview import N_ROWS
from ..result_tables.result_table import ResultTable
from ..tables.chosen_columns import chosen_columns, only_model, refuse_repeats, with_further
from ..tables.table_files import own_or_given
from .answered_items import AnsweredItems
from .confidence_columns import credited_grades
from .credit import Partial
from .further_columns import with_further_columns
from .grades import ANSWER_GRADES, PARTIAL, credit_rule
from .previews import run_preview

SCHEMA = pl.Schema(
    {
        "model": pl.String(),
        "revision": pl.String(),
        "item": pl.String(),
        "subject": pl.String(),
        "grade": pl.String(),
        "credit": pl.Float64(),
    }
)
CREDIT: tuple[str, ...] = ("credit",)
"""Columns that tables of earlier versions do not have."""

_FIELDS = Fields(("correct", "row_id", "group", "model"), required=("correct",))


@dataclass(frozen=True, eq=False, repr=False)
class Verdicts(AnsweredItems):
    """Whether one model answered each item right, or how far, without confidences.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an item: ``model``, ``revision``, ``item``, ``subject``, ``grade`` (``correct``, ``incorrect``,
        ``abstained``, ``ungraded`` or ``partial``) and ``credit`` (of a partial answer, between 0 and 1; otherwise
        null, and so if the column is missing). Further columns, such as a language, stand behind these; they can group.

    Raises
    ------
    ValueError
        For an empty table, missing columns or values, further ones that hold lists or objects, unknown grades, credit
        of other than partial answers, items that occur twice, and if no item is graded.

    Examples
    --------
    >>> rows = {"item": ["a", "b"], "grade": ["correct", "incorrect"], "model": "m", "revision": "", "subject": ""}
    >>> Verdicts(pl.DataFrame(rows)).correct.tolist()
    [True, False]
    """

    schema: ClassVar[pl.Schema] = SCHEMA

    def __post_init__(self) -> None:
        own = own_columns(self.frame, SCHEMA, table="verdicts", row="item", later=CREDIT)
        refuse_broken(
            own,
            {
                "all columns but credit must be given": pl.any_horizontal(
                    pl.col(name).is_null() for name in SCHEMA if name not in CREDIT
                ),
                f"the grade must be one of {', '.join(ANSWER_GRADES)}": ~pl.col("grade").is_in(ANSWER_GRADES),
                "each item must occur once": pl.col("item").is_duplicated(),
                **credit_rule(),
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
        partial: Partial | None = None,
    ) -> Verdicts:
        """Verdicts from a data frame, a dict of arrays or a file.

        Parameters
        ----------
        data, correct, item, subject, model
            As in `calibration.Pairs.from_frame`; a word may also mean an abstention, and an empty cell is ungraded.
        partial : {"half", "incorrect", "ungraded"}, optional
            What values between 0 and 1 become, and words such as ``partially correct``, which are half right: with
            ``half`` they count with their credit. If omitted such values are refused, such words ungraded.

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
        table = own_or_given(data, SCHEMA, _FIELDS, later=CREDIT)
        if isinstance(table, pl.DataFrame):
            return cls(table)
        columns = chosen_columns(table, _FIELDS, {"correct": correct, "row_id": item, "group": subject}).named
        items = table.texts(columns["row_id"]) if "row_id" in columns else [str(row) for row in range(table.n_rows)]
        refuse_repeats(table, items)
        grade, credit = credited_grades(table, columns["correct"], partial=partial)
        frame = pl.DataFrame(
            {
                "item": items,
                "subject": table.texts(columns["group"]) if "group" in columns else [""] * table.n_rows,
                "grade": grade,
                "credit": pl.Series(credit, dtype=pl.Float64),
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
    def table(self) -> ResultTable:
        """Its sizes, and its first rows."""
        grades = {"grade": self.frame["grade"].head(N_ROWS).to_list()}
        left_out = (f"{counted(self.n_ungraded, 'item')} without a verdict left out.",) if self.n_ungraded else ()
        return run_preview(
            self.frame, grades, n_items=self.n_items, numbers={"accuracy": self.accuracy}, remarks=left_out
        )

    @property
    def n_ungraded(self) -> int:
        """Number of items left out, because the grader gave no verdict."""
        return self.frame.height - self.n_items

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each graded item was answered wholly right, shape (n_items,); an abstention is not."""
        return (self.rows["grade"] == "correct").to_numpy()

    @cached_property
    def credit(self) -> FloatArray:
        """Credit of each graded item, from 0 (wrong) to 1 (right), shape (n_items,)."""
        return self.rows.select(pl.coalesce("credit", (pl.col("grade") == "correct").cast(pl.Float64)))[
            "credit"
        ].to_numpy()

    @property
    def n_partial(self) -> int:
        """Number of items that are partly right."""
        return int((self.rows["grade"] == PARTIAL).sum())

    @property
    def accuracy(self) -> float:
        """Mean credit: the share of right items if none is partly right."""
        return float(self.credit.mean())
