"""Ties: values that differ by rounding alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray
from .precision import Precision, carried_precision, known_to


@dataclass(frozen=True, eq=False)
class TiedOrder:
    """Values in ascending order, and where ties begin.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        The place of each value in the given array, those of a tie in any order.
    values : ndarray, shape (n,)
        In ascending order, each made the smallest of its tie.
    first, size : ndarray of int, shape (n_ties,)
        The rank, from 0, at which each tie begins, and how many values it holds.
    """

    order: IntArray
    values: FloatArray
    first: IntArray
    size: IntArray


def tied_order(values: FloatArray) -> TiedOrder:
    """The order of values whose ties `level_ties` makes equal.

    Examples
    --------
    >>> tied = tied_order(np.array([0.7, 0.1 + 0.2, 0.3]))
    >>> tied.order.tolist(), tied.values.tolist(), tied.size.tolist()
    ([2, 1, 0], [0.3, 0.3, 0.7], [2, 1])
    """
    plain = np.asarray(values)
    order = np.argsort(plain)
    ordered = plain[order]
    first = np.append(0, 1 + np.flatnonzero(_apart(ordered, carried_precision(values))))
    size = np.diff(first, append=len(plain))
    return TiedOrder(order, np.repeat(ordered[first], size), first, size)


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
    tied = tied_order(values)
    levelled = np.empty_like(tied.values)
    levelled[tied.order] = tied.values
    return known_to(levelled, carried_precision(values))


def level_rows(values: FloatArray) -> FloatArray:
    """`level_ties` of each row by itself, shape (n, width).

    Examples
    --------
    >>> level_rows(np.array([[0.1 + 0.2, 0.3, 0.4], [0.0, 0.5, 0.5]])).tolist()
    [[0.3, 0.3, 0.4], [0.0, 0.5, 0.5]]
    """
    precision = carried_precision(values)
    levelled = np.array(values)
    with np.errstate(invalid="ignore"):  # options that do not exist: −inf beside −inf
        apart = _apart(np.sort(levelled, axis=1), precision)
    rows = np.flatnonzero(~apart.all(axis=1))
    plain = levelled[rows]
    order = np.argsort(plain, axis=1, kind="stable")
    opens = np.column_stack([np.ones(len(rows), dtype=bool), apart[rows]])
    first = np.maximum.accumulate(np.where(opens, np.arange(plain.shape[1]), 0), axis=1)
    np.put_along_axis(plain, order, np.take_along_axis(plain, np.take_along_axis(order, first, axis=1), axis=1), axis=1)
    levelled[rows] = plain
    return known_to(levelled, precision)


def _apart(ascending: FloatArray, precision: Precision) -> BoolArray:
    """Whether each value but the first exceeds the one before by more than rounding."""
    below, above = ascending[..., :-1], ascending[..., 1:]
    apart = np.asarray(above > below)
    # A difference of infinities is NaN, and no larger than anything.
    difference = above - below
    close = apart & (difference <= precision.widest_tie * np.maximum(-below, above))
    if close.any():
        apart[close] = difference[close] >= precision.tie_width(below[close], above[close])
    return apart
