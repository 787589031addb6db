"""Changes of metacognition between two models on the same items."""

from __future__ import annotations

import math
from collections.abc import Sized
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..metrics.meta_d import fitted_meta_d, rated_answers
from ..metrics.validation import level_in_range
from ..number_texts import counted, interval_text, p_value
from ..result_tables.result_table import ResultTable, result_columns
from ..result_tables.shown_result import ShownResult
from .changes import Change
from .intervals import Interval, blank, holding, inverted_p_value
from .metacognition import (
    LABELS,
    Metacognition,
    cluster_sampling,
    measured_metacognition,
    sensed_answers,
    sensitivity_interval,
    why_unknown,
)
from .sensitivity_limits import SENSITIVITIES, SensedAnswers, Sensitivity
from .standard_errors import influence_covariance


@dataclass(frozen=True, kw_only=True, repr=False)
class MetacognitionChange(ShownResult):
    """Changes of sensitivity, and of that of the confidence, after − before.

    Attributes
    ----------
    d_prime, meta_d, m_ratio : Change
        Paired by item.
    before, after : Metacognition
        Of each model.
    """

    d_prime: Change
    meta_d: Change
    m_ratio: Change
    before: Metacognition = field(repr=False)
    after: Metacognition = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Changes, and both models, for JSON, without None or NaN."""
        changes: dict[str, Any] = {name: getattr(self, name).to_dict() for name in SENSITIVITIES}
        return {**changes, "before": self.before.to_dict(), "after": self.after.to_dict()}

    @property
    def table(self) -> ResultTable:
        """A row a measure before and after, and its change."""
        interval = f"{100 * self.d_prime.level:g} % interval"
        title = f"Change of metacognition on {counted(self.d_prime.n or 0, 'item')}"
        changes: dict[Sensitivity, Change] = {name: getattr(self, name) for name in SENSITIVITIES}
        return ResultTable(
            columns=result_columns(("", "before", "after", "change", interval, "p")),
            rows=tuple(
                (
                    LABELS[name], f"{getattr(self.before, name):.3f}", f"{getattr(self.after, name):.3f}",
                    f"{change.value:+.3f}", interval_text(change.low, change.high), p_value(change.p_value),
                )
                for name, change in changes.items()
            ),
            heading=(title,),
            notes=tuple(
                f"Note: {LABELS[name]}: {change.reason}." for name, change in changes.items() if change.reason
            ),
            caption=f"{title}, with {interval}s.",
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"<MetacognitionChange: {self}>"

    def __str__(self) -> str:
        return f"d′ {self.d_prime}, meta-d′ {self.meta_d}, M-ratio {self.m_ratio}"


def metacognition_change(
    stimulus: ArrayLike,
    before: tuple[ArrayLike, ArrayLike],
    after: tuple[ArrayLike, ArrayLike],
    *,
    n_ratings: int = 4,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> MetacognitionChange:
    """Change of d′, meta-d′ and M-ratio between two models, paired by item.

    Parameters
    ----------
    stimulus : array_like of 0 and 1, shape (n,)
        Which of two classes each item is of.
    before, after : pair of array_like, shape (n,)
        Response and confidence of each model on these items, as in `metacognition`.
    n_ratings, cluster, level
        As in `metacognition`.

    Returns
    -------
    MetacognitionChange

    Raises
    ------
    UndefinedMeasure, ValueError
        As `metacognition`, for either model.

    Notes
    -----
    Limits of a change join those of both models, allowing for the correlation of what the items add to them (Zou 2007).
    The p-value is the smallest share of misses at which the interval leaves out 0. A model against itself changes by
    exactly 0. There is no interval if one of the models has none.

    References
    ----------
    Zou (2007), Toward using confidence intervals to compare correlations, Psychological Methods.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> stimulus = rng.integers(0, 2, 2000)
    >>> evidence = rng.normal(1.5 * (stimulus - 0.5))
    >>> noisy = abs(evidence + rng.normal(size=2000))
    >>> sure, unsure = (1 / (1 + np.exp(-felt)) for felt in (abs(evidence), noisy))
    >>> moved = metacognition_change(stimulus, (evidence > 0, sure), (evidence > 0, unsure))
    >>> moved.d_prime.value, moved.m_ratio.high < 0
    (0.0, True)
    """
    level_in_range(level)
    for name, pair in (("before", before), ("after", after)):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise ValueError(f"{name} must be a pair (response, confidence), got {_what(pair)}")
    rated = [rated_answers(stimulus, *pair, n_ratings=n_ratings) for pair in (before, after)]
    n_items = len(rated[0].column)
    sampling = cluster_sampling(cluster, n_items)
    fits = [fitted_meta_d(answers.counts) for answers in rated]
    first, second = (sensed_answers(answers, fit, sampling) for answers, fit in zip(rated, fits, strict=True))
    models = [
        measured_metacognition(
            fit, {name: sensitivity_interval(sensed, name, level=level) for name in SENSITIVITIES}, level
        )
        for fit, sensed in zip(fits, (first, second), strict=True)
    ]
    changes = {}
    for name in SENSITIVITIES:
        interval = sensitivity_change(first, second, name, level=level)
        changes[name] = Change(
            value=getattr(models[1], name) - getattr(models[0], name), low=interval.low, high=interval.high,
            level=level, p_value=interval.p_value, clustered=None, reason=interval.reason, n_items=n_items,
        )  # fmt: skip
    return MetacognitionChange(
        d_prime=changes["d_prime"], meta_d=changes["meta_d"], m_ratio=changes["m_ratio"], before=models[0],
        after=models[1],
    )  # fmt: skip


def _what(given: object) -> str:
    shape = getattr(given, "shape", None)
    if shape is not None:
        return f"an array of shape {tuple(shape)}"
    return f"a {type(given).__name__}" + (f" of {len(given)}" if isinstance(given, Sized) else "")


def sensitivity_change(
    before: SensedAnswers | Interval, after: SensedAnswers | Interval, measure: Sensitivity, *, level: float,
    tested: bool = True,
) -> Interval:  # fmt: skip
    """Interval of the change of a measure, tested if asked for.

    Blank if either model has none.
    """
    if isinstance(before, Interval):
        return before
    if isinstance(after, Interval):
        return after
    reason = why_unknown(before, measure) or why_unknown(after, measure)
    if reason is not None:
        return blank(reason)
    index = SENSITIVITIES.index(measure)
    both = np.column_stack([model.influences[:, index] for model in (before, after)])
    covariance = influence_covariance(both, before.sampling)
    correlation = float(covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1]))
    first, second = before.value(measure), after.value(measure)

    def limits(level: float) -> tuple[float, float]:
        (low, high), (least, most) = before.limits(measure, level), after.limits(measure, level)
        return (
            second - first - _apart(second - least, high - first, correlation),
            second - first + _apart(most - second, first - low, correlation),
        )

    low, high = limits(level)
    if not (math.isfinite(low) and math.isfinite(high)):
        return blank("d′ of one model is not known to be above 0, so that a ratio to it has no end")
    if has_same_answers(before, after, measure):
        return Interval(0.0, 0.0, 1.0)
    return holding(Interval(low, high, inverted_p_value(limits) if tested else math.nan), second - first)


def has_same_answers(before: SensedAnswers, after: SensedAnswers, measure: Sensitivity) -> bool:
    """Whether a measure is made of the same answers and levels."""
    if measure == "d_prime":
        return before.d_prime == after.d_prime and np.array_equal(before.wrong, after.wrong)
    return np.array_equal(before.answers.column, after.answers.column)


def _apart(first: float, second: float, correlation: float) -> float:
    """Distance of the limit of a difference from those of both values."""
    if not (math.isfinite(first) and math.isfinite(second)):
        return math.inf
    return math.sqrt(max(first**2 + second**2 - 2 * correlation * first * second, 0.0))
