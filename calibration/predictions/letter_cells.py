"""Predictions as columns without lists: one log-probability a letter, for CSV."""

from __future__ import annotations

import polars as pl

from ..files.row_rules import refuse_broken
from ..items.item import LETTERS
from ..tables.stored_tables import read_stored
from .letter_table import SCHEMA

_LOGPROB = "logprob_{}"
CELL_SCHEMA = pl.Schema(
    {
        "model": pl.String(),
        "revision": pl.String(),
        "item": pl.String(),
        "subject": pl.String(),
        "answer": pl.String(),
        **{_LOGPROB.format(letter): pl.Float32() for letter in LETTERS[:2]},
        "bounded": pl.String(),
        "order": pl.String(),
        "letter_mass": pl.Float32(),
        "other_form_mass": pl.Float32(),
        "content": pl.String(),
        "prompt": pl.String(),
    }
)
"""Columns that every such table has; ``logprob_C`` and more where items have more options.

``answer`` is the right letter, ``bounded`` the letters whose log-probability is at most the given one, ``order`` the
option under each letter, as letters too.
"""


def letter_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Predictions without lists.

    Raises
    ------
    ValueError
        For a further column that is called as one of these.

    Examples
    --------
    >>> from calibration import Predictions
    >>> run = Predictions.from_arrays(probabilities=[[0.75, 0.25, 0.0]], answer=["A"])
    >>> letter_cells(run.frame).select("answer", "bounded", "order", "logprob_A").row(0)
    ('A', 'C', 'ABC', -0.28768208622932434)
    """
    widest = int(frame["logprobs"].list.len().max())  # type: ignore[arg-type]
    logprobs = {_LOGPROB.format(letter): pl.Float32() for letter in LETTERS[: max(widest, 2)]}
    own = dict.fromkeys((*list(CELL_SCHEMA)[:5], *logprobs, *CELL_SCHEMA))
    further = [name for name in frame.columns if name not in SCHEMA]
    clash = next((name for name in further if name in own), None)
    if clash is not None:
        raise ValueError(f"a further column must not be called {clash!r} in CSV, where it names a column of letters")
    letter = pl.element().replace_strict(dict(enumerate(LETTERS)), return_dtype=pl.String)
    bounded = frame.select(
        pl.concat_str(
            pl.when(pl.col("bounded").list.get(index, null_on_oob=True).fill_null(value=False))
            .then(pl.lit(name))
            .otherwise(pl.lit(""))
            for index, name in enumerate(LETTERS[:widest])
        )
    ).to_series()
    return frame.with_columns(
        pl.col("answer").replace_strict(dict(enumerate(LETTERS)), return_dtype=pl.String),
        pl.col("order").list.eval(letter).list.join(""),
        bounded.alias("bounded"),
        *(pl.col("logprobs").list.get(index, null_on_oob=True).alias(name) for index, name in enumerate(logprobs)),
    ).select(*own, *further)


def from_letter_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """The table of predictions of such columns.

    Raises
    ------
    ValueError
        For an answer that is no letter, an order or bounds that are no letters, and a letter in front of a given one
        that has no log-probability, by row.
    """
    names = [name for letter in LETTERS if (name := _LOGPROB.format(letter)) in cells.columns]
    values = pl.concat_list(names)
    n_letters = pl.sum_horizontal(pl.col(name).is_not_null() for name in names)
    letters, index = pl.lit("^[A-Z]*$"), {letter: index for index, letter in enumerate(LETTERS)}
    refuse_broken(
        cells,
        {
            "the answer must be a letter": ~pl.col("answer").is_in(list(LETTERS)).fill_null(value=False),
            "order and bounded must be letters": ~(
                pl.col("order").str.contains(letters) & pl.col("bounded").fill_null("").str.contains(letters)
            ).fill_null(value=False),
            "the first letters must have a log-probability": values.list.head(n_letters).list.drop_nulls().list.len()
            != n_letters,
        },
        lambda row: (
            f"row {row['row']} (item {row['item']}) has the answer {row['answer']!r}, order {row['order']!r}, bounded "
            f"{row['bounded']!r} and the log-probabilities {[row[name] for name in names]}"
        ),
    )
    letter_index = pl.element().replace_strict(index, return_dtype=pl.Int8)
    lists = cells.select(
        order=pl.col("order").str.split("").list.eval(pl.element().filter(pl.element() != "")).list.eval(letter_index),
        answer=pl.col("answer").replace_strict(index, return_dtype=pl.Int8),
        logprobs=values.list.head(n_letters),
        bounded=pl.concat_list(
            pl.col("bounded").fill_null("").str.contains(letter, literal=True) for letter in LETTERS[: len(names)]
        ).list.head(n_letters),
    )
    further = [name for name in cells.columns if name not in CELL_SCHEMA and name not in names]
    own = [name for name in SCHEMA if name not in lists.columns]
    return (
        cells.select(own)
        .with_columns(lists.get_columns())
        .select(*SCHEMA)
        .with_columns(cells.select(further).get_columns())
    )


def read_stored_letters(data: object) -> pl.DataFrame | None:
    """The table in a file that `Predictions.save` wrote; otherwise None.

    Raises
    ------
    ValueError
        As `from_letter_cells` and `calibration.tables.stored_tables.read_stored`, naming the file.
    """
    stored = read_stored(data, SCHEMA)
    if stored is None and (cells := read_stored(data, CELL_SCHEMA)) is not None:
        try:
            return from_letter_cells(cells)
        except ValueError as error:
            raise ValueError(f"{data}: {error}") from None
    return stored
