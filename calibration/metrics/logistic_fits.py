"""Logistic regressions of right and wrong answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from ..errors import UndefinedMeasure
from .arrays import FloatArray, IntArray
from .validation import refuse_first

_STEPS, _HALVINGS = 200, 40
# A step that moves log-odds by less, in units of the largest, ends the search.
_SHORT = 1e-9
# Rounding of the mean log-likelihood, which no step can be told to improve.
_ROUNDING = 1e-13
# A value or group whose leverage lacks less to 1 decides a coefficient alone.
_ALONE = 1e-6
# Columns whose correlation matrix has a condition beyond this are as good as dependent.
_DEPENDENT = 1e12


@dataclass(frozen=True, eq=False, kw_only=True)
class LogisticFit:
    """A logistic regression that was fitted.

    Attributes
    ----------
    coefficients : ndarray, shape (n_columns,)
    design : ndarray, shape (n, n_columns)
    correct, fitted, weight : ndarray, shape (n,)
        What came true, its fitted probabilities, and how much each value counts.
    inverse : ndarray, shape (n_columns, n_columns)
        Inverse of the information; the covariance of the coefficients if the model is right and weights are alike.
    """

    coefficients: FloatArray
    design: FloatArray
    correct: FloatArray
    fitted: FloatArray
    weight: FloatArray
    inverse: FloatArray

    def moves(self, group: IntArray | None = None) -> FloatArray:
        r"""What leaving out each value moves the coefficients by, shape (n, n_columns).

        With groups, shape (n,) from 0, what leaving out each group moves them by, shape (n_groups, n_columns): one
        step of Newton's method, :math:`(H - H_g)^{-1} \sum_{i \in g} x_i w_i (y_i - \pi_i)`, with *H* the information.
        The sum of their squares is the variance of the jackknife (HC3, CR3), which holds whether the model is right or
        not.

        Raises
        ------
        UndefinedMeasure
            If a group decides a coefficient alone.

        References
        ----------
        MacKinnon and White (1985), doi:10.1016/0304-4076(85)90158-7 (HC3). Bell and McCaffrey (2002), Survey
        Methodology 28:169 (CR3).
        """
        scores = self.design * (self.weight * (self.correct - self.fitted))[:, None]  # (n, n_columns)
        share = self.weight * self.fitted * (1 - self.fitted)
        if group is None:
            moved = self.design @ self.inverse
            left = 1 - (moved * self.design).sum(axis=1) * share
            if left.min() < _ALONE:
                raise UndefinedMeasure("a single answer decides the fitted curve")
            return np.asarray(scores @ self.inverse / left[:, None])
        summed = np.stack([np.bincount(group, weights=column) for column in scores.T], axis=1)
        scaled = np.linalg.cholesky(self.inverse)  # makes the information a unit matrix
        columns = self.design @ scaled
        n_columns = columns.shape[1]
        parts = [np.bincount(group, weights=share * a * b) for a in columns.T for b in columns.T]
        rest = np.eye(n_columns) - np.stack(parts, axis=1).reshape(-1, n_columns, n_columns)
        if np.linalg.eigvalsh(rest).min() < _ALONE:
            raise UndefinedMeasure("a single cluster decides the fitted curve")
        return np.asarray(np.linalg.solve(rest, (summed @ scaled)[:, :, None])[:, :, 0] @ scaled.T)


def logits(confidence: FloatArray) -> FloatArray:
    """Log-odds of confidences.

    Raises
    ------
    UndefinedMeasure
        For a confidence of exactly 0 or 1, whose log-odds have no end.

    Examples
    --------
    >>> logits(np.array([0.5, 0.8])).round(3).tolist()
    [0.0, 1.386]
    """
    plain = np.asarray(confidence, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return finite_logits(np.log(plain) - np.log1p(-plain))


def finite_logits(odds: FloatArray) -> FloatArray:
    """Log-odds that all have an end.

    Raises
    ------
    UndefinedMeasure
        If some have none.
    """
    endless = np.isinf(odds)
    if endless.any():
        raise UndefinedMeasure(
            f"{int(endless.sum())} of {len(odds)} confidences are exactly 0 or 1, whose log-odds have no end, the "
            f"first in row {np.argmax(endless)}"
        )
    refuse_first(~np.isfinite(odds), odds, "log-odds must be numbers")
    return odds


def logistic_fit(
    design: FloatArray, correct: FloatArray, *, offset: FloatArray | float = 0.0, weight: FloatArray | None = None
) -> LogisticFit:
    """Logistic regression by maximum likelihood, with Newton's method.

    Parameters
    ----------
    design : ndarray, shape (n, n_columns)
    correct : ndarray of 0 and 1, shape (n,)
        Shares from 0 to 1 are taken too.
    offset : ndarray, shape (n,), or float
        Part of the log-odds that is not fitted.
    weight : ndarray, shape (n,), or None
        How much each value counts; alike if None.

    Raises
    ------
    UndefinedMeasure
        If all came true, or nothing; for columns that depend on each other; if the columns separate what came true from
        what did not, so that a coefficient has no end.

    Examples
    --------
    >>> fit = logistic_fit(np.ones((4, 1)), np.array([1.0, 1.0, 1.0, 0.0]))
    >>> fit.coefficients.round(4).tolist()  # log 3
    [1.0986]
    """
    n_right = float(correct.sum())
    if not 0 < n_right < len(correct):
        raise UndefinedMeasure(
            f"it needs right and wrong answers, got {n_right:g} right and {len(correct) - n_right:g} wrong"
        )
    mass = np.broadcast_to(1.0, correct.shape) if weight is None else weight / weight.mean()
    size = np.sqrt(np.square(design).mean(axis=0))
    scale = np.where(size > 0, size, 1.0)
    columns = design / scale
    if np.linalg.cond(columns.T @ columns / len(columns)) > _DEPENDENT:
        raise UndefinedMeasure("the confidences differ too little to fit a curve to them")
    offset = np.broadcast_to(offset, correct.shape)
    # Offsets that are far off leave next to no information at 0.
    first = _level(offset, correct, mass) if (design == 1).all() else 0.0
    maximum = _maximum(columns, correct, offset, mass, first)
    if maximum is None:
        raise UndefinedMeasure("confidence separates right from wrong answers, so that the fitted curve has no end")
    fitted, inverse = expit(columns @ maximum[0] + offset), maximum[1]
    return LogisticFit(
        coefficients=maximum[0] / scale, design=design, correct=correct, fitted=fitted, weight=mass,
        inverse=inverse / np.outer(scale, scale),
    )  # fmt: skip


def _maximum(
    columns: FloatArray, correct: FloatArray, offset: FloatArray, mass: FloatArray, first: float
) -> tuple[FloatArray, FloatArray] | None:
    """Coefficients of the largest likelihood and the inverse information; None if there is none."""

    def likelihood(odds: FloatArray) -> float:
        return float((mass * (correct * odds - np.logaddexp(0, odds))).mean())

    coefficients = np.full(columns.shape[1], first)
    odds = offset + columns @ coefficients
    best = likelihood(odds)
    for _ in range(_STEPS):
        fitted = expit(odds)
        slope = columns.T @ (mass * (correct - fitted)) / len(correct)
        information = (columns * (mass * fitted * (1 - fitted))[:, None]).T @ columns
        try:
            inverse = np.linalg.inv(information)
        except np.linalg.LinAlgError:
            return None
        step = inverse @ slope * len(correct)
        # Where the columns separate, the likelihood is flat too, but steps stay long.
        if np.abs(columns @ step).max() <= _SHORT * (1 + np.abs(odds).max()):
            return coefficients, inverse
        for _ in range(_HALVINGS):
            moved = offset + columns @ (coefficients + step)
            if likelihood(moved) >= best - _ROUNDING:
                break
            step /= 2
        else:
            return None
        coefficients, odds = coefficients + step, moved
        best = likelihood(odds)
    return None


def _level(offset: FloatArray, correct: FloatArray, mass: FloatArray) -> float:
    """What raises log-odds so that as many are expected as came true."""

    def excess(level: float) -> float:
        return float((mass * (expit(offset + level) - correct)).sum())

    furthest = float(np.abs(offset).max()) + 50
    return float(brentq(excess, -furthest, furthest, xtol=1e-8))
