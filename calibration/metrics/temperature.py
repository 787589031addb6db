"""One temperature: how much too sharp or too flat a model's letters are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from ..errors import UndefinedMeasure

_STEPS = 100


@dataclass(frozen=True)
class Temperature:
    """Letters at a temperature: ``softmax(log-probabilities / temperature)``.

    Attributes
    ----------
    temperature : float
        Above 1 for an over-confident model.
    """

    temperature: float

    def apply(self, log_probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Corrected log-probabilities, shape (n_items, n_options); −inf stays −inf."""
        return np.asarray(log_softmax(log_probabilities / self.temperature, axis=1))


def optimal_temperature(log_probabilities: NDArray[np.float64], answer: NDArray[np.int64]) -> float:
    r"""Temperature T that minimises the log loss of ``softmax(logits / T)``.

    The log loss is convex in :math:`\beta = 1/T`; Newton's method on it, halving steps that do not descend.

    Parameters
    ----------
    log_probabilities : ndarray, shape (n_items, n_options)
        Logits or log-probabilities; −inf where an item has no such option.
    answer : ndarray of int, shape (n_items,)
        Index of the right option.

    Returns
    -------
    float
        Above 1 for an over-confident model. Fitted on the very items given: a description of them, not a promise
        for new ones.

    Raises
    ------
    ValueError
        Where no positive finite temperature is best: the letters carry no information about the answers (the loss
        falls as T grows without end), or every answer is right (it falls as T goes to 0).

    References
    ----------
    Guo et al. (2017), arXiv:1706.04599.

    Examples
    --------
    >>> logits = np.log(np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.9, 0.1]]))
    >>> round(optimal_temperature(logits, np.array([0, 0, 0, 1])), 4)
    2.0
    """
    centred = log_probabilities - log_probabilities.max(axis=1, keepdims=True)
    rows = np.arange(len(answer))
    finite = np.where(np.isneginf(centred), 0.0, centred)  # only ever multiplied with a probability of 0
    hit = finite[rows, answer]

    def loss(beta: float) -> float:
        return float(np.mean(np.log(np.exp(beta * centred).sum(axis=1)) - beta * hit))

    def slope_and_curvature(beta: float) -> tuple[float, float]:
        weight = softmax(beta * centred, axis=1)
        mean = (weight * finite).sum(axis=1)
        spread = (weight * finite**2).sum(axis=1) - mean**2
        return float(np.mean(mean - hit)), float(np.mean(spread))

    if np.isneginf(centred[rows, answer]).any():
        raise UndefinedMeasure("no temperature is best: a right option has probability 0")
    if (hit == 0).all():
        raise UndefinedMeasure("no temperature is best: every answer is right, so the log loss falls as T goes to 0")
    if slope_and_curvature(1e-12)[0] >= 0:
        raise UndefinedMeasure("no temperature is best: the letters say nothing about the answers, T grows without end")
    beta = 1.0
    for _ in range(_STEPS):
        slope, curvature = slope_and_curvature(beta)
        step = slope / curvature if curvature > 0 else np.sign(slope) * beta / 2
        new = beta - step
        while new <= 0 or loss(new) > loss(beta) + 1e-15:
            step /= 2
            new = beta - step
            if abs(step) < 1e-15 * beta:
                return 1 / beta
        if abs(new - beta) <= 1e-12 * beta:
            return 1 / float(new)
        beta = float(new)
    return 1 / beta
