"""Whether one run is another with its confidence mapped."""

from __future__ import annotations

import numpy as np

from ..metrics.arrays import FloatArray

# Log-probabilities are stored as float32.
_ROUNDING = 1e-5
# So many different confidences in one order are no chance.
_FEWEST_VALUES = 10


def is_rescaled(before: FloatArray, after: FloatArray) -> bool:
    """Whether log-probabilities, shape (n_items, n_options), are others at another temperature.

    Options of probability 0 may be others by rounding.

    Examples
    --------
    >>> logits = np.log([[0.5, 0.3, 0.2], [0.6, 0.1, 0.3]])
    >>> is_rescaled(logits, 2 * logits), is_rescaled(logits, logits[:, ::-1])
    (True, False)
    """
    if before.shape != after.shape:
        return False
    known = np.isfinite(before) & np.isfinite(after)
    first, second = (np.where(known, logits - logits.max(axis=1, keepdims=True), 0.0) for logits in (before, after))
    squares = float((first**2).sum())
    scale = float((first * second).sum()) / squares if squares > 0 else 0.0
    return scale > 0 and bool(
        (np.abs(second - scale * first) <= _ROUNDING * (1 + np.abs(first) + np.abs(second))).all()
    )


def is_mapped(before: FloatArray, after: FloatArray) -> bool:
    """Whether confidences, shape (n_items,), are a rising function of others.

    Of few different values it would be chance.

    Examples
    --------
    >>> confidence = np.linspace(0.2, 0.9, 20)
    >>> is_mapped(confidence, confidence**2), is_mapped(confidence, confidence[::-1])
    (True, False)
    """
    values, index = np.unique(before, return_inverse=True)
    if len(values) < _FEWEST_VALUES:
        return False
    least, most = np.full(len(values), np.inf), np.full(len(values), -np.inf)
    np.minimum.at(least, index, after)
    np.maximum.at(most, index, after)
    return bool((least == most).all() and (np.diff(least) >= 0).all() and least[-1] > least[0])


def rescaled_ends(surer: FloatArray, n_options: int) -> tuple[float, float]:
    """Least and largest change of a top confidence at another temperature.

    `surer` are the changes seen, of one sign, shape (n_items,).

    Examples
    --------
    >>> rescaled_ends(np.array([0.1, 0.2]), 4), rescaled_ends(np.array([-0.1, 0.0]), 2)
    ((0.0, 0.75), (-0.5, 0.0))
    """
    reach = 1 - 1 / n_options
    return (0.0, reach) if surer.sum() >= 0 else (-reach, 0.0)


def mapped_ends(before: FloatArray, after: FloatArray) -> tuple[float, float]:
    """Least and largest change of any confidence under a rising map.

    The map is known at some confidences.

    Between two known ones the map rises from the image of the lower to that of the upper.

    Examples
    --------
    >>> least, most = mapped_ends(np.array([0.25, 0.5]), np.array([0.5, 0.625]))
    >>> least, most
    (-0.375, 0.5)
    """
    values, first = np.unique(before, return_index=True)
    known, image = np.concatenate([[0.0], values, [1.0]]), np.concatenate([[0.0], after[first], [1.0]])
    return float((image[:-1] - known[1:]).min()), float((image[1:] - known[:-1]).max())
