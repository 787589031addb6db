"""Pairs: a confidence, and whether what it was stated for is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from ..files.field_names import Fields
from ..files.row_rules import own_columns, refuse_broken
from ..metrics.arrays import FloatArray, IntArray
from ..metrics.ids import texts_in_order
from ..metrics.precision import known_to, narrowest_type
from ..metrics.validation import confidence_pair, positive_weights
from ..result_tables.preview import N_ROWS
from ..result_tables.result_table import ResultTable
from ..tables.chosen_columns import chosen_columns, only_model, refuse_repeats, with_further
from ..tables.table_files import own_or_given
from .answered_items import AnsweredItems
from .confidence_columns import confidences, hits, refuse_verdicts
from .further_columns import with_further_columns
from .previews import run_preview

SCHEMA = pl.Schema(
    {
        "model": pl.String(),
        "revision": pl.String(),
        "item": pl.String(),
        "subject": pl.String(),
        "cluster": pl.String(),
        "confidence": pl.Float64(),
        "correct": pl.Boolean(),
        "weight": pl.Float64(),
    }
)

_FIELDS = Fields(
    ("confidence", "correct", "row_id", "group", "cluster", "weight", "model"), required=("confidence", "correct")
)


@dataclass(frozen=True, eq=False, repr=False)
class Pairs(AnsweredItems):
    """Confidences of one model, each with whether it came true.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a pair: ``model``, ``revision``, ``item`` (pairs it between runs), ``subject`` (its group),
        ``cluster`` (pairs of one cluster are not independent), ``confidence`` (in [0, 1]), ``correct`` and ``weight``.
        Further columns, such as a language, stand behind these; they can group.

    Raises
    ------
    ValueError
        For an empty table, missing columns or values, further ones that hold lists or objects, items that occur twice,
        confidences outside [0, 1], weights that are not positive.

    Examples
    --------
    >>> pairs = Pairs.from_arrays([0.9, 0.6], [1, 0])
    >>> pairs.n_items, pairs.accuracy
    (2, 0.5)
    """

    schema: ClassVar[pl.Schema] = SCHEMA

    def __post_init__(self) -> None:
        own = own_columns(self.frame, SCHEMA, table="pairs", row="confidence")
        weight = pl.col("weight")
        refuse_broken(
            own,
            {
                "all columns must be given": pl.any_horizontal(pl.col(name).is_null() for name in SCHEMA),
                "a confidence must be a probability": ~pl.col("confidence").is_between(0, 1),
                "a weight must be finite and positive": ~(weight.is_finite() & (weight > 0)),
                "each item must occur once": pl.col("item").is_duplicated(),
            },
            lambda row: (
                f"row {row['row']} (item {row['item']}) has confidence {row['confidence']}, correct {row['correct']}, "
                f"weight {row['weight']}"
            ),
        )
        object.__setattr__(self, "frame", with_further_columns(own, self.frame))

    @classmethod
    def from_arrays(
        cls,
        confidence: ArrayLike,
        correct: ArrayLike,
        *,
        item: Sequence[str] | None = None,
        group: Sequence[str] | None = None,
        cluster: Sequence[str] | None = None,
        weight: ArrayLike | None = None,
        model: str = "",
    ) -> Pairs:
        """Pairs from arrays.

        Parameters
        ----------
        confidence : array_like, shape (n,)
            Probabilities in [0, 1].
        correct : array_like of 0 and 1, shape (n,)
            Whether what the confidence was stated for is right.
        item : sequence of str, optional
            Pairing keys; the row number if omitted.
        group : sequence of str, optional
            Subjects or categories; one group if omitted.
        cluster : sequence of str, optional
            What is drawn together, such as the question of several samples; each item alone if omitted.
        weight : array_like, shape (n,), optional
            How much each counts; alike if omitted.
        model : str
            A name for tables and figures.

        Raises
        ------
        ValueError
            As `Pairs`, and for lengths that differ.

        Examples
        --------
        >>> Pairs.from_arrays([0.9, 0.6], [1, 0], group=["law", "art"]).subject.tolist()
        ['law', 'art']
        """
        scores, hits = confidence_pair(confidence, correct)
        n_items = len(scores)
        items = [str(row) for row in range(n_items)] if item is None else texts_in_order("item", item, n=n_items)
        frame = pl.DataFrame(
            {
                "item": items,
                "subject": [""] * n_items if group is None else texts_in_order("group", group, n=n_items),
                "cluster": items if cluster is None else texts_in_order("cluster", cluster, n=n_items),
                "confidence": np.asarray(scores),
                "correct": np.asarray(hits) == 1,
                "weight": np.ones(n_items) if weight is None else positive_weights(weight, n=n_items),
            },
            schema_overrides={"item": pl.String, "subject": pl.String, "cluster": pl.String},
        )
        return cls(frame.with_columns(model=pl.lit(model), revision=pl.lit("")))

    @classmethod
    def from_frame(
        cls,
        data: object,
        *,
        confidence: str | None = None,
        correct: str | None = None,
        item: str | None = None,
        subject: str | None = None,
        cluster: str | None = None,
        weight: str | None = None,
        scale: float | None = None,
        model: str | None = None,
    ) -> Pairs:
        """Pairs from a data frame, a dict of arrays or a file.

        Parameters
        ----------
        data : frame, mapping or path
            A frame of polars, pandas, pyarrow or DuckDB; a dict of arrays; a CSV, TSV, JSONL, Parquet, Arrow or Excel
            file.
        confidence, correct, item, subject, cluster, weight : str, optional
            Names of columns. If omitted they are recognised: ``confidence``, ``prob``, ``p`` or ``score``; ``correct``,
            ``label``, ``is_correct`` or ``verdict`` (0 and 1, truth values, words such as ``wrong``); ``item``, ``id``,
            ``question_id`` or ``doc_id`` (the row number without one); ``subject``, ``category`` or ``task``.
        scale : float, optional
            What confidences are divided by: 100 for per cent.
        model : str, optional
            A name for tables and figures; if omitted, that of a column ``model``.

        Raises
        ------
        ValueError
            As `from_arrays`; for two columns that mean one field, missing values, repeated ids and rows of several
            models, naming column and row; for values up to 100 without a scale.
        TypeError
            For what is no table.

        Examples
        --------
        >>> Pairs.from_frame({"prob": [90, 60], "is_correct": ["yes", "no"]}, scale=100).confidence.tolist()
        [0.9, 0.6]
        """
        table = own_or_given(data, SCHEMA, _FIELDS)
        if isinstance(table, pl.DataFrame):
            return cls(table)
        chosen = {
            "confidence": confidence, "correct": correct, "row_id": item, "group": subject, "cluster": cluster,
            "weight": weight,
        }  # fmt: skip
        columns = chosen_columns(table, _FIELDS, chosen).named
        items = table.texts(columns["row_id"]) if "row_id" in columns else None
        if items is not None:
            refuse_repeats(table, items)
        try:
            values, right = confidences(table, columns["confidence"], scale=scale), hits(table, columns["correct"])
            refuse_verdicts(table, columns["confidence"], np.asarray(values), right)
            pairs = cls.from_arrays(
                values,
                right,
                item=items,
                group=table.texts(columns["group"]) if "group" in columns else None,
                cluster=table.texts(columns["cluster"]) if "cluster" in columns else None,
                weight=table.numbers(columns["weight"]) if "weight" in columns else None,
                model=only_model(table, columns.get("model")) if model is None else model,
            )
        except ValueError as error:
            raise table.named(error) from None
        return cls(with_further(pairs.frame, table, columns.values()))

    @property
    def table(self) -> ResultTable:
        """Its sizes, and its first rows."""
        head = self.frame.head(N_ROWS)
        confidence = float(np.average(self.confidence, weights=self.weights))
        numbers = {"accuracy": self.accuracy, "mean confidence": confidence}
        return run_preview(
            self.frame, {name: head[name].to_list() for name in ("confidence", "correct")}, n_items=self.n_items,
            numbers=numbers,
        )  # fmt: skip

    @cached_property
    def confidence(self) -> FloatArray:
        """Confidence of each, shape (n_items,), of the precision that it was given in."""
        values = self.frame["confidence"].to_numpy()
        return known_to(values, narrowest_type(values))

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each came true, shape (n_items,)."""
        return self.frame["correct"].to_numpy()

    @cached_property
    def cluster(self) -> NDArray[np.str_]:
        """What is drawn together, shape (n_items,)."""
        return self._texts("cluster")

    @cached_property
    def units(self) -> IntArray | None:
        """Index of each pair's cluster, shape (n_items,); None if each pair is drawn alone."""
        index = self.frame["cluster"].rank("dense").to_numpy().astype(np.int64) - 1
        return index if int(index.max()) + 1 < self.n_items else None

    @cached_property
    def weights(self) -> FloatArray | None:
        """How much each counts, shape (n_items,); None if all count alike."""
        weight = self.frame["weight"].to_numpy()
        return weight if weight.min() < weight.max() else None
