"""Items that a model answered right or wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..metrics.arrays import FloatArray, IntArray
from ..result_tables.shown_result import Shown
from ..tables.schema_table import SchemaTable


@dataclass(frozen=True, eq=False, repr=False)
class AnsweredItems(Shown, SchemaTable, ABC):
    """Items that one model answered right or wrong, by ``item`` and ``subject``."""

    @property
    def rows(self) -> pl.DataFrame:
        """The table with one row an item, from which everything is computed."""
        return self.frame

    @property
    def n_items(self) -> int:
        """Number of items."""
        return self.rows.height

    @cached_property
    def item(self) -> NDArray[np.str_]:
        """Ids, shape (n_items,)."""
        return self._texts("item")

    @cached_property
    def subject(self) -> NDArray[np.str_]:
        """Subjects, or other groups, shape (n_items,)."""
        return self._texts("subject")

    def _texts(self, name: str) -> NDArray[np.str_]:
        return np.asarray(self.rows[name].to_list(), dtype=np.str_)

    @property
    @abstractmethod
    def correct(self) -> NDArray[np.bool_]:
        """Whether each item was answered right, shape (n_items,)."""

    @property
    def weights(self) -> FloatArray | None:
        """How much each item counts, shape (n_items,); None if all count alike."""
        return None

    @property
    def units(self) -> IntArray | None:
        """Index of each item's cluster, shape (n_items,); None if each item is drawn alone."""
        return None

    @property
    def accuracy(self) -> float:
        """Share of items that were answered right."""
        return float(np.average(self.correct, weights=self.weights))
