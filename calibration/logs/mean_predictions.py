"""Predictions with the mean probability of each option over several answers."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ..predictions.predictions import Predictions


def mean_predictions(runs: Sequence[Predictions]) -> Predictions:
    """Predictions with the mean probability of each option; of upper bounds an upper bound."""
    if len(runs) == 1:
        return runs[0]
    rows = pl.concat([run.frame for run in runs])
    options = rows.select(
        "item", pl.col("logprobs").cast(pl.List(pl.Float64)), "bounded", pl.col("order").alias("option")
    ).explode("logprobs", "bounded", "option")
    means = (
        options.group_by("item", "option", maintain_order=True)
        .agg(pl.col("logprobs").exp().mean().log(), pl.col("bounded").any())
        .group_by("item", maintain_order=True)
        .agg("logprobs", "bounded")
    )
    mass = rows.group_by("item", maintain_order=True).agg(pl.col("letter_mass").mean())
    first = rows.unique("item", keep="first", maintain_order=True).drop("logprobs", "bounded", "letter_mass")
    return Predictions(first.join(means, on="item", maintain_order="left").join(mass, on="item", maintain_order="left"))
