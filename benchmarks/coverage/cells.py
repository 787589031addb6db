"""The cells: a population, and how many of its items are drawn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import numpy as np

from .analyses import AnalysisCell
from .populations import FIVE, FIVE_WITH_ENDS, LAYOUTS, Layout, Population
from .rates import RateCell
from .truths import EXPECTED, LETTERS, STATED

SIDES = ("before", "after", "change")
SIZES = (20, 30, 60, 100, 200, 1_000, 14_042)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A population, and how many of its items are drawn.

    Attributes
    ----------
    kind : str
        Heading of its table.
    population : Population
    n_items : int
    keys : tuple of str
        Measures that are counted; those of all cells if there are none.
    """

    kind: str
    population: Population
    n_items: int
    keys: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What tells it from all others."""
        alone = f"{self.kind}: " if self.keys else ""
        return f"{alone}{self.population.text}; n {self.n_items:,}"

    @property
    def key(self) -> int:
        """What its draws are seeded with."""
        return crc32(self.name.encode())

    @property
    def quantities(self) -> tuple[str, ...]:
        """Everything that is counted: measure and side."""
        keys = self.keys or (STATED if self.population.of_pairs else LETTERS)
        return tuple(f"{key} {side}" for key in keys for side in SIDES)


AnyCell = Cell | RateCell | AnalysisCell
_Populations = Iterator[Population]


def named_cells() -> Iterator[Cell]:
    """Cells that broke intervals, or are what users have every day."""
    for kind, (populations, sizes) in _KINDS.items():
        for population, n_items in itertools.product(populations(), sizes):
            yield Cell(kind=kind, population=population, n_items=n_items)
    for population, n_items in itertools.product(_expected(), (30, 200, 1_000, 14_042)):
        yield Cell(kind="expected measures", population=population, n_items=n_items, keys=EXPECTED)


def _expected() -> _Populations:
    """Populations of the measures that people expect, of letters."""
    yield Population(accuracy=0.25, noise=(1.0, 1.0), correlation=0.5)
    yield Population(n_options=26, accuracy=0.3, temperatures=(3.0, 0.5))
    yield Population(n_options=3, accuracy=0.9, temperatures=(0.5, 1.0))
    yield Population(n_options=10, accuracy=0.97, temperatures=(1.0, 3.0), correlation=0.5)
    yield Population(accuracy=0.99, temperatures=(0.5, 3.0))
    yield Population(temperatures=(1.0, 0.9), correlation=0.99)
    yield Population(temperatures=(1.0, 0.7), layout="ten even")
    yield Population(n_options=5, accuracy=0.9, temperatures=(0.5, 1.5), layout="57 uneven")


def _accurate() -> _Populations:
    for accuracy, after in itertools.product((0.994, 0.988), (1.0, 0.6)):
        yield Population(accuracy=accuracy, temperatures=(1.0, after), correlation=0.95)


def _few_flips() -> _Populations:
    for correlation in (0.97, 0.99, 0.999):
        yield Population(correlation=correlation, temperatures=(1.0, 0.9))


def _recalibrated() -> _Populations:
    pairs = ((1.0, 1.0), (1.0, 0.9), (1.0, 0.5), (0.9, 0.5), (1.0, 1.6), (1.8, 0.55), (0.6, 0.6), (0.5, 1.0))
    for temperatures in pairs:
        yield Population(temperatures=temperatures, correlation=0.95)


def _same_answers() -> _Populations:
    for temperatures in ((1.0, 1.0), (1.0, 0.95), (1.3, 1.0)):
        yield Population(temperatures=temperatures, correlation=1.0)


def _clustered() -> _Populations:
    for layout, stated in itertools.product(LAYOUTS[1:], ((), FIVE)):
        yield Population(temperatures=(1.0, 0.7), layout=layout, stated=stated)


def _stated() -> _Populations:
    for accuracy, stated in itertools.product((0.7, 0.95), (FIVE, FIVE_WITH_ENDS)):
        yield Population(accuracy=accuracy, temperatures=(1.0, 0.7), stated=stated)


def _weighted() -> _Populations:
    for accuracy in (0.7, 0.95):
        yield Population(accuracy=accuracy, temperatures=(1.0, 0.7), weighted=True)


def _certain() -> _Populations:
    for certain in (0.03, 0.3):
        yield Population(certain=certain, temperatures=(1.0, 0.6))


def _tied() -> _Populations:
    yield Population(ties=True, temperatures=(1.0, 0.6))


def _chance() -> _Populations:
    yield Population(accuracy=0.25, noise=(1.0, 1.0), correlation=0.5)


def _options() -> _Populations:
    for n_options in (2, 5, 10, 26):
        yield Population(n_options=n_options, temperatures=(1.0, 0.7), noise=(0.0, 0.3))


_KINDS: dict[str, tuple[Callable[[], _Populations], tuple[int, ...]]] = {
    "accurate models": (_accurate, (30, 60, 200, 1_000)),
    "few changed answers": (_few_flips, (30, 60, 100, 1_000)),
    "changes of calibration": (_recalibrated, (60, 200, 1_000, 14_042)),
    "the same answers": (_same_answers, (60, 200, 1_000, 14_042)),
    "clusters and strata": (_clustered, (60, 200, 1_000)),
    "stated confidence": (_stated, (30, 100, 1_000)),
    "weights": (_weighted, (30, 100, 1_000)),
    "confidence of exactly 0 and 1": (_certain, (60, 200, 1_000)),
    "ties": (_tied, (60, 200, 1_000)),
    "chance": (_chance, (30, 200, 1_000)),
    "numbers of options": (_options, (30, 200, 1_000)),
}


def grid_cells(share: float, seed: int) -> Iterator[Cell]:
    """A share of the whole grid, at random."""
    rng = np.random.default_rng([seed, 11])
    axes = (
        SIZES,
        (2, 4, 5, 10, 26),
        (0.25, 0.5, 0.7, 0.9, 0.97, 0.99, 0.999),
        tuple(itertools.product((0.5, 0.8, 1.0, 1.5, 3.0), repeat=2)),
        ((0.0, 0.0), (0.0, 0.5), (0.5, 0.5)),
        (0.0, 0.5, 0.9, 0.99, 1.0),
        (0.2, 0.5, 1.0),
        ("letters", "certain", "ties", "stated", "stated with ends", "weights"),
        LAYOUTS,
    )
    size = int(np.prod([len(axis) for axis in axes]))
    seen = set()
    for index in rng.integers(0, size, round(share * size)):
        chosen = [axis[at] for axis, at in zip(axes, np.unravel_index(index, [len(a) for a in axes]), strict=True)]
        cell = _cell_of_grid(*chosen)
        if cell.name not in seen:
            seen.add(cell.name)
            yield cell


def _cell_of_grid(
    n_items: int,
    k: int,
    accuracy: float,
    temperatures: tuple[float, float],
    noise: tuple[float, float],
    correlation: float,
    spread: float,
    kind: str,
    layout: Layout,
) -> Cell:
    """A point of the grid.

    No model is worse than chance, and one at chance has noise.
    """
    accuracy = max(accuracy, 1 / k)
    if accuracy == 1 / k:
        noise = (max(noise[0], 0.5), max(noise[1], 0.5))
    changes: dict[str, dict[str, Any]] = {
        "letters": {}, "certain": {"certain": 0.1}, "ties": {"ties": True}, "stated": {"stated": FIVE},
        "stated with ends": {"stated": FIVE_WITH_ENDS}, "weights": {"weighted": True},
    }  # fmt: skip
    population = Population(
        n_options=k, accuracy=accuracy, temperatures=temperatures, noise=noise, correlation=correlation,
        spread=spread, layout=layout,
    )  # fmt: skip
    return Cell(kind="grid", population=replace(population, **changes[kind]), n_items=n_items)
