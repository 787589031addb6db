"""Likelihood of levels of confidence, and what answers move meta-d′ by."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from .arrays import FloatArray

# Of central differences, relative to distances of about 1.
_STEP = 1e-5
# The chance of a cell of which the likelihood knows.
_LEAST_CHANCE = 1e-300


def rating_scores(parameters: FloatArray, ratio: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log-chances of levels given stimulus and answer, and their derivatives.

    Parameters
    ----------
    parameters : ndarray, shape (..., 2 n_ratings − 1)
        As of `MetaFit`.
    ratio : ndarray, shape (...)
        Criterion over d′, which is that of meta-d′ too.

    Returns
    -------
    ndarray, shape (..., 2, 2 n_ratings)
        Of each stimulus and column.
    ndarray, shape (..., 2, 2 n_ratings, 2 n_ratings)
        By the parameters and, last, by the ratio.
    """
    size = parameters.shape[-1]
    n_ratings, outer = (size + 1) // 2, parameters.shape[:-1]
    meta, distances = parameters[..., :1], np.exp(parameters[..., 1:])
    middle = meta * ratio[..., None]
    lower = np.tril(np.ones((n_ratings - 1, n_ratings - 1)))
    below, above = distances[..., : n_ratings - 1], distances[..., n_ratings - 1 :]
    edges = np.concatenate(
        [middle - (below @ lower.T)[..., ::-1], middle, middle + above @ lower.T], axis=-1
    )  # (..., 2 n_ratings − 1)
    moves = np.zeros((*edges.shape, size + 1))
    moves[..., 0], moves[..., size] = ratio[..., None], meta
    moves[..., : n_ratings - 1, 1:n_ratings] = -lower[::-1] * below[..., None, :]
    moves[..., n_ratings:, n_ratings:size] = lower * above[..., None, :]
    side = np.array([-0.5, 0.5])[:, None]
    distance = edges[..., None, :] - meta[..., None] * side  # (..., 2, 2 n_ratings − 1)
    moves = np.repeat(moves[..., None, :, :], 2, axis=-3)
    moves[..., 0] -= side
    inner = np.exp(-np.square(distance) / 2)[..., None] / np.sqrt(2 * np.pi) * moves
    nothing = np.zeros((*outer, 2, 1, size + 1))
    slopes = np.diff(np.concatenate([nothing, inner, nothing], axis=-2), axis=-2)
    ends = np.full((*outer, 2, 1), np.inf)
    low, high = np.concatenate([-ends, distance], axis=-1), np.concatenate([distance, ends], axis=-1)
    # In the upper tail differences of the lower one would be rounding.
    chances = np.where(low > 0, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))
    halves = np.maximum(chances, _LEAST_CHANCE).reshape(*outer, 2, 2, n_ratings)
    parts = slopes.reshape(*outer, 2, 2, n_ratings, size + 1)
    whole = halves.sum(axis=-1, keepdims=True)
    scores = parts / halves[..., None] - parts.sum(axis=-2, keepdims=True) / whole[..., None]
    return np.log(halves / whole).reshape(chances.shape), scores.reshape(slopes.shape)


def cell_moves(counts: FloatArray, parameters: FloatArray) -> FloatArray:
    r"""What an answer more in a cell moves d′ and meta-d′ by.

    Shape (..., 2, 2 n_ratings, 2).

    Parameters
    ----------
    counts : ndarray, shape (..., 2, 2 n_ratings)
        Counts that were fitted, none of them 0.
    parameters : ndarray, shape (..., 2 n_ratings − 1)
        Those of the fit.

    Raises
    ------
    LinAlgError
        If the likelihood is flat.

    Notes
    -----
    The infinitesimal jackknife. Meta-d′ solves :math:`\sum n_j s_j(\theta, k) = 0` with scores *s* and
    :math:`k = c / d'`, so that an answer moves it by :math:`-H^{-1} (s_j + H_k \, dk_j)`; *H* and *H_k* are the
    derivatives of the sum, which are those of the curve that was fitted whether it is the right one or not.

    References
    ----------
    Huber (1967), Proceedings of the Fifth Berkeley Symposium 1:221 (errors of maximum likelihood under other curves).
    """
    size, width = parameters.shape[-1], counts.shape[-1]
    totals = counts.sum(axis=-1)
    rates = counts[..., width // 2 :].sum(axis=-1) / totals
    normal = ndtri(rates)
    sensitivity = normal[..., 1] - normal[..., 0]
    ratio = -(normal[..., 0] + normal[..., 1]) / 2 / sensitivity
    second = (np.arange(width) >= width // 2).astype(np.float64)
    density = np.exp(-np.square(normal) / 2) / np.sqrt(2 * np.pi)
    quantile = (second - rates[..., None]) / (density * totals)[..., None]  # (..., 2, 2 n_ratings)
    moved = quantile * np.array([-1.0, 1.0])[:, None]
    ratio_moved = (-quantile / 2 - ratio[..., None, None] * moved) / sensitivity[..., None, None]
    scores = rating_scores(parameters, ratio)[1][..., :size]
    curvature = _curvature(counts, parameters, ratio)
    pulls = scores + ratio_moved[..., None] * curvature[..., None, None, :, size]
    flat = pulls.reshape(*pulls.shape[:-3], 2 * width, size)
    meta = np.linalg.solve(-curvature[..., :size], np.swapaxes(flat, -1, -2))[..., 0, :].reshape(counts.shape)
    return np.stack([moved, meta], axis=-1)


def _curvature(counts: FloatArray, parameters: FloatArray, ratio: FloatArray) -> FloatArray:
    """Derivatives of the summed scores by the parameters and, last, by the ratio."""
    size = parameters.shape[-1]

    def pull(values: FloatArray) -> FloatArray:
        scores = rating_scores(values[..., :size], values[..., size])[1][..., :size]
        return np.asarray((counts[..., None] * scores).sum(axis=(-3, -2)))

    values, steps = np.concatenate([parameters, ratio[..., None]], axis=-1), _STEP * np.eye(size + 1)
    return np.stack([(pull(values + step) - pull(values - step)) / (2 * _STEP) for step in steps], axis=-1)
