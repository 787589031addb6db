"""Does confidence rank right answers above wrong ones?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UndefinedMeasure
from .ties import level_ties, tied_order
from .validation import confidence_pair


def auroc(confidence: ArrayLike, correct: ArrayLike) -> float:
    """AUROC: the chance that a right answer has more confidence than a wrong.

    Ties count half.

    Parameters
    ----------
    confidence : array_like, shape (n,)
        Probabilities in [0, 1].
    correct : array_like of 0 and 1, shape (n,)
        Whether each answer is right.

    Returns
    -------
    float
        0.5 where confidence says nothing, 1 where it separates perfectly.

    Raises
    ------
    ValueError
        As `ece`, and where all answers are right or all wrong, so that there is no pair to compare.

    References
    ----------
    Hanley and McNeil (1982), doi:10.1148/radiology.143.1.7063747.

    Examples
    --------
    >>> auroc([0.9, 0.8, 0.8, 0.3], [1, 1, 0, 0])
    0.875
    """
    scores, hits = confidence_pair(confidence, correct)
    return float(placements(scores, hits == 1)[hits == 1].mean())


def placements(
    scores: NDArray[np.float64], hit: NDArray[np.bool_], weight: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """DeLong's structural components: each value's share of won comparisons with the other class.

    For a right answer: the share of wrong ones below it. For a wrong answer: the share of right ones above it. Both
    have the AUROC as their mean. With weights, shares of weight.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), doi:10.2307/2531595. Sun and Xu (2014), doi:10.1109/LSP.2014.2337313.
    """
    n_right, n_wrong = int(hit.sum()), int((~hit).sum())
    if n_right == 0 or n_wrong == 0:
        raise UndefinedMeasure(f"AUROC needs right and wrong answers, got {n_right} right and {n_wrong} wrong")
    if weight is not None:
        return _weighted_placements(np.asarray(level_ties(scores)), hit, weight)
    tied = tied_order(scores)
    right = hit[tied.order]
    n_right_of_tie = np.add.reduceat(right, tied.first, dtype=np.int64)
    n_wrong_of_tie = tied.size - n_right_of_tie
    wrong_below = np.cumsum(n_wrong_of_tie) - n_wrong_of_tie / 2
    right_below = np.cumsum(n_right_of_tie) - n_right_of_tie / 2
    won = np.empty(len(scores))
    won[tied.order] = np.where(
        right, np.repeat(wrong_below / n_wrong, tied.size), np.repeat(1 - right_below / n_right, tied.size)
    )
    return won


def _weighted_placements(
    scores: NDArray[np.float64], hit: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Placements as shares of weight, of scores whose ties are equal."""
    level = np.unique(scores, return_inverse=True)[1]
    right, wrong = (np.bincount(level, weights=weight * counted) for counted in (hit, ~hit))
    below = np.cumsum(wrong) - wrong / 2
    above = right.sum() - np.cumsum(right) + right / 2
    return np.asarray(np.where(hit, below[level] / wrong.sum(), above[level] / right.sum()))
