"""What must not change a measure: the order of rows, the names of letters, copies of the data, how runs were split."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from calibration import Predictions
from calibration.uncertainty.measure_table import MEASURES

# Unbiased: twice the same data is not twice as much of it. An AURC is a mean over orders of ties, and copies tie.
# Curves have knots at quantiles, which lie elsewhere between copies.
NOT_OF_COPIES = frozenset({"debiased_ce2", "debiased_ce2_choices", "aurc", "ici", "e50", "e90", "emax"})


def _run(seed: int, n: int, sharpness: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4)) * 1.5
    answer = np.argmax(logits + rng.gumbel(size=(n, 4)), axis=1)
    answer[:4] = [
        logits[0].argmax(),
        logits[1].argmax(),
        logits[2].argmin(),
        logits[3].argmin(),
    ]  # right and wrong ones
    return logits * sharpness, answer


runs = st.builds(_run, st.integers(0, 10_000), st.integers(8, 60), st.floats(0.3, 4))


def _values(run: Predictions) -> dict[str, float]:
    found = {}
    for key, measure in MEASURES.items():
        try:
            found[key] = measure(run).value
        except ValueError:  # no temperature is best
            continue
    return found


def _equal(left: dict[str, float], right: dict[str, float], *, without: frozenset[str] = frozenset()) -> None:
    assert left.keys() - without == right.keys() - without
    for key in left.keys() - without:
        assert left[key] == pytest.approx(right[key], rel=1e-6, abs=1e-9), key


@settings(max_examples=25)
@given(runs)
def test_order_of_rows_and_how_a_run_was_split_change_nothing(
    data: tuple[NDArray[np.float64], NDArray[np.int64]],
) -> None:
    whole = Predictions.from_arrays(*data)
    n = whole.n_items
    order = np.random.default_rng(n).permutation(n)
    _equal(_values(whole), _values(Predictions(whole.frame[order])))
    shards = [whole.frame[part] for part in np.array_split(order, 3)]
    for some in (shards, shards[::-1]):
        _equal(_values(whole), _values(Predictions(pl.concat(some))))


@settings(max_examples=25)
@given(runs, st.permutations(range(4)))
def test_what_letters_are_called_changes_nothing(
    data: tuple[NDArray[np.float64], NDArray[np.int64]], order: list[int]
) -> None:
    logits, answer = data
    renamed = Predictions.from_arrays(logits[:, order], np.argsort(order)[answer])
    _equal(_values(Predictions.from_arrays(logits, answer)), _values(renamed))


@settings(max_examples=25)
@given(runs, st.integers(2, 4))
def test_copies_of_the_data_change_no_measure(data: tuple[NDArray[np.float64], NDArray[np.int64]], copies: int) -> None:
    logits, answer = data
    many = Predictions.from_arrays(np.tile(logits, (copies, 1)), np.tile(answer, copies))
    _equal(_values(Predictions.from_arrays(logits, answer)), _values(many), without=NOT_OF_COPIES)
