"""Groups of items, by columns or by what a run itself tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..items.item import LETTERS
from ..items.mmlu_groups import mmlu_groups
from ..metrics.arrays import FloatArray, IntArray
from ..metrics.bins import assign_bins, bin_edges
from ..nearest_names import nearest
from ..predictions.predictions import Predictions
from ..predictions.scored_runs import ScoredRun
from ..predictions.verdicts import Verdicts

# Numbers of more different values are grouped by their quartiles.
_MOST_VALUES = 10
_QUARTILES = (0.25, 0.5, 0.75)
# More groups are no table; subjects a run has as many as it has.
_MOST_GROUPS, _MOST_SUBJECTS = 1_000, 10_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Grouping:
    """Which group each item of a run is in.

    Attributes
    ----------
    columns : tuple of str
        By what the items are grouped.
    labels : tuple of tuple of str
        Of each group, its value of each column; empty where the items have none.
    rows : tuple of ndarray of int
        Rows of the items of each group.
    """

    columns: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    rows: tuple[IntArray, ...]

    def name(self, group: int) -> str:
        """Name of a group in a sentence."""
        return group_name(self.columns, self.labels[group])


def group_name(columns: Sequence[str], labels: Sequence[str]) -> str:
    """Name of a group in a sentence, from its value of each column.

    Examples
    --------
    >>> group_name(["language", "subject"], ["de", ""])
    'de, no subject'
    """
    return ", ".join(label or f"no {column}" for column, label in zip(columns, labels, strict=True))


def columns_of(by: str | Sequence[str]) -> tuple[str, ...]:
    """Names of columns, from a text with commas or a sequence of names.

    Raises
    ------
    ValueError
        For no name, and for one that occurs twice.

    Examples
    --------
    >>> columns_of("language, subject")
    ('language', 'subject')
    """
    names = tuple(name.strip() for name in (by.split(",") if isinstance(by, str) else by))
    if not names or not all(names) or len(set(names)) < len(names):
        raise ValueError(f"by must name columns, each once, got {by!r}")
    return names


def grouped(run: ScoredRun, by: str | Sequence[str], *, texts: pl.DataFrame | None = None) -> Grouping:
    """The groups of a run's items.

    Parameters
    ----------
    run : Predictions, Pairs or Verdicts
        The run.
    by : str or sequence of str
        A column, or several (as a sequence, or with commas): items are in one group if they agree in all. Any column
        of the run's table, whatever its case; ``category`` (MMLU's four groups of subjects, if no column is called
        so); ``n_options``; ``position`` (letter of the right answer); ``confidence`` (the ten bins of an ECE);
        ``question_length`` (quartiles of the number of characters). A column of numbers with more than ten values is
        grouped by its quartiles.
    texts : polars.DataFrame, optional
        ``item`` and ``question``, for ``question_length``: `Run.items` of a run folder.

    Raises
    ------
    ValueError
        For an unknown column, with those that there are; for a column that no two items share a value of, and for
        more than 1,000 groups, or 10,000 subjects.

    Examples
    --------
    >>> run = Predictions.from_arrays([[2.0, 1.0], [0.0, 1.0], [0.3, 0.1]], answer=[0, 1, 1])
    >>> groups = grouped(Predictions(run.frame.with_columns(language=pl.Series(["de", "fr", "de"]))), "language")
    >>> groups.labels, [rows.tolist() for rows in groups.rows]
    ((('de',), ('fr',)), [[0, 2], [1]])
    """
    columns = columns_of(by)
    codes, names = zip(*(_codes(run, column, texts) for column in columns), strict=True)
    table, index = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
    n_groups = len(table)
    if n_groups == run.n_items > 1 and columns != ("subject",):
        raise ValueError(f"no two items share a value of {' and '.join(columns)}: nothing to group")
    most = _MOST_SUBJECTS if columns == ("subject",) else _MOST_GROUPS
    if n_groups > most:
        raise ValueError(f"{' and '.join(columns)} must make at most {most:,} groups, got {n_groups:,}")
    order = np.argsort(index.ravel(), kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(index.ravel()))[:-1])
    labels = tuple(tuple(known[code] for known, code in zip(names, row, strict=True)) for row in table.tolist())
    return Grouping(columns=columns, labels=labels, rows=tuple(rows))


def further_columns_of(run: ScoredRun) -> pl.DataFrame:
    """The further columns of a run, one row an item."""
    frame = run.rows if isinstance(run, Verdicts) else run.frame
    return frame.drop(list(run.schema))


def _codes(run: ScoredRun, column: str, texts: pl.DataFrame | None) -> tuple[IntArray, list[str]]:
    """Group of each item by one column, and the groups' names in their order."""
    further = further_columns_of(run)
    if column == "subject":
        return _by_value(run.subject)
    written = {name.casefold(): name for name in further.columns}.get(column.casefold())
    if written is not None:
        return _by_cell(further[written])
    if column == "category":
        return _by_category(run)
    if column == "question_length":
        return _by_length(run, texts)
    if column == "confidence" and not isinstance(run, Verdicts):
        edges = bin_edges(run.confidence)
        names = [f"{low:.1f}–{high:.1f}" for low, high in pairwise(edges)]
        return assign_bins(run.confidence, edges), names
    if column == "n_options" and isinstance(run, Predictions):
        return _by_number(run.n_options.astype(np.float64))
    if column == "position" and isinstance(run, Predictions):
        return run.answer, list(LETTERS)
    known = ["subject", *further.columns, *_derived(run, texts)]
    raise ValueError(f"no column is called {column!r}; there are: {', '.join(known)}{nearest(column, known)}")


def _derived(run: ScoredRun, texts: pl.DataFrame | None) -> list[str]:
    """Names of what a run tells of its items without a column."""
    names = ["category"] if mmlu_groups(run.subject.tolist()) else []
    names += ["n_options", "position"] if isinstance(run, Predictions) else []
    names += [] if isinstance(run, Verdicts) else ["confidence"]
    return names + (["question_length"] if texts is not None and {"item", "question"} <= {*texts.columns} else [])


def _by_value(values: NDArray[np.str_]) -> tuple[IntArray, list[str]]:
    names, index = np.unique(values, return_inverse=True)
    return index, [str(name) for name in names]


def _by_cell(cells: pl.Series) -> tuple[IntArray, list[str]]:
    """Groups by the cells of a column: its values, or quartiles of many numbers."""
    if cells.dtype == pl.Boolean:
        cells = cells.cast(pl.String)
    numbers = cells.cast(pl.Float64, strict=False) if cells.dtype == pl.String or cells.dtype.is_numeric() else None
    if numbers is not None and numbers.is_nan().any():
        numbers = numbers.fill_nan(None)
    if numbers is None or numbers.null_count() > cells.null_count() or numbers.null_count() == len(cells):
        return _by_value(np.asarray(cells.cast(pl.String).fill_null("").to_list(), dtype=np.str_))
    return _by_number(numbers.to_numpy())


def _by_number(values: FloatArray) -> tuple[IntArray, list[str]]:
    """Groups by value, or by quartile where values are many.

    NaN is a group of its own.
    """
    known = ~np.isnan(values)
    distinct = np.unique(values[known])
    edges = distinct
    if len(distinct) > _MOST_VALUES:
        edges = np.unique(np.append(np.quantile(values[known], _QUARTILES, method="inverted_cdf"), distinct[-1]))
    index = np.searchsorted(edges, values)
    names = []
    for group in range(len(edges)):
        members = values[known & (index == group)]
        low, high = (f"{end:.6g}" for end in (members.min(), members.max()))
        names.append(low if low == high else f"{low}–{high}")
    return np.where(known, index, len(edges)), [*names, ""]


def _by_length(run: ScoredRun, texts: pl.DataFrame | None) -> tuple[IntArray, list[str]]:
    questions = further_columns_of(run)
    if "question" not in questions.columns:
        if texts is None or not {"item", "question"} <= {*texts.columns}:
            raise ValueError(
                "question_length needs the texts of the questions, which these items do not have; in Python they are "
                "texts=Run(folder).items()"
            )
        items = pl.DataFrame({"item": run.item.tolist()})
        questions = items.join(texts.select("item", "question"), on="item", how="left", maintain_order="left")
    return _by_number(questions["question"].str.len_chars().cast(pl.Float64).fill_null(np.nan).to_numpy())


def _by_category(run: ScoredRun) -> tuple[IntArray, list[str]]:
    groups = mmlu_groups(run.subject.tolist())
    if groups is None:
        raise ValueError(
            "no column is called 'category', and the subjects are not MMLU's, which stand for one; there are: "
            f"{', '.join(['subject', *further_columns_of(run).columns])} (a table's own column category is read as the "
            "subject if it has no column subject: group by subject)"
        )
    return _by_value(np.asarray(groups, dtype=np.str_))
