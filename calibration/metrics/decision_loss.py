"""Decision loss: loss of a user who trusts the confidence."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from .arrays import FloatArray
from .bins import Strategy
from .curves import reliability_curve


def calibration_decision_loss(
    confidence: ArrayLike,
    correct: ArrayLike,
    *,
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
) -> float:
    r"""Calibration decision loss (CDL): the most that calibrated confidence would improve any decision.

    A decision task has actions whose payoff, from 0 to 1, depends on whether the answer is right. Whoever trusts the
    confidence takes the best action for it; CDL is the mean payoff gained by taking the best action for the accuracy
    behind each confidence instead, in the task where that gain is largest (the maximum swap regret).

    Parameters
    ----------
    confidence : array_like, shape (n,)
        Probabilities in [0, 1].
    correct : array_like of 0 and 1, shape (n,)
        Whether it came true.
    bins, n_bins, strategy
        As in `ece`: every value is taken for the mean confidence of its bin. ``distinct`` takes the values as they are,
        which is the definition, and makes sense where values repeat.

    Returns
    -------
    float
        In payoff, from 0 to 1; between the binned squared calibration error and twice the ECE of the same bins.

    Raises
    ------
    ValueError
        As `ece`.

    Notes
    -----
    A task is a proper score, and that is a mixture of thresholds t with weights :math:`\mu`: "act if the confidence
    exceeds t". With bin shares :math:`w_b`, a threshold between the confidence :math:`c_b` and accuracy :math:`a_b` of
    a bin loses :math:`|a_b - t|` there, in all :math:`f(t) = \sum_b w_b |a_b - t| \, [t \text{ between } c_b, a_b]`.
    Payoffs stay in [0, 1] if :math:`\int t \, d\mu \le 1` and :math:`\int (1 - t) \, d\mu \le 1`. By duality of linear
    programs the maximum of :math:`\int f \, d\mu` is :math:`2 \hat f(\tfrac12)`, with :math:`\hat f` the least concave
    majorant of f on [0, 1]: exact, in n log n. A single threshold (a V-shaped score) reaches
    :math:`\max_t f(t) / \max(t, 1 - t)`, which is at least half of it.

    As for an ECE, the noise in each bin adds to it, so that a calibrated model scores above 0 in a sample, the more so
    the finer the bins: compare models on as many items and the same bins.

    References
    ----------
    Hu and Wu (2024), arXiv:2404.13503, "Predict to Minimize Swap Regret for All Payoff-Bounded Tasks" (later
    "Calibration Error for Decision Making").

    Examples
    --------
    >>> stated, came_true = [0.6] * 10, [1] * 4 + [0] * 6
    >>> round(calibration_decision_loss(stated, came_true), 3)
    0.333

    The worst task pays 2/3 for a right answer that is used and 1 for a wrong one that is not. At 0.6 a user would do
    either, and using all of them pays 2/3 × 0.4 where using none pays 0.6.
    """
    curve = reliability_curve(confidence, correct, bins=bins, n_bins=n_bins, strategy=strategy)
    filled = curve.count > 0
    # Thresholds a rounding apart would give the majorant slopes without bound.
    stated, true = curve.confidence[filled].round(12), curve.accuracy[filled].round(12)
    threshold, loss = threshold_losses(stated, true, curve.count[filled] / curve.count.sum())
    # The slopes of the least concave majorant are the isotonic regression of the slopes between neighbours.
    step = np.diff(threshold)
    slope = isotonic_regression(np.diff(loss) / step, weights=step, increasing=False).x
    below = threshold[1:] <= 0.5
    return float(2 * (loss[0] + (slope[below] * step[below]).sum()))


def threshold_losses(stated: FloatArray, true: FloatArray, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Thresholds at which the loss of "act above the threshold" bends, and the losses.

    Where a threshold equals a confidence the user may do either; the worse counts.

    Examples
    --------
    >>> threshold, loss = threshold_losses(np.array([0.6]), np.array([0.4]), np.array([1.0]))
    >>> threshold.tolist(), loss.round(3).tolist()
    ([0.0, 0.4, 0.5, 0.6, 1.0], [0.0, 0.0, 0.1, 0.2, 0.0])
    """
    threshold = np.unique(np.concatenate([[0.0, 0.5, 1.0], stated, true]))
    opens = np.searchsorted(threshold, np.minimum(stated, true))
    closes = np.searchsorted(threshold, np.maximum(stated, true)) + 1
    side = share * np.sign(true - stated)  # the loss of a bin is side × (true − t) while it is open
    n = len(threshold) + 1
    constant = np.cumsum(np.bincount(opens, side * true, n) - np.bincount(closes, side * true, n))
    slope = np.cumsum(np.bincount(opens, side, n) - np.bincount(closes, side, n))
    return threshold, np.maximum(constant[:-1] - slope[:-1] * threshold, 0.0)
