"""Runs whose answers are right or wrong: predictions, pairs and verdicts."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..metrics.arrays import IntArray
from ..metrics.validation import plain_array
from .pairs import Pairs
from .predictions import Predictions
from .verdicts import Verdicts

ScoredRun = Predictions | Pairs | Verdicts
AnyRun = TypeVar("AnyRun", bound=ScoredRun)


class HoldsPairs(Protocol):
    """A result that holds pairs, such as `factuality.ConfidencePairs`."""

    @property
    def pairs(self) -> Pairs:
        """The pairs."""
        ...


GivenRun = ScoredRun | HoldsPairs | tuple[ArrayLike, ArrayLike]

# What each kind of run is called, and what it holds of an item.
WHAT_RUNS_HOLD: dict[type, str] = {
    Predictions: "predictions hold a distribution over the options of each item",
    Pairs: "pairs hold one confidence an item, without the other options",
    Verdicts: "verdicts are right or wrong without any confidence, so that there is nothing to calibrate",
}


def scored_run(run: GivenRun | ArrayLike, correct: ArrayLike | None = None) -> ScoredRun:
    """A run as it is, or made of two arrays.

    Parameters
    ----------
    run : Predictions, Pairs, Verdicts, an object with ``pairs``, a pair of arrays, or array_like
        Of two arrays: confidences in [0, 1] with 0 and 1 for wrong and right, or rows of probabilities with the indices
        of the right options.
    correct : array_like, optional
        The second array, if the first is given alone.

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        As `Pairs.from_arrays` and `Predictions.from_arrays`.

    Examples
    --------
    >>> type(scored_run([0.9, 0.6], [1, 0])).__name__, type(scored_run(([[0.9, 0.1]], [0]))).__name__
    ('Pairs', 'Predictions')
    """
    if isinstance(run, Predictions | Pairs | Verdicts):
        if correct is not None:
            raise TypeError(f"a run holds what came true: leave the second argument out beside {type(run).__name__}")
        return run
    held = getattr(run, "pairs", None)
    if isinstance(held, Pairs):
        return held
    if correct is None and isinstance(run, tuple) and len(run) == 2:
        run, correct = run
    if correct is None:
        raise TypeError(
            "a run must be Predictions, Pairs or Verdicts, or two arrays (confidence, correct), got "
            f"{type(run).__name__}"
        )
    values: Any = run
    if plain_array("confidence", values).ndim == 2:
        return Predictions.from_arrays(probabilities=values, answer=correct)
    return Pairs.from_arrays(values, correct)


def take_rows(run: AnyRun, rows: IntArray | list[int]) -> AnyRun:
    """Some of the items of a run, in this order.

    Examples
    --------
    >>> take_rows(Pairs.from_arrays([0.9, 0.6], [1, 0]), [1]).item.tolist()
    ['1']
    """
    table = run.rows[rows]
    if len(np.unique(rows)) < len(rows) or table.is_empty():
        return type(run)(table)
    # What holds of each row of a run holds of some of them: nothing is checked again.
    taken = object.__new__(type(run))
    object.__setattr__(taken, "frame", table)
    return taken


def refuse_two_kinds(before: ScoredRun, after: ScoredRun) -> None:
    """Raise for two runs that do not hold the same.

    Raises
    ------
    ValueError
        With what each holds.
    """
    if type(before) is not type(after):
        contents = " and ".join(WHAT_RUNS_HOLD[type(run)] for run in (before, after))
        raise ValueError(f"two runs that are compared must hold the same; {contents}")


def n_clusters(run: ScoredRun) -> int | None:
    """Number of clusters of a run; None if each item is drawn alone."""
    return None if run.units is None else int(np.max(run.units)) + 1
