"""Scores of the likelihood of ratings, and what answers move, against differences."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.metrics.meta_d import fitted_meta_d
from calibration.metrics.rating_likelihood import cell_moves, rating_scores

COUNTS = np.array([[100.0, 50, 20, 10, 5, 1], [3, 7, 8, 12, 27, 89]])


def test_scores_are_slopes_of_the_log_chances() -> None:
    fit = fitted_meta_d(COUNTS)
    values = np.append(fit.parameters, fit.criterion / fit.d_prime)
    scores = rating_scores(values[:-1], values[-1])[1]
    up, down = (
        np.stack([rating_scores(row[:-1], row[-1])[0] for row in values + sign * 1e-5 * np.eye(6)]) for sign in (1, -1)
    )
    np.testing.assert_allclose(np.moveaxis(scores, -1, 0), (up - down) / 2e-5, atol=1e-7)


def test_chances_of_the_levels_of_an_answer_add_up_to_1() -> None:
    fit = fitted_meta_d(COUNTS)
    chances = np.exp(rating_scores(fit.parameters, np.array(0.04))[0]).reshape(2, 2, 3)
    np.testing.assert_allclose(chances.sum(axis=2), 1)


@pytest.mark.parametrize("cell", [(0, 0), (0, 4), (1, 1), (1, 5)])
def test_moves_are_those_of_a_new_fit(cell: tuple[int, int]) -> None:
    fit = fitted_meta_d(COUNTS)
    moves = cell_moves(fit.counts, fit.parameters)[cell]
    more, less = COUNTS.copy(), COUNTS.copy()
    more[cell] += 0.1
    less[cell] -= 0.1
    fits = fitted_meta_d(more), fitted_meta_d(less)
    assert moves[0] == pytest.approx((fits[0].d_prime - fits[1].d_prime) / 0.2, rel=1e-3)
    assert moves[1] == pytest.approx((fits[0].meta_d - fits[1].meta_d) / 0.2, abs=2e-4)
