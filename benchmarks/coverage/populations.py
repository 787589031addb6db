"""Populations whose truth is known: items, and two models that answer them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from scipy.optimize import brentq
from scipy.special import softmax
from scipy.stats import norm

from calibration import Pairs, Predictions
from calibration.metrics.arrays import BoolArray, FloatArray, IntArray
from calibration.uncertainty.drawn_units import Scheme

Layout = Literal["items", "strata", "three", "ten even", "ten uneven", "one huge", "57 uneven"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
FIVE, FIVE_WITH_ENDS = (0.1, 0.3, 0.5, 0.7, 0.9), (0.0, 0.25, 0.5, 0.75, 1.0)
# Accuracy from which a signal is found from many items.
_NEARLY_ALWAYS = 0.995
# Standard deviation of the logarithm of the sharpness that all items of a cluster share.
CLUSTER_EFFECT = 0.5


@dataclass(frozen=True, kw_only=True)
class Population:
    r"""Items that two models answer, before and after.

    The right option of an item sends a signal d above the noise of the others; a model sees it through standard normal
    noise of its own, and its calibrated logits are *d* times what it sees. Its stated ones are these over its
    temperature, with further noise.

    Attributes
    ----------
    n_options : int
        Options of an item.
    accuracy : float
        Accuracy of a calibrated model; at 1/options there is no signal.
    temperatures : tuple of float
        What calibrated logits are divided by, before and after.
    noise : tuple of float
        Standard deviation of further noise on the logits, before and after.
    correlation : float
        Of what both models see; 1 if they know the same.
    spread : float
        Standard deviation of the logarithm of the items' signals.
    certain : float
        Share of items, at random, whose probabilities are exactly 1 for the likeliest option and 0 for the others.
    ties : bool
        Whether logits are whole numbers.
    stated : tuple of float
        Values of confidence that a model states, the nearest of them; empty for letters.
    weighted : bool
        Whether items count unevenly, the clear ones more.
    layout : str
        What is drawn together: items alone, items within strata, or clusters with a sharpness of their own.
    """

    n_options: int = 4
    accuracy: float = 0.7
    temperatures: tuple[float, float] = (1.0, 1.0)
    noise: tuple[float, float] = (0.0, 0.0)
    correlation: float = 0.9
    spread: float = 0.5
    certain: float = 0.0
    ties: bool = False
    stated: tuple[float, ...] = ()
    weighted: bool = False
    layout: Layout = "items"

    @property
    def exchangeable(self) -> bool:
        """Whether both models are alike, so that nothing changes."""
        return self.temperatures[0] == self.temperatures[1] and self.noise[0] == self.noise[1]

    @property
    def of_pairs(self) -> bool:
        """Whether runs hold a confidence an item, not letters."""
        return bool(self.stated) or self.weighted

    @property
    def scheme(self) -> Scheme:
        """What is drawn anew."""
        return self.layout if self.layout in ("items", "strata") else "clusters"

    @property
    def signal(self) -> float:
        """Median signal of the items."""
        return _signal(self.n_options, self.accuracy, self.spread)

    @property
    def text(self) -> str:
        """What it is, in words."""
        first, second = (f"{value:g}" for value in self.temperatures)
        parts = [f"{self.n_options} options", f"accuracy {self.accuracy:g}", f"temperature {first} → {second}"]
        if any(self.noise):
            parts.append(f"noise {self.noise[0]:g} → {self.noise[1]:g}")
        parts.append("itself" if self.is_itself else f"correlation {self.correlation:g}")
        if self.spread != 0.5:
            parts.append(f"spread {self.spread:g}")
        if self.certain:
            parts.append(f"{self.certain:.0%} exactly 0 or 1")
        if self.ties:
            parts.append("ties")
        if self.stated:
            parts.append("states " + ", ".join(f"{value:g}" for value in self.stated))
        if self.weighted:
            parts.append("weights")
        if self.layout != "items":
            parts.append(self.layout if self.layout == "strata" else f"clusters: {self.layout}")
        return "; ".join(parts)

    @property
    def is_itself(self) -> bool:
        """Whether both runs are of the same answers to the last digit."""
        return self.correlation == 1 and self.exchangeable and not any(self.noise)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Some items of a population.

    Attributes
    ----------
    seen : tuple of ndarray, shape (n_items, n_options)
        Calibrated logits, before and after.
    stated : tuple of ndarray, shape (n_items, n_options)
        Probabilities as the models state them.
    answer : ndarray of int, shape (n_items,)
    group : ndarray of int, shape (n_items,)
        Stratum or cluster.
    clear, sharpness : ndarray, shape (n_items,)
        Logarithms of the signal over its median, and of what the group's logits are multiplied by.
    weight : ndarray, shape (n_items,), or None
    """

    population: Population
    seen: tuple[FloatArray, FloatArray]
    stated: tuple[FloatArray, FloatArray]
    answer: IntArray
    group: IntArray
    clear: FloatArray
    sharpness: FloatArray
    weight: FloatArray | None = field(default=None)

    def runs(self) -> tuple[Predictions, Predictions] | tuple[Pairs, Pairs]:
        """Both runs."""
        names = [f"group {index}" for index in self.group] if self.population.layout != "items" else None
        first, second = self.stated
        # Two models may answer alike by chance.
        later = "before" if self.population.is_itself else "after"
        if self.population.of_pairs:
            return self._pairs(first, names, "before"), self._pairs(second, names, later)
        return self._letters(first, names, "before"), self._letters(second, names, later)

    def _letters(self, stated: FloatArray, names: list[str] | None, model: str) -> Predictions:
        if self.population.certain > 0:
            return Predictions.from_arrays(probabilities=stated, answer=self.answer, subject=names, model=model)
        return Predictions.from_arrays(logits=stated, answer=self.answer, subject=names, model=model)

    def _pairs(self, stated: FloatArray, names: list[str] | None, model: str) -> Pairs:
        strata, clusters = (names, None) if self.population.layout == "strata" else (None, names)
        correct = predicted(stated) == self.answer
        return Pairs.from_arrays(
            self._confidence(stated), correct, group=strata, cluster=clusters, weight=self.weight, model=model
        )

    def confidences(self) -> tuple[FloatArray, FloatArray]:
        """Confidence of each answer as the runs hold it, before and after; of no certain answers."""
        return self._confidence(self.stated[0]), self._confidence(self.stated[1])

    def _confidence(self, stated: FloatArray) -> FloatArray:
        confidence = softmax(stated, axis=1).max(axis=1)
        if not self.population.stated:  # one of exactly 1 by rounding would have an infinite log loss
            return np.asarray(np.minimum(confidence, 1 - 1e-9))
        values = np.array(self.population.stated)
        return np.asarray(values[np.abs(confidence[:, None] - values).argmin(axis=1)])

    def chances(self) -> tuple[FloatArray, FloatArray]:
        """Probability of each option given what a model sees, before and after."""
        return softmax(self.seen[0], axis=1), softmax(self.seen[1], axis=1)


def predicted(stated: FloatArray) -> IntArray:
    """The first of the likeliest options, shape (n_items,)."""
    return np.asarray(stated.argmax(axis=1))


def draw(population: Population, n_items: int, rng: np.random.Generator, *, alone: bool = False) -> Drawn:
    """Items of a population in clusters of its layout.

    Or each item of a cluster that is drawn `alone`.
    """
    k = population.n_options
    group, effect = _groups(population.layout, n_items, rng, alone=alone)
    clear = rng.standard_normal(n_items)
    signal = population.signal * np.exp(population.spread * clear)
    answer = rng.integers(0, k, n_items)
    first, own = rng.standard_normal((2, n_items, k))
    share = population.correlation
    noises = (first, share * first + np.sqrt(1 - share**2) * own)
    right = np.arange(k) == answer[:, None]
    seen = [signal[:, None] * (signal[:, None] * right + noise) for noise in noises]
    stated = []
    sure = rng.random(n_items) < population.certain
    for logits, temperature, noise in zip(seen, population.temperatures, population.noise, strict=True):
        further = noise * rng.standard_normal((n_items, k)) if noise else 0.0
        stated.append(_rounded(population, logits * (np.exp(effect)[:, None] / temperature) + further, sure))
    weight = np.exp(0.7 * clear + 0.3 * rng.standard_normal(n_items)) if population.weighted else None
    return Drawn(population, (seen[0], seen[1]), (stated[0], stated[1]), answer, group, clear, effect, weight)


def _rounded(population: Population, logits: FloatArray, sure: BoolArray) -> FloatArray:
    """Logits with the population's ties.

    Probabilities, where those of some items are exactly 0 and 1.
    """
    if population.ties:
        return np.asarray(np.round(logits))
    if not population.certain:
        return logits
    probabilities = softmax(logits, axis=1)
    ends = np.arange(logits.shape[1]) == probabilities.argmax(axis=1)[:, None]
    rounded = np.where(sure[:, None], ends, probabilities)
    return np.asarray(rounded, dtype=np.float64)


def _groups(layout: Layout, n_items: int, rng: np.random.Generator, *, alone: bool) -> tuple[IntArray, FloatArray]:
    """Stratum or cluster of each item, and the logarithm of its sharpness."""
    if layout == "items":
        return np.zeros(n_items, dtype=np.int64), np.zeros(n_items)
    share = shares(layout)
    group = np.searchsorted(np.cumsum(share)[:-1], (np.arange(n_items) + 0.5) / n_items, side="right")
    if layout == "strata":
        return group, np.linspace(-1, 1, len(share))[group]
    if alone:
        return group, CLUSTER_EFFECT * rng.standard_normal(n_items)
    return group, (CLUSTER_EFFECT * rng.standard_normal(len(share)))[group]


def shares(layout: Layout) -> FloatArray:
    """Share of each stratum or cluster in all items."""
    sizes = {
        "strata": np.array([2.0, 3, 4, 5, 6]),
        "three": np.ones(3),
        "ten even": np.ones(10),
        "ten uneven": 1.5 ** np.arange(10),
        "one huge": np.array([20.0] + [1] * 20),
        "57 uneven": 1.05 ** np.arange(57),
    }[layout]
    return np.asarray(sizes / sizes.sum())


@lru_cache
def _signal(n_options: int, accuracy: float, spread: float) -> float:
    """Median signal at which a model is right in this share of items."""
    if accuracy <= 1 / n_options:
        return 0.0
    seen = np.linspace(-8, 8, 401)
    density = norm.pdf(seen) / norm.pdf(seen).sum()
    # Of models that are nearly always right the few unclear items decide.
    n_clear = 200 if accuracy < _NEARLY_ALWAYS else 4_000
    clear = np.exp(spread * norm.ppf((np.arange(n_clear) + 0.5) / n_clear))

    def excess(signal: float) -> float:
        beaten = norm.cdf(seen[None, :] + signal * clear[:, None]) ** (n_options - 1)
        return float((beaten @ density).mean()) - accuracy

    return float(brentq(excess, 0.0, 60.0))
