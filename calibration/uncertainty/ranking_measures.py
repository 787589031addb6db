"""Measures of how confidence ranks answers: AUROC, AURC, AUGRC."""

from __future__ import annotations

import numpy as np

from ..errors import UndefinedMeasure
from ..metrics import risk_coverage
from ..metrics.arrays import FloatArray
from ..metrics.ranking import placements
from .few_errors import fewest
from .kinds.mean_like import MeanLike
from .kinds.rare_errors import RankErrors
from .measured_runs import HasTop, refuse_weights
from .measures import accuracy


def auroc(run: HasTop) -> MeanLike:
    """AUROC, with DeLong's influences."""
    if run.weights is not None:
        return _weighted_auroc(run, run.weights)
    won = placements(run.confidence, run.correct)
    value = float(won[run.correct].mean())
    # Each item's centred component, weighted so that both classes count alike. DeLong's variances are those of two
    # samples, with one less than the size of the class in the denominator; the standard error of a mean has n − 1 in
    # its own.
    n_right = int(run.correct.sum())
    size = np.where(run.correct, n_right, run.n_items - n_right)
    if size.min() < 2:
        raise UndefinedMeasure(f"an interval needs at least two right and two wrong answers, got {n_right} right")
    influence = (won - value) * np.sqrt(run.n_items * (run.n_items - 1) / (size * (size - 1.0)))
    count = float(_fewest_of_a_class(run, size.min()))
    return _of_ranks(run, value, influence, count)


def _fewest_of_a_class(run: HasTop, size: int) -> int:
    """Number of right or of wrong answers, or of their clusters.

    Whichever is less.
    """
    if run.units is None:
        return size
    return min(len(np.unique(run.units[run.correct == right])) for right in (True, False))


def _weighted_auroc(run: HasTop, weight: FloatArray) -> MeanLike:
    r"""AUROC of weighted answers.

    The share of weight :math:`w_i w_j` of pairs in which the right answer has more confidence. An answer's influence is
    :math:`w_i n / W` times its placement's distance from it, with *W* the weight of its class, and as much larger as
    the variances of samples are: DeLong's for equal weights.
    """
    won = placements(run.confidence, run.correct, weight)
    value = float(np.average(won[run.correct], weights=weight[run.correct]))
    n_right = int(run.correct.sum())
    size = np.where(run.correct, n_right, run.n_items - n_right)
    if size.min() < 2:
        raise UndefinedMeasure(f"an interval needs at least two right and two wrong answers, got {n_right} right")
    mass = np.where(run.correct, weight[run.correct].sum(), weight[~run.correct].sum())
    of_samples = np.sqrt(size / (size - 1.0) * (run.n_items - 1) / run.n_items)
    influence = (won - value) * weight * run.n_items / mass * of_samples
    count = float(_fewest_of_a_class(run, size.min()))
    return _of_ranks(run, value, influence, count)


def aurc(run: HasTop) -> MeanLike:
    """Area under the risk–coverage curve."""
    refuse_weights(run, "a few heavy answers would be its first ranks, and decide it; AUGRC has a weighted form")
    value = risk_coverage.aurc(run.confidence, run.correct)
    influence = risk_coverage.aurc_influence(run.confidence, run.correct)
    return _of_ranks(run, value, influence, run.n_items, swap=1.0)  # the two surest may change places


def augrc(run: HasTop) -> MeanLike:
    """Area under the generalised risk–coverage curve."""
    if run.weights is not None:
        return _weighted_augrc(run, run.weights)
    value = risk_coverage.augrc(run.confidence, run.correct)
    influence = risk_coverage.augrc_influence(run.confidence, run.correct)
    return _of_ranks(run, value, influence, run.n_items, as_mean=True)


def _weighted_augrc(run: HasTop, weight: FloatArray) -> MeanLike:
    """AUGRC of weighted answers, from its identity in AUROC and accuracy."""
    ranks, right = _weighted_auroc(run, weight), accuracy(run)
    lost, share = 1 - ranks.value, right.value
    slope = lost * (1 - 2 * share) - (1 - share)
    influence = -share * (1 - share) * ranks.influence + slope * right.influence
    value = lost * share * (1 - share) + (1 - share) ** 2 / 2
    return _of_ranks(run, value, influence, run.n_items)


def _of_ranks(
    run: HasTop,
    value: float,
    influence: FloatArray,
    count: float,
    *,
    as_mean: bool = False,
    swap: float | None = None,
) -> MeanLike:
    """A measure of ranks, whose noise is that of an unbounded logit.

    If two neighbours change places, the influence of either moves by `swap`, or by their share of its class.
    """
    if swap is None:
        swap = 1 / max(fewest(run.correct), 1)
    return MeanLike(
        value=value,
        influence=influence,
        scale="logit",
        count=count,
        bounds=(0.0, 1.0),
        weighted=run.weights is not None,
        errors=RankErrors(run.correct, as_mean=as_mean, confidence=run.confidence, swap=swap),
    )
