"""Coefficients of logistic regressions of right and wrong answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from ...errors import UndefinedMeasure
from ...metrics.arrays import FloatArray
from ...metrics.logistic_fits import LogisticFit
from ..drawn_units import Sampling
from ..few_errors import fewest
from ..intervals import Interval, Range, blank
from ..noise_floor import NullECE
from ..planned_noise import Precision
from ..standard_errors import critical, refuse_single_units, two_sided
from ..visible_changes import missed, visible_beyond

# With fewer wrong answers, or right ones, nothing is known of how far a coefficient is off.
FEWEST_ERRORS = 10
# Of uneven weight they must say as much as so many even ones.
_FEWEST_EVEN = 20


@dataclass(frozen=True, eq=False, kw_only=True)
class Coefficient:
    r"""A coefficient of a logistic regression.

    Attributes
    ----------
    fit : LogisticFit
    index : int
        Column of the coefficient.
    zero_means_calibrated : bool
        Whether 0 is a hypothesis worth a p-value.

    Notes
    -----
    Its interval is the coefficient ± *t* standard errors. These are the jackknife's, of items or of clusters, and hold
    whether or not the line is the right curve. Student's *t* has half as many degrees of freedom as there are wrong
    answers less one, or right ones, whichever are fewer, for these decide a coefficient; of clusters half as many as
    their mean has, if that is less. Half, since what units move a coefficient by has heavier tails than the normal
    distribution: a variance of values of kurtosis 5 is as uncertain as a normal one of half as many.
    """

    fit: LogisticFit
    index: int
    zero_means_calibrated: bool = False
    bounds: ClassVar[Range] = (-math.inf, math.inf)
    at_its_end: ClassVar[bool] = False
    item_values: ClassVar[None] = None

    @cached_property
    def value(self) -> float:
        """The coefficient."""
        return float(self.fit.coefficients[self.index])

    def interval(self, sampling: Sampling, *, floor: NullECE | None, level: float, seed: int) -> Interval:
        """Student's interval; its p-value is NaN unless 0 means calibrated."""
        interval = _students(self.value, [([self], sampling)], level=level)
        p_value = interval.p_value if self.zero_means_calibrated else math.nan
        return Interval(interval.low, interval.high, p_value, interval.reason)

    def paired_interval(self, after: Self, sampling: Sampling, *, level: float, seed: int) -> Interval:
        """Student's interval of the change, paired by item."""
        if self.has_same_answers(after):
            return Interval(0.0, 0.0, 1.0)
        return _students(after.value - self.value, [([self, after], sampling)], level=level)

    def unpaired_interval(
        self, after: Self, samplings: tuple[Sampling, Sampling], *, level: float, seed: int
    ) -> Interval:
        """Student's interval of the change between runs on different items."""
        parts = [([self], samplings[0]), ([after], samplings[1])]
        return _students(after.value - self.value, parts, level=level)

    def visible_change(
        self, after: Self, samplings: Sequence[Sampling], interval: Interval, *, level: float
    ) -> float | None:
        """Smallest change that is seen in 80 % of samples."""
        return visible_beyond(interval, after.value - self.value, level=level) if interval.known else None

    def has_same_answers(self, after: Self) -> bool:
        """Whether the answers are the same to the last digit."""
        return np.array_equal(self.fit.fitted, after.fit.fitted) and np.array_equal(self.fit.correct, after.fit.correct)

    def required_times(
        self, after: Self | None, samplings: Sequence[Sampling], wanted: Precision, *, seed: int
    ) -> float:
        """Items needed for a precision, over the items of the run."""
        if after is None or len(samplings) == 1:
            error = _standard_error([self] if after is None else [self, after], samplings[0])
        else:
            error = math.hypot(_standard_error([self], samplings[0]), _standard_error([after], samplings[1]))
        late = 0.0 if wanted.shown is None else missed(wanted.shown)
        return ((critical(wanted.level, None) + late) * error / wanted.target) ** 2


def _students(value: float, parts: Sequence[tuple[Sequence[Coefficient], Sampling]], *, level: float) -> Interval:
    """Student's interval of independent parts: a run, or two paired ones.

    Beside each stands what is drawn anew. Degrees of freedom are Welch's.
    """
    few = min(fewest(run.fit.correct == 1) for runs, _ in parts for run in runs)
    if few < FEWEST_ERRORS:
        return blank(f"fewer than {FEWEST_ERRORS} wrong (or right) answers say too little: {few}")
    uneven = [_even_errors(run.fit) for runs, _ in parts for run in runs if np.ptp(run.fit.weight) > 0]
    even = min(uneven, default=math.inf)
    if even < _FEWEST_EVEN:
        return blank(
            f"wrong (or right) answers of uneven weight say as much as {even:.0f} even ones, {_FEWEST_EVEN} are needed"
        )
    try:
        errors = [_standard_error(runs, sampling) for runs, sampling in parts]
    except UndefinedMeasure as undefined:
        return blank(str(undefined))
    freedoms = [min(even_freedom(run.fit, sampling) for run in runs) for runs, sampling in parts]
    error = math.hypot(*errors)
    if error == 0:
        return blank("all items give the same, which says nothing about their spread")
    freedom = error**4 / sum(part**4 / own for part, own in zip(errors, freedoms, strict=True))
    half = critical(level, freedom) * error
    return Interval(value - half, value + half, two_sided(value, error, freedom))


def even_freedom(fit: LogisticFit, sampling: Sampling) -> float:
    """Degrees of freedom of Student's t for a coefficient (see `Coefficient`)."""
    few = _even_errors(fit) - 1.0
    return (few if sampling.mean_freedom is None else min(few, sampling.mean_freedom)) / 2


def _even_errors(fit: LogisticFit) -> float:
    """Wrong or right answers, whichever are fewer.

    As many of even weight as say the same (Kish 1965).
    """
    classes = (fit.weight[fit.correct == right] for right in (0, 1))
    return min(float(weight.sum() ** 2 / np.square(weight).sum()) for weight in classes)


def _standard_error(runs: Sequence[Coefficient], sampling: Sampling) -> float:
    """Standard error of a coefficient, or of its paired change."""
    moved = unit_moves(runs[-1].fit, sampling)[:, runs[-1].index]
    if len(runs) > 1:
        moved = moved - unit_moves(runs[0].fit, sampling)[:, runs[0].index]
    return math.sqrt(float(np.square(moved).sum()))


def unit_moves(fit: LogisticFit, sampling: Sampling) -> FloatArray:
    """What each unit that is drawn moves the coefficients by, shape (n_units, n_columns).

    The covariance of the coefficients is the sum of their outer products.

    Raises
    ------
    UndefinedMeasure
        For fewer than two units, or if one decides the curve alone.
    """
    refuse_single_units(len(fit.correct), sampling)
    if sampling.strata is not None:
        moves = fit.moves()
        count = np.bincount(sampling.strata)
        mean = np.stack([np.bincount(sampling.strata, weights=column) / count for column in moves.T], axis=1)
        shrunk = np.sqrt(count / (count - 1.0))[sampling.strata]
        return np.asarray((moves - mean[sampling.strata]) * shrunk[:, None])
    moves = fit.moves(sampling.dependent)
    return np.asarray(moves * math.sqrt((len(moves) - 1) / len(moves)))
