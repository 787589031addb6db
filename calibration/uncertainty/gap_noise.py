"""Covariance of the gaps in bins, with what a few answers cannot show."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, combinations
from weakref import WeakKeyDictionary

import numpy as np

from ..metrics.arrays import FloatArray
from .cells import Cells, covariance
from .drawn_units import Sampling

# The noise of a run and how it was drawn: limits at several levels need it.
_NOISE: WeakKeyDictionary[Cells, tuple[Sampling, FloatArray]] = WeakKeyDictionary()
# Items at a time: enough for speed, some MB of memory.
_CHUNK = 1 << 18


def gap_noise(runs: Sequence[Cells], sampling: Sampling) -> FloatArray:
    r"""Covariance of the gaps in bins of one run or two, shape (m, m).

    The few answers of a bin that all happen to be right show next to no variance. So each bin has one answer more,
    which is a fair coin's (Jeffreys): with :math:`m` items in the bin the covariance of its items counts
    :math:`m/(m+1)`, and that of its values with fair coins in place of their answers :math:`1/(m+1)`. Values of two
    runs that are of one option of one item have one coin.
    """
    if len(runs) > 1:
        return _gap_noise(runs, sampling)
    known = _NOISE.get(runs[0])
    if known is None or known[0] is not sampling:
        known = _NOISE[runs[0]] = sampling, _gap_noise(runs, sampling)
    return known[1]


def _gap_noise(runs: Sequence[Cells], sampling: Sampling) -> FloatArray:
    n_bins = sum(cells.n_bins for cells in runs)
    return with_coins(covariance(runs, sampling)[:n_bins, :n_bins], runs)


def with_coins(seen: FloatArray, runs: Sequence[Cells]) -> FloatArray:
    """Covariance of gaps with one fair coin more in each bin; see `gap_noise`."""
    count = np.concatenate([cells.units() for cells in runs])
    weight = count / (count + 1.0)
    coins = _coins(runs)
    return np.asarray(seen * np.sqrt(np.outer(weight, weight)) + coins * np.sqrt(np.outer(1 - weight, 1 - weight)))


def _coins(runs: Sequence[Cells]) -> FloatArray:
    """Covariance of the gaps if each answer were a fair coin, shape (m, m)."""
    starts = [0, *accumulate(cells.n_bins for cells in runs)]
    joint = np.zeros((starts[-1], starts[-1]))
    # Without options answers are the same ones if all come out alike.
    alike = all(np.array_equal(runs[0].correct, cells.correct) for cells in runs[1:])
    for first_item in range(0, runs[0].n_items, _CHUNK):
        items = np.arange(first_item, min(first_item + _CHUNK, runs[0].n_items))
        parts = [cells.take(items) for cells in runs]
        for start, cells in zip(starts, parts, strict=False):
            own = np.arange(start, start + cells.n_bins)
            square = (np.square(_centred(cells)) + 0.25) * np.square(cells.mass)
            joint[own, own] += np.bincount(
                cells.bin_index[cells.present], weights=square[cells.present], minlength=cells.n_bins
            )
        for (a, before), (b, after) in combinations(enumerate(parts), 2):
            block = _shared_coins(before, after, alike=alike)
            joint[starts[a] : starts[a + 1], starts[b] : starts[b + 1]] += block
            joint[starts[b] : starts[b + 1], starts[a] : starts[a + 1]] += block.T
    total = np.repeat([cells.total for cells in runs], [cells.n_bins for cells in runs])
    return np.asarray(joint / np.outer(total, total))


def _shared_coins(before: Cells, after: Cells, *, alike: bool) -> FloatArray:
    """Products of the gaps of one option, summed by the bins of both runs.

    Where options are not known, they are the same ones if answers are `alike`.
    """
    same = before.present & after.present
    if before.option is not None and after.option is not None:
        same &= before.option == after.option
    elif not alike:
        return np.zeros((before.n_bins, after.n_bins))
    flat = before.bin_index[same] * after.n_bins + after.bin_index[same]
    product = (_centred(before)[same] * _centred(after)[same] + 0.25) * (before.mass * after.mass)[same]
    sums = np.bincount(flat, weights=product, minlength=before.n_bins * after.n_bins)
    return np.asarray(sums.reshape(before.n_bins, after.n_bins), dtype=np.float64)


def _centred(cells: Cells) -> FloatArray:
    """Confidence less ½, shape (n_items, n_values)."""
    return np.asarray(cells.gap + cells.correct - 0.5)
