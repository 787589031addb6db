"""Measures of one's own: any function of a run's arrays, with a cluster bootstrap."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import UndefinedMeasure
from ...metrics.arrays import IntArray
from ...predictions.predictions import Predictions
from ...predictions.scored_runs import WHAT_RUNS_HOLD, ScoredRun
from ...predictions.verdicts import Verdicts
from ..bootstrap import no_root_reason, unit_draws
from ..drawn_units import Sampling
from ..intervals import Interval, Range, blank
from ..noise_floor import NullECE
from ..planned_noise import Precision

Takes = Literal["confidence", "probabilities"]
Function = Callable[..., float]

NOT_VALIDATED = "interval not validated"
N_DRAWS = 1000
# Below so many clusters a bootstrap says too little of its own error.
FEWEST_UNITS = 60
# Another order of rows may change sums by so much, relative to the value.
_SAME = 1e-9

# Names of a first parameter that takes what came true, and of parameters that take weights.
_TRUTHS = ("correct", "y", "y_true", "label", "labels", "target", "targets", "truth", "hits", "outcome", "answer")
_WEIGHTS = ("weight", "weights", "sample_weight")


@dataclass(frozen=True, eq=False)
class Own:
    """A function of a run's arrays that no interval was proved for.

    Attributes
    ----------
    value : float
        Its value on the run.
    function : function
        Of `columns`; gives one number.
    columns : tuple of ndarray
        Its arguments, a row an item.
    """

    value: float
    function: Function
    columns: tuple[NDArray[Any], ...]
    bounds: ClassVar[Range] = (-math.inf, math.inf)
    at_its_end: ClassVar[bool] = False
    item_values: ClassVar[None] = None

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.columns[0])

    def at(self, rows: IntArray) -> float:
        """Its value on some items; NaN if they do not define it."""
        try:
            return _number(self.function, self.function(*(column[rows] for column in self.columns)))
        except UndefinedMeasure:
            return math.nan

    def interval(self, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int) -> Interval:
        """Basic interval from a cluster bootstrap, without a p-value; labelled as not validated."""
        return replace(
            _basic([(self, sampling, 1.0)], together=False, level=level, seed=seed, value=self.value), p_value=math.nan
        )

    def paired_interval(self, after: Self, sampling: Sampling, *, level: float, seed: int) -> Interval:
        """Basic interval of the change; both runs are drawn the same items."""
        if self.has_same_answers(after):
            return Interval(0.0, 0.0, 1.0)
        signed = [(self, sampling, -1.0), (after, sampling, 1.0)]
        return _basic(signed, together=True, level=level, seed=seed, value=after.value - self.value)

    def unpaired_interval(
        self, after: Self, samplings: tuple[Sampling, Sampling], *, level: float, seed: int
    ) -> Interval:
        """Basic interval of the change between runs on different items."""
        signed = [(self, samplings[0], -1.0), (after, samplings[1], 1.0)]
        return _basic(signed, together=False, level=level, seed=seed, value=after.value - self.value)

    def visible_change(self, after: Self, samplings: Sequence[Sampling], interval: Interval, *, level: float) -> None:
        """Not known: nothing is proved of its noise."""
        return

    def has_same_answers(self, after: Self) -> bool:
        """Whether both runs hold the same to the last digit."""
        return all(np.array_equal(left, right) for left, right in zip(self.columns, after.columns, strict=True))

    def required_times(
        self, after: Self | None, samplings: Sequence[Sampling], wanted: Precision, *, seed: int
    ) -> None:
        """Not known: nothing is proved of its noise."""
        return


def _basic(
    signed: Sequence[tuple[Own, Sampling, float]], *, together: bool, level: float, seed: int, value: float
) -> Interval:
    """Basic interval of a signed sum of values, and its test of 0."""
    units = [_units(own, sampling) for own, sampling, _ in signed]
    fewest = min(int(unit.max()) + 1 for unit in units)
    if any(sampling.strata is not None for _, sampling, _ in signed):
        return blank("a measure of your own is drawn by items or by clusters, not within strata")
    if fewest < FEWEST_UNITS:
        what = signed[0][1].unit if signed[0][1].dependent is not None else "items"
        return blank(f"a measure of your own has an interval from {FEWEST_UNITS} {what} on, got {fewest}")
    errors = []
    for share in (1.0, 0.25):
        drawn = np.zeros(N_DRAWS)
        for number, ((own, _, sign), unit) in enumerate(zip(signed, units, strict=True)):
            rows = unit_draws(unit, N_DRAWS, share=share, seed=seed if together else seed + number)
            drawn += sign * np.array([own.at(chosen) for chosen in rows])
        undefined = int(np.isnan(drawn).sum())
        if undefined:
            return blank(f"it is not defined in {undefined:,} of {N_DRAWS:,} bootstrap samples")
        errors.append(drawn - value)
    error = np.sort(errors[0])
    if reason := no_root_reason(error, errors[1]):
        return blank(reason)
    low, high = np.quantile(error, [(1 - level) / 2, (1 + level) / 2])
    above = (1 + np.count_nonzero(error >= value)) / (len(error) + 1)
    below = (1 + np.count_nonzero(error <= value)) / (len(error) + 1)
    p_value = float(min(1.0, 2 * min(above, below)))
    return Interval(float(value - high), float(value - low), p_value, label=NOT_VALIDATED)


def _units(own: Own, sampling: Sampling) -> IntArray:
    return np.arange(own.n_items) if sampling.clusters is None else sampling.clusters


def is_own(metric: Function, known: Collection[object]) -> bool:
    """Whether a function has no known interval.

    It is the caller's, or one of this package that gives a number.
    """
    if metric in known or not callable(metric):
        return False
    if str(getattr(metric, "__module__", "")).partition(".")[0] not in ("calibration", "factuality"):
        return True
    return getattr(metric, "__annotations__", {}).get("return") in ("float", float)


def own_name(function: Function) -> str:
    """Name of a function of one's own in tables and figures.

    Functions without a name, and those whose name says nothing, are ``own measure``.

    Examples
    --------
    >>> own_name(lambda confidence, correct: 0.0), own_name(max)
    ('own measure', 'max')
    """
    while isinstance(function, partial):
        function = function.func
    name = str(getattr(function, "__name__", type(function).__name__))
    return "own measure" if name == "<lambda>" or len(name.strip("_")) <= 1 else name


def own_measure(function: Function, run: ScoredRun, *, takes: Takes | None = None) -> Own:
    """A function of one's own on a run.

    Parameters
    ----------
    function : function
        Of ``(confidence, correct)`` or ``(probabilities, answer)``, vectorised or not. With a third parameter called
        ``weight`` it is also given the items' weights.
    run : Predictions or Pairs
        The run.
    takes : {"confidence", "probabilities"}, optional
        What it takes. If omitted, its parameters' names tell: whole rows if the first begins with ``prob`` or the
        second is ``answer``, otherwise confidences.

    Raises
    ------
    ValueError
        For a function whose first parameter takes what came true; that gives anything but one finite number; whose
        value depends on the order of the rows, or on chance; that needs what the run does not hold.

    Examples
    --------
    >>> from calibration import Pairs
    >>> def overconfident(confidence, correct):
    ...     return (confidence[~correct] > 0.8).mean()
    >>> own_measure(overconfident, Pairs.from_arrays([0.9, 0.6, 0.7], [0, 0, 1])).value
    0.5
    """
    columns = _columns(function, run, takes)
    own = Own(math.nan, function, columns)
    n_items = own.n_items
    orders = (np.arange(n_items), np.arange(n_items)[::-1], np.random.default_rng(0).permutation(n_items))
    value, *others = (_number(function, function(*(column[rows] for column in columns))) for rows in orders)
    if not math.isfinite(value):
        raise ValueError(f"{_name(function)} must give a finite number, got {value} on {n_items} items")
    moved = max(abs(other - value) for other in others)
    if not moved <= _SAME * max(abs(value), 1e-3):
        raise ValueError(
            f"{_name(function)} must not depend on the order of the rows, nor on chance: in another order it moves by "
            f"{moved:.3g} from {value:.6g}"
        )
    return replace(own, value=value)


def _columns(function: Function, run: ScoredRun, takes: Takes | None) -> tuple[NDArray[Any], ...]:
    if isinstance(run, Verdicts):
        raise ValueError(f"{_name(function)} needs confidences; {WHAT_RUNS_HOLD[Verdicts]}")
    parameters = _parameters(function)
    columns: tuple[NDArray[Any], ...]
    if (takes or _told(function, parameters)) == "probabilities":
        if not isinstance(run, Predictions):
            raise ValueError(f"{_name(function)} takes whole rows of probabilities; {WHAT_RUNS_HOLD[type(run)]}")
        columns = (run.probabilities, run.answer)
    else:
        columns = (run.confidence, run.correct)
    if run.weights is None:
        return columns
    if len(parameters) < 3 or parameters[2] not in _WEIGHTS:
        raise ValueError(f"{_name(function)} needs a third parameter called weight: these items count unevenly")
    return *columns, run.weights


def _told(function: Function, parameters: list[str]) -> Takes:
    """What a function takes, by the names of its parameters."""
    first, second = [*parameters, "", ""][:2]
    if first.startswith("prob") or second.startswith("answer"):
        return "probabilities"
    if first in _TRUTHS:
        raise ValueError(
            f"{_name(function)} must take (confidence, correct) or (probabilities, answer), in this order; its first "
            f"parameter is called {first!r}. Wrap it in a function with the arguments in this order"
        )
    return "confidence"


def _parameters(function: Function) -> list[str]:
    try:
        return [name.lower() for name in inspect.signature(function).parameters]
    except (TypeError, ValueError):  # some builtins have none
        return []


def _number(function: Function, value: Any) -> float:
    if np.ndim(value) != 0 or isinstance(value, str | bytes | complex):
        shape = f"an array of shape {np.shape(value)}" if np.ndim(value) else f"{value!r}"
        raise ValueError(f"{_name(function)} must give one number, got {shape}")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{_name(function)} must give one number, got {type(value).__name__}") from None


def refuse_idle_options(function: Function, *, view: str, binning: Mapping[str, object]) -> None:
    """Raise for options that do nothing beside a function of one's own.

    Raises
    ------
    ValueError
        For bins, and for a view of pooled letters.
    """
    if binning:
        raise ValueError(f"{', '.join(binning)} have no effect on {_name(function)}: make its bins in the function")
    if view != "top":
        raise ValueError(
            f"view={view!r} has no effect on {_name(function)}: name its parameters (probabilities, answer), and it is "
            "given whole rows"
        )


def _name(function: Function) -> str:
    return str(getattr(function, "__name__", type(function).__name__))
