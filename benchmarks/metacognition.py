"""How often intervals of d′, meta-d′ and the M-ratio hold.

    nice -n 10 python -m benchmarks.metacognition [--times 400] [--hard] [--only TEXT] [--seed 0]

Two models answer the same items: evidence is normal around ±d′/2, the levels of confidence are cut from normal
evidence of sensitivity M × d′ on the side that was answered, so that any cuts have this meta-d′. Draws and fits are
made of many samples at once; each block fits its first sample anew as `metacognition` does, which must agree. Two
tables in Markdown go to stdout: of one model by n, d′ and criterion, with the least coverage over M-ratios (.5, .8, 1,
1.2) and 4 and 6 levels; of pairs and of clusters, a row each.
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from rich.console import Console
from scipy.special import ndtr, ndtri

from calibration.metrics.arrays import FloatArray, IntArray
from calibration.metrics.meta_d import RatedAnswers, filled_counts, fitted_meta_d
from calibration.metrics.rating_likelihood import cell_moves, rating_scores
from calibration.uncertainty.drawn_units import ITEMS, Sampling
from calibration.uncertainty.intervals import Interval
from calibration.uncertainty.metacognition import sensitivity_interval
from calibration.uncertainty.metacognition_changes import sensitivity_change
from calibration.uncertainty.sensitivity_limits import SENSITIVITIES, SensedAnswers

RATIOS, LEVELS = (0.5, 0.8, 1.0, 1.2), (4, 6)
SIZES, SENSITIVE, CRITERIA = (200, 1_000, 5_000), (0.7, 1.5, 2.5), (0.0, 0.5)
_LEAST_SENSITIVITY, _FEWEST_ERRORS, _STEPS, _LONGEST = 0.5, 20, 60, 2.0
# Of sparse tables the search of the package ends as far from the maximum, hundredths of a standard error.
_AGREE = 0.01


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model of signal detection: d′, its M-ratio, and its criterion in units of d′."""

    d_prime: float
    m_ratio: float = 0.8
    criterion: float = 0.0

    @property
    def truths(self) -> tuple[float, float, float]:
        """d′, meta-d′ and M-ratio."""
        return self.d_prime, self.d_prime * self.m_ratio, self.m_ratio


@dataclass(frozen=True, kw_only=True)
class Regime:
    """What is drawn.

    `shared` is the share of the noise that both models have in common, `alike` that of items of one cluster,
    `clusters` their numbers of items.
    """

    name: str
    n: int
    models: tuple[Model, ...]
    n_ratings: int = 4
    shared: float = 0.5
    clusters: tuple[int, ...] = ()
    alike: float = 0.3
    share: float = 0.5

    @property
    def cluster(self) -> IntArray | None:
        """Cluster of each item."""
        return np.repeat(np.arange(len(self.clusters)), self.clusters) if self.clusters else None


@dataclass
class Count:
    """Intervals printed, held, too high, too low, and their widths."""

    printed: int = 0
    above: int = 0
    below: int = 0
    widths: list[float] = field(default_factory=list)

    def add(self, interval: Interval, truth: float) -> None:
        """Count an interval."""
        if interval.known:
            self.printed += 1
            self.above += interval.low > truth
            self.below += interval.high < truth
            self.widths.append(interval.high - interval.low)

    @property
    def coverage(self) -> float:
        """Share of printed intervals that hold the truth; NaN if there are none."""
        return 1 - (self.above + self.below) / self.printed if self.printed else math.nan


def draw(regime: Regime, times: int, rng: np.random.Generator) -> tuple[IntArray, list[tuple[IntArray, FloatArray]]]:
    """Stimuli, shape (times, n), with answers and distances from the criterion of each model."""
    shape = (times, regime.n)
    stimulus = (rng.random(shape) < regime.share).astype(np.int64)
    side = stimulus - 0.5

    def noise() -> FloatArray:
        own = rng.standard_normal(shape)
        if regime.cluster is None:
            return own
        common = rng.standard_normal((times, len(regime.clusters)))[:, regime.cluster]
        return math.sqrt(regime.alike) * common + math.sqrt(1 - regime.alike) * own

    first, second = noise(), noise()
    answers = []
    for model in regime.models:
        mixed = [math.sqrt(regime.shared) * part + math.sqrt(1 - regime.shared) * noise() for part in (first, second)]
        response = (model.d_prime * side + mixed[0] > model.criterion * model.d_prime).astype(np.int64)
        meta, middle = model.truths[1], model.truths[1] * model.criterion
        below, depth = ndtr(middle - meta * side), ndtr(mixed[1])
        chance = np.where(response == 1, below + depth * (1 - below), (1 - depth) * below)
        answers.append((response, np.abs(meta * side + ndtri(np.clip(chance, 1e-15, 1 - 1e-15)) - middle)))
    return stimulus, answers


def sensed(
    stimulus: IntArray, response: IntArray, distance: FloatArray, n_ratings: int, sampling: Sampling
) -> list[SensedAnswers | None]:
    """Each sample's fit, None where it is refused."""
    levels = np.quantile(distance, np.arange(1, n_ratings) / n_ratings, axis=1).T
    rating = (distance[:, :, None] > levels[:, None, :]).sum(axis=2)
    column = np.where(response == 1, n_ratings + rating, n_ratings - 1 - rating)
    rated = [
        RatedAnswers(stimulus=shown, column=answered, n_ratings=n_ratings)
        for shown, answered in zip(stimulus, column, strict=True)
    ]
    counts = np.stack([filled_counts(answers.counts) for answers in rated])
    rates = ndtri(counts[:, :, n_ratings:].sum(axis=2) / counts.sum(axis=2))
    d_prime = rates[:, 1] - rates[:, 0]
    kept = ((stimulus != response).sum(axis=1) >= _FEWEST_ERRORS) & (d_prime >= _LEAST_SENSITIVITY)
    models: list[SensedAnswers | None] = [None] * len(rated)
    if not kept.any():
        return models
    parameters = maximum(counts[kept], rates[kept])
    moves = cell_moves(counts[kept], parameters)
    for row, index in enumerate(np.flatnonzero(kept)):
        models[index] = SensedAnswers(
            d_prime=float(d_prime[index]), meta_d=float(parameters[row, 0]), answers=rated[index], moves=moves[row],
            sampling=sampling,
        )  # fmt: skip
    alone = fitted_meta_d(rated[int(np.flatnonzero(kept)[0])].counts).meta_d
    if not math.isclose(alone, float(parameters[0, 0]), abs_tol=_AGREE):
        raise AssertionError(f"meta-d′ must be that of the package, {alone}, got {parameters[0, 0]}")
    return models


def maximum(counts: FloatArray, rates: FloatArray) -> FloatArray:
    """Parameters of the largest likelihood of each table, by scoring."""
    times, _, width = counts.shape
    n_ratings, size = width // 2, width - 1
    d_prime = rates[:, 1] - rates[:, 0]
    ratio = -rates.sum(axis=1) / 2 / d_prime
    summed = np.cumsum(counts[:, :, ::-1], axis=2)[:, :, -2::-1] / counts.sum(axis=2, keepdims=True)
    gaps = np.log(np.maximum(np.diff(-ndtri(summed).mean(axis=1), axis=1), 0.02))
    values = np.column_stack([d_prime, gaps[:, n_ratings - 2 :: -1], gaps[:, n_ratings - 1 :]])
    shown = np.repeat(counts.reshape(times, 2, 2, n_ratings).sum(axis=3), n_ratings, axis=2)
    chances, scores = rating_scores(values, ratio)
    best = (counts * chances).sum(axis=(1, 2))
    for _ in range(_STEPS):
        scores = scores[..., :size]
        pull = np.einsum("rsj,rsjp->rp", counts, scores)
        information = np.einsum("rsj,rsjp,rsjq->rpq", shown * np.exp(chances), scores, scores)
        step = np.linalg.solve(information + 1e-9 * np.eye(size), pull[..., None])[..., 0]
        step *= np.minimum(1, _LONGEST / np.abs(step).max(axis=1))[:, None]
        for _ in range(12):
            chances, scores = rating_scores(values + step, ratio)
            worse = (counts * chances).sum(axis=(1, 2)) < best - 1e-9
            if not worse.any():
                break
            step[worse] /= 2
        values = values + step
        best = (counts * chances).sum(axis=(1, 2))
        if np.abs(step).max() < 1e-8:
            break
    return values


def counted(regime: Regime, times: int, seed: int) -> dict[str, Count]:
    """Counts of a regime's intervals, by measure; of changes too if it has two models."""
    rng = np.random.default_rng([seed, *regime.name.encode()])
    sampling = ITEMS if regime.cluster is None else Sampling(clusters=regime.cluster, unit="clusters")
    counts = {name: Count() for name in [*SENSITIVITIES, *(f"change of {name}" for name in SENSITIVITIES)]}
    block = max(1, 1_000_000 // regime.n)
    for start in range(0, times, block):
        stimulus, answers = draw(regime, min(block, times - start), rng)
        models = [sensed(stimulus, *pair, regime.n_ratings, sampling) for pair in answers]
        for index, name in enumerate(SENSITIVITIES):
            for model in models[0]:
                if model is not None:
                    counts[name].add(sensitivity_interval(model, name, level=0.95), regime.models[0].truths[index])
            for pair in zip(*models, strict=True) if len(models) == 2 else ():
                if None not in pair:
                    truth = regime.models[1].truths[index] - regime.models[0].truths[index]
                    moved = sensitivity_change(pair[0], pair[1], name, level=0.95, tested=False)
                    counts[f"change of {name}"].add(moved, truth)
    return counts


def single_rows(times: int, seed: int, console: Console) -> Iterator[str]:
    """Rows of one model: least coverage over M-ratios and levels, share printed."""
    yield "| items | d′ | criterion | printed | d′ | meta-d′ | M-ratio | widths |"
    yield "|" + " --- |" * 8
    for n, d_prime, criterion in itertools.product(SIZES, SENSITIVE, CRITERIA):
        cells = []
        for ratio, n_ratings in itertools.product(RATIOS, LEVELS):
            model = Model(d_prime=d_prime, m_ratio=ratio, criterion=criterion)
            name = f"{n} {d_prime} {criterion} {ratio} {n_ratings}"
            cells.append(counted(Regime(name=name, n=n, models=(model,), n_ratings=n_ratings), times, seed))
        printed = min(cell["m_ratio"].printed for cell in cells) / times
        least = [min(cell[name].coverage for cell in cells) for name in SENSITIVITIES]
        widths = [np.median([np.median(cell[name].widths or [math.nan]) for cell in cells]) for name in SENSITIVITIES]
        texts = " | ".join(f"{value:.3f}" for value in least)
        yield f"| {n:,} | {d_prime} | {criterion * d_prime:g} | {printed:.2f} | {texts} | " + ", ".join(
            f"{width:.2f}" for width in widths
        ) + " |"  # fmt: skip
        console.print(f"{n} items, d′ {d_prime}, criterion {criterion}")


def hard_regimes() -> list[Regime]:
    """Pairs, few errors of a class, uneven classes, d′ near .5, and clusters."""

    def pair(first: Model, second: Model, n: int, name: str, **more: float) -> Regime:
        return Regime(name=name, n=n, models=(first, second), **more)  # type: ignore[arg-type]

    alone = [
        Regime(name="few errors of a class (2)", n=700, models=(Model(d_prime=2.6, criterion=0.5),)),
        Regime(name="few errors of a class (6)", n=300, models=(Model(d_prime=2.5, m_ratio=1.0, criterion=0.2),)),
        Regime(name="classes 20 : 80", n=300, models=(Model(d_prime=1.5, m_ratio=1.0, criterion=0.2),), share=0.2),
        Regime(name="d′ .5", n=200, models=(Model(d_prime=0.5),)),
        Regime(name="d′ .4", n=200, models=(Model(d_prime=0.4),)),
    ]
    pairs = [
        pair(Model(d_prime=0.7, m_ratio=1), Model(d_prime=0.7, m_ratio=1), 200, "same models"),
        pair(Model(d_prime=1.5), Model(d_prime=1.5), 200, "same models", n_ratings=6, shared=0.8),
        pair(Model(d_prime=1.5), Model(d_prime=1.5), 1_000, "same models", n_ratings=6, shared=0.95),
        pair(Model(d_prime=0.7), Model(d_prime=0.7), 1_000, "same models", shared=0.8),
        pair(Model(d_prime=2.5, m_ratio=1.0), Model(d_prime=1.5), 300, "d′ 2.5 → 1.5, M 1 → .8", n_ratings=6),
        pair(Model(d_prime=0.7, m_ratio=1.2), Model(d_prime=2.0, m_ratio=0.5), 300, "d′ .7 → 2, M 1.2 → .5"),
        pair(Model(d_prime=0.7, m_ratio=0.5), Model(d_prime=2.0, m_ratio=1.2), 300, "d′ .7 → 2, M .5 → 1.2"),
        pair(Model(d_prime=1.5, criterion=0.3), Model(d_prime=0.7), 1_000, "d′ 1.5 → .7, criterion .45 → 0"),
        pair(Model(d_prime=1.5), Model(d_prime=1.5, m_ratio=1.0), 5_000, "M .8 → 1"),
    ]
    uneven = tuple(int(size) for size in np.linspace(5, 95, 12))
    models = Model(d_prime=1.5), Model(d_prime=1.2, criterion=0.2)
    clusters = [
        Regime(name=name, n=sum(sizes), models=models, clusters=sizes, alike=alike)
        for name, sizes, alike in (
            ("10 clusters of 50", (50,) * 10, 0.3), ("12 clusters of 5 to 95", uneven, 0.3),
            ("12 clusters of 5 to 95, much alike", uneven, 0.6), ("20 clusters of 25", (25,) * 20, 0.3),
            ("50 clusters of 10", (10,) * 50, 0.6), ("100 clusters of 3", (3,) * 100, 0.5),
        )
    ]  # fmt: skip
    return [*alone, *pairs, *clusters]


def hard_rows(times: int, seed: int, console: Console, only: str = "") -> Iterator[str]:
    """Rows of hard regimes: coverage of the first model and of the change.

    Of those alone whose name has a text in it.
    """
    yield "| regime | items | printed | d′ | meta-d′ | M-ratio | change of d′ | of meta-d′ | of the M-ratio |"
    yield "|" + " --- |" * 9
    for regime in (regime for regime in hard_regimes() if only in regime.name):
        counts = counted(regime, times, seed)
        cells = " | ".join("" if math.isnan(count.coverage) else f"{count.coverage:.3f}" for count in counts.values())
        yield f"| {regime.name} | {regime.n:,} | {counts['m_ratio'].printed / times:.2f} | {cells} |"
        console.print(f"{regime.name}, {regime.n} items")


def main(argv: Sequence[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=400, help="samples of each regime")
    parser.add_argument("--hard", action="store_true", help="only the second table")
    parser.add_argument("--only", default="", help="text in the names of the regimes of the second table")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    console = Console(stderr=True)
    if not arguments.hard:
        print(*single_rows(arguments.times, arguments.seed, console), "", sep="\n")
    print(*hard_rows(arguments.times, arguments.seed, console, arguments.only), sep="\n")


if __name__ == "__main__":
    main()
