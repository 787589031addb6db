"""Predicted letters of a run: measures and noise floors, with those of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ..metrics.arrays import BoolArray, FloatArray, IntArray
from ..predictions.predictions import Predictions
from ..uncertainty import measures, ranking_measures
from ..uncertainty.defined_measures import defined_measures
from ..uncertainty.estimates import measure_floors
from ..uncertainty.kinds.binned import Binned
from ..uncertainty.kinds.protocol import Measure
from ..uncertainty.measured_runs import HasTop
from ..uncertainty.noise_floor import NullECE, null_distribution
from ..uncertainty.stated_noise_floor import stated_null_distribution

# Of predicted letters alone, and of whole rows of letters.
_TOP: dict[str, Callable[[HasTop], Measure]] = {
    "ece_top": measures.ece_top,
    "signed_gap": measures.signed_gap,
    "brier_top": measures.brier_top,
    "nll_top": measures.nll_top,
    "accuracy": measures.accuracy,
    "auroc": ranking_measures.auroc,
}
_LETTERS: dict[str, Callable[[Predictions], Measure]] = {
    "ece_choices": measures.ece_choices,
    "brier": measures.brier,
    "nll": measures.nll,
}


@dataclass(frozen=True, eq=False)
class TopView:
    """The predicted letters of a run, or its pairs, shape (n_items,) each."""

    confidence: FloatArray
    correct: BoolArray
    weights: FloatArray | None = None
    units: IntArray | None = None
    predicted: IntArray | None = None

    @property
    def n_items(self) -> int:
        """How many items were answered."""
        return len(self.confidence)


def top_and_letter_measures(top: TopView, run: Predictions | None) -> tuple[dict[str, Measure], list[str]]:
    """Measures that are defined, by key, and notes on the others.

    Those of the predicted letters, and with a run those of all its letters.
    """
    defined, notes = defined_measures(top, _TOP)
    if run is not None:
        of_letters, more = defined_measures(run, _LETTERS)
        defined, notes = defined | of_letters, notes + more
    return defined, notes


def top_and_letter_floors(
    top: TopView, run: Predictions | None, defined: Mapping[str, Measure], seed: int
) -> dict[str, NullECE]:
    """Noise floors of the ECEs, by key."""
    pooled = {key: measure for key, measure in defined.items() if key in _LETTERS}
    floors = {} if run is None else measure_floors(run, pooled, seed=seed)
    if top.weights is not None or top.units is not None:
        stated = {key: measure for key, measure in defined.items() if isinstance(measure, Binned)}
        return {key: stated_null_distribution(top, seed=seed) for key in stated}
    # The predicted letter beside one that is never the larger, so that it stays the predicted one below 0.5.
    pair = np.column_stack([top.confidence, np.zeros(top.n_items)])
    wrong = (~top.correct).astype(np.int64)
    for key, measure in defined.items():
        if key in _TOP and isinstance(measure, Binned):
            floors[key] = null_distribution(pair, wrong, np.ones(pair.shape, dtype=bool), view="top", seed=seed)
    return {key: floors[key] for key in defined if key in floors}
