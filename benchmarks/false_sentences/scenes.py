"""Scenes: pairs of runs, single ones and three, drawn from populations whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from calibration import Pairs, Predictions
from factuality import Judgments, MultipleChoice
from veracal.report.runs_in_memory import RunInMemory

from ..coverage.populations import Population, draw
from .truths import Truth, truth_of_letters

Runs = list[RunInMemory]

# Rates of right, wrong and abstained answers, and the share of answers that both models give alike.
_RATES, _ALIKE = {"correct": 0.5, "incorrect": 0.35, "abstained": 0.15}, 0.6
_LAW, _N_SUBJECTS = 0.4, 10


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A page's runs, and what is true of them.

    Attributes
    ----------
    name : str
        What is drawn, in words.
    sizes : tuple of int
        Numbers of items.
    changed : bool
        Whether anything changes; without a change, or in one run, no direction of a change is true.
    runs : function of (int, Generator)
        Draws the runs of a page.
    truth : function
        What is true of them.
    groups : tuple of str
        Columns by which the page tells of groups.
    equal_accuracy : bool
        Whether the page compares the runs at equal accuracy too.
    """

    name: str
    sizes: tuple[int, ...]
    changed: bool = False
    runs: Callable[[int, np.random.Generator], Runs]
    truth: Callable[[], Truth]
    groups: tuple[str, ...] = ()
    equal_accuracy: bool = False


CALIBRATED, SURE = Population(), Population(temperatures=(0.6, 0.6))
_ACCURATE = Population(accuracy=0.99)
_STATED = Population(stated=(0.1, 0.3, 0.5, 0.7, 0.9))
_SHARPENED, _TURNED = Population(temperatures=(1.0, 0.6)), Population(temperatures=(0.7, 1.6))
_WORSE = Population(noise=(0.0, 0.7))


def scenes() -> Iterator[Scene]:
    """All scenes."""
    few, many = (20, 60, 200, 1_000), (20, 60, 200, 1_000, 14_042)
    yield Scene(name="a calibrated model twice", sizes=many, runs=_pair(CALIBRATED), truth=_of(CALIBRATED))
    yield Scene(name="an over-confident model twice", sizes=many, runs=_pair(SURE), truth=_of(SURE))
    yield Scene(name="a model right in 99 % twice", sizes=(60, 200, 1_000), runs=_pair(_ACCURATE), truth=_of(_ACCURATE))
    yield Scene(name="a run, and 3 % of its answers flipped", sizes=few, runs=_flipped, truth=_of(CALIBRATED))
    yield Scene(
        name="a calibrated model twice, ten subjects", sizes=(60, 200, 1_000), runs=_by_subject,
        truth=_of(CALIBRATED), groups=("subject",),
    )  # fmt: skip
    yield Scene(
        name="a calibrated model twice, at equal accuracy", sizes=(60, 200, 1_000), runs=_pair(CALIBRATED),
        truth=_of(CALIBRATED), equal_accuracy=True,
    )  # fmt: skip
    yield Scene(
        name="a calibrated model three times", sizes=(60, 200), runs=_three(CALIBRATED), truth=_of(CALIBRATED),
    )  # fmt: skip
    yield Scene(name="stated confidences three times", sizes=(60, 200), runs=_three(_STATED), truth=_of(_STATED))
    yield Scene(name="stated confidences twice", sizes=few, runs=_pair(_STATED), truth=_of(_STATED))
    yield Scene(name="a calibrated run alone", sizes=few, runs=_alone(CALIBRATED), truth=_of(CALIBRATED))
    yield Scene(
        name="a calibrated run alone, ten subjects", sizes=(60, 200, 1_000), runs=_one_by_subject,
        truth=_of(CALIBRATED),
    )  # fmt: skip
    yield Scene(name="answers of equal rates", sizes=few, runs=_answers, truth=_even)
    yield Scene(name="answers by likelihood, equal scores", sizes=few, runs=_likelihoods, truth=_even)
    for name, population in (
        ("changed: calibrated, then over-confident", _SHARPENED),
        ("changed: over-, then under-confident", _TURNED),
        ("changed: less accurate and less calibrated", _WORSE),
    ):
        sizes = (60, 200, 1_000, 14_042)
        yield Scene(name=name, sizes=sizes, changed=True, runs=_pair(population), truth=_of(population))


def _of(population: Population) -> Callable[[], Truth]:
    return lambda: truth_of_letters(population)


def _pair(population: Population) -> Callable[[int, np.random.Generator], Runs]:
    def runs(n_items: int, rng: np.random.Generator) -> Runs:
        return [*draw(population, n_items, rng).runs()]

    return runs


def _three(population: Population) -> Callable[[int, np.random.Generator], Runs]:
    """Two runs, and one that answers each item as one of them, by chance."""

    def runs(n_items: int, rng: np.random.Generator) -> Runs:
        drawn = draw(population, n_items, rng)
        first, second = drawn.stated
        mixed = np.where(rng.random(n_items)[:, None] < 0.5, first, second)
        return [*drawn.runs(), replace(drawn, stated=(mixed, mixed)).runs()[1]]

    return runs


def _alone(population: Population) -> Callable[[int, np.random.Generator], Runs]:
    def runs(n_items: int, rng: np.random.Generator) -> Runs:
        return [draw(population, n_items, rng).runs()[0]]

    return runs


def _flipped(n_items: int, rng: np.random.Generator) -> Runs:
    """A run, and one that sees some items anew, so that 3 % of its right and wrong answers are others.

    Of answers that are seen anew 42 % are right in one alone, for a model right in 70 %.
    """
    drawn = draw(replace(CALIBRATED, correlation=0.0), n_items, rng)
    anew = rng.random(n_items) < 0.03 / 0.42
    first, second = drawn.stated
    both = first, np.where(anew[:, None], second, first)
    return [*replace(drawn, stated=both).runs()]


def _with_subjects(run: Predictions | Pairs) -> Predictions:
    if not isinstance(run, Predictions):
        raise TypeError("subjects are those of runs of letters")
    names = [f"subject {number % _N_SUBJECTS}" for number in range(run.n_items)]
    return Predictions.from_arrays(run.log_probabilities, run.answer, subject=names)


def _by_subject(n_items: int, rng: np.random.Generator) -> Runs:
    return [_with_subjects(run) for run in draw(CALIBRATED, n_items, rng).runs()]


def _one_by_subject(n_items: int, rng: np.random.Generator) -> Runs:
    return [_with_subjects(draw(CALIBRATED, n_items, rng).runs()[0])]


def _even() -> Truth:
    rates = {**_RATES, "tempted": 0.0, "mc1": 0.5, "mc2": 0.5}
    return Truth(before=rates, after=rates)


def _answers(n_items: int, rng: np.random.Generator) -> Runs:
    """Graded answers of two models, some of them alike."""
    first, own = (rng.choice(list(_RATES), n_items, p=list(_RATES.values())) for _ in range(2))
    second = np.where(rng.random(n_items) < _ALIKE, first, own)
    category = np.where(rng.random(n_items) < _LAW, "law", "art")
    return [_graded(model, grades, category) for model, grades in (("one", first), ("two", second))]


def _graded(model: str, grades: np.ndarray, category: np.ndarray) -> Judgments:
    names = [f"question {number}" for number in range(len(grades))]
    return Judgments.from_frame(
        pl.DataFrame(
            {"question": names, "text": names, "response": names, "grade": grades.tolist(),
             "category": category.tolist(), "model": model, "ideal": names}
        )
    )  # fmt: skip


def _likelihoods(n_items: int, rng: np.random.Generator) -> Runs:
    """Scores by likelihood of two models, some of them alike."""
    first, own = rng.integers(0, 2, (2, n_items))
    second = np.where(rng.random(n_items) < _ALIKE, first, own)
    names = [f"question {number}" for number in range(n_items)]
    shared = {"question": names, "text": names, "category": "law", "adversarial": True, "primer": "none"}
    return [
        MultipleChoice(pl.DataFrame({**shared, "model": model, "variant": "mc1", "score": won.astype(np.float64)}))
        for model, won in (("one", first), ("two", second))
    ]
