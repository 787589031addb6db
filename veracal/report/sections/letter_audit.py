"""The letter audit: whether the letters that were read are what the models would have written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from calibration import Predictions
from calibration.items.item import LETTERS

from ..inputs import Letters
from ..parts.download import csv_of
from ..parts.table import Table

# Beyond this many letters the shares of letters say little and fill the page.
_MOST_LETTERS = 10


def letter_tables(pair: Letters) -> list[Table]:
    """How the letters were read, and how often each one was predicted, was given and was right."""
    runs = (pair.before, pair.after)
    numbers = [_numbers(run) for run in runs]
    ways = [source.manifest["settings"] for source in pair.predictions]
    rows = [
        (label, *(str(way.get(key, "unknown")) for way in ways))
        for key, label in (("style", "Prompt style"), ("letter_form", "Letter form"), ("shots", "Shots"))
    ]
    rows += [(label, *(_text(side[key], key) for side in numbers)) for key, label in _NUMBERS.items()]
    frame = pl.DataFrame(
        [{"run": name, **side} for name, side in zip(pair.names, numbers, strict=True)],
        schema={"run": pl.String} | dict.fromkeys(_NUMBERS, pl.Float64),
    )
    tables = [
        Table(
            "letters",
            "How the letters were read and how much of the probability was on them.",
            ("Letters", *pair.names),
            rows,
            csv_of(frame, "letters.csv", "The letter audit"),
        )
    ]
    shares = _shares(runs)
    if pair.before.probabilities.shape[1] <= _MOST_LETTERS:
        tables.append(
            Table(
                "letter-shares",
                "Share of items in which each letter is right, is predicted (ties split), and its mean probability.",
                ("Letter", "Right", *("Predicted", "Mean probability") * 2),
                [(row[0], *(f"{value:.3f}" for value in row[1:])) for row in shares.iter_rows()],
                csv_of(shares, "letter_shares.csv", "Shares of letters"),
                groups=(("Key", 1), *((name, 2) for name in pair.names)),
            )
        )
    return tables


_NUMBERS = {
    "letter_mass": "Letter mass, mean",
    "letter_mass_5_percent": "Letter mass, lowest 5 % of items below",
    "letter_mass_1_percent": "Letter mass, lowest 1 % of items below",
    "letter_mass_lowest": "Letter mass, lowest",
    "other_form_mass": "Mass on the letters' other form, mean",
    "tie_rate": "Tie rate",
    "bounded_items": "Items with a letter that is only bounded",
}


def _numbers(run: Predictions) -> dict[str, float | None]:
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


def _text(value: float | None, key: str) -> str:
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if key == "bounded_items" else f"{value:.4f}"


def _shares(runs: Sequence[Predictions]) -> pl.DataFrame:
    width = runs[0].probabilities.shape[1]
    columns: dict[str, object] = {
        "letter": list(LETTERS[:width]),
        "right": np.bincount(runs[0].answer, minlength=width) / runs[0].n_items,
    }
    for side, run in zip(("before", "after"), runs, strict=True):
        columns[f"predicted_{side}"] = (run.best / run.tied[:, None]).mean(axis=0)
        columns[f"mean_probability_{side}"] = run.probabilities.mean(axis=0)
    return pl.DataFrame(columns)
