"""Measures of a population: means of what is expected given what models see."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax

from calibration import Pairs, Predictions
from calibration.errors import UndefinedMeasure
from calibration.metrics.arrays import FloatArray, IntArray
from calibration.metrics.bins import assign_bins, bin_edges
from calibration.metrics.logistic_fits import logistic_fit
from calibration.metrics.logistic_recalibration import shift_fit
from calibration.metrics.smooth_curves import SmoothCurve, curve_knots, smooth_curve
from calibration.metrics.smoothing import smooth_error
from calibration.uncertainty.outcome_losses import FLOOR
from calibration.uncertainty.recalibration_measures import line_logits, top_logits

from .populations import Population, draw, predicted

ITEMS, CELLS, CURVE_CELLS = 200_000, 6_000_000, 5_000
# Distances from smooth curves, whose knots are those of the sample.
OF_CURVES = ("ici", "e50", "e90", "emax")
LETTERS = (
    "accuracy", "signed_gap", "brier", "nll", "ece_top", "ece_quantile", "ece_choices", "smooth_ece", "debiased_ce2",
    "debiased_ce2_choices", "auroc", "aurc", "augrc", "temperature", "calibration_slope", "calibration_intercept",
    "calibration_in_the_large", *OF_CURVES,
)  # fmt: skip
# Of sets of this many options.
SETS = {2: ("top2_coverage", "top2_gap"), 3: ("top3_coverage", "top3_gap")}
# That people expect beside them.
EXPECTED = (
    "calibration_slope", "calibration_intercept", "calibration_in_the_large", *OF_CURVES,
    *itertools.chain(*SETS.values()),
)  # fmt: skip
STATED = (
    "accuracy", "signed_gap", "brier_top", "nll_top", "ece_top", "ece_quantile", "smooth_ece", "debiased_ce2", "auroc",
    "aurc", "augrc", "calibration_slope", "calibration_intercept", "calibration_in_the_large",
    *OF_CURVES,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Curve:
    """Sums of gaps up to each confidence of a population, for any bins."""

    confidence: FloatArray
    gap: FloatArray
    odds: FloatArray
    hit: FloatArray
    mass: FloatArray

    def smooth(self, stated: FloatArray) -> SmoothCurve:
        """The curve that has the knots of a sample's log-odds, shape (n_items,)."""
        return smooth_curve(self.odds, self.hit, self.mass, knots=curve_knots(stated))

    def distance(self, key: str, run: Predictions | Pairs) -> float:
        """Distance from the curve that has the sample's knots; the largest at the sample's confidences."""
        try:
            stated = top_logits(run)
            curve = self.smooth(stated)
        except UndefinedMeasure:
            return math.nan
        at, mass = (stated, np.ones(len(stated))) if key == "emax" else (self.odds, self.mass)
        away = np.abs(curve.accuracy(at) - expit(at))
        if key == "ici":
            return float(np.average(away, weights=mass))
        part = {"e50": 0.5, "e90": 0.9, "emax": 1.0}[key]
        return float(np.quantile(away, part, method="inverted_cdf", weights=mass))

    def ece(self, edges: FloatArray) -> float:
        """ECE in bins that open at these edges, but for the last."""
        first = np.searchsorted(self.confidence, edges[1:-1], side="left")
        return float(np.abs(np.diff(self.gap[np.concatenate([[0], first, [len(self.confidence)]])])).sum())


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true of a population.

    Attributes
    ----------
    values : tuple of mapping
        Each measure, before and after.
    curves : tuple of Curve
        For bins that a sample makes.
    flips : float
        Share of items that one model answers right and the other wrong.
    """

    values: tuple[Mapping[str, float], Mapping[str, float]]
    curves: tuple[Curve, Curve]
    flips: float

    def of_run(self, key: str, index: int, run: Predictions | Pairs) -> float:
        """Value of a measure before (0) or after (1).

        In the sample's bins where it makes them.
        """
        if key in OF_CURVES:
            return self.curves[index].distance(key, run)
        if key != "ece_quantile":
            return self.values[index][key]
        return self.curves[index].ece(bin_edges(run.confidence, strategy="quantile"))


@lru_cache(maxsize=8)
def cached_truth(population: Population) -> Truth:
    """Truth of a population, computed once for cells in a row."""
    return truth_of(population)


def truth_of(population: Population) -> Truth:
    """What is true of a population.

    From a large sample whose answers count as they are expected. A log loss is that of probabilities of at least the
    floor that intervals declare.
    """
    rng = np.random.default_rng(7)
    n_items = min(ITEMS, CELLS // population.n_options)
    drawn = draw(population, n_items, rng, alone=True)
    runs: tuple[Predictions | Pairs, Predictions | Pairs] = drawn.runs()
    values, curves = [], []
    for run, chances, stated in zip(runs, drawn.chances(), drawn.stated, strict=True):
        hit = chances[np.arange(n_items), predicted(stated)]
        values.append(_values(run, chances, hit, drawn.weight))
        if population.certain and not population.of_pairs:  # no temperature keeps a certain answer from being wrong
            values[-1]["temperature"] = math.nan
        curves.append(_curve(run, hit, drawn.weight))
    if population.exchangeable:
        both = {key: (values[0][key] + values[1][key]) / 2 for key in values[0]}
        values, curves = [both, both], [curves[0], curves[0]]
    flips = float(np.mean(runs[0].correct != runs[1].correct))
    return Truth((values[0], values[1]), (curves[0], curves[1]), flips)


def _values(
    run: Predictions | Pairs, chances: FloatArray, hit: FloatArray, weight: FloatArray | None
) -> dict[str, float]:
    confidence = np.asarray(run.confidence)
    share = np.full(len(hit), 1 / len(hit)) if weight is None else weight / weight.sum()
    right = float(share @ hit)
    values = {"accuracy": right, "signed_gap": float(share @ (confidence - hit))}
    bins, gap = assign_bins(run.confidence, bin_edges(confidence)), confidence - hit
    values["ece_top"], values["debiased_ce2"] = _binned(bins, gap, share)
    values["smooth_ece"] = smooth_error(confidence, hit, weight)
    values["auroc"], values["aurc"] = _ranked(confidence, hit, share)
    values["augrc"] = (1 - values["auroc"]) * right * (1 - right) + (1 - right) ** 2 / 2
    values |= _lines(run, hit, weight)
    if isinstance(run, Pairs):
        values["brier_top"] = float(share @ (confidence**2 - 2 * confidence * hit + hit))
        if_right, if_wrong = (np.log(np.maximum(stated, FLOOR)) for stated in (confidence, 1 - confidence))
        values["nll_top"] = -float(share @ (hit * if_right + (1 - hit) * if_wrong))
        return values
    probabilities, logs = np.asarray(run.probabilities), run.log_probabilities
    values["brier"] = float(share @ ((probabilities**2).sum(axis=1) - 2 * (chances * probabilities).sum(axis=1) + 1))
    values["nll"] = -float(share @ (chances * np.maximum(logs, math.log(FLOOR))).sum(axis=1))
    bins = assign_bins(run.choice_confidence, bin_edges(run.choice_confidence))
    pooled = np.repeat(share / probabilities.shape[1], probabilities.shape[1])
    values["ece_choices"], values["debiased_ce2_choices"] = _binned(bins, (probabilities - chances).ravel(), pooled)
    values |= _sets(run, chances, share)
    values["temperature"] = best_temperature(logs, chances)  # of all: items of a stratum may stand together
    return values


def _sets(run: Predictions, chances: FloatArray, share: FloatArray) -> dict[str, float]:
    """Coverage and gap of sets of the likeliest options; NaN where no item has more options."""
    values = dict.fromkeys(itertools.chain(*SETS.values()), math.nan)
    for size, (coverage, gap) in SETS.items():
        if chances.shape[1] > size:
            chosen = np.argsort(-np.asarray(run.probabilities), axis=1, kind="stable")[:, :size]
            values[coverage] = float(share @ np.take_along_axis(chances, chosen, axis=1).sum(axis=1))
            stated = np.take_along_axis(np.asarray(run.probabilities), chosen, axis=1).sum(axis=1)
            values[gap] = float(share @ stated) - values[coverage]
    return values


def _lines(run: Predictions | Pairs, hit: FloatArray, weight: FloatArray | None) -> dict[str, float]:
    """Logistic recalibration; NaN where confidences are exactly 0 or 1."""
    keys = ("calibration_intercept", "calibration_slope", "calibration_in_the_large")
    try:
        odds = line_logits(run)
        line = logistic_fit(np.column_stack([np.ones(len(odds)), odds]), hit, weight=weight)
        shift = shift_fit(odds, hit, weight)
    except UndefinedMeasure:
        return dict.fromkeys(keys, math.nan)
    return dict(zip(keys, (*line.coefficients.tolist(), *shift.coefficients.tolist()), strict=True))


def _product(chance: FloatArray, value: FloatArray) -> FloatArray:
    """Product in which what cannot happen is 0."""
    return np.asarray(np.where(chance > 0, chance * np.where(chance > 0, value, 0.0), 0.0))


def _binned(bins: IntArray, gap: FloatArray, share: FloatArray) -> tuple[float, float]:
    """ECE, and squared gaps, over bins."""
    sums, sizes = np.bincount(bins, weights=share * gap), np.bincount(bins, weights=share)
    return float(np.abs(sums).sum()), float((sums**2 / np.maximum(sizes, 1e-300)).sum())


def _ranked(confidence: FloatArray, hit: FloatArray, share: FloatArray) -> tuple[float, float]:
    """AUROC and AURC, equal confidences in random order."""
    level = np.unique(-confidence, return_inverse=True)[1]
    size, wrong = np.bincount(level, weights=share), np.bincount(level, weights=share * (1 - hit))
    right = size - wrong
    below = wrong.sum() - np.cumsum(wrong) + wrong / 2
    auroc = float((right * below).sum() / (right.sum() * wrong.sum()))
    end = np.cumsum(size)
    start, before = end - size, np.cumsum(wrong) - wrong
    rate = wrong / size
    with np.errstate(divide="ignore", invalid="ignore"):
        within = (before - rate * start) * np.log(end / start)
    return auroc, float((wrong + np.where(start > 0, within, 0.0)).sum())


def _curve(run: Predictions | Pairs, hit: FloatArray, weight: FloatArray | None) -> Curve:
    confidence = np.asarray(run.confidence)
    order = np.argsort(confidence)
    share = np.full(len(hit), 1 / len(hit)) if weight is None else weight / weight.sum()
    gap = (share * (confidence - hit))[order]
    return Curve(confidence[order], np.concatenate([[0.0], np.cumsum(gap)]), *_groups_of_odds(run, hit, share))


def _groups_of_odds(
    run: Predictions | Pairs, hit: FloatArray, share: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log-odds, accuracy and weight of groups of neighbours; empty where confidences are exactly 0 or 1."""
    try:
        odds = top_logits(run)
    except UndefinedMeasure:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    value, group = np.unique(odds, return_inverse=True)
    if len(value) > CURVE_CELLS:
        group = np.empty(len(odds), dtype=np.int64)
        group[np.argsort(odds)] = np.arange(len(odds)) * CURVE_CELLS // len(odds)
    mass = np.asarray(np.bincount(group, weights=share), dtype=np.float64)
    return np.bincount(group, weights=share * odds) / mass, np.bincount(group, weights=share * hit) / mass, mass


def best_temperature(logs: FloatArray, chances: FloatArray) -> float:
    """Temperature of the smallest expected log loss; NaN if none is."""

    def loss(log: float) -> float:
        return -float(_product(chances, log_softmax(logs * math.exp(-log), axis=1)).sum()) / len(logs)

    best = minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded", options={"xatol": 1e-5})
    return math.exp(best.x) if abs(best.x) < 2.9 else math.nan
