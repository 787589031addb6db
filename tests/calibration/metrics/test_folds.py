"""Folds: equal sizes, the same seed the same folds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from calibration.metrics.folds import deal


@given(st.integers(2, 60), st.integers(2, 7), st.integers(0, 99))
def test_folds_differ_by_one_unit_at_most(n_units: int, n_folds: int, seed: int) -> None:
    folds = deal(n_units, n_folds, seed=seed)
    count = np.bincount(folds, minlength=n_folds)
    assert count.sum() == n_units
    assert count.max() - count.min() <= 1
    np.testing.assert_array_equal(folds, deal(n_units, n_folds, seed=seed))
