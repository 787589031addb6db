"""Metacognition: how well stated confidence tells right from wrong answers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError
from numpy.typing import ArrayLike

from ..metrics.meta_d import MetaFit, RatedAnswers, fitted_meta_d, rated_answers
from ..metrics.validation import level_in_range
from ..number_texts import interval_text, p_value
from ..result_tables.result_table import ResultTable, result_columns
from ..result_tables.shown_result import ShownResult
from .drawn_units import ITEMS, Sampling
from .intervals import Interval, blank, holding, too_few_clusters, without_none
from .sensitivity_limits import SENSITIVITIES, SensedAnswers, Sensitivity
from .standard_errors import two_sided

LABELS: dict[Sensitivity, str] = {"d_prime": "d′", "meta_d": "meta-d′", "m_ratio": "M-ratio"}


@dataclass(frozen=True, kw_only=True, repr=False)
class Metacognition(ShownResult):
    """Sensitivity of answers, and of the confidence in them.

    Attributes
    ----------
    d_prime : float
        Sensitivity of the answers, in standard deviations of the evidence.
    criterion : float
        Evidence beyond which the second class is answered, from the middle between both.
    meta_d : float
        Sensitivity that an ideal observer of this criterion would need for confidence that tells as much.
    n_ratings : int
        Levels of confidence that were told apart.
    d_prime_interval, meta_d_interval, m_ratio_interval : Interval
        For the population of items; p-values are of the hypothesis that the confidence tells nothing, meta-d′ 0. Blank,
        with the reason, where none is known to hold.
    level : float
        Coverage of the intervals.
    """

    d_prime: float
    criterion: float
    meta_d: float
    n_ratings: int
    d_prime_interval: Interval = field(repr=False)
    meta_d_interval: Interval = field(repr=False)
    m_ratio_interval: Interval = field(repr=False)
    level: float = field(default=0.95, repr=False)

    @property
    def m_ratio(self) -> float:
        """Metacognitive efficiency: meta-d′ over d′; 1 where confidence tells all that the answers know."""
        return self.meta_d / self.d_prime

    def to_dict(self) -> dict[str, Any]:
        """Values and intervals for JSON, without values that are None or NaN."""
        measures: dict[str, Any] = {
            name: {"value": getattr(self, name), **interval_dict(getattr(self, f"{name}_interval"))}
            for name in SENSITIVITIES
        }
        return without_none({**measures, "criterion": self.criterion, "n_ratings": self.n_ratings, "level": self.level})

    @property
    def table(self) -> ResultTable:
        """A row a measure, with interval and p-value."""
        interval = f"{100 * self.level:g} % interval"
        title = f"Metacognition, {self.n_ratings} levels of confidence, criterion {self.criterion:.3f}"
        intervals = {name: getattr(self, f"{name}_interval") for name in SENSITIVITIES}
        return ResultTable(
            columns=result_columns(("", "value", interval, "p")),
            rows=tuple(
                (
                    LABELS[name], f"{getattr(self, name):.3f}", interval_text(limits.low, limits.high, form=".3f"),
                    p_value(limits.p_value),
                )
                for name, limits in intervals.items()
            ),
            heading=(title,),
            notes=tuple(
                f"Note: {LABELS[name]}: {limits.reason}." for name, limits in intervals.items() if limits.reason
            ),
            caption=f"{title}, with {interval}s. p: that the confidence tells nothing.",
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"<Metacognition: {self}>"

    def __str__(self) -> str:
        parts = [
            f"{label} {getattr(self, name):.3f} {getattr(self, f'{name}_interval')}" for name, label in LABELS.items()
        ]
        return ", ".join(parts)


def interval_dict(interval: Interval) -> dict[str, Any]:
    """Ends, p-value and reason of an interval by name."""
    return {name: getattr(interval, name) for name in ("low", "high", "p_value", "reason")}


def metacognition(
    stimulus: ArrayLike,
    response: ArrayLike,
    confidence: ArrayLike,
    *,
    n_ratings: int = 4,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Metacognition:
    """Meta-d′ and M-ratio of a binary task with stated or sampled confidence.

    Parameters
    ----------
    stimulus, response : array_like of 0 and 1, shape (n,)
        Which of two classes each item is of, and which one was answered.
    confidence : array_like, shape (n,)
        Confidence in the answer, in [0, 1], that was stated in words or is a share of samples. Not the probability of
        the answer itself: answer and confidence would be one number.
    n_ratings : int
        Levels of confidence, 2 to 20, made of equally many answers; equal confidences are on one level.
    cluster : array_like of str or int, shape (n,), optional
        Group of each item, if items of a group are not independent.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Metacognition

    Raises
    ------
    UndefinedMeasure
        For a d′ below .5, fewer than 20 wrong answers, and confidences on one level alone.
    ValueError
        For other shapes, other numbers than 0 and 1, a confidence outside [0, 1].

    Notes
    -----
    Signal detection with equal variances: d′ and criterion from the rates of answers; meta-d′ maximises the likelihood
    of the levels of confidence given stimulus and answer, its criterion that of the answers in proportion. If a cell of
    the table of levels is empty, each has 1/(2 × levels) more.

    Intervals are for the levels that these answers make. d′ joins the exact limits of both rates of wrong answers
    (Clopper and Pearson 1934; Zou and Donner 2008; of clusters Korn and Graubard 1998), meta-d′ is Student's with the
    infinitesimal jackknife's error, and the M-ratio has Fieller's limits, for d′ is noisy too. d′ and the ratio have
    none if all answers to one class are right (wrong), or d′ is not known to be above 0. A d′ just above .5 is more
    often too high than the interval says, since one below is refused.

    References
    ----------
    Maniscalco and Lau (2012), doi:10.1016/j.concog.2011.09.021. Clopper and Pearson (1934),
    doi:10.1093/biomet/26.4.404. Zou and Donner (2008), doi:10.1002/sim.3095. Fieller (1954), Some problems in interval
    estimation, Journal of the Royal Statistical Society B. Korn and Graubard (1998), Survey Methodology 24:193.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> stimulus = rng.integers(0, 2, 2000)
    >>> evidence = rng.normal(1.5 * (stimulus - 0.5))
    >>> sensed = metacognition(stimulus, evidence > 0, 1 / (1 + np.exp(-abs(1.5 * evidence))))
    >>> round(sensed.d_prime, 1), round(sensed.m_ratio, 1)
    (1.5, 1.0)
    >>> sensed.m_ratio_interval.low < 1 < sensed.m_ratio_interval.high
    True
    """
    level_in_range(level)
    answers = rated_answers(stimulus, response, confidence, n_ratings=n_ratings)
    fit, sampling = fitted_meta_d(answers.counts), cluster_sampling(cluster, len(answers.column))
    sensed = sensed_answers(answers, fit, sampling)
    intervals = {name: sensitivity_interval(sensed, name, level=level) for name in SENSITIVITIES}
    return measured_metacognition(fit, intervals, level)


def measured_metacognition(fit: MetaFit, intervals: dict[Sensitivity, Interval], level: float) -> Metacognition:
    """What was fitted, with its intervals."""
    return Metacognition(
        d_prime=fit.d_prime, criterion=fit.criterion, meta_d=fit.meta_d, n_ratings=fit.n_ratings, level=level,
        d_prime_interval=intervals["d_prime"], meta_d_interval=intervals["meta_d"],
        m_ratio_interval=intervals["m_ratio"],
    )  # fmt: skip


def cluster_sampling(cluster: ArrayLike | None, n: int) -> Sampling:
    """Sampling of clusters, or of items if there are none.

    Raises
    ------
    ValueError
        If there is not one cluster an item, or one is missing.
    """
    if cluster is None:
        return ITEMS
    labels = np.asarray(cluster)
    if labels.shape != (n,):
        raise ValueError(f"cluster must name one group an item, ({n},), got {labels.shape}")
    missing = np.fromiter((label is None or label != label for label in labels.tolist()), bool, n)
    if missing.any():
        raise ValueError(f"cluster must name one group an item; that of row {int(np.argmax(missing))} is missing")
    return Sampling(clusters=np.unique(labels.astype(str), return_inverse=True)[1], unit="clusters")


def sensed_answers(answers: RatedAnswers, fit: MetaFit, sampling: Sampling) -> SensedAnswers | Interval:
    """Answers with what their limits need.

    A blank interval if nothing is known of their noise.
    """
    few = None if sampling.clusters is None else too_few_clusters(sampling.cluster_shares, "clusters")
    if few is not None:
        return few
    try:
        sensed = SensedAnswers.of_fit(answers, fit, sampling)
    except LinAlgError:
        return blank("the likelihood of the levels of confidence is flat")
    if not np.isfinite(sensed.moves).all():
        return blank("the likelihood of the levels of confidence is flat")
    return sensed


def sensitivity_interval(sensed: SensedAnswers | Interval, measure: Sensitivity, *, level: float) -> Interval:
    """Interval of a measure; blank if it has no end."""
    if isinstance(sensed, Interval):
        return sensed
    reason = why_unknown(sensed, measure)
    low, high = sensed.limits(measure, level)
    if reason is None and not (math.isfinite(low) and math.isfinite(high)):
        reason = "d′ is not known to be above 0, so that a ratio to it has no end"
    if reason is not None:
        return blank(reason)
    # A ratio is 0 where meta-d′ is; d′ below .5 is refused, so that a test of 0 would tell nothing of it.
    p_value = math.nan if measure == "d_prime" else two_sided(sensed.meta_d, sensed.meta_d_error, sensed.freedom)
    return holding(Interval(low, high, p_value), sensed.value(measure))


def why_unknown(sensed: SensedAnswers, measure: Sensitivity) -> str | None:
    """Why a measure has no limits; None if it may have some."""
    rates = sensed.class_rates[0]
    if measure != "meta_d" and not ((rates > 0) & (rates < 1)).all():
        index = int(np.argmax((rates <= 0) | (rates >= 1)))
        kind = "right" if rates[index] == 0 else "wrong"
        return f"all answers to class {index} are {kind}, which leaves d′ without a limit"
    return None
