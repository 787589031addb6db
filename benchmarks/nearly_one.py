"""Width that a change of ECE needs between runs that are nearly one model, and what its interval has.

python -m benchmarks.nearly_one draws normal gaps with the covariance of runs of a population, before and after: a run
and itself at another temperature (correlation 1), or two models that see nearly the same. Each row has the share of
95 % intervals that held the truth, their mean width and the share with p < .05, without and with the limits from signs;
the width of a normal interval whose standard error is known; and a least width, than which no intervals that hold
everywhere are shorter on average. The mean width of an interval is the integral over all values of the chance that it
holds them (Pratt 1961, Length of confidence intervals). What has a value must be held in 95 %, so that the best test of
a mixture of such gaps against the true ones bounds that chance from below. Mixtures are gaps moved along random signs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
from scipy.special import logsumexp, softmax

from calibration.metrics.arrays import FloatArray
from calibration.metrics.bins import assign_bins, bin_edges
from calibration.uncertainty.absolute_gaps import Tails, absolute_gaps_change
from calibration.uncertainty.drawn_units import ITEMS
from calibration.uncertainty.gap_signs import likely_signs
from calibration.uncertainty.measures import ece_top

from .coverage.populations import Population, draw

PAIRS = (
    ((0.6, 0.42), 1.0), ((0.6, 0.63), 1.0), ((0.6, 0.78), 1.0), ((0.6, 1.0), 1.0), ((0.6, 0.54), 0.99),
    ((1.0, 0.7), 1.0), ((1.0, 1.05), 1.0), ((1.0, 1.0), 0.99),
)  # fmt: skip
ITEMS_OF_COVARIANCE, RAYS, DRAWS = 30_000, 600, 1_500
Signs = tuple[FloatArray, FloatArray]


def gaps_and_noise(population: Population, n_items: int) -> tuple[FloatArray, FloatArray, Signs]:
    """True gaps before and after, their covariance in samples of `n_items`, and the signs of the change."""
    drawn = draw(population, ITEMS_OF_COVARIANCE, np.random.default_rng(3))
    before, after = (ece_top(run) for run in drawn.runs())
    gaps = []
    for stated, chances, temperature in zip(drawn.stated, drawn.chances(), population.temperatures, strict=True):
        shares = softmax(stated, axis=1)
        top = np.arange(len(shares)), shares.argmax(axis=1)
        own = np.bincount(assign_bins(shares[top], bin_edges(shares[top])), shares[top] - chances[top], minlength=10)
        gaps.append(own / len(shares) * (temperature != 1))
    noise = before.noise(ITEMS, after) * ITEMS_OF_COVARIANCE / n_items
    return np.concatenate(gaps), noise, likely_signs(before.cells, after.cells, [None, None])


def changes(gaps: FloatArray) -> FloatArray:
    """Change of ECE of gaps before and after, shape (…, 2 n_bins) to (…,)."""
    sizes = np.abs(gaps).reshape(*gaps.shape[:-1], 2, -1).sum(axis=-1)
    return np.asarray(sizes[..., 1] - sizes[..., 0])


def roots_of(noise: FloatArray) -> FloatArray:
    """Matrix that makes noise of independent normal draws."""
    values, vectors = np.linalg.eigh(noise)
    known = values > 1e-8 * values.max()
    return np.asarray(vectors[:, known] * np.sqrt(values[known]))


def least_width(gaps: FloatArray, root: FloatArray, known: float) -> float:
    """Mean width that no intervals can have less than, if they hold in 95 % everywhere."""
    rng, k = np.random.default_rng(0), len(gaps) // 2
    families = []
    for moved in (root[:k], root[k:], root[k:] - root[:k]):
        error = np.linalg.norm(moved, axis=1)
        live = error > 1e-3 * np.linalg.norm(root, axis=1).max()
        families.append(rng.choice([-1.0, 1.0], (RAYS, live.sum())) @ (moved[live] / error[live, None]))
    rays = np.concatenate(families)
    rays /= np.linalg.norm(rays, axis=1)[:, None]
    steps = np.linspace(0, 7, 141)[1:]
    away = changes(gaps + steps[:, None, None] * (rays @ root.T)) - changes(gaps)
    noise = rng.standard_normal((DRAWS, root.shape[1]))
    values = np.linspace(-1.5 * known, 1.5 * known, 31)
    held = [0.95 if value == 0 else _held(away, value, rays, steps, noise) for value in values]
    return float(sum(held) * (values[1] - values[0]))


def _held(away: FloatArray, value: float, rays: FloatArray, steps: FloatArray, noise: FloatArray) -> float:
    """Least chance that an interval holds a change which is off the true one by a value."""
    reached = away * np.sign(value) >= abs(value)
    far = np.where(reached.any(axis=0), steps[reached.argmax(axis=0)], np.inf)
    rng, best = np.random.default_rng(1), 0.0
    for many in (20, 60, 200, 400):
        nearest = np.argsort(far)[:many]
        nearest = nearest[np.isfinite(far[nearest])]
        if len(nearest) == 0:
            return 0.0
        means = far[nearest, None] * rays[nearest]
        drawn = means[rng.integers(0, len(means), len(noise))] + rng.standard_normal(noise.shape)
        of_mixture, of_truth = (
            logsumexp(seen @ means.T - np.square(means).sum(axis=1) / 2, axis=1) for seen in (drawn, noise)
        )
        best = max(best, float(np.mean(of_truth >= np.quantile(of_mixture, 0.05))))
    return best


def line_of(population: Population, n_items: int, times: int) -> str:
    """What is counted of a pair, in a row of a table."""
    gaps, noise, signs = gaps_and_noise(population, n_items)
    root, rng, k, true = roots_of(noise), np.random.default_rng(1), len(gaps) // 2, float(changes(gaps))
    samples = gaps + rng.standard_normal((times, root.shape[1])) @ root.T
    known = 3.92 * float(changes(samples).std())
    cells = []
    for given in (None, signs):
        limits = [
            absolute_gaps_change(seen[:k], seen[k:], noise, Tails(level=0.95, units=n_items), seed=0, signs=given)
            for seen in samples
        ]
        held = np.mean([one.low <= true <= one.high for one in limits])
        shown = np.mean([one.p_value < 0.05 for one in limits])
        cells.append(f"{held:.3f}, {np.mean([one.high - one.low for one in limits]):.3f}, {shown:.2f}")
    first, second = population.temperatures
    start = f"| {first:g} → {second:g}, {population.correlation:g} | {n_items:,} | {true:+.3f}"
    return f"{start} | {' | '.join(cells)} | {known:.3f} | {least_width(gaps, root, known):.3f} |"


def main(argv: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200, help="samples of each pair")
    parser.add_argument("--sizes", type=int, nargs="*", default=[200, 1_000])
    arguments = parser.parse_args(argv)
    print("| temperatures, correlation | items | change | without signs | with signs | known σ | least |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for n_items in arguments.sizes:
        for temperatures, correlation in PAIRS:
            population = Population(temperatures=temperatures, correlation=correlation)
            print(line_of(population, n_items, arguments.times), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
