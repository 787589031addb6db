"""Conformal sets: letters that hold the right one with a guaranteed probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..items.item import LETTERS
from ..metrics.arrays import FloatArray, IntArray
from ..metrics.curves import wilson
from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import ShownResult
from ..uncertainty.estimates import Estimate, share_estimate
from .guarantee_tables import letters_table, sets_table
from .scores import Score, expected_coverage


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ConformalSets(ShownResult):
    """Conformal sets of letters, one a held-out item.

    Printed, it is a table of their coverage and size; in a notebook a table of HTML.

    Attributes
    ----------
    item, subject : ndarray of str, shape (n_items,)
        Items of the sets.
    answer : ndarray of int, shape (n_items,)
        Index of the right letter.
    sets : ndarray of bool, shape (n_items, n_options)
        Whether each letter is in the set of each item.
    threshold : ndarray, shape (n_options,)
        The largest score with which each letter enters a set (one number unless class-conditional); infinite if
        there were too few items to find one.
    n_fitted : ndarray of int, shape (n_options,)
        Number of items fitted on, by threshold.
    error : float
        Largest allowed share of sets without the right letter.
    score : {"lac", "aps", "randomized aps"}
        Score that is compared with the thresholds.
    class_conditional : bool
        Whether the guarantee is for each right letter.
    level : float
        Coverage of the intervals.
    notes : tuple of str
        Letters that are in every set because no threshold leaves them out, with the reason.
    """

    item: NDArray[np.str_]
    subject: NDArray[np.str_]
    answer: IntArray
    sets: NDArray[np.bool_]
    threshold: FloatArray
    n_fitted: IntArray
    error: float
    score: Score
    class_conditional: bool
    level: float
    notes: tuple[str, ...]

    @property
    def table(self) -> ResultTable:
        """Coverage beside what is guaranteed, and sizes."""
        by_letter = ", a threshold for each right letter" if self.class_conditional else ""
        return sets_table(
            self.coverage,
            {"mean size": self.mean_size, "sets of one letter": self.singletons, "empty sets": self.empty},
            self.notes,
            title=f"Conformal sets by {self.score} for at most {self.error:g} without the right letter{by_letter}",
            expected=self.expected,
            error=self.error,
            n_items=len(self.item),
            n_fitted=int(self.n_fitted.sum() if self.class_conditional else self.n_fitted[0]),
        )

    @property
    def tables(self) -> tuple[ResultTable, ...]:
        """Coverage and sizes; of class-conditional sets by right letter too."""
        if not self.class_conditional:
            return (self.table,)
        return self.table, letters_table(self.by_letter(), level=self.level)

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Whether the set of each item holds the right letter, shape (n_items,)."""
        return np.asarray(self.sets[np.arange(len(self.answer)), self.answer])

    @property
    def size(self) -> IntArray:
        """Number of letters in the set of each item, shape (n_items,)."""
        return np.asarray(self.sets.sum(axis=1))

    @property
    def coverage(self) -> Estimate:
        """Share of sets that hold the right letter.

        Wilson's interval, for new items with these thresholds.
        """
        n_items = len(self.item)
        return share_estimate(float(self.covered.mean()), n_items, level=self.level).of_items("coverage", n_items)

    @property
    def expected(self) -> tuple[float, float] | None:
        """Range of the coverage, if scores do not tie.

        None for class-conditional sets; see `by_letter`.
        """
        if self.class_conditional:
            return None
        return expected_coverage(int(self.n_fitted[0]), len(self.item), self.error, self.level)

    @property
    def mean_size(self) -> float:
        """Mean number of letters in a set."""
        return float(self.size.mean())

    @property
    def singletons(self) -> float:
        """Share of sets with one letter."""
        return float((self.size == 1).mean())

    @property
    def empty(self) -> float:
        """Share of empty sets: every letter is less likely than allowed."""
        return float((self.size == 0).mean())

    @property
    def frame(self) -> pl.DataFrame:
        """One row an item.

        ``item``, ``subject``, ``answer`` (letter), ``set`` (letters, as ``AC``), ``size``, ``covered``.
        """
        letters = [
            pl.when(pl.Series(inside)).then(pl.lit(letter)).otherwise(pl.lit(""))
            for letter, inside in zip(LETTERS, self.sets.T, strict=False)
        ]
        return pl.DataFrame(
            {
                "item": self.item,
                "subject": self.subject,
                "answer": np.array(list(LETTERS))[self.answer],
                "size": self.size,
                "covered": self.covered,
            }
        ).select("item", "subject", "answer", pl.concat_str(letters).alias("set"), "size", "covered")

    def by_letter(self) -> pl.DataFrame:
        """One row a right letter, with its threshold and number of fitted items.

        ``letter``, ``n_items``, ``coverage``, ``low``, ``high``, ``mean_size``, ``singletons``, ``empty``,
        ``threshold``, ``n_fitted``, ``expected_low``, ``expected_high``. The last two are as `expected`, for
        class-conditional sets; others promise nothing for a letter, and they are null.
        """
        table = self._summary("answer")
        indices = [LETTERS.index(letter) for letter in table["answer"]]
        ranges = [
            expected_coverage(int(self.n_fitted[index]), n_items, self.error, self.level)
            if self.class_conditional
            else (None, None)
            for index, n_items in zip(indices, table["n_items"], strict=True)
        ]
        return table.rename({"answer": "letter"}).with_columns(
            threshold=self.threshold[indices],
            n_fitted=self.n_fitted[indices],
            expected_low=pl.Series([low for low, _ in ranges], dtype=pl.Float64),
            expected_high=pl.Series([high for _, high in ranges], dtype=pl.Float64),
        )

    def by_subject(self) -> pl.DataFrame:
        """One row a subject, by name.

        ``subject``, ``n_items``, ``coverage`` with Wilson's ``low`` and ``high``, ``mean_size``, ``singletons``,
        ``empty``. Nothing is promised for a subject.
        """
        return self._summary("subject")

    def _summary(self, key: str) -> pl.DataFrame:
        size = pl.col("size")
        table = (
            self.frame.group_by(key)
            .agg(
                n_items=pl.len().cast(pl.Int64),
                coverage=pl.col("covered").mean(),
                mean_size=size.mean(),
                singletons=(size == 1).mean(),
                empty=(size == 0).mean(),
            )
            .sort(key)
        )
        count = table["n_items"].to_numpy().astype(np.float64)
        low, high = wilson(table["coverage"].to_numpy(), count, level=self.level)
        return table.with_columns(low=low, high=high).select(
            key, "n_items", "coverage", "low", "high", "mean_size", "singletons", "empty"
        )
