"""Measures of sets of the k most likely options."""

from __future__ import annotations

import numpy as np

from ..metrics.top_k import sets_of_k
from ..predictions.predictions import Predictions
from .kinds.mean_like import MeanLike, plain_mean
from .kinds.rare_errors import GapErrors
from .kinds.share import Share


def top2_coverage(run: Predictions) -> Share:
    """Share of items whose right option is among the two most likely."""
    return top_k_coverage(run, 2)


def top3_coverage(run: Predictions) -> Share:
    """Share of items whose right option is among the three most likely."""
    return top_k_coverage(run, 3)


def top2_gap(run: Predictions) -> MeanLike:
    """Stated probability of the two most likely options less their coverage."""
    return top_k_gap(run, 2)


def top3_gap(run: Predictions) -> MeanLike:
    """Stated probability of the three most likely options less their coverage."""
    return top_k_gap(run, 3)


def top_k_coverage(run: Predictions, k: int) -> Share:
    """Share of items whose right option is among the k most likely."""
    return Share(sets_of_k(np.asarray(run.probabilities), run.answer, run.present, k)[1].astype(np.float64))


def top_k_gap(run: Predictions, k: int) -> MeanLike:
    """Stated probability of the k most likely options less their coverage."""
    mass, covered = sets_of_k(np.asarray(run.probabilities), run.answer, run.present, k)
    errors = GapErrors(mass, covered)
    return plain_mean(mass - covered, (-1.0, 1.0), zero_means_calibrated=True, errors=errors)
