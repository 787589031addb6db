"""Losses of items had each of their outcomes come true."""

from __future__ import annotations

import math

import numpy as np

from ..metrics.arrays import BoolArray, FloatArray
from ..predictions.predictions import Predictions

# A loss beyond this, of a probability below 10⁻¹³, has no end.
ENDLESS = 30.0
# Where a loss may have no end, its interval is that of one whose probabilities are at least so large.
FLOOR, FLOOR_TEXT = 1e-6, "1e-6"
LARGEST = -math.log(FLOOR)
# What a probability of 0 is stored as.
_STORED_ZERO = math.log(float(np.finfo(np.float32).tiny))


def brier_losses(run: Predictions) -> FloatArray:
    """Brier score had each option been right, shape (n_items, n_options)."""
    losses = np.square(run.probabilities).sum(axis=1)[:, None] - 2 * run.probabilities + 1
    return np.where(run.present, losses, np.nan)


def log_losses(run: Predictions) -> FloatArray:
    """Log loss had each option been right, shape (n_items, n_options)."""
    return np.where(run.present, -run.log_probabilities, np.nan)


def above_floor(losses: FloatArray) -> FloatArray:
    """Log losses of probabilities that are at least the floor."""
    return np.asarray(np.minimum(losses, LARGEST))


def other_options(run: Predictions) -> FloatArray:
    """Probabilities of the options that are not predicted, 0 for the one that is."""
    others = np.where(run.present, run.probabilities, 0.0)
    others[np.arange(run.n_items), run.predicted] = 0.0
    return others


def _certainty_lacked(confidence: FloatArray) -> FloatArray:
    """Distance of confidences to 1 if right, to 0 if wrong, shape (n_items, 2)."""
    return np.column_stack([1 - confidence, confidence])


def top_log_losses(confidence: FloatArray) -> FloatArray:
    """Log loss of confidences if right, and if wrong, shape (n_items, 2)."""
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log1p(-_certainty_lacked(confidence)))


def only_wrong(confidence: FloatArray) -> FloatArray:
    """Chances of right and wrong for wrong answers, shape (n_items, 2)."""
    return np.tile([0.0, 1.0], (len(confidence), 1))


def top_squared_losses(confidence: FloatArray) -> FloatArray:
    """Squared error of confidences if right, and if wrong, shape (n_items, 2)."""
    return np.asarray(np.square(_certainty_lacked(confidence)))


def is_certain(run: Predictions) -> BoolArray:
    """Whether one option of each item has all probability, shape (n_items,)."""
    return np.asarray((run.log_probabilities > -ENDLESS).sum(axis=1) == 1)


def is_one(run: Predictions) -> BoolArray:
    """Whether one option of each item has a probability of exactly 1, shape (n_items,)."""
    log_probabilities = run.log_probabilities
    others = run.present & (log_probabilities < -1e-6)
    stored = np.abs(log_probabilities - _STORED_ZERO) < 1e-3
    return np.asarray((stored == others).all(axis=1) & others.any(axis=1))


def is_top_certain(confidence: FloatArray) -> BoolArray:
    """Whether each confidence is as good as 0 or 1, shape (n_items,)."""
    least = np.exp(-ENDLESS)
    return np.asarray((confidence < least) | (1 - confidence < least))
