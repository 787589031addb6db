"""Measures of a smooth calibration curve: distances of confidence from it."""

from __future__ import annotations

import numpy as np

from ..metrics.smooth_curves import smooth_curve
from .kinds.curve_distance import CurveDistance
from .measured_runs import HasTop
from .recalibration_measures import top_logits


def ici(run: HasTop) -> CurveDistance:
    """Mean distance of confidence from the smooth curve."""
    return _distance(run, None)


def e50(run: HasTop) -> CurveDistance:
    """Median distance of confidence from the smooth curve."""
    return _distance(run, 0.5)


def e90(run: HasTop) -> CurveDistance:
    """Distance from the smooth curve that nine in ten answers do not exceed."""
    return _distance(run, 0.9)


def emax(run: HasTop) -> CurveDistance:
    """Largest distance of confidence from the smooth curve."""
    return _distance(run, 1.0)


def _distance(run: HasTop, part: float | None) -> CurveDistance:
    odds = top_logits(run)
    curve = smooth_curve(odds, run.correct.astype(np.float64), run.weights)
    return CurveDistance(curve=curve, odds=odds, part=part)
