"""Runs on annotated items: as keyed, without the faulty ones, and with corrected keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..items.annotations import OK, Annotations
from ..items.item import LETTERS
from ..predictions.letter_table import SCHEMA
from ..predictions.pairing import paired
from ..predictions.predictions import Predictions
from .comparison import Comparison, compare

# What the three sets are called, in the order of every table.
SETS = ("as_keyed", "without_faulty", "corrected")
_NAMED = 3


@dataclass(frozen=True, eq=False, kw_only=True)
class AnnotatedSets:
    """The annotated items of a run, three times.

    Attributes
    ----------
    as_keyed : Predictions
        All of them, with the keys that they came with.
    without_faulty : Predictions
        Those whose error type is ``ok``.
    corrected : Predictions
        Those, and the faulty ones to which the experts give another answer than the key, with that answer as the key.
    error_type : polars.Series
        Of each row of `as_keyed`.
    rekeyed : ndarray of bool
        Whether `corrected` holds the row of `as_keyed` under another key.
    n_not_annotated : int
        Items of the run without an annotation: in none of the sets.
    n_not_in_run : int
        Annotations of items that the run does not hold.
    notes : tuple of str
        What was left out and why, in words.
    """

    as_keyed: Predictions
    without_faulty: Predictions
    corrected: Predictions
    error_type: pl.Series
    rekeyed: NDArray[np.bool_]
    n_not_annotated: int
    n_not_in_run: int
    notes: tuple[str, ...]

    @property
    def sound(self) -> NDArray[np.bool_]:
        """Which rows of `as_keyed` are `without_faulty`."""
        return (self.error_type == OK).to_numpy()


@dataclass(frozen=True, eq=False)
class AnnotatedComparison:
    """Two runs on the same items, and their change, on each set of `AnnotatedSets`.

    Attributes
    ----------
    as_keyed, without_faulty, corrected : Comparison
        One a set.
    notes : tuple of str
        What was left out and why, in words.
    """

    as_keyed: Comparison
    without_faulty: Comparison
    corrected: Comparison
    notes: tuple[str, ...]

    @property
    def frame(self) -> pl.DataFrame:
        """One row a set and measure: ``items`` (the set) and the columns of `Comparison.frame`."""
        comparisons = zip(SETS, (self.as_keyed, self.without_faulty, self.corrected), strict=True)
        return pl.concat(
            [comparison.frame.select(pl.lit(name).alias("items"), pl.all()) for name, comparison in comparisons]
        )


def annotated_sets(predictions: Predictions, annotations: Annotations) -> AnnotatedSets:
    """The annotated items of a run, as keyed, without faulty ones, with corrected keys.

    Parameters
    ----------
    predictions : Predictions
        The run.
    annotations : Annotations
        Joined on the ids of items.

    Returns
    -------
    AnnotatedSets

    Raises
    ------
    ValueError
        Where no item of the run is annotated, or none as ``ok``; for a corrected answer beyond an item's options, by
        name.

    Notes
    -----
    Only a faulty item gets another key, and only where the experts give exactly one other answer. A faulty item whose
    corrected answer is the key itself is not repaired by it and leaves the corrected set, as one without an answer
    does. An item that is ``ok`` keeps its key, whatever answer stands beside it; such contradictions are in the notes.

    Examples
    --------
    >>> run = Predictions.from_arrays([[2.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0, 0, 1], item=["a", "b", "c"])
    >>> table = pl.DataFrame({"item": ["a", "b"], "error_type": ["ok", "wrong key"], "corrected_answer": [None, 1]})
    >>> sets = annotated_sets(run, Annotations(table))
    >>> sets.as_keyed.accuracy, sets.without_faulty.accuracy, sets.corrected.accuracy, sets.n_not_annotated
    (0.5, 1.0, 1.0, 1)
    """
    # Further columns of the run may have the names of the annotations'.
    own = predictions.frame.select(list(SCHEMA))
    frame = own.join(annotations.frame, on="item", how="inner", maintain_order="left")
    if frame.is_empty():
        raise ValueError(
            f"no item of the run is annotated: the run holds items such as {predictions.frame['item'][0]}, "
            f"the annotations such as {annotations.frame['item'][0]}"
        )
    frame = frame.with_columns(
        key=pl.col("order").list.get(pl.col("answer")),
        # The inverse of an order says under which letter each option stood.
        letter=pl.col("order")
        .list.eval(pl.element().arg_sort())
        .list.get(pl.col("corrected_answer"), null_on_oob=True)
        .cast(pl.Int8),
    )
    beyond = frame.filter(pl.col("corrected_answer").is_not_null() & pl.col("letter").is_null())
    if not beyond.is_empty():
        item, answer, order = beyond.select("item", "corrected_answer", "order").row(0)
        raise ValueError(
            f"item {item}: the corrected answer must be one of its {len(order)} options, got {LETTERS[answer]}"
        )
    sound = pl.col("error_type") == OK
    other = (pl.col("corrected_answer") != pl.col("key")).fill_null(value=False)
    if not frame.select(sound.any()).item():
        raise ValueError(f"no item of the run is annotated as {OK!r}; sound items must be listed too")
    corrected = frame.filter(sound | other).with_columns(answer=pl.when(sound).then("answer").otherwise("letter"))
    not_annotated = predictions.frame.join(annotations.frame, on="item", how="anti", maintain_order="left")
    not_in_run = annotations.frame.join(predictions.frame, on="item", how="anti", maintain_order="left")
    own_key = frame.filter(~sound & (pl.col("corrected_answer") == pl.col("key")))
    notes = (
        _note(
            not_annotated,
            "item of the run is not annotated and counts nowhere here",
            "items of the run are not annotated and count nowhere here",
        ),
        _note(not_in_run, "annotated item is not in the run", "annotated items are not in the run"),
        _note(
            frame.filter(~sound & ~other),
            "faulty item has no other answer and is not in the corrected set",
            "faulty items have no other answer and are not in the corrected set",
        ),
        _note(
            own_key,
            "of the faulty items has the key itself as the corrected answer, which repairs nothing",
            "of the faulty items have the key itself as the corrected answer, which repairs nothing",
        ),
        _note(
            frame.filter(sound & other),
            f"item is {OK}, yet has another answer beside its key, which it keeps",
            f"items are {OK}, yet have another answer beside their key, which they keep",
        ),
    )
    return AnnotatedSets(
        as_keyed=Predictions(frame.select(list(SCHEMA))),
        without_faulty=Predictions(frame.filter(sound).select(list(SCHEMA))),
        corrected=Predictions(corrected.select(list(SCHEMA))),
        error_type=frame["error_type"],
        rekeyed=frame.select(~sound & other).to_series().to_numpy(),
        n_not_annotated=not_annotated["item"].n_unique(),
        n_not_in_run=not_in_run.height,
        notes=tuple(note for note in notes if note),
    )


def compare_annotated(
    before: Predictions, after: Predictions, annotations: Annotations, *, level: float = 0.95, seed: int = 0
) -> AnnotatedComparison:
    """Every measure of two runs and its change, on each set of `AnnotatedSets`.

    Parameters
    ----------
    before, after : Predictions
        Two runs on the same items; joined on their ids.
    annotations : Annotations
        Joined on the ids of items.
    level : float
        Coverage of the intervals.
    seed : int
        Same seed, same digits.

    Returns
    -------
    AnnotatedComparison
        What `compare` gives, on each set of `AnnotatedSets`.

    Raises
    ------
    ValueError
        As `compare` and `annotated_sets`.

    Examples
    --------
    >>> run = Predictions.from_arrays([[2.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0, 0, 1], item=["a", "b", "c"])
    >>> table = pl.DataFrame(
    ...     {"item": ["a", "b", "c"], "error_type": ["ok", "wrong key", "ok"], "corrected_answer": [None, 1, None]}
    ... )
    >>> compare_annotated(run, run, Annotations(table)).corrected.change["accuracy"].value
    0.0
    """
    after = paired(before, after)
    first, second = (annotated_sets(run, annotations) for run in (before, after))
    return AnnotatedComparison(
        compare(first.as_keyed, second.as_keyed, level=level, seed=seed),
        compare(first.without_faulty, second.without_faulty, level=level, seed=seed),
        compare(first.corrected, second.corrected, level=level, seed=seed),
        first.notes,
    )


def _note(items: pl.DataFrame, single: str, several: str) -> str:
    """A sentence about an item or several, with the first names; empty if none."""
    names = items["item"].unique(maintain_order=True).to_list()
    text = single if len(names) == 1 else several
    return f"{len(names)} {text}: {', '.join(names[:_NAMED])}{' …' * (len(names) > _NAMED)}" if names else ""
