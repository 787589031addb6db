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
