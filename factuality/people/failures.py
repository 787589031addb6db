"""Where a grader and people differ: by category and by style of answer."""

from __future__ import annotations

import numpy as np
import polars as pl

from calibration.metrics.curves import wilson

from ..words import split_words

_NEGATIONS = frozenset({"no", "not", "never", "none", "nobody", "nothing", "nowhere"})
_SHORT, _LONG = 3, 20


def failures(known: pl.DataFrame, level: float) -> pl.DataFrame:
    """Agreement by category and by style of answer, as `GraderValidation.failures`.

    Parameters
    ----------
    known : polars.DataFrame
        Of `paired_verdicts`, the answers with a label.
    level : float
        Coverage of the intervals.
    """
    styles = pl.Series("style", [answer_style(text) for text in known["response"]], dtype=pl.String)
    verdict = pl.col("said")
    counted = [
        pl.len().alias("n"),
        pl.col("label").mean().alias("human_rate"),
        verdict.eq_missing(True).mean().alias("rate"),  # noqa: FBT003 (polars takes the value so)
        verdict.eq_missing(pl.col("label")).mean().alias("accuracy"),
        (verdict.eq_missing(True) & ~pl.col("label")).mean().alias("passed"),  # noqa: FBT003
        (verdict.eq_missing(False) & pl.col("label")).mean().alias("failed"),  # noqa: FBT003
        verdict.is_null().mean().alias("ungraded"),
    ]
    groups = [
        known.with_columns(styles)
        .group_by(pl.col(column).alias("name"), maintain_order=True)
        .agg(counted)
        .select(pl.lit(column).alias("group"), pl.all())
        for column in ("category", "style")
    ]
    table = pl.concat(groups)
    low, high = wilson(table["accuracy"].to_numpy(), table["n"].to_numpy().astype(np.float64), level=level)
    order = ["group", "name", "n", "human_rate", "rate", "accuracy", "low", "high", "passed", "failed", "ungraded"]
    return table.with_columns(pl.Series("low", low), pl.Series("high", high)).select(order).sort("group", "high")


def answer_style(response: str) -> str:
    """The style of an answer, by the first of these that fits.

    Examples
    --------
    >>> answers = ("I don't know.", "No, never.", "A cat.", "It is not a cat.", "It is a cat, sir.")
    >>> [answer_style(answer) for answer in answers]
    ['declines', 'opens with yes or no', 'up to 3 words', 'denies', 'states']
    """
    words = split_words(response)
    if not words:
        return "empty"
    # Its grammar takes a quarter of a second to compile; commands that grade nothing do not wait for it.
    from ..grading.abstention import declines

    if declines(response):
        return "declines"
    if words[0] in {"yes", "no"}:
        return "opens with yes or no"
    if len(words) <= _SHORT:
        return f"up to {_SHORT} words"
    if len(words) > _LONG:
        return f"over {_LONG} words"
    return "states" if _NEGATIONS.isdisjoint(words) else "denies"
