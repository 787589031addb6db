"""Runs on different items: the common ones, and bounds for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..metrics.arrays import FloatArray
from ..predictions.pairing import ItemChoice, aligned, common_rows
from ..predictions.scored_runs import AnyRun, ScoredRun
from .defined_measures import defined_measures
from .intervals import Range
from .measure_names import of_letters, text_label
from .measure_table import listed_measures


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Common items of two runs, and bounds from the others.

    Attributes
    ----------
    n_common, n_only_before, n_only_after : int
        How many items both hold, and how many only one of them.
    bounds : dict of str to (float, float)
        For each measure that is a mean over items of bounded range, its least and its largest change over all the
        items of both runs, whatever the missing answers were.
    what : str
        What is counted: items or questions.
    """

    n_common: int
    n_only_before: int
    n_only_after: int
    bounds: dict[str, Range]
    what: str = "items"

    def to_dict(self) -> dict[str, Any]:
        """As plain numbers, for JSON."""
        return {
            "common": self.n_common,
            "only_before": self.n_only_before,
            "only_after": self.n_only_after,
            "change_bounds": {key: {"low": low, "high": high} for key, (low, high) in self.bounds.items()},
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences, without full stop, on the items compared and left out."""
        n_all = self.n_common + self.n_only_before + self.n_only_after
        counts = (
            f"compared on the {self.n_common:,} {self.what} that both hold; left out are {self.n_only_before:,} that "
            f"only the first holds and {self.n_only_after:,} that only the second holds"
        )
        whole = of_letters(self.bounds)
        parts = [
            f"{text_label(key, whole=whole)} by {low:+.3f} to {high:+.3f}" for key, (low, high) in self.bounds.items()
        ]
        if not parts or n_all == self.n_common:
            return (counts,)
        whatever = f"over all {n_all:,} {self.what}, whatever the missing answers were, the change is bounded"
        return (counts, f"{whatever}: {', '.join(parts)}; the other measures have no such bounds")


def change_bounds(
    before: FloatArray, after: FloatArray, rows: tuple[list[int], list[int]], possible: Range
) -> tuple[float, float]:
    r"""Least and largest change of a mean over all items of two runs.

    Where an answer is missing its value may be anything that is possible (worst-case bounds).

    Parameters
    ----------
    before, after : ndarray, shape (n_before,) and (n_after,)
        Value of each item in each run.
    rows : pair of list of int
        Rows of the common items, as `common_rows` gives them.
    possible : tuple of float
        Least and largest value of an item.

    References
    ----------
    Manski (1989), "Anatomy of the selection problem", Journal of Human Resources 24:343.

    Examples
    --------
    >>> change_bounds(np.array([0.0, 1.0]), np.array([1.0, 1.0, 0.0]), ([0, 1], [0, 1]), (0.0, 1.0))
    (0.0, 0.3333333333333333)
    """
    least, most = possible
    common = float((after[rows[1]] - before[rows[0]]).sum())
    only_before, only_after = np.delete(before, rows[0]), np.delete(after, rows[1])
    n_all = len(before) + len(only_after)
    low = common + float((least - only_before).sum()) + float((only_after - most).sum())
    high = common + float((most - only_before).sum()) + float((only_after - least).sum())
    return low / n_all, high / n_all


def selected_items(before: AnyRun, after: AnyRun, items: ItemChoice) -> tuple[AnyRun, AnyRun, Overlap | None]:
    """Two runs on the items to compare, in one order.

    With their overlap if common items are compared.

    Raises
    ------
    ValueError
        As `aligned`.
    """
    first, second = aligned(before, after, items)
    return first, second, None if items == "same" else _overlap(before, after)


def _overlap(before: ScoredRun, after: ScoredRun) -> Overlap:
    rows = common_rows(before.rows["item"], after.rows["item"])
    listed = listed_measures(several_subjects=False, run=type(before))
    first, second = (defined_measures(run, listed)[0] for run in (before, after))
    bounds = {}
    for key in [key for key in first if key in second]:
        left, right = first[key].item_values, second[key].item_values
        if left is not None and right is not None:
            bounds[key] = change_bounds(left, right, rows, first[key].bounds)
    return Overlap(
        n_common=len(rows[0]),
        n_only_before=before.n_items - len(rows[0]),
        n_only_after=after.n_items - len(rows[0]),
        bounds=bounds,
    )
