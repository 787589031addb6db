"""Numbers of the letter audit: letter mass, ties, and shares of letters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from calibration import Predictions
from calibration.items.item import LETTERS

STATISTICS = {
    "letter_mass": "Letter mass, mean",
    "letter_mass_5_percent": "Letter mass, lowest 5 % of items below",
    "letter_mass_1_percent": "Letter mass, lowest 1 % of items below",
    "letter_mass_lowest": "Letter mass, lowest",
    "other_form_mass": "Mass on the letters' other form, mean",
    "tie_rate": "Tie rate",
    "bounded_items": "Items with a letter that is only bounded",
}
"""Columns of `letter_statistics` and their labels."""


def letter_statistics(runs: Sequence[Predictions], names: Sequence[str]) -> pl.DataFrame:
    """Letter mass, tie rate and bounded items of every run.

    Examples
    --------
    >>> run = Predictions.from_arrays([[1.0, 0.0], [2.0, 2.0]], [0, 1])
    >>> letter_statistics([run], ["base"])["tie_rate"].item()
    0.5
    """
    return pl.DataFrame(
        [{"run": name, **_statistics(run)} for name, run in zip(names, runs, strict=True)],
        schema={"run": pl.String} | dict.fromkeys(STATISTICS, pl.Float64),
    )


def letter_shares(runs: Sequence[Predictions]) -> pl.DataFrame:
    """Shares of each letter among keys and predictions, and its mean probability.

    Parameters
    ----------
    runs : sequence of Predictions
        On the same items: one, whose columns are called without a side; two, before and after; or more, whose columns
        end in their numbers. Tied predictions are split.

    Examples
    --------
    >>> run = Predictions.from_arrays([[1.0, 0.0], [2.0, 2.0]], [0, 1])
    >>> letter_shares((run, run)).select("letter", "right", "predicted_before").rows()
    [('A', 0.5, 0.75), ('B', 0.5, 0.25)]
    """
    width = runs[0].probabilities.shape[1]
    columns: dict[str, object] = {
        "letter": list(LETTERS[:width]),
        "right": np.bincount(runs[0].answer, minlength=width) / runs[0].n_items,
    }
    known = {1: ("",), 2: ("_before", "_after")}
    sides = known.get(len(runs), tuple(f"_{number}" for number in range(1, len(runs) + 1)))
    for side, run in zip(sides, runs, strict=True):
        columns[f"predicted{side}"] = (run.best / run.tied[:, None]).mean(axis=0)
        columns[f"mean_probability{side}"] = run.probabilities.mean(axis=0)
    return pl.DataFrame(columns)


def _statistics(run: Predictions) -> dict[str, float | None]:
    mass = run.frame["letter_mass"].drop_nulls().cast(pl.Float64).to_numpy()
    other = run.frame["other_form_mass"].drop_nulls().cast(pl.Float64).to_numpy()
    low = np.quantile(mass, [0.05, 0.01, 0]).tolist() if len(mass) else [None] * 3
    return {
        "letter_mass": float(mass.mean()) if len(mass) else None,
        "letter_mass_5_percent": low[0],
        "letter_mass_1_percent": low[1],
        "letter_mass_lowest": low[2],
        "other_form_mass": float(other.mean()) if len(other) else None,
        "tie_rate": float((run.tied > 1).mean()),
        "bounded_items": float(run.frame["bounded"].list.any().sum()),
    }
