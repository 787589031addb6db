"""What rounded probabilities leave open: bounds, a range, zeros and ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..metrics.arrays import FloatArray
from ..metrics.calibration_errors import ece
from ..predictions.predictions import Predictions

_BINS = 10
# How far values may be off an edge of a bin, or off a multiple of the step, to lie on it.
_NEAR = 1e-6


@dataclass(frozen=True, kw_only=True)
class RoundedProbabilities:
    """Measures of a run whose probabilities are rounded.

    Attributes
    ----------
    step : float
        Distance of neighbouring values, 0.01 for two decimals.
    n_zeros : int
        Options that read 0.
    n_ties : int
        Items whose most probable option shares its value with another.
    n_on_edges : int
        Items whose top probability lies on an edge between bins.
    log_loss_low : float
        Least log loss that the rounding allows, in nats.
    log_loss_high : float or None
        Largest; None if a right option reads 0, which may be any probability below half a step.
    n_right_zeros : int
        Items whose right option reads 0.
    ece_low, ece_high : float
        Least and largest ECE of the top probabilities as they are, moved by half a step down or up, and with those on
        edges in the bin below.
    """

    step: float
    n_zeros: int
    n_ties: int
    n_on_edges: int
    log_loss_low: float
    log_loss_high: float | None
    n_right_zeros: int
    ece_low: float
    ece_high: float

    @property
    def note(self) -> str:
        """What a reader must know, in a sentence."""
        high = self.log_loss_high
        loss = (
            f"the log loss is at least {self.log_loss_low:.4f} and has no upper bound, since {self.n_right_zeros} "
            "right options read 0"
            if high is None
            else f"the log loss lies between {self.log_loss_low:.4f} and {high:.4f}"
        )
        return (
            f"probabilities are rounded to steps of {self.step:g}: {self.n_zeros} options read 0, {self.n_ties} items "
            f"have tied top options, {self.n_on_edges} top probabilities lie on an edge of a bin; {loss}, and the ECE "
            f"of the top options between {self.ece_low:.4f} and {self.ece_high:.4f}"
        )


def rounded_probabilities(run: Predictions) -> RoundedProbabilities | None:
    """What the rounding of a run leaves open; None if it is not rounded.

    Parameters
    ----------
    run : Predictions
        With one row an item.

    Examples
    --------
    >>> run = Predictions.from_arrays(probabilities=[[0.75, 0.25]] * 20, answer=[0, 1] * 10)
    >>> rounded = rounded_probabilities(run)
    >>> rounded.step, round(rounded.log_loss_low, 3), round(rounded.log_loss_high, 3)
    (0.01, 0.824, 0.85)
    """
    step = run.probability_step
    if step is None:
        return None
    values, least, largest = _as_read(run, step)
    top = values.max(axis=1)
    low, high = np.minimum(largest + step / 2, 1.0), least - step / 2
    unbounded = high <= _NEAR
    edges = np.arange(1, _BINS) / _BINS
    on_edge = (np.abs(top[:, None] - edges) <= _NEAR).any(axis=1)
    half = step / 2 * (1 - _NEAR)
    moved = [top, np.clip(top - half, 0, 1), np.clip(top + half, 0, 1), np.where(on_edge, top - 2 * _NEAR, top)]
    errors = [ece(values, run.correct, bins=_BINS) for values in moved]
    return RoundedProbabilities(
        step=step,
        n_zeros=int((values[run.present] < step / 2).sum()),
        n_ties=int((run.tied > 1).sum()),
        n_on_edges=int(on_edge.sum()),
        log_loss_low=float(-np.log(low).mean()),
        log_loss_high=None if unbounded.any() else float(-np.log(high).mean()),
        n_right_zeros=int(unbounded.sum()),
        ece_low=min(errors),
        ece_high=max(errors),
    )


def _as_read(run: Predictions, step: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Probabilities before they were divided, with bounds of the right options.

    All of them were multiples of the step; several sums explain a row whose options but one read 0.
    """
    shares = np.where(run.present, run.probabilities, 0.0)
    most = shares.shape[1] // 2  # steps that a sum may be off
    steps = np.array(sorted(range(-most, most + 1), key=abs))
    scaled = shares[:, None, :] * (1 + step * steps)[:, None] / step  # (items, sums, options)
    off = np.round(np.abs(scaled - np.round(scaled)).max(axis=2), 2)
    fits = off == off.min(axis=1, keepdims=True)
    rows = np.arange(len(shares))
    read = np.round(scaled) * step
    right = read[rows, :, run.answer]  # (items, sums)
    low, high = np.where(fits, right, np.inf).min(axis=1), np.where(fits, right, 0.0).max(axis=1)
    return read[rows, np.argmax(fits, axis=1)], low, high
