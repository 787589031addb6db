"""How often intervals over few groups hold where groups are skewed, and so many items each that they have no noise.

python -m benchmarks.skewed_groups draws groups with a sharpness of their own, as the simulation of docs/simulation.md
does, and counts 95 % intervals of the mean of their values: Student's t, and what is printed for clusters of the run
(`mean_interval`). The last column is the interval of the standard deviation between groups that inverts a χ²
distribution, as Viechtbauer's does without noise. The table stands in docs/statistics.md; --write puts it there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.special import softmax, stdtrit
from scipy.stats import chi2

from calibration.metrics.arrays import FloatArray
from calibration.uncertainty.drawn_units import Sampling
from calibration.uncertainty.standard_errors import mean_interval, standard_error

from .coverage.populations import CLUSTER_EFFECT, Layout, Population, draw, predicted, shares
from .marked_tables import with_table

DOCUMENT = Path(__file__).parents[1] / "docs" / "statistics.md"
MARKS = {"begin": "<!-- skewed groups -->", "end": "<!-- end of skewed groups -->"}
POPULATIONS = (Population(), Population(accuracy=0.97), Population(n_options=26, accuracy=0.9, spread=0.2))
LAYOUTS: tuple[Layout, ...] = ("ten even", "ten uneven", "57 uneven")
# Sharpness of groups as its logarithm in standard deviations, at which values are computed, and items of each value.
_STEPS, _ITEMS = np.linspace(-5, 5, 41), 60_000
# Items of a sample: their number tells the sizes of the clusters alone.
_SAMPLE = 2_000


def values_of_groups(population: Population) -> dict[str, FloatArray]:
    """Signed gap and Brier score of a group by its sharpness, shape (n_steps,)."""
    drawn = draw(population, _ITEMS, np.random.default_rng(7))
    chances = softmax(drawn.seen[0], axis=1)
    gaps, losses = [], []
    for step in _STEPS:
        stated = softmax(drawn.seen[0] * np.exp(CLUSTER_EFFECT * step), axis=1)
        hit = chances[np.arange(_ITEMS), predicted(stated)]
        gaps.append((stated.max(axis=1) - hit).mean())
        losses.append(((stated**2).sum(axis=1) - 2 * (chances * stated).sum(axis=1) + 1).mean())
    return {"signed gap": np.array(gaps), "Brier score": np.array(losses)}


def coverages(values: FloatArray, layout: Layout, times: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Shares of samples whose intervals hold: Student's t, the printed one, that of the standard deviation."""
    density = np.exp(-(_STEPS**2) / 2)
    true = float(np.average(values, weights=density))
    spread = float(np.sqrt(np.average((values - true) ** 2, weights=density)))
    share = shares(layout)
    group = np.searchsorted(np.cumsum(share)[:-1], (np.arange(_SAMPLE) + 0.5) / _SAMPLE, side="right")
    sampling = Sampling(clusters=group)
    far = stdtrit(sampling.mean_freedom, 0.975)
    ends = np.sqrt((len(share) - 1) / chi2.ppf([0.975, 0.025], len(share) - 1))
    held = np.zeros(3)
    for _ in range(times):
        drawn = np.interp(rng.standard_normal(len(share)), _STEPS, values)
        items = drawn[group]
        mean, influence = float(items.mean()), items - items.mean()
        printed = mean_interval(mean, influence, sampling, level=0.95)
        low, high = ends * drawn.std(ddof=1)
        held += [
            abs(mean - true) <= far * standard_error(influence, sampling),
            printed.low <= true <= printed.high,
            low <= spread <= high,
        ]
    student, whole, between = held / times
    return float(student), float(whole), float(between)


def rows(times: int, seed: int) -> Iterator[str]:
    """The table, line by line."""
    yield "| model | measure | skewness | groups | Student's t | printed | χ² of the standard deviation |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    density = np.exp(-(_STEPS**2) / 2)
    rng = np.random.default_rng(seed)
    for population in POPULATIONS:
        for measure, values in values_of_groups(population).items():
            away = values - np.average(values, weights=density)
            second, third = (np.average(away**power, weights=density) for power in (2, 3))
            model = f"{population.n_options} options, accuracy {population.accuracy:g}"
            for layout in LAYOUTS:
                counted = " | ".join(f"{share:.3f}" for share in coverages(values, layout, times, rng))
                yield f"| {model} | {measure} | {third / second**1.5:.1f} | {layout} | {counted} |"


def main(argv: Sequence[str] | None = None) -> None:
    """Count, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=2_000, help="samples of a row")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="put the table into docs/statistics.md")
    arguments = parser.parse_args(argv)
    table = "\n".join(rows(arguments.times, arguments.seed))
    print(table)
    if arguments.write:
        DOCUMENT.write_text(with_table(DOCUMENT.read_text(), table, **MARKS))


if __name__ == "__main__":
    main(sys.argv[1:])
