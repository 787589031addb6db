"""Folds of equal size."""

from __future__ import annotations

import numpy as np

from .arrays import IntArray


def deal(n_units: int, n_folds: int, *, seed: int) -> IntArray:
    """Fold of each unit, from 0, in nearly equal folds; shape (n_units,).

    Examples
    --------
    >>> sorted(deal(5, 2, seed=0).tolist())
    [0, 0, 0, 1, 1]
    """
    return np.random.default_rng(seed).permutation(n_units) % n_folds
