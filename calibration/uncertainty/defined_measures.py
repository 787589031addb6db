"""The measures that a run defines, and why others are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from ..errors import UndefinedMeasure
from .kinds.protocol import Measure
from .measure_names import of_letters, text_label

_Run = TypeVar("_Run")


def defined_measures(
    run: _Run, computations: Mapping[str, Callable[[_Run], Measure]]
) -> tuple[dict[str, Measure], list[str]]:
    """Measures that a run defines, by key, and notes of the others.

    Examples
    --------
    >>> from calibration import Predictions
    >>> from calibration.uncertainty.measure_table import MEASURES
    >>> run = Predictions.from_arrays([[2.0, 0.0], [0.0, 1.0]], answer=[0, 1])
    >>> measures, notes = defined_measures(run, {"accuracy": MEASURES["accuracy"], "auroc": MEASURES["auroc"]})
    >>> list(measures), notes
    (['accuracy'], ['AUROC is left out: AUROC needs right and wrong answers, got 2 right and 0 wrong'])
    """
    defined, notes = {}, []
    whole = of_letters(computations)
    for key, measure in computations.items():
        try:
            defined[key] = measure(run)
        except UndefinedMeasure as error:
            notes.append(f"{text_label(key, whole=whole)} is left out: {error}")
    return defined, notes
