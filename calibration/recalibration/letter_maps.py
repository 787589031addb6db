"""Corrections of a model's letters: biases, a temperature, both, or scales and biases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax

from ..metrics.arrays import FloatArray, IntArray

# Standard deviation of a bias's normal prior: worth about half an answer of a letter that never was right.
_BIAS_SPREAD = 3.0
# Weight of the prior of the sharpness, in answers.
_SHARPNESS_WEIGHT = 0.5
_STEPS = 500
# Nats by which the log loss may still be above its minimum.
_CONVERGED = 1e-14


@dataclass(frozen=True, eq=False)
class Correction:
    r"""Map of letters: ``softmax(sharpness × log-probabilities + bias)``.

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
        """Divisor of the log-probabilities."""
        return 1 / self.sharpness

    @property
    def bias_error(self) -> FloatArray:
        """Standard error of each bias, shape (n_options,)."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance)[1:], 0)))

    def apply(self, log_probabilities: FloatArray) -> FloatArray:
        """Corrected log-probabilities, shape (n_items, n_options); −inf stays −inf."""
        return np.asarray(log_softmax(self.sharpness * log_probabilities + self.bias, axis=1))


@dataclass(frozen=True, eq=False)
class VectorScaling:
    """Map of letters, one by one: ``softmax(scale × log-probabilities + bias)``.

    Attributes
    ----------
    scale : ndarray, shape (n_options,)
        What each letter's log-probability is multiplied by; above 0.
    bias : ndarray, shape (n_options,)
        Added to each letter, in nats; sums to 0.
    """

    scale: FloatArray
    bias: FloatArray

    def apply(self, log_probabilities: FloatArray) -> FloatArray:
        """Corrected log-probabilities, shape (n_items, n_options); −inf stays −inf."""
        return np.asarray(log_softmax(self.scale * log_softmax(log_probabilities, axis=1) + self.bias, axis=1))


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
    >>> correction = fit_correction(letters, right, bias=True, sharpness=False)
    >>> correction.bias.round(2).tolist(), correction.temperature
    ([-0.69, 0.69], 1.0)
    """
    n_options = log_probabilities.shape[1]
    directions = np.zeros((1 + n_options, 2 * n_options))
    directions[0, :n_options] = 1  # one sharpness moves the scales of all letters
    directions[1:, n_options:] = np.eye(n_options)
    fitted = np.array([sharpness] + [bias] * n_options)
    scale, shift, spread = _minimise(log_probabilities, answer, directions[fitted])
    covariance = np.zeros((1 + n_options, 1 + n_options))
    covariance[np.ix_(fitted, fitted)] = spread
    return Correction(float(scale[0]), shift - shift.mean(), covariance)


def fit_vector_scaling(log_probabilities: FloatArray, answer: IntArray) -> VectorScaling:
    r"""Vector scaling: scale and bias of each letter with the smallest log loss.

    Minimises :math:`-\frac1n \sum_i \log \mathrm{softmax}(w x_i + b)_{y_i}` over :math:`w > 0` and :math:`b`, with the
    prior of `fit_correction`, half an answer shared by the scales. Convex, so there is one minimum.

    Parameters
    ----------
    log_probabilities, answer
        As in `fit_correction`. Logits are taken as their log-softmax: with a scale for each letter an offset of all
        letters, which a logit does not define, would matter.

    Returns
    -------
    VectorScaling

    Raises
    ------
    ValueError
        As `fit_correction`.

    References
    ----------
    Guo et al. (2017), arXiv:1706.04599 (vector scaling). Kull et al. (2019), arXiv:1910.12656 (on log-probabilities:
    Dirichlet calibration with a diagonal matrix).

    Examples
    --------
    >>> letters = np.log(np.tile([0.8, 0.2], (1000, 1)))
    >>> scaling = fit_vector_scaling(letters, np.arange(1000) % 2)
    >>> np.exp(scaling.apply(letters[:1])).round(2).tolist()
    [[0.5, 0.5]]
    """
    scale, shift, _ = _minimise(log_probabilities, answer, np.eye(2 * log_probabilities.shape[1]))
    return VectorScaling(scale, shift - shift.mean())


def _minimise(
    log_probabilities: FloatArray, answer: IntArray, directions: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Scale and bias of each letter with the smallest penalised log loss.

    They move along the directions only.

    Directions have shape (m, 2 n_options), scales before biases; the third result is the covariance (m, m) of the
    amounts by which they were moved.
    """
    n_items, n_options = log_probabilities.shape
    rows = np.arange(n_items)
    impossible = np.isneginf(log_probabilities[rows, answer])
    if impossible.any():
        raise ValueError(f"a right option must have a probability above 0; row {int(np.argmax(impossible))} has none")
    normal = log_softmax(log_probabilities, axis=1)
    finite = np.where(np.isneginf(normal), 0.0, normal)  # only ever multiplied with a probability of 0
    hit = finite[rows, answer]
    seen = np.concatenate([np.bincount(answer, hit, n_options), np.bincount(answer, None, n_options)]) / n_items
    of_scale = _SHARPNESS_WEIGHT / n_options / n_items
    of_bias = 1 / _BIAS_SPREAD**2 / n_items

    def loss(values: FloatArray) -> float:
        scale, bias = np.split(values, 2)
        prior = of_scale * (scale - 1 - np.log(scale)).sum() + of_bias * bias @ bias / 2
        return float(prior - log_softmax(scale * normal + bias, axis=1)[rows, answer].mean())

    def weights(values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Probabilities, and these times the log-probabilities given."""
        scale, bias = np.split(values, 2)
        weight = np.exp(log_softmax(scale * normal + bias, axis=1))
        return weight * finite, weight

    def derivatives(values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Slope (m,) and curvature (m, m) along the directions."""
        scale, bias = np.split(values, 2)
        scaled, weight = weights(values)
        mean = np.concatenate([scaled.mean(axis=0), weight.mean(axis=0)])
        slope = mean - seen + np.concatenate([of_scale * (1 - 1 / scale), of_bias * bias])
        square = np.diag(np.concatenate([(scaled * finite).mean(axis=0), mean[n_options:]]))
        square += np.diag(mean[:n_options], n_options) + np.diag(mean[:n_options], -n_options)
        square += np.diag(np.concatenate([of_scale / scale**2, np.full(n_options, of_bias)]))
        across = np.block([[scaled.T @ scaled, scaled.T @ weight], [weight.T @ scaled, weight.T @ weight]])
        return directions @ slope, directions @ (square - across / n_items) @ directions.T

    parameters = np.repeat([1.0, 0.0], n_options)
    least = loss(parameters)
    for _ in range(_STEPS):
        slope, curvature = derivatives(parameters)
        moves = np.linalg.solve(curvature, slope)
        if slope @ moves <= 2 * _CONVERGED:
            break
        step = moves @ directions
        while (parameters <= step)[:n_options].any() or (loss_after_step := loss(parameters - step)) > least:
            step /= 2
        if least - loss_after_step <= 0:
            break
        parameters, least = parameters - step, loss_after_step
    of_scales, of_biases = np.split(directions.T, 2)
    scaled, weight = weights(parameters)
    parts = scaled @ of_scales + weight @ of_biases - hit[:, None] * of_scales[answer] - of_biases[answer]
    bread = np.linalg.inv(derivatives(parameters)[1])
    scale, bias = np.split(parameters, 2)
    return scale, bias, bread @ (parts.T @ parts / n_items) @ bread / n_items
