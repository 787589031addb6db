"""Logistic regression with a weak penalty on its slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from .arrays import FloatArray

# Steps of Newton's method, the longest one, and the largest change of a coefficient that ends them.
_STEPS, _LONGEST, _CONVERGED = 100, 5.0, 1e-10


@dataclass(frozen=True, eq=False, kw_only=True)
class PenalisedLogistic:
    """A fitted logistic regression.

    Attributes
    ----------
    centre, scale : ndarray, shape (n_features,)
        What is taken off each feature, and what it is then divided by.
    coefficients : ndarray, shape (1 + n_features,)
        Intercept, and slopes of the standardised features.
    curvature : ndarray, shape (1 + n_features, 1 + n_features)
        Second derivative of the penalised loss at the coefficients, a mean over the rows.
    """

    centre: FloatArray
    scale: FloatArray
    coefficients: FloatArray
    curvature: FloatArray

    def design(self, features: FloatArray) -> FloatArray:
        """A column of ones and the standardised features, shape (n, 1 + n_features)."""
        return _design(features, self.centre, self.scale)

    def apply(self, features: FloatArray, /) -> FloatArray:
        """Probability of 1 for each row of features, shape (n,)."""
        return np.asarray(expit(self.design(features) @ self.coefficients))

    def moves(self, score: FloatArray) -> FloatArray:
        """Influence of each row on the coefficients, shape (n, 1 + n_features).

        `score`, of the same shape, is the derivative of each row's log-likelihood.
        """
        return np.asarray(np.linalg.solve(self.curvature, (score - score.mean(axis=0)).T).T)


def fit_penalised(
    features: FloatArray, target: FloatArray, *, weight: FloatArray | None = None, penalty: float = 1.0
) -> PenalisedLogistic:
    """Logistic regression of the largest penalised likelihood.

    Parameters
    ----------
    features : ndarray, shape (n, n_features)
    target : ndarray of 0 and 1, shape (n,)
    weight : ndarray, shape (n,), optional
        How much each row counts; alike if omitted.
    penalty : float
        Of half the squared slopes of standardised features: they exist where the features tell the target for certain.

    Examples
    --------
    >>> fit = fit_penalised(np.repeat([[0.0], [1.0]], 50, axis=0), np.arange(100) % 50 < np.repeat([10, 40], 50))
    >>> fit.apply(np.array([[0.0], [1.0]])).round(2).tolist()
    [0.21, 0.79]
    """
    mass = np.ones(len(features)) if weight is None else weight
    centre = np.average(features, axis=0, weights=mass)
    scale = np.sqrt(np.average(np.square(features - centre), axis=0, weights=mass))
    scale = np.where(scale > 0, scale, 1.0)
    rows = _design(features, centre, scale)
    # A little for the intercept, which has no end either if all targets are alike.
    ridge = np.append(1e-3, np.full(features.shape[1], penalty))
    coefficients = np.zeros(len(ridge))
    for _ in range(_STEPS):
        chance = expit(rows @ coefficients)
        curvature = (rows * (mass * chance * (1 - chance))[:, None]).T @ rows + np.diag(ridge)
        step = np.linalg.solve(curvature, rows.T @ (mass * (target - chance)) - ridge * coefficients)
        # Far from the optimum a whole step can overshoot.
        step *= min(1.0, _LONGEST / max(float(np.abs(step).max()), _CONVERGED))
        coefficients = coefficients + step
        if np.abs(step).max() < _CONVERGED:
            break
    return PenalisedLogistic(centre=centre, scale=scale, coefficients=coefficients, curvature=curvature / mass.sum())


def _design(features: FloatArray, centre: FloatArray, scale: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(features)), (features - centre) / scale])
