"""Measures of the line of a logistic recalibration: slope, intercept, calibration in the large."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from ..metrics.arrays import FloatArray
from ..metrics.logistic_fits import LogisticFit, finite_logits, logits
from ..metrics.logistic_recalibration import line_fit, shift_fit
from ..predictions.predictions import Predictions
from .kinds.coefficient import Coefficient
from .measured_runs import HasTop
from .outcome_losses import is_one

# Slope and intercept are of one line.
_LINES: WeakKeyDictionary[HasTop, LogisticFit] = WeakKeyDictionary()


def calibration_slope(run: HasTop) -> Coefficient:
    """Slope of a logistic recalibration."""
    return _coefficient(_line(run), 1)


def calibration_intercept(run: HasTop) -> Coefficient:
    """Intercept of a logistic recalibration, in log-odds."""
    return _coefficient(_line(run), 0, zero_means_calibrated=True)


def calibration_in_the_large(run: HasTop) -> Coefficient:
    """Intercept beside a slope of 1, in log-odds."""
    return _coefficient(shift_fit(line_logits(run), _correct(run), run.weights), 0, zero_means_calibrated=True)


def top_logits(run: HasTop) -> FloatArray:
    """Log-odds of the confidences of a run.

    Of letters as exact as their log-probabilities: near 1 a confidence has few digits of what it lacks.
    """
    if not isinstance(run, Predictions):
        return logits(run.confidence)
    others = run.log_probabilities  # (n_items, n_options)
    rows = np.arange(run.n_items)
    top = others[rows, run.predicted].copy()
    others[rows, run.predicted] = -np.inf
    with np.errstate(divide="ignore"):
        return finite_logits(top - np.logaddexp.reduce(others, axis=1))


def line_logits(run: HasTop) -> FloatArray:
    """Log-odds that a line can go through.

    Letters store a probability of 0 as a bound, far out, which alone would decide the line.

    Raises
    ------
    UndefinedMeasure
        For confidences of exactly 0 or 1.
    """
    odds = top_logits(run)
    return odds if not isinstance(run, Predictions) else finite_logits(np.where(is_one(run), np.inf, odds))


def _line(run: HasTop) -> LogisticFit:
    """The line of a run, fitted once."""
    fit = _LINES.get(run)
    if fit is None:
        fit = _LINES[run] = line_fit(line_logits(run), _correct(run), run.weights)
    return fit


def _correct(run: HasTop) -> FloatArray:
    return run.correct.astype(np.float64)


def _coefficient(fit: LogisticFit, index: int, *, zero_means_calibrated: bool = False) -> Coefficient:
    return Coefficient(fit=fit, index=index, zero_means_calibrated=zero_means_calibrated)
