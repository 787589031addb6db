"""Rates from a grader and few labels, where questions have several answers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from scipy.special import expit

from calibration.metrics.arrays import FloatArray
from calibration.uncertainty.estimates import Estimate
from factuality.people.prediction_powered import rate_from_labels

METHODS, SIDES = ("corrected", "labels_alone", "rogan_gladen"), ("these", "new")
_N_LABELS = 60


@dataclass(frozen=True, kw_only=True)
class RateCell:
    """Answers to questions, graded, some of them labelled at random.

    Attributes
    ----------
    kind : str
        Heading of its table.
    n_questions, n_answers : int
        Questions, and answers to each.
    rate : float
        Mean rate of right answers.
    likeness : float
        Correlation of the answers to one question.
    """

    kind: str = "corrected rates"
    n_questions: int
    n_answers: int
    rate: float
    likeness: float

    @property
    def n_items(self) -> int:
        """Number of answers."""
        return self.n_questions * self.n_answers

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return (
            f"{self.n_questions} questions × {self.n_answers} answers of correlation {self.likeness:g}; rate "
            f"{self.rate:g}; {_N_LABELS} labels"
        )

    @property
    def key(self) -> int:
        """What its draws are seeded with."""
        return crc32(self.name.encode())

    @property
    def quantities(self) -> tuple[str, ...]:
        """Method, and whether the rate is of these answers or new questions."""
        return tuple(f"{method} {side}" for method, side in itertools.product(METHODS, SIDES))

    def sample(self, rng: np.random.Generator) -> Iterator[tuple[str, Estimate | None, float]]:
        """Each quantity of a sample, its estimate and its truth."""
        size = 1 / self.likeness - 1
        chance = rng.beta(self.rate * size, (1 - self.rate) * size, self.n_questions)
        right = (rng.random((self.n_questions, self.n_answers)) < chance[:, None]).ravel()
        score = expit(1.5 * (2 * right - 1) + rng.standard_normal(self.n_items))
        label = np.full(self.n_items, np.nan)
        labelled = rng.choice(self.n_items, _N_LABELS, replace=False)
        label[labelled] = right[labelled]
        for side, truth in (("these", float(right.mean())), ("new", self.rate)):
            yield from self._estimates(score, label, side, truth)

    def _estimates(
        self, score: FloatArray, label: FloatArray, side: str, truth: float
    ) -> Iterator[tuple[str, Estimate | None, float]]:
        question = np.repeat(np.arange(self.n_questions), self.n_answers)
        corrected = rate_from_labels(score, label, question=question, finite=side == "these")
        for method, estimate in zip(
            METHODS, (corrected.estimate, corrected.labels_alone, corrected.rogan_gladen), strict=True
        ):
            yield f"{method} {side}", estimate, truth


def rate_cells() -> Iterator[RateCell]:
    """Questions with one answer and with several."""
    for rate, (n_questions, n_answers) in itertools.product((0.3, 0.8), ((200, 1), (100, 5), (30, 10))):
        yield RateCell(n_questions=n_questions, n_answers=n_answers, rate=rate, likeness=0.5)
