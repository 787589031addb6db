"""Meta-d′ fitted to tables of ratings."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.metrics.meta_d import fitted_meta_d


def test_a_table_of_ratings_gives_what_metadpy_gives() -> None:
    # metadpy 0.1.2, fit_metad of these counts, three ratings: dprime, meta_d, m_ratio.
    counts = np.array([[100.0, 50, 20, 10, 5, 1], [3, 7, 8, 12, 27, 89]])
    fit = fitted_meta_d(counts)
    assert fit.d_prime == pytest.approx(2.524376300338705, abs=1e-9)
    assert fit.meta_d == pytest.approx(2.3369915997, abs=1e-5)
    assert fit.m_ratio == pytest.approx(0.9257699018, abs=1e-5)
    assert fit.n_ratings == 3
    assert fit.criterion == pytest.approx(0.1034804289)
