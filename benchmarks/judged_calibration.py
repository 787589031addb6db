"""Coverage of calibration that is corrected by few labels, under graders that err.

python -m benchmarks.judged_calibration [--times 400] [--quick] prints the table of docs/factuality.md. Models are
calibrated, over-confident (with questions that they know and others that they do not), accurate or hardly ever right;
graders err alike, one way, where the model is sure, or alike on all answers to a question. Labels are drawn at random,
or chosen as `choose_to_label` chooses them. The truth is that of all answers to all questions, in ten equal bins.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from zlib import crc32

import numpy as np
from scipy.special import expit

from calibration.metrics.arrays import FloatArray, IntArray
from calibration.metrics.bins import assign_bins, bin_edges
from factuality.people.calibration_from_labels import calibration_from_labels
from factuality.people.labelling import stratified_sample

MEASURES = ("ece", "signed_gap", "brier")
SIZES = ((200, 1), (500, 1), (2000, 1), (70, 3), (60, 5), (400, 5))
N_LABELS = (30, 60, 200)


@dataclass(frozen=True)
class Model:
    """Answers: log-odds of the confidence, and of being right given that."""

    name: str
    mean: float
    spread: float
    shift: float
    slope: float
    by_question: float


@dataclass(frozen=True)
class GradedBy:
    """A grader: chance that it passes a right answer, and a wrong one, of a model that is not sure; how it errs."""

    name: str
    passes_right: float
    passes_wrong: float
    swayed: bool = False
    alike: bool = False


MODELS = (
    Model("calibrated", 0.5, 1.2, 0.0, 1.0, 0.0),
    Model("over-confident", 1.0, 1.2, -0.4, 0.5, 1.0),
    Model("accurate", 3.0, 1.0, 0.0, 1.0, 0.0),
    Model("hardly ever right", -1.0, 1.2, -1.5, 1.0, 0.5),
)
GRADERS = (
    GradedBy("never errs", 1.0, 0.0),
    GradedBy("95 % / 5 %", 0.95, 0.05),
    GradedBy("70 % / 2 %", 0.7, 0.02),
    GradedBy("98 % / 40 %", 0.98, 0.4),
    GradedBy("swayed by confidence", 0.85, 0.25, swayed=True),
    GradedBy("80 % / 20 %, by question", 0.8, 0.2, alike=True),
)


@dataclass(frozen=True)
class Answers:
    """Drawn answers."""

    confidence: FloatArray
    right: FloatArray
    judged: FloatArray
    question: IntArray


def draw(model: Model, grader: GradedBy, shape: tuple[int, int], rng: np.random.Generator) -> Answers:
    """Answers to questions of several each; half of the confidence is the question's."""
    known, own, hard = (
        rng.standard_normal((shape[0], 1)),
        rng.standard_normal(shape),
        rng.standard_normal((shape[0], 1)),
    )
    odds = model.mean + model.spread * (known + own) / np.sqrt(2)
    confidence = expit(odds)
    right = rng.random(shape) < expit(model.shift + model.slope * odds + model.by_question * hard)
    passes = np.where(right, grader.passes_right, grader.passes_wrong)
    if grader.swayed:
        sure = 2 * confidence - 1
        passes = np.where(right, passes + 0.9 * (1 - passes) * sure, passes * (1 + sure))
    chance = np.broadcast_to(rng.random((shape[0], 1)), shape) if grader.alike else rng.random(shape)
    judged = chance < np.clip(passes, 0, 1)
    question = np.repeat(np.arange(shape[0]), shape[1])
    one, two, three = (np.asarray(part, dtype=np.float64).ravel() for part in (confidence, right, judged))
    return Answers(one, two, three, question)


@cache
def truth(model: Model) -> dict[str, float]:
    """Each measure of two million answers."""
    answers = draw(model, GRADERS[0], (2_000_000, 1), np.random.default_rng(1))
    gap = answers.confidence - answers.right
    sums = np.bincount(assign_bins(answers.confidence, bin_edges(answers.confidence, bins=10)), weights=gap)
    values = {"ece": np.abs(sums).sum() / len(gap), "signed_gap": gap.mean(), "brier": np.square(gap).mean()}
    return {name: float(value) for name, value in values.items()}


@cache
def accuracies(model: Model) -> dict[float, float]:
    """Share of right answers in each bin of two million answers, by its lower edge."""
    answers = draw(model, GRADERS[0], (2_000_000, 1), np.random.default_rng(1))
    edges = bin_edges(answers.confidence, bins=10)
    index = assign_bins(answers.confidence, edges)
    count = np.maximum(np.bincount(index, minlength=10), 1)
    shares = np.bincount(index, weights=answers.right, minlength=10) / count
    return {float(edge): float(share) for edge, share in zip(edges, shares, strict=False)}


def sampled(
    answers: Answers, n_labels: int, rng: np.random.Generator, *, chosen: bool
) -> tuple[FloatArray, FloatArray]:
    """Labels of some answers, and their weights."""
    label, weight = np.full(len(answers.right), np.nan), np.ones(len(answers.right))
    if chosen:
        rows, _, weights = stratified_sample(answers.judged, n_labels, seed=int(rng.integers(2**31)))
        weight[rows] = weights
    else:
        rows = rng.choice(len(label), n_labels, replace=False)
    label[rows] = answers.right[rows]
    return label, weight


def cell(
    model: Model, grader: GradedBy, shape: tuple[int, int], n_labels: int, *, chosen: bool, times: int
) -> dict[str, list[tuple[float, float, float]]]:
    """Whether each printed interval held the truth, its width and the value, by number.

    Of the curve: the share of bins that held it, and their mean width.
    """
    rng = np.random.default_rng(crc32(f"{model.name} {grader.name} {shape} {n_labels} {chosen}".encode()))
    results: dict[str, list[tuple[float, float, float]]] = {}
    for _ in range(times):
        answers = draw(model, grader, shape, rng)
        label, weight = sampled(answers, n_labels, rng, chosen=chosen)
        calibration = calibration_from_labels(
            answers.confidence, answers.judged, label, weight=weight, question=answers.question
        )
        estimates = {
            **{f"corrected {name}": (calibration.corrected[name], name) for name in MEASURES},
            **{f"judged {name}": (calibration.judged[name], name) for name in MEASURES},
        }
        bins = calibration.curve.drop_nulls("low")
        held_in = [
            low <= accuracies(model)[lower] <= high for lower, low, high in bins.select("lower", "low", "high").rows()
        ]
        width = float((bins["high"] - bins["low"]).to_numpy().mean())
        results.setdefault("corrected curve", []).append((float(np.mean(held_in)), width, 0.0))
        for number, (estimate, name) in estimates.items():
            if estimate.known:
                held = float(estimate.low <= truth(model)[name] <= estimate.high)
                results.setdefault(number, []).append((held, estimate.high - estimate.low, estimate.value))
    return results


def cells(*, quick: bool) -> Iterator[tuple[Model, GradedBy, tuple[int, int], int, bool]]:
    """Every model and grader, in sizes and with labels that go round; all of them are many."""
    designs = [
        (shape, n_labels, chosen)
        for shape, n_labels, chosen in itertools.product(SIZES, N_LABELS, (False, True))
        if 2 * n_labels <= shape[0] * shape[1] + 100
    ]
    order = np.random.default_rng(0).permutation(len(designs))
    for number, (model, grader) in enumerate(itertools.product(MODELS, GRADERS)):
        for step in range(1 if quick else 4):
            yield model, grader, *designs[order[(number * 4 + step) % len(order)]]


def main() -> None:
    """Print a row a cell, then the least and mean coverage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=400, help="samples of a cell")
    parser.add_argument("--quick", action="store_true", help="one cell a model and grader")
    parser.add_argument("--only", type=int, nargs="*", help="numbers of graders")
    arguments = parser.parse_args()
    numbers = [f"{method} {name}" for name in MEASURES for method in ("corrected", "judged")] + ["corrected curve"]
    print("| model | grader | answers | labels | " + " | ".join(f"{number} | width" for number in numbers) + " |")
    print("| --- | --- | --- | --- |" + " --- | --- |" * len(numbers))
    coverages: dict[str, list[float]] = {number: [] for number in numbers}
    for model, grader, shape, n_labels, chosen in cells(quick=arguments.quick):
        if arguments.only and GRADERS.index(grader) not in arguments.only:
            continue
        results = cell(model, grader, shape, n_labels, chosen=chosen, times=arguments.times)
        texts = []
        for number in numbers:
            held, width, _ = np.mean(results[number], axis=0)
            coverages[number].append(held)
            texts.append(f"{held:.3f} | {width:.3f}")
        how = "chosen" if chosen else "random"
        row = (model.name, grader.name, f"{shape[0]} × {shape[1]}", f"{n_labels} {how}", *texts)
        print("| " + " | ".join(row) + " |", flush=True)
    print()
    print("| number | cells | least coverage | mean | under .93 |")
    print("| --- | --- | --- | --- | --- |")
    for number, values in coverages.items():
        under = sum(value < 0.93 for value in values)
        print(f"| {number} | {len(values)} | {min(values):.3f} | {np.mean(values):.3f} | {under} |")


if __name__ == "__main__":
    main()
