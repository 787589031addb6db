"""Measures of a run: value, and contribution of every item.

Intervals, paired changes and clusters all come from these contributions, by kind of measure (see
`calibration.uncertainty.kinds`). `calibration.uncertainty.measure_table` gives each measure its key and names.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np

from ..errors import UndefinedMeasure
from ..metrics import smoothing
from ..metrics.arrays import BoolArray, FloatArray, IntArray
from ..metrics.bins import Strategy, assign_bins, bin_edges
from ..metrics.temperature import optimal_temperature
from ..predictions.predictions import Predictions
from ..predictions.verdicts import Verdicts
from .cells import Cells
from .independent_answers import is_whole
from .kinds.binned import Binned, SmoothECE
from .kinds.largest import LargestGap
from .kinds.mean_like import MeanLike, plain_mean
from .kinds.rare_errors import GapErrors, LossErrors, RankErrors
from .kinds.same_confidences import SameConfidences
from .kinds.share import Share
from .kinds.squared import Squared, squared
from .measured_runs import HasCorrect, HasPredicted, HasSubjects, HasTop, refuse_weights
from .outcome_losses import (
    brier_losses,
    is_certain,
    is_one,
    is_top_certain,
    log_losses,
    only_wrong,
    other_options,
    top_log_losses,
    top_squared_losses,
)

# Bins and strategy by run: several measures sum gaps in the same bins.
_TOP_CELLS: WeakKeyDictionary[HasTop, WeakValueDictionary[tuple[int, Strategy], Cells]] = WeakKeyDictionary()
# A standard error of log T beyond this, an interval over 17 powers of ten, bounds no temperature.
_WIDEST = 10.0


def accuracy(run: HasCorrect) -> Share:
    """Accuracy, the first of tied letters predicted; of verdicts with credit its mean."""
    part = _part_right(run)
    return Share(part, run.weights, graded=not is_whole(part))


def _part_right(run: HasCorrect) -> FloatArray:
    """How far each answer is right, from 0 to 1."""
    return run.credit if isinstance(run, Verdicts) else run.correct.astype(np.float64)


def accuracy_by_subject_mean(run: HasSubjects) -> MeanLike:
    """Mean of the subjects' accuracies.

    Its noise is that within fixed subjects, or between subjects drawn anew.
    """
    if not run.subject.astype(bool).all():
        raise UndefinedMeasure("a mean over subjects needs a subject for every item")
    refuse_weights(run, "each subject counts alike in it, whatever its items weigh")
    subject = np.unique(run.subject, return_inverse=True)[1]
    size = np.bincount(subject)
    n_subjects = len(size)
    part = _part_right(run)
    mean = np.bincount(subject, weights=part) / size
    value = float(mean.mean())
    weight = run.n_items / (n_subjects * size[subject])
    # The variance within a subject of one item is not known: its distance from the mean of all is no less.
    centre, shrunk = np.where(size > 1, mean, value), np.where(size > 1, size, n_subjects)
    within = weight * (part - centre[subject]) * np.sqrt(shrunk / np.maximum(shrunk - 1, 1))[subject]
    if n_subjects > 1:
        # Leaving out a subject moves the mean by 1 / (k − 1) of its distance, whatever its size.
        jackknife = (1 - size / run.n_items) / (1 - 1 / n_subjects)
        between = weight * (mean[subject] - value) * jackknife[subject]
    else:
        between = within
    # As many items in subjects of one size would say as much.
    count = float(n_subjects**2 / (1 / size).sum())
    return MeanLike(value=value, influence=within, count=count, bounds=(0.0, 1.0), clustered=between)


def accuracy_ties_split(run: Predictions) -> Share:
    """Accuracy, the credit of tied letters split."""
    return Share(run.credit)


def mean_confidence(run: HasTop) -> MeanLike:
    """Mean confidence in the predicted letters."""
    errors = SameConfidences(run.confidence) if run.weights is None else None
    return plain_mean(run.confidence, (0.0, 1.0), weight=run.weights, errors=errors)


def signed_gap(run: HasTop) -> MeanLike:
    """Mean confidence − accuracy."""
    gap = run.confidence - run.correct
    logits = (lambda: run.log_probabilities) if isinstance(run, Predictions) else None
    errors = GapErrors(run.confidence, run.correct, logits)
    return plain_mean(gap, (-1.0, 1.0), zero_means_calibrated=True, weight=run.weights, errors=errors)


def brier(run: Predictions) -> MeanLike:
    """Brier score of all letters."""
    hit = run.probabilities[np.arange(run.n_items), run.answer]
    values = np.square(run.probabilities).sum(axis=1) - 2 * hit + 1
    return plain_mean(
        values, (0.0, 2.0), errors=LossErrors(run.correct, lambda: brier_losses(run), values, largest=2.0)
    )


def brier_top(run: HasTop) -> MeanLike:
    """Squared error of the confidence in the predicted letters."""
    values = np.square(run.confidence - run.correct)
    errors = LossErrors(run.correct, lambda: top_squared_losses(run.confidence), values, largest=1.0)
    return plain_mean(values, (0.0, 1.0), weight=run.weights, errors=errors)


def nll(run: Predictions) -> MeanLike:
    """Log loss of all letters, in nats."""
    values = -run.log_probabilities[np.arange(run.n_items), run.answer]
    errors = LossErrors(
        run.correct, lambda: log_losses(run), values, lambda: other_options(run), lambda: is_certain(run)
    )
    return plain_mean(values, (0.0, np.inf), errors=errors)


def nll_top(run: HasTop) -> MeanLike:
    """Log loss of the confidence in the predicted letters, in nats."""
    stated = np.where(run.correct, run.confidence, 1 - run.confidence)
    if not stated.all():
        share = f"{(stated == 0).sum()} of {run.n_items} items"
        raise UndefinedMeasure(
            f"it is infinite: {share} came out against a certainty, the first in row {np.argmin(stated)}"
        )
    values = -np.log(stated)
    errors = LossErrors(
        run.correct,
        lambda: top_log_losses(run.confidence),
        values,
        lambda: only_wrong(run.confidence),
        lambda: is_top_certain(run.confidence),
    )
    return plain_mean(values, (0.0, np.inf), weight=run.weights, errors=errors)


def temperature(run: Predictions) -> MeanLike:
    """Temperature of the smallest log loss."""
    log_probabilities = run.log_probabilities
    value = optimal_temperature(log_probabilities, run.answer)
    logits = np.where(run.present, log_probabilities, 0.0)  # (n_items, n_options)
    weight = np.exp(log_probabilities / value)
    weight /= weight.sum(axis=1, keepdims=True)
    mean = (weight * logits).sum(axis=1)
    variance = (weight * logits**2).sum(axis=1) - mean**2
    slope = mean - logits[np.arange(run.n_items), run.answer]  # of the log loss in 1/T
    influence = value**2 * slope / variance.mean()
    if float(np.std(influence)) / np.sqrt(run.n_items) > _WIDEST * value:
        raise UndefinedMeasure("the letters say next to nothing about the answers, so that no temperature is known")
    errors = RankErrors(run.correct, n_certain=int(np.count_nonzero(is_one(run))))
    return MeanLike(value=value, influence=influence, scale="log", bounds=(0.0, np.inf), errors=errors)


def ece_top(run: HasTop, *, bins: int = 10, strategy: Strategy = "uniform") -> Binned:
    """ECE of the predicted letters."""
    return Binned(_top_cells(run, bins, strategy), "top", bins, strategy)


def ece_choices(run: Predictions, *, bins: int = 10, strategy: Strategy = "uniform") -> Binned:
    """ECE of all letters."""
    edges = bin_edges(run.choice_confidence, bins=bins, strategy=strategy)
    return Binned(Cells.of_choices(run, edges), "choices", bins, strategy)


def classwise_ece(run: Predictions, *, bins: int = 10, strategy: Strategy = "uniform") -> Binned:
    """Mean over the letters of their ECEs, in bins of each."""
    n_options = run.probabilities.shape[1]
    edges = [bin_edges(column, bins=bins, strategy=strategy) for column in run.probabilities.T]
    first = np.cumsum([0, *(len(opens) - 1 for opens in edges)])
    columns = [
        start + assign_bins(column, opens)
        for start, column, opens in zip(first, run.probabilities.T, edges, strict=False)
    ]
    correct = np.arange(n_options) == run.answer[:, None]
    gap = run.probabilities - correct
    present, option = np.ones(gap.shape, dtype=bool), np.broadcast_to(np.arange(n_options), gap.shape)
    return Binned(Cells(np.column_stack(columns), gap, correct, present, int(first[-1]), option=option), None)


def smooth_ece(run: HasTop) -> SmoothECE:
    """Smooth ECE of the predicted letters."""
    value = smoothing.smooth_error(run.confidence, run.correct.astype(np.float64), run.weights)
    return SmoothECE(_cells_of_top(run, _narrow_edges(value)), "top", exact=value)


def smooth_ece_choices(run: Predictions) -> SmoothECE:
    """Smooth ECE of all letters."""
    value = smoothing.smooth_ece(run.choice_confidence, run.choice_correct)
    return SmoothECE(Cells.of_choices(run, _narrow_edges(value)), "choices", exact=value)


def max_calibration_error(run: HasTop, *, bins: int = 10, strategy: Strategy = "uniform") -> LargestGap:
    """Largest gap of the bins of the predicted letters."""
    item = np.arange(run.n_items)
    return _largest_gap(run.confidence, run.correct, item, bins, strategy, run.weights)


def max_calibration_error_choices(run: Predictions, *, bins: int = 10, strategy: Strategy = "uniform") -> LargestGap:
    """Largest gap of the bins of all letters."""
    return _largest_gap(run.choice_confidence, run.choice_correct, run.choice_item, bins, strategy, None)


def _largest_gap(
    confidence: FloatArray,
    correct: BoolArray,
    item: IntArray,
    bins: int,
    strategy: Strategy,
    weight: FloatArray | None,
) -> LargestGap:
    bin_index = assign_bins(confidence, bin_edges(confidence, bins=bins, strategy=strategy))
    filled = np.unique(bin_index, return_inverse=True)[1]
    return LargestGap(confidence=np.asarray(confidence), correct=correct, bin_index=filled, item=item, weight=weight)


def debiased_ce2(run: HasTop, *, bins: int = 10, strategy: Strategy = "uniform") -> Squared:
    """Debiased squared error of the predicted letters."""
    return squared(_top_cells(run, bins, strategy), run.units)


def debiased_ce2_choices(run: Predictions, *, bins: int = 10, strategy: Strategy = "uniform") -> Squared:
    """Debiased squared error of all letters."""
    return squared(Cells.of_choices(run, bin_edges(run.choice_confidence, bins=bins, strategy=strategy)))


def _top_cells(run: HasTop, bins: int, strategy: Strategy) -> Cells:
    """Cells of the predicted letters, shared by all measures that are in use."""
    known = _TOP_CELLS.setdefault(run, WeakValueDictionary())
    cells = known.get((bins, strategy))
    if cells is None:
        edges = bin_edges(run.confidence, bins=bins, strategy=strategy)
        cells = known[bins, strategy] = _cells_of_top(run, edges)
    return cells


def _cells_of_top(run: HasTop, edges: FloatArray) -> Cells:
    option = run.predicted if isinstance(run, HasPredicted) else None
    return Cells.of_top(run.confidence, run.correct, edges, run.weights, option)


def _narrow_edges(value: float) -> FloatArray:
    """Edges of bins about half as wide as the scale of smoothing."""
    return np.linspace(0, 1, int(np.clip(2 / max(value, 1e-9), 32, 256)) + 1)
