"""Ties: values that differ by rounding alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray
from .precision import Precision, carried_precision, known_to


def level_ties(values: FloatArray) -> FloatArray:
    """The values with tied ones made equal: each becomes the smallest of its tie.

    Two values are tied if they are closer than four units in the last place of the type that they come from, and so are
    values that a chain of such neighbours joins; in half precision only equal ones are (`calibration.metrics.precision`
    says why). Afterwards ties are equal, and all else keeps its order.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In any order.

    Returns
    -------
    ndarray, shape (n,)
        In the same order, of the same precision.

    Examples
    --------
    >>> level_ties(np.array([0.7, 0.1 + 0.2, 0.3])).tolist()
    [0.7, 0.3, 0.3]
    """
    precision = carried_precision(values)
    plain = np.asarray(values)
    order = np.argsort(plain, kind="stable")
    ordered = plain[order]
    opens = np.append(0, 1 + np.flatnonzero(_apart(ordered, precision)))
    levelled = np.empty_like(plain)
    levelled[order] = np.repeat(ordered[opens], np.diff(opens, append=len(plain)))
    return known_to(levelled, precision)


def level_rows(values: FloatArray) -> FloatArray:
    """`level_ties` of each row by itself, shape (n, width).

    Examples
    --------
    >>> level_rows(np.array([[0.1 + 0.2, 0.3, 0.4], [0.0, 0.5, 0.5]])).tolist()
    [[0.3, 0.3, 0.4], [0.0, 0.5, 0.5]]
    """
    precision = carried_precision(values)
    plain = np.asarray(values)
    order = np.argsort(plain, axis=1, kind="stable")
    ordered = np.take_along_axis(plain, order, axis=1)
    with np.errstate(invalid="ignore"):  # options that do not exist: −inf beside −inf
        opens = np.column_stack([np.ones(len(plain), dtype=bool), _apart(ordered, precision)])
    first = np.maximum.accumulate(np.where(opens, np.arange(plain.shape[1]), 0), axis=1)
    levelled = np.empty_like(plain)
    np.put_along_axis(levelled, order, np.take_along_axis(ordered, first, axis=1), axis=1)
    return known_to(levelled, precision)


def _apart(ascending: FloatArray, precision: Precision) -> NDArray[np.bool_]:
    """Whether each value but the first exceeds the one before by more than rounding."""
    below, above = ascending[..., :-1], ascending[..., 1:]
    # A difference of infinities is NaN, and no larger than anything.
    return np.asarray((above > below) & ~(above - below < precision.tie_width(below, above)))
