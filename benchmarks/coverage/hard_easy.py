"""Hard–easy gaps, by what is known of the items and by the confidence of another run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from scipy.special import softmax

from calibration import Pairs, Predictions, hard_easy_change, hard_easy_gap
from calibration.metrics.arrays import FloatArray

from . import truths
from .bands import Counted
from .populations import Drawn, Population, draw, predicted

HARD_EASY_QUANTITIES = (
    "hard_easy_gap before", "hard_easy_gap after", "hard_easy_gap change", "hard_easy_gap_by_run before",
)  # fmt: skip


def sample_hard_easy(population: Population, n_items: int, rng: np.random.Generator) -> Iterator[Counted]:
    """Hard–easy gaps of a sample, and those of the population on both sides of the sample's median."""
    drawn = draw(population, n_items, rng)
    runs, whole = _runs(drawn), _whole(population)
    difficulty = -drawn.clear
    true = [_difference(gap, whole.hard, float(np.median(difficulty))) for gap in whole.gaps]
    for side, run, value in zip(("before", "after"), runs, true, strict=True):
        yield f"hard_easy_gap {side}", hard_easy_gap(run, difficulty).gap, value
    yield "hard_easy_gap change", hard_easy_change(*runs, difficulty), true[1] - true[0]
    unsure = -np.asarray(runs[1].confidence)
    if not np.array_equal(runs[0].confidence, runs[1].confidence):
        value = _difference(whole.gap_by_run, whole.unsure, float(np.median(unsure)))
        yield "hard_easy_gap_by_run before", hard_easy_gap(runs[0], runs[1]).gap, value


class _Whole:
    """Expected gaps of the items of a population, and how hard they are.

    Attributes
    ----------
    gaps : tuple of ndarray
        Before and after, given what the model sees and the item's signal.
    gap_by_run : ndarray
        Before, given what both models see.
    hard, unsure : ndarray
        Difficulty by signal, and by the confidence after.
    """

    def __init__(self, population: Population) -> None:
        n_items = min(truths.ITEMS, truths.CELLS // population.n_options)
        drawn = draw(population, n_items, np.random.default_rng(7), alone=True)
        confidences = drawn.confidences()
        items, answers = np.arange(n_items), [predicted(stated) for stated in drawn.stated]
        hits = [chance[items, answer] for chance, answer in zip(drawn.chances(), answers, strict=True)]
        self.gaps = confidences[0] - hits[0], confidences[1] - hits[1]
        both = softmax((drawn.seen[0] + drawn.seen[1]) / (1 + population.correlation), axis=1)
        self.gap_by_run = confidences[0] - both[items, answers[0]]
        self.hard, self.unsure = -drawn.clear, -confidences[1]


@lru_cache(maxsize=2)
def _whole(population: Population) -> _Whole:
    return _Whole(population)


def _runs(drawn: Drawn) -> tuple[Predictions | Pairs, Predictions | Pairs]:
    """Both runs; of clusters their confidences, since letters have none."""
    runs = drawn.runs()
    if drawn.population.scheme != "clusters" or drawn.population.of_pairs:
        return runs
    names = [f"group {index}" for index in drawn.group]
    first, second = (Pairs.from_arrays(np.asarray(run.confidence), run.correct, cluster=names) for run in runs)
    return first, second


def _difference(gap: FloatArray, difficulty: FloatArray, cut: float) -> float:
    hard = difficulty > cut
    return float(gap[hard].mean() - gap[~hard].mean())
