"""What a measure asks of a run."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..errors import UndefinedMeasure
from ..metrics.arrays import BoolArray, FloatArray, IntArray


@runtime_checkable
class HasPredicted(Protocol):
    """Answers that are options of their items, shape (n_items,)."""

    @property
    def predicted(self) -> IntArray | None:
        """Index of the option that is predicted; None if it is not known."""
        ...


class HasCorrect(Protocol):
    """Answers that are right or wrong, shape (n_items,)."""

    @property
    def correct(self) -> BoolArray:
        """Whether each answer is right."""
        ...

    @property
    def n_items(self) -> int:
        """Number of items."""
        ...

    @property
    def weights(self) -> FloatArray | None:
        """How much each item counts; None if all count alike."""
        ...

    @property
    def units(self) -> IntArray | None:
        """Cluster of each item, if items of one are not independent."""
        ...


class HasTop(HasCorrect, Protocol):
    """Predicted letters, or other answers: confidence and correctness, shape (n_items,)."""

    @property
    def confidence(self) -> FloatArray:
        """Confidence in each answer."""
        ...


class HasSubjects(HasCorrect, Protocol):
    """Answers with the subject of each, shape (n_items,)."""

    @property
    def subject(self) -> NDArray[np.str_]:
        """Subjects."""
        ...


def refuse_weights(run: HasCorrect, reason: str) -> None:
    """Raise for a measure of weighted items that has no weighted form."""
    if run.weights is not None:
        raise UndefinedMeasure(f"it has no form for weighted items: {reason}")
