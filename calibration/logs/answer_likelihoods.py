"""Log-likelihoods of true and false answers to open questions, as logs hold them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ..files.row_rules import own_columns, refuse_broken

SCHEMA = pl.Schema(
    {
        "item": pl.String(),
        "category": pl.String(),
        "question": pl.String(),
        "correct": pl.List(pl.String()),
        "incorrect": pl.List(pl.String()),
        "correct_logprobs": pl.List(pl.Float64()),
        "incorrect_logprobs": pl.List(pl.Float64()),
    }
)


@dataclass(frozen=True, eq=False)
class AnswerLikelihoods:
    """Log-likelihoods of every true and false answer to each question (TruthfulQA's mc1 and mc2).

    Attributes
    ----------
    frame : polars.DataFrame
        One row a question: ``item``, ``category``, ``question``, ``correct`` and ``incorrect`` (texts; the first
        correct one is the ideal answer), ``correct_logprobs`` and ``incorrect_logprobs`` (natural, summed over tokens).
    variant : {"mc1", "mc2"}
        Which score the log itself has.

    Raises
    ------
    ValueError
        For an empty table, missing columns, no answer of a kind, log-likelihoods that are not finite or positive.
    """

    frame: pl.DataFrame
    variant: str

    def __post_init__(self) -> None:
        own = own_columns(self.frame, SCHEMA, table="answer likelihoods", row="question")
        object.__setattr__(self, "frame", own)

        def unfit(name: str) -> pl.Expr:
            values = pl.col(f"{name}_logprobs").list
            finite = values.eval(pl.element().is_finite() & (pl.element() <= 0)).list.all()
            as_many = pl.col(name).list.len() == values.len()
            return ~((values.len() > 0) & as_many & finite).fill_null(value=False)

        refuse_broken(
            self.frame,
            {
                f"there must be a finite log-likelihood, not positive, of each {name} answer": unfit(name)
                for name in ("correct", "incorrect")
            }
            | {"each question must occur once": pl.col("item").is_duplicated()},
            lambda row: (
                f"row {row['row']} (item {row['item']}) has {row['correct_logprobs']} and {row['incorrect_logprobs']}"
            ),
        )
