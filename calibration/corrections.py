"""Corrections of a model's letters: an additive bias per letter, one temperature, or both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Standard deviation of a bias's normal prior: worth about half an answer of a letter that never was right.
_BIAS_SPREAD = 3.0
# Weight of the prior of the sharpness, in answers.
_SHARPNESS_WEIGHT = 0.5
_STEPS = 500
# Nats by which the log loss may still be above its minimum.
_CONVERGED = 1e-14


@dataclass(frozen=True, eq=False)
class Correction:
    r"""What a model's letters become: ``softmax(sharpness × log-probabilities + bias)``.

    Attributes
    ----------
    sharpness : float
        One over the temperature; below 1 for an over-confident model.
    bias : ndarray, shape (n_options,)
        Added to each letter, in nats; sums to 0.
    covariance : ndarray, shape (1 + n_options, 1 + n_options)
        Of the sharpness and the biases, in this order (sandwich); 0 for what was not fitted.
    """

    sharpness: float
    bias: FloatArray
    covariance: FloatArray

    @property
    def temperature(self) -> float:
        """What the log-probabilities are divided by."""
        return 1 / self.sharpness

    @property
    def bias_error(self) -> FloatArray:
        """Standard error of each bias, shape (n_options,)."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance)[1:], 0)))

    def apply(self, log_probabilities: FloatArray) -> FloatArray:
        """Corrected log-probabilities, shape (n_items, n_options); −inf stays −inf."""
        return np.asarray(log_softmax(self.sharpness * log_probabilities + self.bias, axis=1))


def fit_correction(log_probabilities: FloatArray, answer: IntArray, *, bias: bool, sharpness: bool) -> Correction:
    r"""Correction of the smallest log loss.

    Minimises, over the sharpness :math:`\beta > 0` and the biases :math:`b`, what is convex in both together,

    .. math:: -\frac1n \sum_i \log \mathrm{softmax}(\beta x_i + b)_{y_i}
              + \frac1n \left( \frac{|b|^2}{2 \cdot 3^2} + \frac{\beta - 1 - \log \beta}{2} \right)

    with Newton's method, halving steps that do not descend.

    Parameters
    ----------
    log_probabilities : ndarray, shape (n_items, n_options)
        Logits or log-probabilities; −inf where an item has no such option.
    answer : ndarray of int, shape (n_items,)
        Index of the right option.
    bias, sharpness : bool
        What is fitted; the rest stays as it is (no bias, sharpness 1).

    Returns
    -------
    Correction

    Raises
    ------
    ValueError
        For a right option of probability 0, naming its row.

    Notes
    -----
    The last term is a weak prior, worth about half an answer: it decides where the answers do not (a letter that is
    never right, every answer right, letters that say nothing), and moves a bias of a letter that was right m times by
    about b / 9m elsewhere. It is 0 for the identity, so the log loss on the items fitted never gets worse, and it
    makes the biases sum to 0, as only their differences matter.

    References
    ----------
    Guo et al. (2017), arXiv:1706.04599 (temperature and vector scaling). Zhao et al. (2021), arXiv:2102.09690
    (additive and multiplicative correction of a prompt's label bias). White (1982), doi:10.2307/1912526 (sandwich).

    Examples
    --------
    >>> letters = np.log(np.tile([0.8, 0.2], (1000, 1)))  # says A with 0.8; A is right half of the time
    >>> right = np.arange(1000) % 2
    >>> found = fit_correction(letters, right, bias=True, sharpness=False)
    >>> found.bias.round(2).tolist(), found.temperature
    ([-0.69, 0.69], 1.0)
    """
    n_items, n_options = log_probabilities.shape
    rows = np.arange(n_items)
    impossible = np.isneginf(log_probabilities[rows, answer])
    if impossible.any():
        raise ValueError(f"a right option must have a probability above 0; row {int(np.argmax(impossible))} has none")
    centred = log_probabilities - log_probabilities.max(axis=1, keepdims=True)
    finite = np.where(np.isneginf(centred), 0.0, centred)  # only ever multiplied with a probability of 0
    fitted = np.array([sharpness] + [bias] * n_options)
    parameters = np.array([1.0] + [0.0] * n_options)

    def loss(values: FloatArray) -> float:
        scores = log_softmax(values[0] * centred + values[1:], axis=1)
        prior = values[1:] @ values[1:] / (2 * _BIAS_SPREAD**2)
        prior += _SHARPNESS_WEIGHT * (values[0] - 1 - np.log(values[0]))
        return float(prior / n_items - scores[rows, answer].mean())

    def derivatives(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Each item's part in the slope (n_items, 1 + n_options), the slope, the curvature."""
        weight = np.exp(log_softmax(values[0] * centred + values[1:], axis=1))
        excess = weight.copy()
        excess[rows, answer] -= 1
        parts = np.column_stack([(excess * finite).sum(axis=1), excess])
        slope = parts.mean(axis=0)
        slope[0] += _SHARPNESS_WEIGHT * (1 - 1 / values[0]) / n_items
        slope[1:] += values[1:] / _BIAS_SPREAD**2 / n_items
        mean = (weight * finite).sum(axis=1, keepdims=True)
        away = weight * (finite - mean)  # (n_items, n_options)
        curvature = np.empty((1 + n_options, 1 + n_options))
        curvature[0, 0] = (away * finite).sum() / n_items + _SHARPNESS_WEIGHT / values[0] ** 2 / n_items
        curvature[0, 1:] = curvature[1:, 0] = away.mean(axis=0)
        curvature[1:, 1:] = (np.diag(weight.sum(axis=0)) - weight.T @ weight) / n_items
        curvature[1:, 1:] += np.eye(n_options) / _BIAS_SPREAD**2 / n_items
        return parts[:, fitted], slope[fitted], curvature[np.ix_(fitted, fitted)]

    here = loss(parameters)
    for _ in range(_STEPS):
        _, slope, curvature = derivatives(parameters)
        step = np.zeros(1 + n_options)
        step[fitted] = np.linalg.solve(curvature, slope)
        if slope @ step[fitted] <= 2 * _CONVERGED:
            break
        while parameters[0] <= step[0] or (there := loss(parameters - step)) > here:
            step /= 2
        if here - there <= 0:
            break
        parameters, here = parameters - step, there
    parts, _, curvature = derivatives(parameters)
    covariance = np.zeros((1 + n_options, 1 + n_options))
    bread = np.linalg.inv(curvature)
    covariance[np.ix_(fitted, fitted)] = bread @ (parts.T @ parts / n_items) @ bread / n_items
    return Correction(float(parameters[0]), parameters[1:] - parameters[1:].mean(), covariance)
