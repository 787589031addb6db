"""Per-item gaps (confidence − correct) by bin, sparse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UndefinedMeasure
from ..metrics.arrays import BoolArray, FloatArray, IndexArray, IntArray
from ..metrics.bins import assign_bins
from ..predictions.predictions import Predictions
from .drawn_units import ITEMS, Sampling

# Products of items that are held at a time: enough for speed, some MB of memory.
_CHUNK = 1 << 20
# Sums of clusters that are held at a time.
_MOST_SUMS = 1 << 24


@dataclass(frozen=True, eq=False)
class Cells:
    """Confidence − correctness of every value of every item, and the bin of each.

    Attributes
    ----------
    bin_index : ndarray of int, shape (n_items, n_values)
        Bin of each value: one value an item for predicted letters, one a letter for pooled letters.
    gap : ndarray, shape (n_items, n_values)
        Its confidence − correctness; 0 beyond an item's options.
    correct : ndarray of bool, shape (n_items, n_values)
        Whether each value is that of a right answer.
    present : ndarray of bool, shape (n_items, n_values)
        False beyond an item's options.
    n_bins : int
        Number of bins, empty ones included.
    weight : ndarray, shape (n_items,), or None
        How much each item counts; None if all count alike.
    option : ndarray of int, shape (n_items, n_values), or None
        Option that each value is of; None if it is not known.
    """

    bin_index: IndexArray
    gap: FloatArray
    correct: BoolArray
    present: BoolArray
    n_bins: int
    weight: FloatArray | None = None
    option: IntArray | None = None

    @classmethod
    def of_top(
        cls,
        confidence: FloatArray,
        correct: BoolArray,
        edges: FloatArray,
        weight: FloatArray | None = None,
        option: IntArray | None = None,
    ) -> Cells:
        """The predicted letters, one value an item; `option` is the index of each."""
        bin_index = assign_bins(confidence, edges).astype(np.int32)[:, None]
        gap = (confidence - correct)[:, None]
        present = np.ones(gap.shape, dtype=bool)
        column = None if option is None else option[:, None]
        return cls(bin_index, np.asarray(gap), correct[:, None], present, len(edges) - 1, weight, column)

    @classmethod
    def of_choices(cls, run: Predictions, edges: FloatArray) -> Cells:
        """All letters, one value a letter."""
        confidence = run.probabilities
        correct = np.arange(confidence.shape[1]) == run.answer[:, None]
        bin_index = assign_bins(confidence.ravel(), edges).astype(np.int32).reshape(confidence.shape)
        gap = np.where(run.present, confidence - correct, 0.0)
        option = np.broadcast_to(np.arange(gap.shape[1]), gap.shape)
        return cls(bin_index, gap, correct, run.present, len(edges) - 1, option=option)

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.bin_index)

    def take(self, rows: IntArray) -> Cells:
        """The cells of some of the items, in this order, repeated where they are."""
        weight = None if self.weight is None else self.weight[rows]
        option = None if self.option is None else self.option[rows]
        return Cells(
            self.bin_index[rows], self.gap[rows], self.correct[rows], self.present[rows], self.n_bins, weight, option
        )

    @cached_property
    def total(self) -> float:
        """Number of values, or their weight."""
        return int(self.present.sum()) if self.weight is None else float(self.mass.sum())

    @property
    def mass(self) -> NDArray[Any]:
        """Weight of each value, 0 beyond an item's options, shape (n_items, n_values)."""
        return self.present if self.weight is None else self.present * self.weight[:, None]

    @property
    def weighted_gap(self) -> FloatArray:
        """Gap of each value times its weight, shape (n_items, n_values)."""
        return self.gap if self.weight is None else self.gap * self.weight[:, None]

    @property
    def confidence(self) -> FloatArray:
        """Confidence of each value, shape (n_items, n_values)."""
        return np.asarray(self.gap + self.correct)

    @property
    def top(self) -> tuple[FloatArray, BoolArray]:
        """Largest confidence of each item and whether its answer is right, shape (n_items,)."""
        confidence = np.where(self.present, self.gap + self.correct, -1.0)
        rows, first = np.arange(self.n_items), confidence.argmax(axis=1)
        return np.asarray(confidence[rows, first]), np.asarray(self.correct[rows, first])

    def units(self, group: IntArray | None = None) -> IntArray:
        """Number of items (groups) with values in each bin, shape (n_bins,)."""
        if group is not None:
            return np.asarray(self._occupied(group, slice(None)).sum(axis=0))
        # Some at a time: items times bins may be much memory.
        many = max(1, _CHUNK // self.n_bins)
        parts = [slice(start, start + many) for start in range(0, self.n_items, many)]
        counts = [self._occupied(np.arange(len(self.bin_index[part])), part).sum(axis=0) for part in parts]
        return np.asarray(np.sum(counts, axis=0))

    def _occupied(self, unit: IntArray, rows: slice) -> BoolArray:
        """Which units of some rows have values in which bins, shape (n_units, n_bins)."""
        present, bins = self.present[rows], self.bin_index[rows]
        occupied = np.zeros((int(unit.max()) + 1, self.n_bins), dtype=bool)
        occupied[np.broadcast_to(unit[:, None], present.shape)[present], bins[present]] = True
        return occupied

    @cached_property
    def gaps(self) -> FloatArray:
        """Sum of gaps in each bin over the number of all values, shape (n_bins,)."""
        return (
            np.bincount(self.bin_index.ravel(), weights=self.weighted_gap.ravel(), minlength=self.n_bins) / self.total
        )

    @cached_property
    def shares(self) -> FloatArray:
        """Share of values in each bin, shape (n_bins,)."""
        weights = None if self.weight is None else self.mass[self.present]
        return np.bincount(self.bin_index[self.present], weights=weights, minlength=self.n_bins) / self.total


def covariance(runs: Sequence[Cells], sampling: Sampling = ITEMS) -> FloatArray:
    r"""Covariance of gaps and shares, of one or two runs on the same items.

    Each item (each cluster of items that are not independent) adds a vector :math:`u` of sums to the bins; gaps and
    shares are ratios of its mean to the mean number of values, linearised. A cluster counts as the jackknife counts it:
    leaving out one of share *h* moves a mean by its sum over 1 − *h*. Of strata, items are drawn anew within each.

    Parameters
    ----------
    runs : sequence of Cells
        One run, or two on the same items in the same order.
    sampling : Sampling
        What is drawn anew.

    Returns
    -------
    ndarray, shape (m, m)
        All gaps first, run by run, then all shares; m = 2 × the number of all bins.

    Raises
    ------
    UndefinedMeasure
        For fewer than two items, clusters, or items in a stratum.
    """
    sizes = [2 * cells.n_bins for cells in runs]
    column, value = _columns(runs)  # (n_items, n_values)
    size = sum(sizes)
    # Mean sums less, for each run, its gaps and shares times the mean number of its values.
    ratios, numbers = np.zeros((size, len(runs))), np.zeros((len(runs), size))
    for run, (cells, start, width) in enumerate(zip(runs, np.cumsum([0, *sizes]), sizes, strict=False)):
        ratios[start : start + width, run] = np.concatenate([cells.gaps, cells.shares])
        numbers[run, start + cells.n_bins : start + width] = 1.0
    is_gap = np.concatenate([np.repeat([True, False], cells.n_bins) for cells in runs])
    order = np.concatenate([np.flatnonzero(is_gap), np.flatnonzero(~is_gap)])
    moment, correction = _moment(column, value, size, sampling)
    counted = numbers @ moment
    shared = ratios @ counted
    joint = moment - shared - shared.T + ratios @ (counted @ numbers.T) @ ratios.T
    total = np.repeat([cells.total for cells in runs], sizes)
    joint *= correction / np.outer(total, total)
    return np.asarray(joint[np.ix_(order, order)])


def _moment(
    column: NDArray[np.integer[Any]], value: FloatArray, size: int, sampling: Sampling
) -> tuple[FloatArray, float]:
    """Second moment of the drawn units, and its correction for their number."""
    strata, clusters = sampling.strata, sampling.dependent
    if strata is not None:
        count = np.bincount(strata)
        if count.min() < 2:
            raise UndefinedMeasure(f"each stratum must have at least two items, got {count.min()} in one")
        factor = count / (count - 1)
        sums = _group_sums(column, value, strata, size)
        return second_moment(column, value, size, weight=factor[strata]) - (sums.T * factor / count) @ sums, 1.0
    n_units = len(column) if clusters is None else int(clusters.max()) + 1
    if n_units < 2:
        units = "items" if clusters is None else "clusters"
        raise UndefinedMeasure(f"an interval needs at least two {units}, got {n_units}")
    if clusters is None:
        return second_moment(column, value, size), n_units / (n_units - 1)
    factor = 1 / (1 - sampling.cluster_shares)
    return cluster_moment(column, value, clusters, size, factor=factor), (n_units - 1) / n_units


def _columns(runs: Sequence[Cells]) -> tuple[NDArray[np.int32], FloatArray]:
    """Columns and values that each item adds, shape (n_items, n_values).

    Gaps, then counts, run by run.
    """
    column, value, start = [], [], 0
    for cells in runs:
        index = cells.bin_index.astype(np.int32)  # there are as many values as items times letters
        column += [index + start, index + start + cells.n_bins]
        value += [cells.weighted_gap, cells.mass]
        start += 2 * cells.n_bins
    return np.concatenate(column, axis=1), np.concatenate(value, axis=1, dtype=np.float64)


def cluster_moment(
    column: NDArray[np.integer[Any]],
    value: FloatArray,
    clusters: IntArray,
    size: int,
    *,
    factor: FloatArray | None = None,
) -> FloatArray:
    """Second moment of the sums of clusters, some at a time.

    Each sum is multiplied by the factor of its cluster, if given.
    """
    n_clusters, many = int(clusters.max()) + 1, max(1, _MOST_SUMS // size)
    if n_clusters <= many:
        sums = _group_sums(column, value, clusters, size)
        sums = sums if factor is None else sums * factor[:, None]
        return np.asarray(sums.T @ sums)
    order = np.argsort(clusters, kind="stable")
    starts = np.searchsorted(clusters[order], np.arange(0, n_clusters, many))
    moment = np.zeros((size, size))
    for first, start, end in zip(range(0, n_clusters, many), starts, np.append(starts[1:], len(order)), strict=True):
        rows = order[start:end]
        sums = _group_sums(column[rows], value[rows], clusters[rows] - first, size)
        sums = sums if factor is None else sums * factor[first : first + len(sums), None]
        moment += sums.T @ sums
    return moment


def _group_sums(column: NDArray[np.integer[Any]], value: FloatArray, group: IntArray, size: int) -> FloatArray:
    """Sums of each group's items, shape (n_groups, size)."""
    n_groups = int(group.max()) + 1
    flat = group[:, None] * size + column
    sums = np.bincount(flat.ravel(), weights=value.ravel(), minlength=n_groups * size)
    return np.asarray(sums.reshape(n_groups, size))


def second_moment(
    column: NDArray[np.integer[Any]], value: FloatArray, size: int, *, weight: FloatArray | None = None
) -> FloatArray:
    """Sum over items of the outer product of their additions, shape (size, size).

    `weight` is each item's.
    """
    moment = np.zeros(size * size)
    many = max(1, _CHUNK // column.shape[1])
    for start in range(0, len(column), many):
        part = slice(start, start + many)
        for left in range(column.shape[1]):
            scaled = value[part, left] if weight is None else value[part, left] * weight[part]
            product = scaled[:, None] * value[part, left:]
            product[:, 0] /= 2
            flat = column[part, left, None].astype(np.int64) * size + column[part, left:]
            moment += np.bincount(flat.ravel(), weights=product.ravel(), minlength=size * size)
    square = moment.reshape(size, size)
    return square + square.T
