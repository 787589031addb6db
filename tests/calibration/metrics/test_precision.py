from __future__ import annotations

import pickle

import numpy as np
import polars as pl
import pytest
from numpy.typing import DTypeLike

from calibration.metrics.precision import BRAIN, DOUBLE, HALF, SINGLE, STORED, Precision, carried_precision, known_to
from calibration.metrics.validation import float_array

EDGES = np.arange(1, 100) / 100


@pytest.mark.parametrize(("precision", "dtype"), [(HALF, np.float16), (SINGLE, np.float32)])
def test_rounding_and_units_are_those_of_numpy(precision: Precision, dtype: DTypeLike) -> None:
    narrow = EDGES.astype(dtype)
    assert precision.rounded(EDGES).tolist() == narrow.astype(np.float64).tolist()
    assert precision.unit(EDGES).tolist() == np.spacing(narrow).astype(np.float64).tolist()


def test_bfloat16_rounds_as_torch_does() -> None:
    torch = pytest.importorskip("torch")
    assert BRAIN.rounded(EDGES).tolist() == torch.tensor(EDGES).bfloat16().double().tolist()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (np.array([0.7], dtype=np.float16), "float16"),
        (np.array([0.7], dtype=np.float32), "float32"),
        (np.array([0.7]), "float64"),
        ([np.float32(0.7)], "float32"),
        ([0.7], "float64"),
        (pl.Series([0.7], dtype=pl.Float32), "float32"),
        (np.array([1, 0]), "float64"),
    ],
)
def test_numbers_remember_the_type_they_came_in(values: object, name: str) -> None:
    assert carried_precision(float_array("confidence", values)).name == name  # type: ignore[arg-type]


def test_tensors_of_every_precision_are_taken_with_gradients_too() -> None:
    torch = pytest.importorskip("torch")
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        values = float_array("confidence", torch.tensor([0.25, 0.75], dtype=dtype, requires_grad=True))
        assert values.tolist() == [0.25, 0.75]
        assert carried_precision(values).name == str(dtype).removeprefix("torch.")


def test_parts_keep_the_precision_and_arithmetic_gives_plain_arrays() -> None:
    values = known_to(np.array([[0.1, 0.7], [0.3, 0.6]]), STORED)
    for part in (values[0], values[values > 0.2], values.ravel(), values[:, [1]], np.sort(values), values.copy()):
        assert carried_precision(part) is STORED
    for plain in (values - 1, values.max(axis=1), np.where(values > 0.2, values, 0)):
        assert type(plain) is np.ndarray
    for number in (values.mean(), values.max(), values[0, 0], (values > 0).all()):
        assert not isinstance(number, np.ndarray)
    assert carried_precision(pickle.loads(pickle.dumps(values))) == STORED  # noqa: S301 (our own bytes)


def test_values_below_an_edge_by_rounding_of_stored_logarithms_lie_on_it() -> None:
    edge = np.array([0.1])
    lowest = STORED.lowest_at(edge)[0]
    assert np.exp(np.float64(np.float32(np.log(0.1)))) < 0.1  # what is stored of 0.1
    assert lowest < np.exp(np.float64(np.float32(np.log(0.1))))
    assert 0.1 - lowest < 4 * np.spacing(np.float32(0.1))
    assert DOUBLE.lowest_at(edge)[0] == 0.1


def test_values_of_a_run_made_narrower_are_known_as_well_as_their_type() -> None:
    stored = known_to(np.array([0.3, 0.9]), STORED)
    assert carried_precision(float_array("confidence", stored)) is STORED
    assert carried_precision(float_array("confidence", stored.astype(np.float32))) is SINGLE
