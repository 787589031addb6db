"""What every kind of measure can tell of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

from ...metrics.arrays import FloatArray
from ..drawn_units import Sampling
from ..intervals import Interval, Range
from ..noise_floor import NullECE
from ..planned_noise import Precision


class Measure(Protocol):
    """A number of a run, with what each item adds to it."""

    @property
    def value(self) -> float:
        """The measure on these items."""
        ...

    @property
    def bounds(self) -> Range:
        """Least and largest possible value."""
        ...

    @property
    def item_values(self) -> FloatArray | None:
        """Values of the items, shape (n_items,), if the measure is their mean and bounded."""
        ...

    @property
    def at_its_end(self) -> bool:
        """Whether its noise is unknown, so that its changes have no interval."""
        ...

    def interval(self, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int) -> Interval:
        """Interval of the population value, within the possible.

        `floor` is the noise floor of a binned measure, `seed` that of its draws.
        """
        ...

    def paired_interval(self, after: Self, sampling: Sampling, *, level: float, seed: int) -> Interval:
        """Interval of the change, paired by item, as the sampling noise has it."""
        ...

    def unpaired_interval(
        self, after: Self, samplings: tuple[Sampling, Sampling], *, level: float, seed: int
    ) -> Interval:
        """Interval of the change between runs on different items.

        `samplings` are those of before and after.
        """
        ...

    def visible_change(
        self, after: Self, samplings: Sequence[Sampling], interval: Interval, *, level: float
    ) -> float | None:
        """Smallest change that is seen in 80 % of samples; None if not known.

        `samplings` are one if the runs are paired by item, otherwise those of before and after; `interval` is that of
        the change.
        """
        ...

    def has_same_answers(self, after: Self) -> bool:
        """Whether the answers are exactly the same: a change of 0 is then certain."""
        ...

    def required_times(
        self, after: Self | None, samplings: Sequence[Sampling], wanted: Precision, *, seed: int
    ) -> float | None:
        """Items needed for a precision, over the items of the run.

        For the measure, or its change to `after`; of runs on different items there are two samplings. None if it is
        not known.

        Raises
        ------
        UndefinedMeasure
            Where the run is too small a pilot to tell.
        """
        ...
