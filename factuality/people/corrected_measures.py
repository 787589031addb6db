"""Intervals of calibration that is corrected by few labels."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri, stdtrit

from calibration.metrics.arrays import FloatArray
from calibration.metrics.curves import wilson
from calibration.uncertainty.absolute_gaps import Tails, absolute_gaps_interval
from calibration.uncertainty.estimates import Estimate

from .judged_gaps import JudgedGaps
from .prediction_powered import rate_from_labels

# With fewer labels against the verdict, wrong verdicts that were not seen count: of a sum over bins, of a mean (there
# also with fewer labels of either kind).
_FEW_OF_BINS, _FEW_OF_MEAN = 5, 10
# Share of a bin's noise that an absolute gap is drawn in by.
_PULL = 0.8


def corrected_ece(answers: JudgedGaps, *, level: float, seed: int) -> Estimate:
    """ECE under people's labels, for new questions.

    The value is that of all answers if people had labelled them: absolute gaps, drawn in by the noise of the missing
    labels. The interval allows for the bias of absolute gaps; with few labels against the verdict it reaches as far
    from that of the verdicts as wrong ones that were not seen could.
    """
    members, confidence = answers.members, answers.confidence[:, None]
    gaps, moves = answers.corrected_mean(members * confidence, -members)
    error = np.sqrt(answers.over_labels(members))
    drawn_in = np.abs(gaps) - _PULL * error * np.exp(-np.square(gaps / np.where(error > 0, error, 1)))
    noise = answers.with_coins(answers.over_questions(moves), answers.count / len(answers.labels))
    units = answers.n_labelled_questions
    limits = absolute_gaps_interval(gaps, noise, Tails(level=level, units=units), seed=seed)
    low, high = limits.low, limits.high
    if answers.disagreements < _FEW_OF_BINS:
        judged, most = judged_ece(answers, level=level, seed=seed), answers.wrong_verdicts_up_to((1 + level) / 2)
        low, high = min(low, judged.low - most), max(high, judged.high + most)
    return _within(max(float(drawn_in.sum()), 0.0), low, high, (0.0, 1.0), level)


def judged_ece(answers: JudgedGaps, *, level: float, seed: int) -> Estimate:
    """ECE under the grader's verdicts, for new questions."""
    moves = answers.members * (answers.confidence - answers.judged)[:, None]
    gaps = moves.mean(axis=0)
    tails = Tails(level=level, units=int(answers.question.max()) + 1)
    limits = absolute_gaps_interval(gaps, answers.over_questions(moves - gaps), tails, seed=seed)
    return _within(float(np.abs(gaps).sum()), limits.low, limits.high, (0.0, 1.0), level)


def corrected_gap(answers: JudgedGaps, *, level: float) -> Estimate:
    """Mean confidence − rate of right answers to people, for new questions.

    The limits of both, joined as if independent.

    References
    ----------
    Zou and Donner (2008), doi:10.1002/sim.3095.
    """
    rate = rate_from_labels(
        answers.score, answers.labels, weight=answers.weights, question=answers.question, finite=False, level=level
    ).estimate
    mean, half = _mean(answers, answers.confidence, level)
    value = mean - rate.value
    low, high = value - math.hypot(rate.high - rate.value, half), value + math.hypot(rate.value - rate.low, half)
    return Estimate(value=value, low=max(low, -1.0), high=min(high, 1.0), level=level)


def judged_gap(answers: JudgedGaps, *, level: float) -> Estimate:
    """Mean confidence − rate of right answers to the grader, for new questions."""
    value, half = _mean(answers, answers.confidence - answers.judged, level)
    return _within(value, value - half, value + half, (-1.0, 1.0), level)


def corrected_brier(answers: JudgedGaps, *, level: float) -> Estimate:
    """Mean of (confidence − label)², for new questions."""
    confidence = answers.confidence[:, None]
    mean, moves = answers.corrected_mean(np.square(confidence), 1 - 2 * confidence)
    value, error = float(mean[0]), math.sqrt(float(answers.over_questions(moves)[0, 0]))
    reach = _critical(level, answers.n_labelled_questions) * error
    low, high = value - reach, value + reach
    if min(answers.disagreements, answers.fewest_labels) < _FEW_OF_MEAN:
        judged = judged_brier(answers, level=level)
        most = float(np.abs(1 - 2 * confidence).max()) * answers.wrong_verdicts_up_to((1 + level) / 2)
        low, high = min(low, judged.low - most), max(high, judged.high + most)
    return _within(float(np.clip(value, 0, 1)), low, high, (0.0, 1.0), level)


def judged_brier(answers: JudgedGaps, *, level: float) -> Estimate:
    """Mean of (confidence − verdict)², for new questions."""
    value, half = _mean(answers, np.square(answers.confidence - answers.judged), level)
    return _within(value, value - half, value + half, (0.0, 1.0), level)


def corrected_accuracies(answers: JudgedGaps, *, level: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Share of right answers to people in each bin with its limits, shape (n_bins,).

    NaN in a bin without a label. The limits are Wilson's, at the number of labels that would be worth as much.
    """
    share = answers.count / len(answers.labels)
    whole = np.where(share > 0, share, np.nan)
    sums, moves = answers.corrected_mean(np.zeros_like(answers.members), answers.members)
    accuracy = sums / whole
    # What an answer moves the ratio by.
    ratio = (moves - accuracy * (answers.members - share)) / whole
    n_labels, rarer = answers.n_labels, answers.rarer_labels
    value = np.clip(accuracy, 0, 1)
    smoothed = (value * n_labels + 0.5) / (n_labels + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Few labels of one kind show little of the noise: it is drawn towards that of the labels alone.
        alone = smoothed * (1 - smoothed) / n_labels
        seen = np.diag(answers.over_questions(np.nan_to_num(ratio)))
        low, high = wilson(value, smoothed * (1 - smoothed) * (rarer + 1) / (rarer * seen + alone), level=level)
    bare = n_labels == 0
    return tuple(np.where(bare, np.nan, part) for part in (value, low, high))  # type: ignore[return-value]


def _mean(answers: JudgedGaps, values: FloatArray, level: float) -> tuple[float, float]:
    """Mean of values that are known of all answers, and half of its interval."""
    mean = float(values.mean())
    error = math.sqrt(float(answers.over_questions((values - mean)[:, None])[0, 0]))
    return mean, _critical(level, int(answers.question.max()) + 1) * error


def _critical(level: float, units: int) -> float:
    return float(-stdtrit(units - 1, (1 - level) / 2)) if units > 1 else float(-ndtri((1 - level) / 2))


def _within(value: float, low: float, high: float, bounds: tuple[float, float], level: float) -> Estimate:
    """The possible part of an interval, widened to hold its value."""
    return Estimate(
        value=value, low=max(min(low, value), bounds[0]), high=min(max(high, value), bounds[1]), level=level
    )
