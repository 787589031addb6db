"""Ids and other texts, one a value or a row."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .validation import refuse_first


def item_ids(values: ArrayLike, *, n: int) -> NDArray[Any]:
    """Item of each of n values: ids of any kind, none missing.

    Raises
    ------
    ValueError
        For another shape, or a missing id, with its place.
    """
    if hasattr(values, "detach"):  # a tensor
        values = values.detach().cpu().numpy()
    masked = np.ma.is_masked(values)
    labels = np.asarray(values)
    if masked or labels.shape != (n,):
        got = "masked values" if masked else labels.shape
        raise ValueError(f"item must name one item a value: ({n},), got {got}")
    refuse_first(np.array([is_missing(label) for label in labels.tolist()]), labels, "item must name one item a value")
    return labels


def is_missing(value: object) -> bool:
    """Whether a value is None or a missing value of NumPy or pandas.

    Examples
    --------
    >>> is_missing(float("nan")), is_missing("nan"), is_missing(0)
    (True, False, False)
    """
    if value is None:
        return True
    try:
        return bool(value != value)  # NaN and NaT are not themselves
    except TypeError:  # pandas' NA, which compares to nothing
        return True


def texts_in_order(name: str, values: Any, *, n: int) -> list[str | None]:
    """One text a row, in order; None for a missing one.

    Parameters
    ----------
    name : str
        What they are called in a message.
    values : sequence, series, index, array or tensor of ids
        Not a text, a set or a mapping: they have no order of rows.
    n : int
        How many rows there are.

    Raises
    ------
    ValueError
        For another number of them, and for what is no row of ids.

    Examples
    --------
    >>> texts_in_order("item", np.array([3, 4]), n=2)
    ['3', '4']
    """
    if hasattr(values, "detach"):  # a tensor
        values = values.detach().cpu().numpy()
    if isinstance(values, str | bytes | AbstractSet | Mapping) or not hasattr(values, "__len__"):
        raise ValueError(f"{name} must be a list with one entry a row, got {type(values).__name__}")
    if len(values) != n:
        raise ValueError(f"{name} must have one entry an item: {n} items, got {len(values)}")
    if np.ma.is_masked(values):
        raise ValueError(f"{name} must have one entry an item, got masked values")
    shape = getattr(values, "shape", (n,))
    if len(shape) != 1:
        raise ValueError(f"{name} must have one entry an item: ({n},), got {tuple(shape)}")
    return [None if is_missing(value) else str(value) for value in values]
