"""Kinds of pilots, and samples of their populations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from benchmarks.coverage.populations import Drawn, Population, draw
from benchmarks.coverage.truths import Truth, truth_of
from calibration import Predictions

# Accuracy falls, or confidence grows: from calibrated, from over-confident; accurate models; clusters.
NOISIER = Population(noise=(0.0, 1.0))
SHARPER = Population(temperatures=(1.0, 0.7))
BOTH_OFF = Population(temperatures=(0.7, 0.5))
OFF_TO_RIGHT = Population(temperatures=(0.5, 1.0))
ACCURATE = Population(accuracy=0.97, noise=(0.0, 2.0))
ACCURATE_SHARPER = Population(accuracy=0.97, temperatures=(1.0, 0.6))
CLUSTERS = Population(noise=(0.0, 1.0), layout="57 uneven")
CLUSTERS_SHARPER = Population(temperatures=(1.0, 0.7), layout="57 uneven")
_CLUSTERS = 57


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A kind of pilot, and the measure whose change is to be shown.

    Attributes
    ----------
    kind : str
        What the population is called.
    population : Population
    measure : str
        Key of the measure.
    pilot : int
        Items of the pilot.
    paired : bool
        Whether both runs are on the same items.
    """

    kind: str
    population: Population
    measure: str
    pilot: int
    paired: bool = True

    @property
    def name(self) -> str:
        """What tells it from the others."""
        return f"{self.sampled}; pilot {self.pilot}"

    @property
    def sampled(self) -> str:
        """Its name without the pilot: what samples of any size are of."""
        items = "the same items" if self.paired else "different items"
        return f"{self.measure}; {self.kind}; {items}"


def cells() -> Iterator[Cell]:
    """All kinds of pilots, those of 200 items first."""
    plain = {
        "signed_gap": ("calibrated → sharper", SHARPER), "brier": ("calibrated → noisier", NOISIER),
        "nll": ("calibrated → noisier", NOISIER), "ece_top": ("calibrated → sharper", SHARPER),
        "ece_choices": ("calibrated → sharper", SHARPER), "debiased_ce2": ("calibrated → sharper", SHARPER),
        "accuracy": ("calibrated → noisier", NOISIER),
    }  # fmt: skip
    for pilot in (200, 60, 1_000):
        for measure, (kind, population) in plain.items():
            for paired in (True, False):
                yield Cell(kind=kind, population=population, measure=measure, pilot=pilot, paired=paired)
        for measure in ("ece_top", "ece_choices", "debiased_ce2"):
            yield Cell(kind="over-confident → more so", population=BOTH_OFF, measure=measure, pilot=pilot)
            yield Cell(kind="over-confident → calibrated", population=OFF_TO_RIGHT, measure=measure, pilot=pilot)
    for measure in ("accuracy", "brier", "signed_gap"):
        yield Cell(kind="accuracy .97 → noisier", population=ACCURATE, measure=measure, pilot=1_000)
    for measure in ("ece_top", "debiased_ce2"):
        yield Cell(kind="accuracy .97 → sharper", population=ACCURATE_SHARPER, measure=measure, pilot=1_000)
    for measure in ("accuracy", "brier"):
        yield Cell(kind="57 clusters → noisier", population=CLUSTERS, measure=measure, pilot=400)
    for measure in ("signed_gap", "ece_top", "debiased_ce2"):
        yield Cell(kind="57 clusters → sharper", population=CLUSTERS_SHARPER, measure=measure, pilot=400)


@lru_cache(maxsize=8)
def truth(population: Population) -> Truth:
    """What is true of a population."""
    return truth_of(population)


def true_change(cell: Cell) -> float:
    """Change of the measure in the population."""
    first, second = (side[cell.measure] for side in truth(cell.population).values)
    return second - first


def draw_pilot(cell: Cell, rng: np.random.Generator) -> tuple[Predictions, Predictions]:
    """Runs before and after of a pilot."""
    drawn = draw(cell.population, cell.pilot, rng)
    return _runs([drawn], None if cell.population.scheme == "items" else drawn.group)


def draw_sample(cell: Cell, n_items: int, rng: np.random.Generator) -> tuple[Predictions, Predictions]:
    """Runs before and after of about so many items, clusters with the sizes of the pilot's; apart if not paired."""
    before, after = _drawn(cell, n_items, rng)
    return (before, after) if cell.paired else (before, _drawn(cell, n_items, rng)[1])


def _drawn(cell: Cell, n_items: int, rng: np.random.Generator) -> tuple[Predictions, Predictions]:
    if cell.population.scheme == "items":
        return _runs([draw(cell.population, n_items, rng)], None)
    n_clusters = max(round(n_items * _CLUSTERS / cell.pilot), 2)
    blocks = [draw(cell.population, cell.pilot, rng) for _ in range(-(-n_clusters // _CLUSTERS))]
    group = np.concatenate([block.group + _CLUSTERS * at for at, block in enumerate(blocks)])
    kept = rng.permutation(_CLUSTERS * len(blocks))[:n_clusters]
    return _runs(blocks, group, np.isin(group, kept))


def _runs(
    blocks: Sequence[Drawn], group: np.ndarray | None, kept: np.ndarray | slice = slice(None)
) -> tuple[Predictions, Predictions]:
    names = None if group is None else [f"group {index}" for index in group[kept]]
    answer = np.concatenate([block.answer for block in blocks])[kept]
    first, second = (
        Predictions.from_arrays(
            logits=np.concatenate([block.stated[side] for block in blocks])[kept], answer=answer, subject=names
        )
        for side in (0, 1)
    )
    return first, second
