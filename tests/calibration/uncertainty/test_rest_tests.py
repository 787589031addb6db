"""A group against all other items: exact for right and wrong, by permutation for the rest."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from calibration.uncertainty.rest_tests import differs_from_rest


def test_right_and_wrong_by_hand() -> None:
    # Two groupings of twenty are as far apart: 3 of 3 right against 0 of 3.
    difference, p_value = differs_from_rest(np.array([1.0, 1, 1, 0, 0, 0]), np.arange(3))
    assert [difference, p_value] == pytest.approx([1.0, 2 / 20])


def test_a_permutation_test_of_few_items_is_that_of_all_permutations() -> None:
    values = np.array([0.1, 0.5, 0.9, 0.2, 0.4, 0.35, 0.6])
    rows = np.array([0, 1, 2])
    difference, p_value = differs_from_rest(values, rows)
    chosen = [list(three) for three in combinations(range(7), 3)]
    means = [values[three].mean() - np.delete(values, three).mean() for three in chosen]
    exact = np.mean(np.abs(means) >= abs(difference) - 1e-12)
    assert p_value == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize(("n_group", "n_rest"), [(60, 3000), (300, 600)], ids=["drawn", "normal"])
def test_many_items_agree_with_students_test(n_group: int, n_rest: int) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=n_group + n_rest)
    values[:n_group] += 2.0 / np.sqrt(n_group)
    difference, p_value = differs_from_rest(values, np.arange(n_group))
    reference = ttest_ind(values[:n_group], values[n_group:])
    assert difference == pytest.approx(values[:n_group].mean() - values[n_group:].mean())
    assert p_value == pytest.approx(reference.pvalue, abs=0.012)


def test_the_group_and_its_rest_differ_alike() -> None:
    values = np.random.default_rng(1).random(50)
    group, rest = (differs_from_rest(values, rows) for rows in (np.arange(10), np.arange(10, 50)))
    assert group[0] == pytest.approx(-rest[0])
    assert group[1] == pytest.approx(rest[1], abs=0.02)


def test_values_that_are_all_alike_do_not_differ() -> None:
    assert differs_from_rest(np.full(30, 0.4), np.arange(3))[1] == 1.0
    assert differs_from_rest(np.full(900, 0.4), np.arange(300))[1] == 1.0


def test_few_alike_answers_are_no_proof() -> None:
    """Of 300 groups of three among 200 answers that are mostly right, about 5 in 100 have p < 0.05, or fewer."""
    rng = np.random.default_rng(2)
    rejected = []
    for seed in range(300):
        confidence = rng.uniform(0.9, 1.0, 200)
        gap = confidence - (rng.random(200) < confidence)
        rejected.append(differs_from_rest(gap, np.arange(3), seed=seed)[1] < 0.05)
    assert np.mean(rejected) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
