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

_UNKNOWN = "unknown"
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
    rows = _rows(sources, letters)
    return Section(
        name="letters",
        title="Letter audit",
        paragraphs=(
            "Whether the letters that were read are what the models would have written. Reading “\u00a0A” where a "
            "model writes “A” is the commonest mistake in comparisons of this kind: where letter mass is low, or the "
            "other form holds much, the confidence is that of something the model would not have said.",
            *_unknown(rows),
        ),
        tables=(_reading(names, rows, letters), *([_shares(names, shares)] if few_letters else [])),
    )


def _rows(sources: Sequence[Source], statistics: pl.DataFrame) -> list[tuple[str, ...]]:
    settings = [source.manifest["settings"] for source in sources]
    rows = [(label, *(str(run.get(key, _UNKNOWN)) for run in settings)) for key, label in _SETTINGS.items()]
    return [*rows, *((label, *(_text(value, key) for value in statistics[key])) for key, label in STATISTICS.items())]


def _is_unknown(row: tuple[str, ...]) -> bool:
    return set(row[1:]) == {_UNKNOWN}


def _unknown(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """A sentence on what no run tells; empty if all is known."""
    missing = [label[0].lower() + label[1:] for label, *cells in rows if _is_unknown((label, *cells))]
    return [f"Not known here, and left out: {'; '.join(missing)}."] if missing else []


def _reading(names: Sequence[str], rows: Sequence[tuple[str, ...]], statistics: pl.DataFrame) -> Table:
    return Table(
        name="letters",
        caption="How the letters were read and how much of the probability was on them.",
        columns=("Letters", *names),
        rows=[row for row in rows if not _is_unknown(row)],
        download=Download("letters.csv", "The letter audit", statistics),
    )


def _text(value: float | None, key: str) -> str:
    if value is None:
        return _UNKNOWN
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
