"""Checks of the arrays that metrics take."""

from __future__ import annotations

import numbers
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray
from .precision import RoundedArray, carried_precision, known_to, precision_named

# Probabilities computed in float32 and summed over 26 options are off by less.
_SUM_TOLERANCE = 1e-4
# A probability that is computed in float32, as a sum or an exponential, leaves [0, 1] by no more.
EDGE_ROUNDING = 1e-6


def plain_array(name: str, values: ArrayLike) -> NDArray[Any]:
    """Numbers as an array of their own type, from any container.

    Parameters
    ----------
    name : str
        What they are called in a message.
    values : array_like
        Numbers or truth values; tensors may need gradients or be on another device.

    Raises
    ------
    ValueError
        For text, missing values, rows of different lengths and anything else that is no number, with its place.
    """
    if hasattr(values, "detach"):  # a tensor: NumPy has no bfloat16
        tensor: Any = values.detach().cpu()
        values = (tensor.double() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()
    if np.ma.is_masked(values):
        raise ValueError(f"{name} must hold numbers, got masked values")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must hold numbers in rows of one length, got {_lengths(values)}") from error
    if array.dtype.kind in "biuf" or array.dtype.name == "bfloat16":
        return array
    if array.dtype.kind == "O":
        for index, value in np.ndenumerate(array):
            if not isinstance(value, numbers.Real | Decimal | np.bool_):
                raise ValueError(f"{name} must hold numbers; {_at(index)} has {value!r} (of shape {array.shape})")
        whole = all(isinstance(value, numbers.Integral) and not isinstance(value, bool) for value in array.flat)
        return array.astype(np.int64 if whole and array.size else np.float64)
    kind = "text" if array.dtype.kind in "US" else array.dtype.name
    first = f", the first {str(array.flat[0])!r}" if array.size else ""
    raise ValueError(f"{name} must hold numbers, got {kind} of shape {array.shape}{first}")


def float_array(name: str, values: ArrayLike) -> FloatArray:
    """Numbers as float64 that remember the precision they were given in (see `calibration.metrics.precision`).

    Raises
    ------
    ValueError
        As `plain_array`.

    Examples
    --------
    >>> from calibration.metrics.precision import carried_precision
    >>> carried_precision(float_array("confidence", np.float32([0.7]))).name
    'float32'
    """
    array = plain_array(name, values)
    if isinstance(values, RoundedArray) and array.dtype == np.float64:  # not made narrower since
        precision = values.precision
    else:
        precision = precision_named(str(getattr(values, "dtype", array.dtype)).lower())
    return known_to(array.astype(np.float64, copy=False), precision)


def unit_interval(values: FloatArray) -> FloatArray:
    """Values with rounding beyond [0, 1] clipped; others stay.

    Examples
    --------
    >>> unit_interval(np.array([-1e-8, 0.5, 1 + 1e-6, 1.001])).tolist()
    [0.0, 0.5, 1.0, 1.001]
    """
    plain = np.asarray(values)
    beyond = ((plain < 0) & (plain >= -EDGE_ROUNDING)) | ((plain > 1) & (plain <= 1 + EDGE_ROUNDING))
    return (
        known_to(np.where(beyond, np.clip(plain, 0.0, 1.0), plain), carried_precision(values))
        if beyond.any()
        else values
    )


def confidence_pair(confidence: ArrayLike, correct: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Confidence in [0, 1] and correctness (0 or 1) as float64 arrays.

    The confidence remembers the precision it was given in; what rounding put outside [0, 1] is on its edge.

    Raises
    ------
    ValueError
        For other shapes, an empty set, NaN, a confidence outside [0, 1], or correctness other than 0 and 1.
    """
    scores, hits = unit_interval(float_array("confidence", confidence)), np.asarray(float_array("correct", correct))
    if scores.ndim != 1 or scores.shape != hits.shape:
        raise ValueError(f"confidence and correct must be 1-d and of one length, got {scores.shape} and {hits.shape}")
    if scores.size == 0:
        raise ValueError("confidence and correct must hold at least one value, got none")
    refuse_first(~((scores >= 0) & (scores <= 1)), scores, "confidence must be in [0, 1]")
    refuse_first((hits != 0) & (hits != 1), hits, "correct must hold only 0 and 1 (is the order confidence, correct?)")
    return scores, hits


def positive_weights(weight: ArrayLike, *, n: int) -> NDArray[np.float64]:
    """Weights of n values: finite and positive.

    Raises
    ------
    ValueError
        For another shape or another number, naming the row.
    """
    weights = np.asarray(float_array("weight", weight))
    if weights.shape != (n,):
        raise ValueError(f"weight must hold one number a value, ({n},), got {weights.shape}")
    refuse_first(~(np.isfinite(weights) & (weights > 0)), weights, "a weight must be finite and positive")
    return weights


def binary_pair(probabilities: ArrayLike, answer: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Probabilities of one dimension with what came true.

    None for rows of probabilities.

    Raises
    ------
    ValueError
        As `confidence_pair`.
    """
    if plain_array("probabilities", probabilities).ndim != 1:
        return None
    return confidence_pair(probabilities, answer)


def probability_rows(probabilities: ArrayLike) -> NDArray[np.float64]:
    """A distribution a row, as a float64 matrix.

    Raises
    ------
    ValueError
        For other shapes, an empty set, NaN, a value outside [0, 1], or a row that does not sum to 1.
    """
    rows = unit_interval(float_array("probabilities", probabilities))
    if rows.ndim != 2 or rows.shape[0] == 0 or rows.shape[1] < 2:
        raise ValueError(f"probabilities must be (n_items, n_options) with at least one item, got {rows.shape}")
    refuse_first(~((rows >= 0) & (rows <= 1)).all(axis=1), rows, "probabilities must be in [0, 1]")
    total = rows.sum(axis=1)
    tolerance = max(_SUM_TOLERANCE, 2.0 ** (1 - carried_precision(rows).digits))
    refuse_first(np.abs(total - 1) > tolerance, total, "probabilities must sum to 1 in each row")
    return rows


def probability_pair(probabilities: ArrayLike, answer: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A distribution a row, and the index of the right option.

    Raises
    ------
    ValueError
        As `probability_rows`, and for an answer that is no index of an option.
    """
    rows = probability_rows(probabilities)
    right = plain_array("answer", answer)
    if right.shape != rows.shape[:1]:
        raise ValueError(f"answer must be ({rows.shape[0]},) to fit the probabilities, got {right.shape}")
    if not np.issubdtype(right.dtype, np.integer):
        raise ValueError(f"answer must hold option indices (integers), got {right.dtype}")
    refuse_first(
        (right < 0) | (right >= rows.shape[1]), right, f"answer must be an index from 0 to {rows.shape[1] - 1}"
    )
    return rows, right.astype(np.int64)


def whole_number(name: str, value: object, *, least: int | None = None, most: int | None = None) -> int:
    """A count of bins, folds or draws: a whole number, from `least` to `most`.

    Raises
    ------
    ValueError
        For a number with a fraction, a truth value, a text, less than the least or more than the most.

    Examples
    --------
    >>> whole_number("bins", np.int64(10))
    10
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ValueError(f"{name} must be a whole number, got {value!r}")
    if least is not None and value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    if most is not None and value > most:
        raise ValueError(f"{name} must be at most {most}, got {value}")
    return int(value)


def level_in_range(level: float) -> float:
    """The coverage of an interval, strictly between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"level must be strictly between 0 and 1, got {level}")
    return level


def _lengths(rows: Any) -> str:
    lengths = {str(len(row)) if hasattr(row, "__len__") else "a number" for row in rows}
    return f"{len(rows)} rows of the lengths {', '.join(sorted(lengths))}"


def _at(index: tuple[int, ...]) -> str:
    return f"row {index[0]}" + (f", column {index[1]}" if len(index) > 1 else "") if index else "it"


def refuse_first(broken: NDArray[np.bool_] | np.bool_, values: NDArray[np.generic], rule: str) -> None:
    """Raise for the first row whose value breaks a rule, naming both.

    Examples
    --------
    >>> refuse_first(np.array([False, True]), np.array([0.5, 1.5]), "confidence must be in [0, 1]")
    Traceback (most recent call last):
    ValueError: confidence must be in [0, 1]; row 1 has 1.5
    """
    if broken.any():
        row = int(np.argmax(broken))
        raise ValueError(f"{rule}; row {row} has {values.tolist()[row]}")
