"""Gaps in cells of confidence: what each item adds to each bin, kept sparse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..metrics.arrays import FloatArray, IntArray
from ..metrics.bins import assign_bins
from ..predictions.predictions import Predictions, View

# Items whose products are held at a time: enough for speed, some MB of memory.
_CHUNK = 1 << 18


@dataclass(frozen=True, eq=False)
class Cells:
    """Confidence − correctness of every value of every item, and the cell that it falls into.

    Attributes
    ----------
    place : ndarray of int, shape (n_items, n_values)
        Cell of each value: one an item in the view of the predicted letter, one a letter where letters are pooled.
    gap : ndarray, shape (n_items, n_values)
        Its confidence − correctness; 0 where there is no such value.
    present : ndarray of bool, shape (n_items, n_values)
        Whether there is such a value; items may have fewer options than others.
    n_cells : int
        How many cells there are, empty ones included.
    """

    place: IntArray
    gap: FloatArray
    present: NDArray[np.bool_]
    n_cells: int

    @classmethod
    def of_view(cls, run: Predictions, view: View, edges: FloatArray) -> Cells:
        """The values of a view, in bins of these edges."""
        if view == "top":
            confidence, hit = run.confidence[:, None], run.correct[:, None]
            present = np.ones((run.n_items, 1), dtype=bool)
        else:
            confidence, present = run.probabilities, run.present
            hit = np.arange(confidence.shape[1]) == run.answer[:, None]
        place = assign_bins(confidence.ravel(), edges).reshape(confidence.shape)
        return cls(place, np.where(present, confidence - hit, 0.0), present, len(edges) - 1)

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return len(self.place)

    def take(self, rows: IntArray) -> Cells:
        """The cells of some of the items, in this order, repeated where they are."""
        return Cells(self.place[rows], self.gap[rows], self.present[rows], self.n_cells)

    @cached_property
    def total(self) -> int:
        """How many values there are."""
        return int(self.present.sum())

    def units(self, group: IntArray | None = None) -> IntArray:
        """How many items, or groups of them, have values in each cell, shape (n_cells,)."""
        unit = np.arange(self.n_items) if group is None else group
        found = np.zeros((int(unit.max()) + 1, self.n_cells), dtype=bool)
        found[np.broadcast_to(unit[:, None], self.place.shape)[self.present], self.place[self.present]] = True
        return np.asarray(found.sum(axis=0))

    @cached_property
    def gaps(self) -> FloatArray:
        """Sum of gaps in each cell over the number of all values, shape (n_cells,)."""
        return np.bincount(self.place.ravel(), weights=self.gap.ravel(), minlength=self.n_cells) / self.total

    @cached_property
    def shares(self) -> FloatArray:
        """Share of values in each cell, shape (n_cells,)."""
        return np.bincount(self.place[self.present], minlength=self.n_cells) / self.total


def spread(parts: Sequence[Cells], clusters: IntArray | None = None, strata: IntArray | None = None) -> FloatArray:
    r"""Covariance of the gaps and shares of cells of the same items.

    Each item (each cluster, where given) adds a vector :math:`u` of sums to the cells; gaps and shares are ratios of
    its mean to the mean number of values, linearised. With `strata`, items are drawn anew within each stratum.

    Parameters
    ----------
    parts : sequence of Cells
        One, or two of the same items in the same order.
    clusters, strata : ndarray of int, shape (n_items,), optional
        Cluster or stratum of each item, from 0.

    Returns
    -------
    ndarray, shape (m, m)
        In the order gaps of the first part, its shares, gaps of the second part, its shares.

    Raises
    ------
    ValueError
        For fewer than two items, clusters, or items in a stratum.
    """
    sizes = [2 * part.n_cells for part in parts]
    place, value = _columns(parts)
    n_items = len(place)
    moves = np.zeros((sum(sizes), sum(sizes)))  # from mean sums to gaps and shares
    for part, start, size in zip(parts, np.cumsum([0, *sizes]), sizes, strict=False):
        block = np.eye(size)
        block[:, part.n_cells :] -= np.concatenate([part.gaps, part.shares])[:, None]
        moves[start : start + size, start : start + size] = block * n_items / part.total
    if clusters is not None:
        sums = _group_sums(place, value, clusters, sum(sizes))
        moment, n_units = sums.T @ sums, len(sums)
    elif strata is not None:
        count = np.bincount(strata)
        if count.min() < 2:
            raise ValueError(f"each stratum must have at least two items, got {count.min()} in one")
        factor = count / (count - 1)
        sums = _group_sums(place, value, strata, sum(sizes))
        moment = second_moment(place, value, sum(sizes), weight=factor[strata]) - (sums.T * factor / count) @ sums
        return np.asarray(moves @ moment @ moves.T / n_items**2)
    else:
        moment, n_units = second_moment(place, value, sum(sizes)), n_items
    if n_units < 2:
        raise ValueError(f"an interval needs at least two {'items' if clusters is None else 'clusters'}, got {n_units}")
    return np.asarray(moves @ moment @ moves.T / n_items**2 * n_units / (n_units - 1))


def _columns(parts: Sequence[Cells]) -> tuple[IntArray, FloatArray]:
    """Where each item adds what: its gaps and its counts, part by part; shape (n_items, columns)."""
    place, value, start = [], [], 0
    for part in parts:
        place += [part.place + start, part.place + start + part.n_cells]
        value += [part.gap, part.present]
        start += 2 * part.n_cells
    return np.concatenate(place, axis=1), np.concatenate(value, axis=1, dtype=np.float64)


def _group_sums(place: IntArray, value: FloatArray, group: IntArray, size: int) -> FloatArray:
    """Sums of each group's items, shape (n_groups, size)."""
    n_groups = int(group.max()) + 1
    cell = group[:, None] * size + place
    sums = np.bincount(cell.ravel(), weights=value.ravel(), minlength=n_groups * size)
    return np.asarray(sums.reshape(n_groups, size))


def second_moment(place: IntArray, value: FloatArray, size: int, *, weight: FloatArray | None = None) -> FloatArray:
    """Sum over items of the outer product of what they add to cells, shape (size, size); `weight` is each item's."""
    moment = np.zeros(size * size)
    for start in range(0, len(place), _CHUNK):
        part = slice(start, start + _CHUNK)
        for left in range(place.shape[1]):
            scaled = value[part, left] if weight is None else value[part, left] * weight[part]
            for right in range(left, place.shape[1]):
                product = scaled * value[part, right] / (2 if left == right else 1)
                cell = place[part, left] * size + place[part, right]
                moment += np.bincount(cell, weights=product, minlength=size * size)
    square = moment.reshape(size, size)
    return square + square.T
