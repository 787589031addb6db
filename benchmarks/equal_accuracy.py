"""Changes of calibration between models of unequal accuracy, in samples from populations whose truth is known.

    python -m benchmarks.equal_accuracy [--times 200] [--sizes 200 1000]

Two models of accuracy .56 and .78 are calibrated, or their logits are twice as large as calibrated ones (temperature
.5). *letters*: four options, and each model knows how hard an item is. *on average*: one confidence an item, and
neither knows more of the item's difficulty than its signal tells, so that each is calibrated over all items and not
over hard ones. A table in Markdown goes to stdout: the mean estimate of each change, how often its interval held the
truth, and how often p < .05.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rich.console import Console
from scipy.special import expit, logit
from scipy.stats import norm

from calibration import Pairs, Predictions, change
from calibration.analysis.equal_accuracy import standardised_curves
from calibration.analysis.standardised_curves import StandardisedCurve
from calibration.predictions.scored_runs import take_rows
from calibration.uncertainty.changes import Change, measure_change
from calibration.uncertainty.measure_table import MEASURES

from .coverage.populations import Population

ACCURACIES = (0.56, 0.78, 0.66)
"""Of the model before, of that after, and of the third one."""
TEMPERATURES = ((1.0, 1.0), (1.0, 0.5), (0.5, 0.5))
# Items of the sample that stands for the population, and what a model on average sees and shares of an item.
_POPULATION, _SEEN, _SHARED = 200_000, 0.6, 0.6

AnyRun = Predictions | Pairs
Draw = Callable[[int, tuple[float, float], np.random.Generator], tuple[AnyRun, AnyRun, AnyRun]]


def letters(n_items: int, temperatures: tuple[float, float], rng: np.random.Generator) -> tuple[AnyRun, AnyRun, AnyRun]:
    """Runs before and after and a third one, each of four letters an item, that know how hard items are."""
    answer, clear = rng.integers(0, 4, n_items), np.exp(0.5 * rng.standard_normal(n_items))
    right = np.arange(4) == answer[:, None]
    runs = []
    for accuracy, temperature in zip(ACCURACIES, (*temperatures, 1.0), strict=True):
        signal = (Population(accuracy=accuracy).signal * clear)[:, None]
        seen = signal * (signal * right + rng.standard_normal((n_items, 4)))
        runs.append(Predictions.from_arrays(logits=seen / temperature, answer=answer))
    return runs[0], runs[1], runs[2]


def on_average(
    n_items: int, temperatures: tuple[float, float], rng: np.random.Generator
) -> tuple[AnyRun, AnyRun, AnyRun]:
    """Runs before and after and a third one, each of a confidence that is calibrated over all items alone.

    An answer is right where a normal margin is above 0, of which items share a part; the model sees a part of it.
    """
    hard = rng.standard_normal(n_items)
    runs = []
    for accuracy, temperature in zip(ACCURACIES, (*temperatures, 1.0), strict=True):
        margin = np.sqrt(_SHARED) * hard + np.sqrt(1 - _SHARED) * rng.standard_normal(n_items)
        seen = _SEEN * margin + np.sqrt(1 - _SEEN**2) * rng.standard_normal(n_items)
        mean = norm.ppf(accuracy)
        honest = norm.cdf((mean + _SEEN * seen) / np.sqrt(1 - _SEEN**2))
        confidence = expit(logit(np.clip(honest, 1e-9, 1 - 1e-9)) / temperature)
        runs.append(Pairs.from_arrays(confidence, mean + margin > 0))
    return runs[0], runs[1], runs[2]


POPULATIONS: dict[str, Draw] = {"letters": letters, "on average": on_average}


@dataclass(kw_only=True)
class Tally:
    """What became of a change in all samples.

    Attributes
    ----------
    truth : float
        The population's change.
    values : list of float
        Estimates.
    printed, held, shown : int
        Intervals, those that hold the truth, and p-values below .05.
    """

    truth: float = float("nan")
    values: list[float] = field(default_factory=list)
    printed: int = 0
    held: int = 0
    shown: int = 0

    def add(self, estimate: Change | float) -> None:
        """Count an estimate, with its interval if it has one."""
        if not isinstance(estimate, Change):
            self.values.append(estimate)
            return
        self.values.append(estimate.value)
        self.printed += estimate.known
        self.held += estimate.low <= self.truth <= estimate.high
        self.shown += estimate.p_value < 0.05

    @property
    def cell(self) -> str:
        """The mean, and of intervals how many held the truth and showed a change."""
        mean = f"{np.mean(self.values):+.3f}"
        return f"{mean}, {self.held / self.printed:.3f}, {self.shown / self.printed:.2f}" if self.printed else mean


def estimates(runs: Sequence[AnyRun], *, with_intervals: bool = True) -> Iterator[tuple[str, str, Any]]:
    """Measure, way of comparing and change, from runs before and after and a third one."""
    first, second, third = runs
    same = np.flatnonzero(first.correct == second.correct)
    alike = take_rows(first, same), take_rows(second, same)
    for key in ("signed_gap", "ece_top"):
        yield key, "same outcome", _plain(*alike, key)
        yield key, "all items", _plain(first, second, key)
    for way, difficulty in (("equally hard", None), ("with a third run", third)):
        curves = standardised_curves(first, second, difficulty=difficulty)
        for key, measures in (
            ("signed_gap", [curve.signed_gap for curve in curves]), ("ece_top", [curve.ece for curve in curves])
        ):  # fmt: skip
            value = measures[1].value - measures[0].value
            yield key, way, measure_change(measures[0], measures[1], first.subject) if with_intervals else value
        if difficulty is not None:
            before, after = (_weighed_gap(curve) for curve in curves)
            yield "signed_gap", "third run, without the curve", after - before
    if isinstance(first, Predictions):
        for key in ("ece_choices", "temperature"):
            yield key, "all items", change(first, second, key) if with_intervals else _plain(first, second, key)


def _plain(first: AnyRun, second: AnyRun, key: str) -> float:
    return MEASURES[key](second).value - MEASURES[key](first).value


def _weighed_gap(curve: StandardisedCurve) -> float:
    """Signed gap of the weighed items themselves, which their difficulty has chosen."""
    return curve.mean(curve.run.confidence - curve.run.correct)


WAYS = ("same outcome", "all items", "third run, without the curve", "equally hard", "with a third run")


def table(times: int, sizes: Sequence[int], seed: int, console: Console) -> str:
    """The table in Markdown."""
    lines = ["| population, temperatures | items | measure | truth | " + " | ".join(WAYS) + " |"]
    lines.append("|" + " --- |" * (4 + len(WAYS)))
    for name, draw in POPULATIONS.items():
        for temperatures in TEMPERATURES:
            calibrated = temperatures == (1.0, 1.0)
            whole = {
                (key, way): 0.0 if calibrated else value
                for key, way, value in estimates(
                    draw(_POPULATION, temperatures, np.random.default_rng([seed, 1])), with_intervals=False
                )
            }
            for n_items in sizes:
                tallies = {cell: Tally(truth=value) for cell, value in whole.items()}
                rng = np.random.default_rng([seed, 2, n_items])
                for _ in range(times):
                    for key, way, estimate in estimates(draw(n_items, temperatures, rng)):
                        tallies[key, way].add(estimate)
                lines += _rows(f"{name}, {temperatures[0]:g} → {temperatures[1]:g}", n_items, tallies)
                console.print(f"{name}, {temperatures}, {n_items} items")
    return "\n".join(lines)


def _rows(name: str, n_items: int, tallies: dict[tuple[str, str], Tally]) -> Iterator[str]:
    for key in dict.fromkeys(key for key, _ in tallies):
        truth = tallies.get((key, "equally hard"), tallies[key, "all items"]).truth
        cells = [tallies[key, way].cell if (key, way) in tallies else "" for way in WAYS]
        yield f"| {name} | {n_items:,} | `{key}` | {truth:+.3f} | " + " | ".join(cells) + " |"


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200, help="samples of each population")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1_000], help="items of a sample")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    print(table(arguments.times, arguments.sizes, arguments.seed, Console(stderr=True)))


if __name__ == "__main__":
    main()
