"""Mass of letters: what rounding explains, and what it does not."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from calibration import import_log
from calibration.metrics.letter_mass import LARGEST_MASS, largest_mass, mass_excess
from calibration.predictions.letter_scores import letter_scores


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([-0.3, -2.0], 1),
        ([-1.0, -2.0], 1),  # whole numbers are no sign of rounding to whole numbers
        ([-0.69, -6.2, -100.0, -0.0], 2),
        (np.array([-0.69, -6.21, -23.45], dtype=np.float32), 2),
        ([-0.693, -6.2], 3),
        ([-0.69315, -0.7], None),
        (np.log([0.495, 0.304, 0.201]), None),
        (np.log(np.array([0.495, 0.304, 0.201], dtype=np.float32)), None),
    ],
)
def test_the_tolerance_follows_from_the_decimals(values: list[float], decimals: int | None) -> None:
    expected = LARGEST_MASS * (1 if decimals is None else math.exp(0.5 * 10**-decimals))
    assert largest_mass(values) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("decimals", [1, 2, 3, 4])
def test_no_distribution_is_refused_for_its_rounding(decimals: int) -> None:
    """Random distributions over 2 to 26 letters, rounded: none exceeds the tolerance."""
    draws = np.random.default_rng(decimals)
    for n_options in range(2, 27):
        exact = np.log(draws.dirichlet(np.ones(n_options), size=40))
        rounded = np.round(exact, decimals)
        scores = letter_scores(rounded.astype(np.float64), np.full(40, n_options), "log-probabilities", where=str)
        mass = np.exp(scores.logprobs).sum(axis=1)
        assert mass.max() <= LARGEST_MASS + 1e-12
        assert np.abs(scores.logprobs - exact).max() <= 10**-decimals + 1e-9
        kept = np.exp(rounded).sum(axis=1) <= LARGEST_MASS
        assert (scores.logprobs[kept] == np.minimum(rounded[kept], 0)).all()
        assert scores.letter_mass is not None
        assert scores.letter_mass.max() <= 1


@pytest.mark.parametrize("decimals", [1, 2, 3, 6])
def test_letters_of_separate_contexts_are_refused_however_they_are_rounded(decimals: int) -> None:
    separate = np.round(np.log([[0.2, 0.5, 0.2, 0.1], [0.31, 0.35, 0.36, 0.1]]), decimals)
    with pytest.raises(ValueError, match=r"in one context must not sum to more than 1\.0\d+ as probabilities, 1 has 1"):
        letter_scores(separate.astype(np.float64), np.array([4, 4]), "log-probabilities", where=str)


def test_a_log_of_two_decimals_is_imported(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    pl.DataFrame(
        {"logprob_A": [-0.7, -0.69], "logprob_B": [-1.19, -0.69], "logprob_C": [-1.6, -6.5], "answer": ["A", "B"]}
    ).write_csv(path)
    run = import_log(path, model="rounded")
    assert run.frame["letter_mass"].to_list() == [1.0, 1.0]
    np.testing.assert_allclose(run.probabilities[0], np.exp([-0.7, -1.19, -1.6]) / np.exp([-0.7, -1.19, -1.6]).sum())


def test_only_an_excess_that_needs_rounding_is_taken_off() -> None:
    assert mass_excess([0.2, 1.0, LARGEST_MASS]).tolist() == [0, 0, 0]
    assert mass_excess(1.004) == pytest.approx(math.log(1.004))
