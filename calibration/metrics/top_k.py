"""Sets of the k most likely options: what they hold, and what they say."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UndefinedMeasure
from .arrays import BoolArray, FloatArray, IntArray
from .validation import probability_pair, whole_number


def top_k_coverage(probabilities: ArrayLike, answer: ArrayLike, *, k: int = 2) -> float:
    """Coverage of top-k sets: share that hold the right option.

    A set holds the *k* most likely options of an item.

    Parameters
    ----------
    probabilities : array_like, shape (n_items, n_options)
        A distribution a row.
    answer : array_like of int, shape (n_items,)
        Index of the right option.
    k : int
        Options in a set, of equally likely ones the first.

    Returns
    -------
    float
        The accuracy for *k* = 1.

    Raises
    ------
    UndefinedMeasure
        If no item has more than *k* options.
    ValueError
        As `log_loss`, and for *k* below 1.

    References
    ----------
    Gupta et al. (2021), arXiv:2006.12800 (calibration of top-k predictions).

    Examples
    --------
    >>> top_k_coverage([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]], [1, 2], k=2)
    0.5
    """
    rows, right = probability_pair(probabilities, answer)
    return float(sets_of_k(rows, right, rows > 0, k)[1].mean())


def top_k_gap(probabilities: ArrayLike, answer: ArrayLike, *, k: int = 2) -> float:
    """Signed gap of top-k sets: their mean probability less their coverage.

    Parameters
    ----------
    probabilities, answer, k
        As in `top_k_coverage`.

    Returns
    -------
    float
        Above 0 for an over-confident model; the signed gap for *k* = 1.

    Raises
    ------
    UndefinedMeasure, ValueError
        As `top_k_coverage`.

    References
    ----------
    Gupta et al. (2021), arXiv:2006.12800.

    Examples
    --------
    >>> round(top_k_gap([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]], [1, 2], k=2), 3)  # .85 is stated
    0.35
    """
    rows, right = probability_pair(probabilities, answer)
    mass, covered = sets_of_k(rows, right, rows > 0, k)
    return float((mass - covered).mean())


def sets_of_k(probabilities: FloatArray, answer: IntArray, present: BoolArray, k: int) -> tuple[FloatArray, BoolArray]:
    """Probability of the set of each item, and whether it holds the right option.

    Both of shape (n_items,).

    Raises
    ------
    UndefinedMeasure
        If no item has more than *k* options.
    """
    size = whole_number("k", k, least=1)
    if probabilities.shape[1] <= size or (present.sum(axis=1) <= size).all():
        raise UndefinedMeasure(f"no item has more than {size} options, so that every set of {size} holds the right one")
    likeliest = np.argsort(-probabilities, axis=1, kind="stable")[:, :size]
    mass = np.take_along_axis(probabilities, likeliest, axis=1).sum(axis=1)
    return np.asarray(np.minimum(mass, 1.0)), np.asarray((likeliest == answer[:, None]).any(axis=1))
