"""Measures of a run: value, and contribution of every item.

Intervals, paired changes and clusters all come from these contributions, by kind of measure (see
`calibration.uncertainty.kinds`). `calibration.uncertainty.measure_table` gives each measure its key and names.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ..errors import UndefinedMeasure
from ..metrics import risk_coverage, smoothing
from ..metrics.arrays import BoolArray, FloatArray
from ..metrics.bins import assign_bins, bin_edges
from ..metrics.ranking import placements
from ..metrics.temperature import optimal_temperature
from ..predictions.predictions import Predictions
from .cells import Cells
from .kinds.binned import Binned, SmoothECE
from .kinds.mean_like import MeanLike, plain_mean
from .kinds.share import Share
from .kinds.squared import Squared, squared

# A standard error of log T beyond this, an interval over 17 powers of ten, bounds no temperature.
_WIDEST = 10.0


class HasTop(Protocol):
    """Predicted letters: confidence and correctness, shape (n_items,)."""

    @property
    def confidence(self) -> FloatArray:
        """Confidence in each predicted letter."""
        ...

    @property
    def correct(self) -> BoolArray:
        """Whether each predicted letter is right."""
        ...

    @property
    def n_items(self) -> int:
        """Number of items."""
        ...


def accuracy(run: HasTop) -> Share:
    """Accuracy, the first of tied letters predicted."""
    return Share(run.correct.astype(np.float64))


def accuracy_by_subject_mean(run: Predictions) -> MeanLike:
    """Mean of the subjects' accuracies.

    Its noise is that within fixed subjects, or between subjects drawn anew.
    """
    if not run.subject.astype(bool).all():
        raise UndefinedMeasure("a mean over subjects needs a subject for every item")
    subject = np.unique(run.subject, return_inverse=True)[1]
    size = np.bincount(subject)
    n_subjects = len(size)
    mean = np.bincount(subject, weights=run.correct) / size
    value = float(mean.mean())
    weight = run.n_items / (n_subjects * size[subject])
    # The variance within a subject of one item is not known: its distance from the mean of all is no less.
    centre, shrunk = np.where(size > 1, mean, value), np.where(size > 1, size, n_subjects)
    within = weight * (run.correct - centre[subject]) * np.sqrt(shrunk / np.maximum(shrunk - 1, 1))[subject]
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
    return plain_mean(run.confidence, (0.0, 1.0))


def signed_gap(run: HasTop) -> MeanLike:
    """Mean confidence − accuracy."""
    return plain_mean(run.confidence - run.correct, (-1.0, 1.0), zero_means_calibrated=True)


def brier(run: Predictions) -> MeanLike:
    """Brier score of all letters."""
    hit = run.probabilities[np.arange(run.n_items), run.answer]
    return plain_mean(np.square(run.probabilities).sum(axis=1) - 2 * hit + 1, (0.0, 2.0))


def brier_top(run: HasTop) -> MeanLike:
    """Squared error of the confidence in the predicted letters."""
    return plain_mean(np.square(run.confidence - run.correct), (0.0, 1.0))


def nll(run: Predictions) -> MeanLike:
    """Log loss of all letters, in nats."""
    return plain_mean(-run.log_probabilities[np.arange(run.n_items), run.answer], (0.0, np.inf))


def nll_top(run: HasTop) -> MeanLike:
    """Log loss of the confidence in the predicted letters, in nats."""
    stated = np.where(run.correct, run.confidence, 1 - run.confidence)
    if not stated.all():
        share = f"{(stated == 0).sum()} of {run.n_items} items"
        raise UndefinedMeasure(
            f"it is infinite: {share} came out against a certainty, the first in row {np.argmin(stated)}"
        )
    return plain_mean(-np.log(stated), (0.0, np.inf))


def auroc(run: HasTop) -> MeanLike:
    """AUROC, with DeLong's influences."""
    won = placements(run.confidence, run.correct)
    value = float(won[run.correct].mean())
    # Each item's centred component, weighted so that both classes count alike; variances are those of samples, with
    # one less than the size of the class in the denominator (DeLong et al. 1988).
    n_right = int(run.correct.sum())
    size = np.where(run.correct, n_right, run.n_items - n_right)
    if size.min() < 2:
        raise UndefinedMeasure(f"an interval needs at least two right and two wrong answers, got {n_right} right")
    influence = (won - value) * run.n_items / np.sqrt(size * (size - 1.0))
    return MeanLike(value=value, influence=influence, scale="logit", count=float(size.min()), bounds=(0.0, 1.0))


def aurc(run: HasTop) -> MeanLike:
    """Area under the risk–coverage curve."""
    value = risk_coverage.aurc(run.confidence, run.correct)
    influence = risk_coverage.aurc_influence(run.confidence, run.correct)
    return MeanLike(value=value, influence=influence, scale="logit", count=run.n_items, bounds=(0.0, 1.0))


def augrc(run: HasTop) -> MeanLike:
    """Area under the generalised risk–coverage curve."""
    value = risk_coverage.augrc(run.confidence, run.correct)
    influence = risk_coverage.augrc_influence(run.confidence, run.correct)
    return MeanLike(value=value, influence=influence, scale="logit", count=run.n_items, bounds=(0.0, 1.0))


def temperature(run: Predictions) -> MeanLike:
    """Temperature of the smallest log loss."""
    value = optimal_temperature(run.log_probabilities, run.answer)
    logits = np.where(run.present, run.log_probabilities, 0.0)  # (n_items, n_options)
    weight = np.exp(run.log_probabilities / value)
    weight /= weight.sum(axis=1, keepdims=True)
    mean = (weight * logits).sum(axis=1)
    variance = (weight * logits**2).sum(axis=1) - mean**2
    slope = mean - logits[np.arange(run.n_items), run.answer]  # of the log loss in 1/T
    influence = value**2 * slope / variance.mean()
    if float(np.std(influence)) / np.sqrt(run.n_items) > _WIDEST * value:
        raise UndefinedMeasure("the letters say next to nothing about the answers, so that no temperature is known")
    return MeanLike(value=value, influence=influence, scale="log", bounds=(0.0, np.inf))


def ece_top(run: HasTop) -> Binned:
    """ECE of the predicted letters, in ten bins."""
    return Binned(Cells.of_top(run.confidence, run.correct, bin_edges(run.confidence)), "top")


def ece_choices(run: Predictions) -> Binned:
    """ECE of all letters, in ten bins."""
    return Binned(Cells.of_choices(run, bin_edges(run.confidence)), "choices")


def classwise_ece(run: Predictions) -> Binned:
    """Mean over the letters of their ECEs, in ten bins each."""
    n_options = run.probabilities.shape[1]
    edges = bin_edges(run.confidence)
    n_bins = len(edges) - 1
    bin_index = assign_bins(run.probabilities.ravel(), edges).reshape(run.probabilities.shape)
    gap = run.probabilities - (np.arange(n_options) == run.answer[:, None])
    present = np.ones(gap.shape, dtype=bool)
    return Binned(Cells(bin_index + n_bins * np.arange(n_options), gap, present, n_bins * n_options), None)


def smooth_ece(run: HasTop) -> SmoothECE:
    """Smooth ECE of the predicted letters."""
    value = smoothing.smooth_ece(run.confidence, run.correct)
    return SmoothECE(Cells.of_top(run.confidence, run.correct, _narrow_edges(value)), "top", value)


def smooth_ece_choices(run: Predictions) -> SmoothECE:
    """Smooth ECE of all letters."""
    value = smoothing.smooth_ece(run.choice_confidence, run.choice_correct)
    return SmoothECE(Cells.of_choices(run, _narrow_edges(value)), "choices", value)


def debiased_ce2(run: HasTop) -> Squared:
    """Debiased squared error of the predicted letters, in ten bins."""
    return squared(Cells.of_top(run.confidence, run.correct, bin_edges(run.confidence)))


def debiased_ce2_choices(run: Predictions) -> Squared:
    """Debiased squared error of all letters, in ten bins."""
    return squared(Cells.of_choices(run, bin_edges(run.confidence)))


def _narrow_edges(value: float) -> FloatArray:
    """Edges of bins about half as wide as the scale of smoothing."""
    return np.linspace(0, 1, int(np.clip(2 / max(value, 1e-9), 32, 256)) + 1)
