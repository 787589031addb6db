"""The explicit table of measures: for each one its value and what every item contributes to it.

Intervals, paired changes and clusters all come from these contributions (see
`calibration.uncertainty.standard_errors`), so a measure that has a row here has them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ..metrics.bins import assign_bins, bin_edges
from ..metrics.calibration_errors import classwise_ece, ece, max_calibration_error, signed_gap
from ..metrics.ranking import auroc, placements
from ..metrics.risk_coverage import augrc, augrc_influence, aurc, aurc_influence
from ..metrics.scoring_rules import brier_score, log_loss
from ..metrics.smoothing import smooth_ece, smoothed_errors
from ..metrics.squared_error import debiased, debiased_ce2
from ..metrics.temperature import optimal_temperature
from ..predictions.predictions import Predictions, View
from .cells import Cells

Metric = Callable[..., float]
Scale = Literal["identity", "log", "logit"]
Range = tuple[float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Smooth:
    """A measure that behaves like a mean.

    Attributes
    ----------
    value : float
        The measure.
    influence : ndarray, shape (n_items,)
        What each item moves it by, times n_items; sums to 0 (for subjects of one item, on average).
    scale : {"identity", "log", "logit"}
        On which scale its interval is symmetric.
    zero_means_calibrated : bool
        Whether 0 is a hypothesis worth a p-value.
    count : float
        How many comparisons stand behind a measure at the end of its scale, where the influence says nothing. A mean
        over items that has one is made of right and wrong answers alone.
    possible : tuple of float
        Between what the measure lies.
    clustered : ndarray, shape (n_items,), or None
        Influence where subjects are drawn anew, if it is another than where they are fixed.
    """

    value: float
    influence: NDArray[np.float64]
    scale: Scale = "identity"
    zero_means_calibrated: bool = False
    count: float = np.nan
    possible: Range = (-np.inf, np.inf)
    clustered: NDArray[np.float64] | None = None

    @property
    def is_mean(self) -> bool:
        """Whether the value is the plain mean of ``value + influence`` over the items."""
        return self.scale == "identity" and self.clustered is None

    @property
    def of_answers(self) -> bool:
        """Whether it is made of right and wrong answers alone, which may stay while all else changes."""
        return self.scale == "identity" and bool(np.isfinite(self.count))

    def influence_of(self, *, clusters: bool) -> NDArray[np.float64]:
        """Influence of each item where subjects are drawn anew (`clusters`) or fixed."""
        return self.influence if self.clustered is None or not clusters else self.clustered

    @property
    def at_its_end(self) -> bool:
        """Whether an AUROC or AURC is exactly 0 or 1, where the influence is 0 and bounds nothing."""
        return self.scale == "logit" and self.value in (0, 1)


@dataclass(frozen=True, eq=False)
class Share:
    """A share of items; `credit` (n_items,) is each item's part, from 0 to 1."""

    credit: NDArray[np.float64]
    possible: ClassVar[Range] = (0.0, 1.0)

    @property
    def value(self) -> float:
        """The share."""
        return float(self.credit.mean())

    @property
    def influence(self) -> NDArray[np.float64]:
        """As in `Smooth`."""
        return np.asarray(self.credit - self.credit.mean())


@dataclass(frozen=True, eq=False)
class Binned:
    """A sum of absolute gaps over bins.

    Attributes
    ----------
    cells : Cells
        What each item adds to each bin.
    view : {"top", "choices"} or None
        Which noise floor belongs to it.
    """

    cells: Cells
    view: View | None
    possible: ClassVar[Range] = (0.0, 1.0)

    @property
    def value(self) -> float:
        """The measure: the absolute mean gaps, summed."""
        return float(self.of_gaps(self.cells.gaps))

    def of_gaps(self, gaps: NDArray[np.float64]) -> NDArray[np.float64]:
        """The measure of other gaps in the same bins, shape (…, n_cells) to (…,)."""
        return np.asarray(np.abs(gaps).sum(axis=-1))


@dataclass(frozen=True, eq=False)
class Smoothed(Binned):
    """Smooth ECE: absolute gaps in narrow cells, smoothed before they are summed.

    Attributes
    ----------
    exact : float
        The measure itself; the cells are for its noise.
    """

    exact: float

    @property
    def value(self) -> float:
        """The measure."""
        return self.exact

    def of_gaps(self, gaps: NDArray[np.float64]) -> NDArray[np.float64]:
        """The measure of other gaps in the same cells, shape (draws, n_cells) to (draws,)."""
        return smoothed_errors(gaps)


@dataclass(frozen=True, eq=False)
class Squared:
    """Squared gaps over bins, without what noise adds to them.

    Attributes
    ----------
    cells : Cells
        What each item adds to each bin.
    """

    cells: Cells
    possible: ClassVar[Range] = (0.0, 1.0)

    @cached_property
    def value(self) -> float:
        """The measure."""
        cells, several = self.cells, self.cells.place.shape[1] > 1
        item = np.broadcast_to(np.arange(cells.n_items)[:, None], cells.place.shape)[cells.present]
        return debiased(
            cells.gap[cells.present], cells.place[cells.present], cells.n_cells, unit=item if several else None
        )


Measure = Smooth | Share | Binned | Squared

# A standard error of log T beyond this, an interval over 17 powers of ten, bounds no temperature.
_WIDEST = 10.0


def _accuracy(run: Predictions) -> Share:
    return Share(run.correct.astype(np.float64))


def _accuracy_by_subject_mean(run: Predictions) -> Smooth:
    """Mean of the subjects' accuracies. With subjects fixed its noise is that within them, otherwise between them."""
    if not run.subject.astype(bool).all():
        raise ValueError("a mean over subjects needs a subject for every item")
    subject = np.unique(run.subject, return_inverse=True)[1]
    size = np.bincount(subject)
    n_subjects = len(size)
    mean = np.bincount(subject, weights=run.correct) / size
    value = float(mean.mean())
    weight = run.n_items / (n_subjects * size[subject])
    # What a subject of one item varies by within itself is not known: its distance from the mean of all is no less.
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
    return Smooth(value=value, influence=within, count=count, possible=(0.0, 1.0), clustered=between)


def _accuracy_ties_split(run: Predictions) -> Share:
    return Share(run.credit)


def _mean(values: NDArray[np.float64], possible: Range) -> Smooth:
    return Smooth(value=float(values.mean()), influence=values - values.mean(), possible=possible)


def _mean_confidence(run: Predictions) -> Smooth:
    return _mean(run.confidence, (0.0, 1.0))


def _signed_gap(run: Predictions) -> Smooth:
    gap = run.confidence - run.correct
    return Smooth(value=float(gap.mean()), influence=gap - gap.mean(), zero_means_calibrated=True, possible=(-1.0, 1.0))


def _brier(run: Predictions) -> Smooth:
    hit = run.probabilities[np.arange(run.n_items), run.answer]
    return _mean(np.square(run.probabilities).sum(axis=1) - 2 * hit + 1, (0.0, 2.0))


def _nll(run: Predictions) -> Smooth:
    return _mean(-run.log_probabilities[np.arange(run.n_items), run.answer], (0.0, np.inf))


def _auroc(run: Predictions) -> Smooth:
    won = placements(run.confidence, run.correct)
    value = float(won[run.correct].mean())
    # Each item's centred component, weighted so that both classes count alike; variances are those of samples, with
    # one less than the size of the class in the denominator (DeLong et al. 1988).
    n_right = int(run.correct.sum())
    size = np.where(run.correct, n_right, run.n_items - n_right)
    if size.min() < 2:
        raise ValueError(f"an interval needs at least two right and two wrong answers, got {n_right} right")
    influence = (won - value) * run.n_items / np.sqrt(size * (size - 1.0))
    return Smooth(value=value, influence=influence, scale="logit", count=float(size.min()), possible=(0.0, 1.0))


def _temperature(run: Predictions) -> Smooth:
    temperature = optimal_temperature(run.log_probabilities, run.answer)
    logits = np.where(run.present, run.log_probabilities, 0.0)
    weight = np.exp(run.log_probabilities / temperature)
    weight /= weight.sum(axis=1, keepdims=True)
    mean = (weight * logits).sum(axis=1)
    spread = (weight * logits**2).sum(axis=1) - mean**2
    slope = mean - logits[np.arange(run.n_items), run.answer]  # of the log loss in 1/T
    influence = temperature**2 * slope / spread.mean()
    if float(np.std(influence)) / np.sqrt(run.n_items) > _WIDEST * temperature:
        raise ValueError("the letters say next to nothing about the answers, so that no temperature is known")
    return Smooth(value=temperature, influence=influence, scale="log", possible=(0.0, np.inf))


def _ece(view: View) -> Callable[[Predictions], Binned]:
    def measure(run: Predictions) -> Binned:
        return Binned(Cells.of_view(run, view, bin_edges(run.confidence)), view)

    return measure


def _debiased_ce2(view: View) -> Callable[[Predictions], Squared]:
    def measure(run: Predictions) -> Squared:
        found = Squared(Cells.of_view(run, view, bin_edges(run.confidence)))
        _ = found.value  # raises where it has none
        return found

    return measure


def _smooth_ece(view: View) -> Callable[[Predictions], Smoothed]:
    def measure(run: Predictions) -> Smoothed:
        confidence, correct, _ = run.view(view)
        value = smooth_ece(confidence, correct)
        # Cells about half as wide as the scale of smoothing.
        n_cells = int(np.clip(2 / max(value, 1e-9), 32, 256))
        return Smoothed(Cells.of_view(run, view, np.linspace(0, 1, n_cells + 1)), view, value)

    return measure


def _aurc(run: Predictions) -> Smooth:
    value, influence = aurc(run.confidence, run.correct), aurc_influence(run.confidence, run.correct)
    return Smooth(value=value, influence=influence, scale="logit", count=run.n_items, possible=(0.0, 1.0))


def _augrc(run: Predictions) -> Smooth:
    value, influence = augrc(run.confidence, run.correct), augrc_influence(run.confidence, run.correct)
    return Smooth(value=value, influence=influence, scale="logit", count=run.n_items, possible=(0.0, 1.0))


def _classwise_ece(run: Predictions) -> Binned:
    n_options = run.probabilities.shape[1]
    edges = bin_edges(run.confidence)
    n_bins = len(edges) - 1
    place = assign_bins(run.probabilities.ravel(), edges).reshape(run.probabilities.shape)
    gap = run.probabilities - (np.arange(n_options) == run.answer[:, None])
    cells = Cells(place + n_bins * np.arange(n_options), gap, np.ones(gap.shape, dtype=bool), n_bins * n_options)
    return Binned(cells, None)


# Key in tables and JSON -> how it is measured. The order is that of the tables.
MEASURES: dict[str, Callable[[Predictions], Measure]] = {
    "accuracy": _accuracy,
    "accuracy_ties_split": _accuracy_ties_split,
    "mean_confidence": _mean_confidence,
    "signed_gap": _signed_gap,
    "ece_top": _ece("top"),
    "ece_choices": _ece("choices"),
    "smooth_ece": _smooth_ece("top"),
    "smooth_ece_choices": _smooth_ece("choices"),
    "debiased_ce2": _debiased_ce2("top"),
    "debiased_ce2_choices": _debiased_ce2("choices"),
    "classwise_ece": _classwise_ece,
    "brier": _brier,
    "nll": _nll,
    "auroc": _auroc,
    "aurc": _aurc,
    "augrc": _augrc,
    "temperature": _temperature,
}

# Measures of runs whose items have subjects, each after the measure that it stands beside.
SUBJECT_MEASURES: dict[str, tuple[str, Callable[[Predictions], Measure]]] = {
    "accuracy": ("accuracy_by_subject_mean", _accuracy_by_subject_mean),
}

# Public metric and view -> key. What reads whole distributions has no view.
_KEYS: dict[tuple[Metric, View], str] = {
    (ece, "top"): "ece_top",
    (ece, "choices"): "ece_choices",
    (debiased_ce2, "top"): "debiased_ce2",
    (debiased_ce2, "choices"): "debiased_ce2_choices",
    (smooth_ece, "top"): "smooth_ece",
    (smooth_ece, "choices"): "smooth_ece_choices",
    (signed_gap, "top"): "signed_gap",
    (auroc, "top"): "auroc",
    (aurc, "top"): "aurc",
    (augrc, "top"): "augrc",
    (brier_score, "top"): "brier",
    (brier_score, "choices"): "brier",
    (log_loss, "top"): "nll",
    (log_loss, "choices"): "nll",
    (classwise_ece, "top"): "classwise_ece",
    (classwise_ece, "choices"): "classwise_ece",
}

_REFUSED: dict[tuple[Metric, View], str] = {
    (max_calibration_error, "top"): "one sparse bin decides it, so no interval is valid",
    (max_calibration_error, "choices"): "one sparse bin decides it, so no interval is valid",
    (signed_gap, "choices"): "over all letters it is 0 by construction; use view='top'",
    (auroc, "choices"): "it ranks answers, of which an item has one; use view='top'",
    (aurc, "choices"): "it ranks answers, of which an item has one; use view='top'",
    (augrc, "choices"): "it ranks answers, of which an item has one; use view='top'",
}


def key_of(metric: Metric, view: View) -> str:
    """Key of a public metric in a view.

    Raises
    ------
    ValueError
        For a function that is not in the table, by name, with the reason where there is one.
    """
    key = _KEYS.get((metric, view))
    if key is None:
        name = getattr(metric, "__name__", repr(metric))
        known = ", ".join(dict.fromkeys(function.__name__ for function, _ in _KEYS))
        reason = _REFUSED.get((metric, view), f"known are {known}, with view 'top' or 'choices'")
        raise ValueError(f"no interval for {name} with view={view!r}: {reason}")
    return key
