"""Bands of calibration curves, and intervals of several groups: whether they hold everywhere at once."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy.special import logit

from calibration import Pairs, Predictions, calibration_band
from calibration.errors import UndefinedMeasure
from calibration.metrics.arrays import FloatArray
from calibration.uncertainty.changes import Change
from calibration.uncertainty.estimates import Estimate
from calibration.uncertainty.recalibration_measures import top_logits

from .populations import Population, draw
from .truths import cached_truth

BAND_QUANTITIES = ("calibration_band before", "calibration_band after")
Counted = tuple[str, Estimate | Change | None, float]


def sample_bands(population: Population, n_items: int, rng: np.random.Generator) -> Iterator[Counted]:
    """Band of both runs of a sample, and the population's curve of the same knots."""
    truth = cached_truth(population)
    runs: tuple[Predictions | Pairs, Predictions | Pairs] = draw(population, n_items, rng).runs()
    for name, run, curve in zip(BAND_QUANTITIES, runs, truth.curves, strict=True):
        try:
            band = calibration_band(run, sampling=population.scheme)
        except UndefinedMeasure:
            yield name, None, 0.0
            continue
        true = curve.smooth(np.asarray(top_logits(run))).accuracy(np.asarray(logit(band.confidence)))
        yield (name, *held_at_once(band.low, band.high, true))


def held_at_once(low: FloatArray, high: FloatArray, truth: FloatArray) -> tuple[Estimate, float]:
    """One interval in place of many, and where the truth lies that is farthest from the middle of its own.

    As wide as they are on average.
    """
    middle, half = (low + high) / 2, (high - low) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(np.abs(truth - middle) < 1e-9, 0.0, (truth - middle) / half)
    farthest = float(apart[np.abs(apart).argmax()]) * float(half.mean())
    width = float(half.mean())
    value = farthest if math.isfinite(farthest) else 0.0
    return Estimate(value=value, low=-width, high=width, level=0.95), farthest
