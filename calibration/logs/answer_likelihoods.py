"""Log-likelihoods of true and false answers to open questions, as logs hold them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ..files.row_rules import own_columns, refuse_broken
from .graded_answers import OF_ANSWERS, OF_QUESTIONS

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

KNOWN_TOO = {
    **{name: kind for name, kind in OF_QUESTIONS.items() if name not in SCHEMA},
    **{name: OF_ANSWERS[name] for name in ("revision", "prompt")},
}
"""What else a run of this package knows of questions and answers."""

MC1_ALONE = "the log holds the answers of mc1 alone, which give no mc2"
"""Remark on a log without the further true answers of mc2."""


@dataclass(frozen=True, eq=False)
class AnswerLikelihoods:
    """Log-likelihoods of every true and false answer to each question (TruthfulQA's mc1 and mc2).

    Attributes
    ----------
    frame : polars.DataFrame
        One row a question: ``item``, ``category``, ``question``, ``correct`` and ``incorrect`` (texts; the first
        correct one is the ideal answer), ``correct_logprobs`` and ``incorrect_logprobs`` (natural, summed over
        tokens); and what else a run of this package knew (`KNOWN_TOO`).
    variant : {"mc1", "mc2"}
        Which score the log itself has.
    mc1_alone : bool
        Whether these are the answers of mc1 without further true ones, so that mc2 is not known.

    Raises
    ------
    ValueError
        For an empty table, missing columns, no answer of a kind, log-likelihoods that are not finite or positive.
    """

    frame: pl.DataFrame
    variant: str
    mc1_alone: bool = False

    def __post_init__(self) -> None:
        further = {name: kind for name, kind in KNOWN_TOO.items() if name in self.frame.columns}
        schema = pl.Schema({**SCHEMA, **further})
        own = own_columns(self.frame, schema, table="answer likelihoods", row="question")
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
