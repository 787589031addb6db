"""The letter audit: are the letters what the models would have written?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ..blocks.download import Download
from ..blocks.section import Section
from ..blocks.table import Table
from ..inputs import Source
from ..letter_statistics import STATISTICS

# Beyond this many letters the shares of letters say little and fill the page.
_MOST_LETTERS = 10

_SETTINGS = {"style": "Prompt style", "letter_form": "Letter form", "shots": "Shots"}


def letter_audit(sources: Sequence[Source], letters: pl.DataFrame, shares: pl.DataFrame) -> Section:
    """Reading of the letters, and how often each was predicted and right.

    Parameters
    ----------
    sources : sequence of Source
        The runs.
    letters, shares : polars.DataFrame
        As in `letter_statistics` and `letter_shares`.
    """
    few_letters = shares.height <= _MOST_LETTERS
    names = [source.name for source in sources]
    return Section(
        name="letters",
        title="Letter audit",
        paragraphs=(
            "Whether the letters that were read are what the models would have written. Reading “\u00a0A” where a "
            "model writes “A” is the commonest mistake in comparisons of this kind: where letter mass is low, or the "
            "other form holds much, the confidence is that of something the model would not have said.",
        ),
        tables=(_reading(sources, letters), *([_shares(names, shares)] if few_letters else [])),
    )


def _reading(sources: Sequence[Source], statistics: pl.DataFrame) -> Table:
    settings = [source.manifest["settings"] for source in sources]
    rows = [(label, *(str(run.get(key, "unknown")) for run in settings)) for key, label in _SETTINGS.items()]
    rows += [(label, *(_text(value, key) for value in statistics[key])) for key, label in STATISTICS.items()]
    return Table(
        name="letters",
        caption="How the letters were read and how much of the probability was on them.",
        columns=("Letters", *(source.name for source in sources)),
        rows=rows,
        download=Download("letters.csv", "The letter audit", statistics),
    )


def _text(value: float | None, key: str) -> str:
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if key == "bounded_items" else f"{value:.4f}"


def _shares(names: Sequence[str], shares: pl.DataFrame) -> Table:
    return Table(
        name="letter-shares",
        caption="Share of items in which each letter is right, is predicted (ties split), and its mean probability.",
        columns=("Letter", "Right", *("Predicted", "Mean probability") * len(names)),
        rows=[(letter, *(f"{value:.3f}" for value in values)) for letter, *values in shares.iter_rows()],
        download=Download("letter_shares.csv", "Shares of letters", shares),
        groups=(("Items", 1), *((name, 2) for name in names)),
    )
