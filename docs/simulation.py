"""Coverage of every interval that is offered, on populations whose truth is known.

python docs/simulation.py [--times 2000] prints the tables of docs/simulation.md.

A population is a million items with letters and answers; its own value of a measure, in its own bins, is the truth. A
run is a sample of its items with replacement (or of its subjects, whole), and goes through the functions behind
`estimate`. Of a model that is calibrated the million's ECE is not quite 0: about 0.0005.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from scipy.special import log_softmax

from calibration import Predictions, spiegelhalter_test
from calibration.metrics.arrays import FloatArray, IntArray
from calibration.uncertainty.changes import measure_change
from calibration.uncertainty.drawn_units import ITEMS, Sampling
from calibration.uncertainty.estimates import Estimate, measure_estimate
from calibration.uncertainty.kinds.binned import Binned, SmoothECE
from calibration.uncertainty.kinds.mean_like import MeanLike
from calibration.uncertainty.kinds.protocol import Measure
from calibration.uncertainty.kinds.share import Share
from calibration.uncertainty.kinds.squared import Squared, squared, squared_error
from calibration.uncertainty.measure_table import MEASURES
from calibration.uncertainty.noise_floor import NullECE, null_distribution
from calibration.uncertainty.squared_error_intervals import SquaredError

POPULATION, SUBJECTS = 1_000_000, 4_000
SIZES = (200, 1_000, 14_042)
MEANS = ("accuracy", "signed_gap", "brier", "nll", "auroc", "debiased_ce2", "debiased_ce2_choices")
ECES = ("ece_top", "ece_choices", "smooth_ece")
CHANGES = (*MEANS, *ECES)
# Name -> scale of the logits, power of the confidence that accuracy follows.
REGIMES = {
    "calibrated": (1.5, 1.0),
    "c^1.1": (1.5, 1.1),
    "c²": (1.5, 2.0),
    "saturated": (1.5, 1.0),
    "discrete": (1.5, 1.0),
    "discrete, c^1.1": (1.5, 1.1),
}


def population(regime: str, n_items: int, rng: np.random.Generator, shift: FloatArray | None = None) -> Predictions:
    """Items of a regime; `shift` (n_items,) moves the power of each."""
    scale, power = REGIMES[regime]
    logits = rng.normal(size=(n_items, 4)) * scale
    if regime.startswith("discrete"):
        patterns = np.log(
            [[0.97, 0.01, 0.01, 0.01], [0.7, 0.1, 0.1, 0.1], [0.55, 0.35, 0.05, 0.05], [0.4, 0.3, 0.2, 0.1]]
        )
        logits = patterns[rng.integers(0, len(patterns), n_items)]
    sure = rng.random(n_items) < 0.5 if regime == "saturated" else np.zeros(n_items, dtype=bool)
    logits[sure] = [50.0, 0.0, 0.0, 0.0]  # the other letters have 2e-22: confidence is exactly 1
    probabilities = np.exp(log_softmax(logits, axis=1))
    top, rows = probabilities.argmax(axis=1), np.arange(n_items)
    confidence = probabilities[rows, top]
    right = confidence ** (power if shift is None else power * np.exp(shift))
    right[sure] = 0.9
    others = probabilities.copy()
    others[rows, top] = 0
    others /= others.sum(axis=1, keepdims=True)
    other = (rng.random(n_items)[:, None] > others.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return Predictions.from_arrays(logits, np.where(rng.random(n_items) < right, top, other))


def sample(measure: Measure, rows: IntArray) -> Measure:
    """The measure on some of the population's items."""
    match measure:
        case Share():
            return Share(measure.credit[rows])
        case MeanLike():
            values = measure.value + measure.influence[rows]
            return replace(measure, value=float(values.mean()), influence=values - values.mean())
        case SmoothECE():
            cells = measure.cells.take(rows)
            return replace(measure, cells=cells, exact=float(measure.of_gaps(cells.gaps[None, :])[0]))
        case Binned():
            return replace(measure, cells=measure.cells.take(rows))
        case Squared():
            return squared(measure.cells.take(rows))
        case _:
            raise TypeError(f"no sample of a {type(measure).__name__}")


def covered(
    measure: Measure, draws: Iterator[tuple[IntArray, Sampling]], run: Predictions, times: int
) -> tuple[float, float, float]:
    """Bias, coverage of 95 % intervals and rate of p-values below 0.05 over samples of a population."""
    # The million's squared error, without its noise, may come out below 0 where it is 0.
    truth = max(measure.value, 0.0) if isinstance(measure, Squared) else measure.value
    values, hits, rejected = [], 0, 0
    for rows, sampling in itertools.islice(draws, times):
        part = sample(measure, rows)
        if isinstance(part, Squared):  # also where an estimate below 0 has no interval around it
            found: Estimate | SquaredError = squared_error([part], sampling, level=0.95)
        else:
            found = measure_estimate(part, _null(part, run, rows), sampling)
        values.append(found.value)
        hits += found.low <= truth <= found.high
        rejected += found.p_value is not None and found.p_value < 0.05
    return float(np.mean(values)) - truth, hits / times, rejected / times


def _null(measure: Measure, run: Predictions, rows: IntArray) -> NullECE | None:
    if not isinstance(measure, Binned) or measure.view is None:
        return None
    return null_distribution(run.probabilities[rows], run.answer[rows], run.present[rows], view=measure.view)


def of_items(n_population: int, n_items: int, rng: np.random.Generator) -> Iterator[tuple[IntArray, Sampling]]:
    """Samples of items."""
    while True:
        yield rng.integers(0, n_population, n_items), ITEMS


def of_subjects(subject: IntArray, n_subjects: int, rng: np.random.Generator) -> Iterator[tuple[IntArray, Sampling]]:
    """Samples of whole subjects; `subject` is sorted."""
    edges = np.searchsorted(subject, np.arange(subject[-1] + 2))
    while True:
        drawn = rng.integers(0, len(edges) - 1, n_subjects)
        rows = [np.arange(edges[k], edges[k + 1]) for k in drawn]
        yield np.concatenate(rows), Sampling(clusters=np.repeat(np.arange(n_subjects), [len(part) for part in rows]))


def header(first: str, keys: Sequence[str]) -> Iterator[str]:
    """The head of a Markdown table."""
    yield f"| truth | {first} | " + " | ".join(keys) + " |"
    yield "| --- | --- |" + " --- |" * len(keys)


def table(regimes: Sequence[str], sizes: Sequence[int], keys: Sequence[str], times: int) -> Iterator[str]:
    """Markdown: bias and coverage by regime and number of items."""
    yield from header("items", keys)
    for regime in regimes:
        rng = np.random.default_rng(0)
        run = population(regime, POPULATION, rng)
        measures = {key: sample(MEASURES[key](run), np.arange(POPULATION)) for key in keys}
        for n_items in sizes:
            # Large samples cost more and their means are known better.
            few = times if n_items < 10_000 else times // 2
            found = [covered(measure, of_items(POPULATION, n_items, rng), run, few) for measure in measures.values()]
            yield _row(regime, f"{n_items:,}", [f"{bias:+.4f}, {rate:.3f}" for bias, rate, _ in found])


def clustered_table(keys: Sequence[str], times: int) -> Iterator[str]:
    """Markdown: the same for 57 subjects drawn whole, each with a shift of its own."""
    yield from header("subjects × items", keys)
    for regime, mean_size in itertools.product(("calibrated", "c²", "saturated"), (18, 246)):
        rng = np.random.default_rng(1)
        subject = subjects(mean_size, rng)
        run = population(regime, len(subject), rng, 0.5 * rng.normal(size=SUBJECTS)[subject])
        few = times if mean_size < 100 else times // 2
        found = [covered(MEASURES[key](run), of_subjects(subject, 57, rng), run, few) for key in keys]
        yield _row(regime, f"57 × {mean_size}", [f"{bias:+.4f}, {rate:.3f}" for bias, rate, _ in found])


def subjects(mean_size: int, rng: np.random.Generator) -> IntArray:
    """Subject of each item, sorted; sizes vary as much as those of MMLU."""
    size = 5 + rng.poisson(rng.gamma(1.5, (mean_size - 5) / 1.5, SUBJECTS))
    return np.repeat(np.arange(SUBJECTS), size)


def changes_table(keys: Sequence[str], times: int) -> Iterator[str]:
    """Markdown: coverage for the change from a calibrated model to a noisier and sharper one on the same items."""
    yield from header("items", keys)
    for name, sharper, noisier in (("none", 1.0, 0.3), ("slight", 1.1, 0.3), ("large", 2.0, 0.3)):
        rng = np.random.default_rng(3)
        before = population("calibrated", POPULATION, rng)
        # The same questions, answered by a model that knows other things and is surer.
        logits = sharper * (np.log(before.probabilities) + noisier * rng.normal(size=(POPULATION, 4)))
        after = Predictions.from_arrays(logits, before.answer)
        pairs = {key: (MEASURES[key](before), MEASURES[key](after)) for key in keys}
        subject = np.zeros(POPULATION, dtype=np.str_)
        for n_items in SIZES:
            few = times if n_items < 10_000 else times // 2
            cells = []
            for left, right in pairs.values():
                hits = 0
                for rows, _ in itertools.islice(of_items(POPULATION, n_items, rng), few):
                    found = measure_change(sample(left, rows), sample(right, rows), subject[rows])
                    hits += found.low <= right.value - left.value <= found.high
                cells.append(f"{hits / few:.3f}")
            yield _row(name, f"{n_items:,}", cells)


def rejections(times: int) -> Iterator[str]:
    """Markdown: how often tests at 5 % reject models that are calibrated."""
    keys = ("signed_gap", "debiased_ce2", "debiased_ce2_choices", *ECES)
    yield from header("items", (*keys, "Spiegelhalter's"))
    for regime, n_items in itertools.product(("calibrated", "discrete"), (200, 1_000)):
        rng = np.random.default_rng(2)
        run = population(regime, POPULATION, rng)
        found = [covered(MEASURES[key](run), of_items(POPULATION, n_items, rng), run, times)[2] for key in keys]
        drawn = (rows for rows, _ in itertools.islice(of_items(POPULATION, n_items, rng), times))
        tests = [spiegelhalter_test(run.confidence[rows], run.correct[rows]).p_value < 0.05 for rows in drawn]
        yield _row(regime, f"{n_items:,}", [f"{rate:.3f}" for rate in (*found, float(np.mean(tests)))])


def _row(regime: str, size: str, cells: Sequence[str]) -> str:
    return f"| {regime} | {size} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print every table, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=2000, help="samples of a cell")
    tables: dict[str, tuple[str, Callable[[int], Iterator[str]]]] = {
        "means": (
            "Means, and the debiased squared error: bias, coverage of the 95 % interval",
            lambda times: table(list(REGIMES), SIZES, MEANS, times),
        ),
        "subjects": ("New subjects", lambda times: clustered_table(MEANS, times)),
        "eces": ("ECE and smooth ECE: bias, coverage", lambda times: table(list(REGIMES), SIZES, ECES, times // 2)),
        "eces-subjects": ("New subjects, ECE", lambda times: clustered_table(ECES, times // 2)),
        "changes": ("Changes: coverage", lambda times: changes_table(CHANGES, times)),
        "tests": ("Rejections of calibrated models at 5 %", rejections),
    }
    parser.add_argument("--tables", nargs="*", choices=list(tables), default=list(tables), metavar="NAME")
    arguments = parser.parse_args()
    for name in arguments.tables:
        title, lines = tables[name]
        print(f"\n**{title}**\n")
        for line in lines(arguments.times):
            print(line, flush=True)


if __name__ == "__main__":
    main()
