"""Cells of what is more than a measure of a run: bands, halves, groups."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from .bands import BAND_QUANTITIES, Counted, sample_bands
from .groups import GROUP_QUANTITIES, WORST_QUANTITIES, sample_groups, sample_worst
from .hard_easy import HARD_EASY_QUANTITIES, sample_hard_easy
from .populations import FIVE, Population
from .temperatures import LENGTH_QUANTITIES, OPTION_QUANTITIES, sample_by_length, sample_by_options

_Sampler = Callable[[Population, int, np.random.Generator], Iterator[Counted]]


@dataclass(frozen=True, kw_only=True)
class AnalysisCell:
    """A population, how many of its items are drawn, and what is made of them.

    Attributes
    ----------
    kind : str
        Heading of its table, which says what is made of them.
    population : Population
    n_items : int
    """

    kind: str
    population: Population
    n_items: int

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return f"{self.kind}: {self.population.text}; n {self.n_items:,}"

    @property
    def key(self) -> int:
        """What its draws are seeded with."""
        return crc32(self.name.encode())

    @property
    def quantities(self) -> tuple[str, ...]:
        """Everything that is counted."""
        return _ANALYSES[self.kind][0]

    def sample(self, rng: np.random.Generator) -> Iterator[Counted]:
        """Each quantity of a sample, its estimate and its truth."""
        return _ANALYSES[self.kind][1](self.population, self.n_items, rng)


_ANALYSES: dict[str, tuple[tuple[str, ...], _Sampler]] = {
    "bands of the curve": (BAND_QUANTITIES, sample_bands),
    "hard–easy gaps": (HARD_EASY_QUANTITIES, sample_hard_easy),
    "groups": (GROUP_QUANTITIES, sample_groups),
    "the worst group": (WORST_QUANTITIES, sample_worst),
    "temperature by number of options": (OPTION_QUANTITIES, sample_by_options),
    "temperature by length of the question": (LENGTH_QUANTITIES, sample_by_length),
}

_CURVED = (
    Population(temperatures=(1.0, 0.5)),
    Population(n_options=2, accuracy=0.9, temperatures=(3.0, 0.5), noise=(0.0, 0.5)),
    Population(n_options=26, accuracy=0.3, temperatures=(1.0, 3.0)),
    Population(accuracy=0.25, noise=(1.0, 1.0), correlation=0.5),
    Population(n_options=10, accuracy=0.97, temperatures=(1.0, 0.5)),
    Population(ties=True, temperatures=(1.0, 0.6)),
    Population(stated=FIVE, temperatures=(1.0, 0.7)),
    Population(weighted=True, temperatures=(1.0, 0.7)),
    *(Population(temperatures=(1.0, 0.6), layout=layout) for layout in ("strata", "ten even", "57 uneven")),
)  # fmt: skip
_HALVED = (
    Population(temperatures=(1.0, 0.5)),
    Population(n_options=2, accuracy=0.9, temperatures=(3.0, 0.5), noise=(0.0, 0.5), correlation=0.5),
    Population(n_options=26, accuracy=0.3, temperatures=(1.0, 3.0)),
    Population(accuracy=0.97, temperatures=(1.0, 0.5), correlation=0.99),
    Population(accuracy=0.99, temperatures=(0.5, 1.0)),
    Population(stated=FIVE, temperatures=(1.0, 0.7)),
    *(Population(temperatures=(1.0, 0.6), layout=layout) for layout in ("ten even", "ten uneven", "57 uneven")),
)  # fmt: skip
_GROUPED = (
    *(Population(temperatures=(1.0, 0.6), layout=layout) for layout in ("three", "ten even", "ten uneven")),
    Population(accuracy=0.97, temperatures=(1.0, 0.6), correlation=0.99, layout="57 uneven"),
    Population(n_options=10, accuracy=0.4, temperatures=(1.0, 3.0), layout="57 uneven"),
    Population(n_options=2, accuracy=0.9, temperatures=(0.5, 1.0), correlation=0.5, layout="ten uneven"),
)
_MIXED = (
    Population(temperatures=(1.0, 0.6)),
    Population(accuracy=0.95, temperatures=(1.5, 0.5), noise=(0.0, 0.5)),
    Population(accuracy=0.5, temperatures=(3.0, 1.0), noise=(0.5, 0.5), correlation=0.5),
)
_POPULATIONS: dict[str, tuple[tuple[Population, ...], tuple[int, ...]]] = {
    "bands of the curve": (_CURVED, (60, 200, 1_000, 14_042)),
    "hard–easy gaps": (_HALVED, (30, 100, 1_000, 14_042)),
    "groups": (_GROUPED, (60, 200, 1_000, 14_042)),
    "the worst group": (_GROUPED, (60, 200, 1_000)),
    "temperature by number of options": (_MIXED, (60, 300, 3_000)),
    "temperature by length of the question": (_MIXED, (60, 300, 3_000)),
}


def analysis_cells() -> Iterator[AnalysisCell]:
    """Every analysis of populations that might break it."""
    for kind, (populations, sizes) in _POPULATIONS.items():
        for population, n_items in itertools.product(populations, sizes):
            yield AnalysisCell(kind=kind, population=population, n_items=n_items)
