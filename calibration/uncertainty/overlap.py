"""Runs on different items: the common ones, and bounds for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from ..metrics.arrays import FloatArray
from ..predictions.pairing import ItemChoice, common_rows, paired
from ..predictions.predictions import Predictions
from .intervals import Range
from .kinds.mean_like import MeanLike
from .kinds.share import Share
from .measure_table import MEASURES, defined_measures, text_label
from .measures import Measure


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
        parts = [f"{text_label(key)} by {low:+.3f} to {high:+.3f}" for key, (low, high) in self.bounds.items()]
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


def selected_items(
    before: Predictions, after: Predictions, items: ItemChoice
) -> tuple[Predictions, Predictions, Overlap | None]:
    """Two runs on the items to compare, in one order.

    Raises
    ------
    ValueError
        For another choice than "same" and "common", for no common item, and as `paired`.
    """
    if items not in get_args(ItemChoice):
        raise ValueError(f"items must be 'same' or 'common', got {items!r}")
    if items == "same":
        return before, paired(before, after), None
    rows = common_rows(before.item.tolist(), after.item.tolist())
    common, aligned = (Predictions(run.frame[kept]) for run, kept in zip((before, after), rows, strict=True))
    aligned = paired(common, aligned)
    first, second = (defined_measures(run, MEASURES)[0] for run in (before, after))
    bounds = {}
    for key in [key for key in first if key in second]:
        left, right = _values(first[key]), _values(second[key])
        if left is not None and right is not None:
            bounds[key] = change_bounds(left, right, rows, first[key].bounds)
    overlap = Overlap(
        n_common=len(rows[0]),
        n_only_before=before.n_items - len(rows[0]),
        n_only_after=after.n_items - len(rows[0]),
        bounds=bounds,
    )
    return common, aligned, overlap


def _values(measure: Measure) -> FloatArray | None:
    """Values of the items, shape (n_items,), if the measure is their bounded mean."""
    if isinstance(measure, Share):
        return measure.credit
    if isinstance(measure, MeanLike) and measure.is_mean and np.isfinite(measure.bounds).all():
        return measure.value + measure.influence
    return None
