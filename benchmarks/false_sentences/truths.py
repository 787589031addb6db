"""What is true of two runs, or of one, in the terms of a page's sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy.special import log_softmax, softmax

from calibration.metrics.arrays import FloatArray
from calibration.metrics.bins import assign_bins, bin_edges

from ..coverage.populations import Population, draw
from ..coverage.truths import truth_of

# Less than this is nothing: rounding of a large sample's expectations.
NOTHING = 1e-9
_ITEMS = 50_000


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is true of two runs, or of one.

    Attributes
    ----------
    before, after : mapping
        Measures of the population by key; of one run both are alike. Rates of answers and scores by likelihood are keys
        of their own.
    corrected : Population or None
        Population of letters, whose ECE after a correction is counted.
    """

    before: Mapping[str, float]
    after: Mapping[str, float]
    corrected: Population | None = field(default=None)

    def change(self, key: str) -> float:
        """What a measure changes by."""
        moved = self.after[key] - self.before[key]
        return 0.0 if abs(moved) < NOTHING else moved

    def gap(self, side: str = "after") -> float:
        """Mean confidence minus accuracy before or after."""
        gap = (self.before if side == "before" else self.after)["signed_gap"]
        return 0.0 if abs(gap) < NOTHING else gap

    def share_off(self, temperature: float, bias: FloatArray) -> float:
        """Share of the ECE over choices that a correction takes off the run after."""
        if self.corrected is None:
            raise ValueError("only runs of letters can be corrected")
        logs, chances = _large_sample(self.corrected)
        whole = _ece(softmax(logs, axis=1), chances)
        return 1 - _ece(softmax(logs / temperature + bias, axis=1), chances) / whole


def truth_of_letters(population: Population) -> Truth:
    """What is true of two runs of letters, or of pairs."""
    before, after = truth_of(population).values
    return Truth(before=before, after=after, corrected=None if population.of_pairs else population)


@lru_cache
def _large_sample(population: Population) -> tuple[FloatArray, FloatArray]:
    """Log-probabilities as the model after states them, and what it would have to."""
    drawn = draw(population, _ITEMS, np.random.default_rng(11), alone=True)
    return np.asarray(log_softmax(drawn.stated[1], axis=1)), drawn.chances()[1]


def _ece(probabilities: FloatArray, chances: FloatArray) -> float:
    values = probabilities.ravel()
    sums = np.bincount(assign_bins(values, bin_edges(values)), weights=(probabilities - chances).ravel())
    return float(np.abs(sums).sum() / values.size)
