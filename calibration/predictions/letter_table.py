"""The table of predictions: columns, and rules for rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..files.row_rules import refuse_broken
from ..items.item import LETTERS
from ..metrics.letter_mass import LARGEST_MASS
from .letter_scores import LetterScores

# Log-probabilities of a certain letter may come out this much above 0.
_ROUNDING = 1e-4

SCHEMA = pl.Schema(
    {
        "model": pl.String(),
        "revision": pl.String(),
        "item": pl.String(),
        "subject": pl.String(),
        "content": pl.String(),
        "order": pl.List(pl.Int8()),
        "answer": pl.Int8(),
        "logprobs": pl.List(pl.Float32()),
        "bounded": pl.List(pl.Boolean()),
        "letter_mass": pl.Float32(),
        "other_form_mass": pl.Float32(),
        "prompt": pl.String(),
    }
)

STEP_COLUMN = "probability_step"
"""Further column of a run whose probabilities are rounded: the distance of neighbouring values."""


def letter_table(
    scores: LetterScores,
    answer: NDArray[np.int64],
    item: Sequence[str | None] | pl.Series,
    subject: Sequence[str | None] | pl.Series,
    *,
    model: str,
) -> pl.DataFrame:
    """Table of predictions from letter scores without texts and prompts."""
    widest = scores.logprobs.shape[1]

    def lists(values: NDArray[np.generic]) -> pl.Expr:
        column = pl.Series(values, dtype=pl.Array(pl.Series(values[:0].ravel()).dtype, widest)).arr.to_list()
        return pl.lit(column).list.head(pl.col("order").list.len())

    order = pl.int_ranges(pl.Series(scores.n_options), dtype=pl.Int8, eager=True)
    table = pl.DataFrame({"item": item, "subject": subject}, schema={"item": pl.String, "subject": pl.String})
    none = pl.lit(None, dtype=pl.Float32)
    rounded = {} if scores.step is None else {STEP_COLUMN: pl.lit(scores.step)}
    return table.with_columns(order.alias("order")).with_columns(
        model=pl.lit(model),
        revision=pl.lit(""),
        content=pl.lit(""),
        answer=pl.Series(answer, dtype=pl.Int8),
        logprobs=lists(scores.logprobs),
        bounded=lists(scores.bounded),
        letter_mass=none if scores.letter_mass is None else pl.Series(scores.letter_mass, dtype=pl.Float32),
        other_form_mass=none,
        prompt=pl.lit(""),
        **rounded,
    )


def refuse_bad_rows(frame: pl.DataFrame) -> None:
    """Raise for the first impossible row, by row and item."""
    for name in ("item", "subject"):
        if frame[name].null_count():
            raise ValueError(f"item and subject must be given; row {frame[name].is_null().arg_max()} has no {name}")
    n_options = pl.col("logprobs").list.len()
    values = pl.col("logprobs").list
    rules = {
        "there must be 2 to 26 letters": n_options.is_between(2, len(LETTERS)),
        "order and bounded must be as long as logprobs": (
            (pl.col("order").list.len() == n_options) & (pl.col("bounded").list.len() == n_options)
        ),
        "the answer must be one of the letters": pl.col("answer").is_between(0, n_options.cast(pl.Int64) - 1),
        "log-probabilities must be finite and not positive; a letter that the source did not give is bounded": (
            values.eval(pl.element().is_finite().fill_null(value=False)).list.all() & (values.max() <= _ROUNDING)
        ),
        "order must name each option once": (
            pl.col("order").list.sort() == pl.int_ranges(n_options.cast(pl.Int64), dtype=pl.Int8)
        ),
        "letter_mass and other_form_mass must be probabilities, or null": (
            _is_probability("letter_mass") & _is_probability("other_form_mass")
        ),
    }
    _refuse_broken(frame, rules)
    repeated = frame.filter(pl.col("item").is_duplicated())
    if not repeated.is_empty():
        _refuse_bad_repeats(repeated)
    # An upper bound may take what other letters have.
    given = values.eval(pl.element().exp()) * pl.col("bounded").list.eval(1.0 - pl.element().cast(pl.Float32))
    rule = f"log-probabilities of letters in one context must not sum to more than {LARGEST_MASS} as probabilities"
    _refuse_broken(frame, {rule: given.list.sum() <= LARGEST_MASS})


def _refuse_broken(frame: pl.DataFrame, rules: Mapping[str, pl.Expr]) -> None:
    broken = {rule: ~holds.fill_null(value=False) for rule, holds in rules.items()}
    refuse_broken(
        frame,
        broken,
        lambda row: f"row {row['row']} (item {row['item']}) has logprobs {row['logprobs']} and answer {row['answer']}",
    )


def _refuse_bad_repeats(frame: pl.DataFrame) -> None:
    """Raise for an item that is repeated in one order of options.

    An item may have several rows if its options are in another order in each.
    """
    twice = frame.filter(pl.struct("item", "order").is_duplicated())
    if not twice.is_empty():
        item, order = twice.select("item", "order").row(0)
        times = twice.filter(
            (pl.col("item") == item) & (pl.col("order") == pl.lit(order, twice.schema["order"]))
        ).height
        raise ValueError(f"each item must occur once, item {item} occurs {times} times with its options in one order")
    same = {
        "subject": pl.col("subject"),
        "text": pl.col("content"),
        "number of options": pl.col("order").list.len(),
        "right option": pl.col("order").list.get(pl.col("answer")),
    }
    for name, value in same.items():
        differ = frame.filter(value.n_unique().over("item") > 1)
        if not differ.is_empty():
            raise ValueError(
                f"an item must have one {name} in every order of its options, item {differ['item'][0]} has more"
            )


def _is_probability(name: str) -> pl.Expr:
    mass = pl.col(name)
    return mass.is_null() | (mass.is_finite() & mass.is_between(0, 1 + _ROUNDING))
