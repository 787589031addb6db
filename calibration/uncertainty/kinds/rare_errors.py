"""Intervals of means where few answers are wrong, or few right."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np

from ...metrics.arrays import BoolArray, FloatArray, IntArray
from ..drawn_units import ITEMS, Sampling
from ..few_errors import fewest, gap_of_few_errors, mean_with_one_more, state_the_same
from ..intervals import Interval, blank, inverted_p_value, too_few_clusters
from ..outcome_losses import ENDLESS, FLOOR_TEXT, LARGEST, above_floor
from ..same_answers import is_mapped, is_rescaled, mapped_ends, rescaled_ends

# With so many wrong answers, and right ones, the distribution of a mean is as good as known.
ENOUGH_ERRORS = 20
# With fewer a log loss is bounded from below alone, and ranks and a temperature not at all.
_FEWEST_OF_LOG, _FEWEST_OF_RANKS = 5, 10
# Items whose answer became right or wrong, from which on a change of the signed gap is that of a mean.
ENOUGH_FLIPS = 2
# With so many items a mean of changed confidences has Student's t, however skewed they are.
_ENOUGH_CONFIDENCES = 60
# Squared errors of right answers below this have a confidence beyond .995.
_ALL_SURE = 5e-5
# Clusters of one size that say as much as those that hold few errors must: one more, as large as the largest, could
# else have nearly any mean.
_FEWEST_EVEN_CLUSTERS = 8


class RareErrors(Protocol):
    """Intervals in place of a mean's, where errors are too few."""

    def interval(
        self, values: FloatArray, sampling: Sampling, *, level: float, seed: int, tested: bool = True
    ) -> Interval | None:
        """Interval of the mean of `values`, shape (n_items,); None if errors are enough.

        Its p-value is NaN unless `tested`.
        """
        ...

    def change(self, after: Self, moved: FloatArray, sampling: Sampling, *, level: float, seed: int) -> Interval | None:
        """Interval of the mean change of values, shape (n_items,); None if errors are enough."""
        ...

    def take(self, rows: IntArray) -> Self:
        """The errors of some items."""
        ...


@dataclass(frozen=True, eq=False)
class GapErrors:
    """Errors behind a signed gap.

    Attributes
    ----------
    confidence : ndarray, shape (n_items,)
    correct : ndarray of bool, shape (n_items,)
    logits : function or None
        Log-probabilities of all options, shape (n_items, n_options); None if they are not known.
    """

    confidence: FloatArray
    correct: BoolArray
    logits: Callable[[], FloatArray] | None = None

    def interval(
        self, values: FloatArray, sampling: Sampling, *, level: float, seed: int, tested: bool = True
    ) -> Interval | None:
        """Limits of the error rate joined with those of the mean confidence."""
        if fewest(self.correct) >= ENOUGH_ERRORS:
            return None
        if sampling.clusters is not None:
            lowest, highest = float(self.confidence.min()) - 1, float(self.confidence.max())
            return mean_of_units(values, (lowest, highest), sampling, level=level, seed=seed)

        def limits(level: float) -> tuple[float, float]:
            return gap_of_few_errors(self.confidence, self.correct, level=level)

        return Interval(*limits(level), inverted_p_value(limits) if tested else math.nan)

    def change(self, after: Self, moved: FloatArray, sampling: Sampling, *, level: float, seed: int) -> Interval | None:
        """Limits that allow for an answer that changed and was not drawn."""
        ends = self.ends_of_change(after)
        return None if ends is None else mean_of_units(moved, ends, sampling, level=level, seed=seed)

    def ends_of_change(self, after: Self) -> tuple[float, float] | None:
        """How far the gap of one more item may change.

        None where the items that were drawn tell.
        """
        if np.count_nonzero(self.correct != after.correct) >= ENOUGH_FLIPS:
            return None
        surer = after.confidence - self.confidence
        ends = self._ends_of_same_answers(after, surer)
        if ends is None:
            return float(surer.min()) - 1, float(surer.max()) + 1
        return ends if len(surer) < _ENOUGH_CONFIDENCES else None

    def _ends_of_same_answers(self, after: Self, surer: FloatArray) -> tuple[float, float] | None:
        """How far a confidence may change where no answer can; None where answers can.

        One run is the other at another temperature, or its confidences mapped.
        """
        if not np.array_equal(self.correct, after.correct):
            return None
        if self.logits is not None and after.logits is not None:
            logits = self.logits()
            return rescaled_ends(surer, logits.shape[1]) if is_rescaled(logits, after.logits()) else None
        if self.logits is None and after.logits is None and is_mapped(self.confidence, after.confidence):
            return mapped_ends(self.confidence, after.confidence)
        return None

    def take(self, rows: IntArray) -> Self:
        """The errors of some items."""
        logits = self.logits
        return replace(
            self,
            confidence=self.confidence[rows],
            correct=self.correct[rows],
            logits=None if logits is None else lambda: logits()[rows],
        )


@dataclass(frozen=True, eq=False)
class LossErrors:
    """Errors behind a Brier score or a log loss.

    Attributes
    ----------
    correct : ndarray of bool, shape (n_items,)
    losses : function
        Loss of each item had each of its outcomes come true, shape (n_items, n_outcomes); NaN beyond an item's.
    observed : ndarray, shape (n_items,)
        Losses of what came true.
    chances : function or None
        Probabilities of these outcomes if the answer is wrong, in the same shape: the largest loss is then the largest
        mean one of a wrong answer, for a loss that has no end. None if the largest loss itself counts.
    certain : function or None
        Whether each answer is as good as certain, shape (n_items,), for a loss that has no end.
    largest : float
        The largest loss that is possible.
    """

    correct: BoolArray
    losses: Callable[[], FloatArray]
    observed: FloatArray
    chances: Callable[[], FloatArray] | None = None
    certain: Callable[[], BoolArray] | None = None
    largest: float = math.inf

    def is_same(self, after: Self) -> bool:
        """Whether the losses of all outcomes are the same."""
        return np.array_equal(self.losses(), after.losses(), equal_nan=True)

    def interval(
        self, values: FloatArray, sampling: Sampling, *, level: float, seed: int, tested: bool = True
    ) -> Interval | None:
        """Limits that allow for one error more, as bad as errors can be."""
        few = fewest(self.correct)
        if (endless := self.of_certainty()) is not None:
            return endless if sampling is not ITEMS else self._floored(level=level, seed=seed)
        if few >= ENOUGH_ERRORS:
            return None
        interval = mean_of_units(values, (0.0, self._ceiling(values)), sampling, level=level, seed=seed)
        if interval.known and self.chances is not None and few < _FEWEST_OF_LOG:
            return blank(
                f"{few} wrong (or right) answers bound a log loss from below alone: it is at least {interval.low:.3g}"
            )
        return interval

    def of_certainty(self) -> Interval | None:
        """A blank interval if answers are certain.

        One more that is wrong costs without end.
        """
        certain = 0 if self.certain is None else int(np.count_nonzero(self.certain()))
        if not certain:
            return None
        are = "is" if certain == 1 else "are"
        return blank(
            f"{certain} of {len(self.correct)} answers {are} as good as certain (what else could be right has a "
            f"probability below {math.exp(-ENDLESS):.0e}): the loss of one more that is wrong has no end"
        )

    def _floored(self, *, level: float, seed: int) -> Interval:
        """Interval of the mean loss for probabilities of at least the floor."""
        losses = above_floor(self.observed)
        interval = mean_with_one_more(losses, 0.0, LARGEST, level=level, seed=seed)
        label = f"with probabilities of at least {FLOOR_TEXT}"
        moved = not np.array_equal(losses, self.observed)
        return replace(interval, label=f"{label} it is {losses.mean():.3f}" if moved else label)

    def _floored_change(self, after: Self, *, level: float, seed: int) -> Interval:
        first, second = (above_floor(errors.observed) for errors in (self, after))
        possible = above_floor(after.losses()) - above_floor(self.losses())
        ends = min(float(np.nanmin(possible)), 0.0), max(float(np.nanmax(possible)), 0.0)
        if state_the_same(second - first):
            ends = -LARGEST, LARGEST
        interval = mean_with_one_more(second - first, *ends, level=level, seed=seed)
        label = f"with probabilities of at least {FLOOR_TEXT}"
        moved = not (np.array_equal(first, self.observed) and np.array_equal(second, after.observed))
        return replace(interval, label=f"{label} it is {(second - first).mean():+.3f}" if moved else label)

    def _ceiling(self, values: FloatArray) -> float:
        losses = self.losses()
        if self.chances is not None:
            chances = np.where(np.isfinite(losses), self.chances(), 0.0)
            total = np.maximum(chances.sum(axis=1), np.finfo(np.float64).tiny)
            losses = (chances * np.where(chances > 0, losses, 0.0)).sum(axis=1) / total
        return max(float(np.nanmax(losses)), float(values.max()))

    def change(self, after: Self, moved: FloatArray, sampling: Sampling, *, level: float, seed: int) -> Interval | None:
        """Limits that allow for one error more, as bad as can be.

        Where few answers make up the change, or all are sure and right, the one more may change by as much as any can.
        """
        if (endless := self.of_certainty() or after.of_certainty()) is not None:
            return endless if sampling is not ITEMS else self._floored_change(after, level=level, seed=seed)
        wrong = int(np.count_nonzero(~(self.correct & after.correct)))
        if wrong >= (_FEWEST_OF_RANKS if self.chances is None else ENOUGH_ERRORS):
            return None
        all_sure = not wrong and max(self.observed.max(), after.observed.max()) < _ALL_SURE
        if state_the_same(moved) or (all_sure and self.chances is None):
            if math.isinf(self.largest):
                return blank(
                    "few answers make up nearly all of the change: by how much others would change is not seen"
                )
            return mean_of_units(moved, (-self.largest, self.largest), sampling, level=level, seed=seed)
        with np.errstate(invalid="ignore"):  # certainties in both runs
            possible = after.losses() - self.losses()
        ends = min(float(np.nanmin(possible)), 0.0), max(float(np.nanmax(possible)), 0.0)
        if not np.isfinite(ends).all():
            return blank("a certainty that turned out wrong would change a log loss without end")
        return mean_of_units(moved, ends, sampling, level=level, seed=seed)

    def take(self, rows: IntArray) -> Self:
        """The errors of some items."""
        chances, certain = self.chances, self.certain
        return replace(
            self,
            correct=self.correct[rows],
            losses=lambda: self.losses()[rows],
            observed=self.observed[rows],
            chances=None if chances is None else lambda: chances()[rows],
            certain=None if certain is None else lambda: certain()[rows],
        )


@dataclass(frozen=True, eq=False)
class RankErrors:
    """Errors behind a measure of ranks, or a temperature.

    Attributes
    ----------
    correct : ndarray of bool, shape (n_items,)
    as_mean : bool
        Whether the measure is a mean of values from 0 to 1, as an AUGRC is.
    n_certain : int
        Answers of a temperature that none would change.
    confidence : ndarray, shape (n_items,), or None
        What is ranked; None of a temperature.
    swap : float
        The most that an answer's influence moves by if it changes places with its neighbour.
    """

    correct: BoolArray
    as_mean: bool = False
    n_certain: int = 0
    confidence: FloatArray | None = None
    swap: float = math.inf

    def is_same(self, after: Self) -> bool:
        """Whether the same answers are ranked by the same confidences."""
        if self.confidence is None or after.confidence is None:
            return self.confidence is after.confidence
        return np.array_equal(self.confidence, after.confidence) and np.array_equal(self.correct, after.correct)

    def interval(
        self, values: FloatArray, sampling: Sampling, *, level: float, seed: int, tested: bool = True
    ) -> Interval | None:
        """Limits that allow for one error more; blank if it is no mean."""
        few = fewest(self.correct)
        if self.as_mean and few < ENOUGH_ERRORS:
            return mean_of_units(values, (0.0, 1.0), sampling, level=level, seed=seed)
        return self._unknown(few, self.n_certain)

    def change(self, after: Self, moved: FloatArray, sampling: Sampling, *, level: float, seed: int) -> Interval | None:
        """Blank if errors are too few.

        Where no ranks changed, limits that allow for a pair that changes places and was not drawn.
        """
        few = min(fewest(self.correct), fewest(after.correct))
        unknown = self._unknown(few, max(self.n_certain, after.n_certain))
        if unknown is not None or moved.any() or self.is_same(after):
            return unknown
        swap = max(self.swap, after.swap)
        return mean_of_units(moved, (-swap, swap), sampling, level=level, seed=seed)

    @staticmethod
    def _unknown(few: int, n_certain: int) -> Interval | None:
        if n_certain:
            return blank(f"{n_certain} answers have a probability of 1, which no temperature changes")
        if few < _FEWEST_OF_RANKS:
            return blank(f"fewer than {_FEWEST_OF_RANKS} wrong (or right) answers say too little: {few}")
        return None

    def take(self, rows: IntArray) -> Self:
        """The errors of some items."""
        confidence = None if self.confidence is None else self.confidence[rows]
        return replace(self, correct=self.correct[rows], confidence=confidence)


def mean_of_units(
    values: FloatArray, ends: tuple[float, float], sampling: Sampling, *, level: float, seed: int
) -> Interval:
    """Interval of the mean of values, shape (n_items,), between these ends.

    Of clusters it is the mean of their sums; the largest of them sets how far one more can lie.
    """
    if sampling.clusters is None:
        return mean_with_one_more(values, *ends, level=level, seed=seed)
    if sampling.dependent is not None and (
        few := too_few_clusters(sampling.cluster_shares, sampling.unit, least_even=_FEWEST_EVEN_CLUSTERS)
    ):
        return few
    n_units = len(sampling.cluster_shares)
    sums = np.bincount(sampling.clusters, weights=values) * n_units / len(values)
    most = float(sampling.cluster_shares.max()) * n_units
    return mean_with_one_more(sums, *(end * most for end in ends), level=level, seed=seed)
