"""Isotonic calibration errors: accuracy of the other folds against confidence."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, IntArray
from .folds import deal
from .ids import item_ids
from .isotonic import pooled, tally
from .ties import level_ties
from .validation import confidence_pair, whole_number


def isotonic_ce(
    confidence: ArrayLike, correct: ArrayLike, *, n_folds: int = 5, seed: int = 0, item: ArrayLike | None = None
) -> float:
    r"""Cross-fitted isotonic calibration error: a lower bound of expected |accuracy − confidence|.

    .. math:: \frac1n \sum_i (c_i - y_i) \, \mathrm{sign}\bigl(c_i - g_{-}(c_i)\bigr)

    where :math:`g_{-}` is the isotonic curve of the other folds.

    Parameters
    ----------
    confidence : array_like, shape (n,)
        Probabilities in [0, 1].
    correct : array_like of 0 and 1, shape (n,)
        Whether it came true.
    n_folds : int
        Into how many parts the values are split.
    seed : int
        Of the folds; same seed, same digits.
    item : array_like, shape (n,), optional
        What each value belongs to. Give it where several values come from one item (the four letters of a question):
        they then stay in one fold.

    Returns
    -------
    float
        In probability. It is centred at 0 for a calibrated model and may be negative; nothing is clipped.

    Raises
    ------
    ValueError
        As `ece`, for fewer than two folds, for fewer items than folds, and for an `item` of another length.

    Notes
    -----
    With :math:`r(c)` the true accuracy at confidence c, the calibration error is :math:`E|c - r(c)|`. Whatever sign
    :math:`s(c)` other data propose, :math:`E[(c - y) s(c)] = E[(c - r(c)) s(c)] \le E|c - r(c)|`, with equality where
    the sign is right. So the expectation is never above the truth, for any model and sample size, while that of a
    binned ECE can be above it (noise) or below it (coarse bins). It is below it where the sample cannot tell on which
    side of the diagonal the model is.

    References
    ----------
    Zadrozny and Elkan (2002), doi:10.1145/775047.775151 (isotonic recalibration). Kumar, Liang and Ma (2019),
    arXiv:1909.10155 (binned estimates of continuous models fall below the truth).

    Examples
    --------
    >>> stated = np.repeat([0.6, 0.9], 500)
    >>> came_true = np.tile([1, 0], 500)
    >>> round(isotonic_ce(stated, came_true), 3)  # 0.1 too high in one half, 0.4 in the other
    0.25
    """
    scores, hits = confidence_pair(confidence, correct)
    accuracy = cross_fitted_accuracy(scores, hits, n_folds=n_folds, seed=seed, item=item)
    return float(np.mean((scores - hits) * np.sign(scores - accuracy)))


def isotonic_ce2(
    confidence: ArrayLike, correct: ArrayLike, *, n_folds: int = 5, seed: int = 0, item: ArrayLike | None = None
) -> float:
    r"""Squared isotonic calibration error, cross-fitted: a lower bound of the expected (accuracy − confidence)².

    .. math:: \frac1n \sum_i (c_i - y_i)^2 - \bigl(g_{-}(c_i) - y_i\bigr)^2

    What the Brier score loses by an isotonic recalibration that was fitted on the other folds.

    Parameters
    ----------
    confidence, correct, n_folds, seed, item
        As in `isotonic_ce`.

    Returns
    -------
    float
        In squared probability. Negative where recalibration made things worse, as it mostly does for a calibrated
        model.

    Raises
    ------
    ValueError
        As `isotonic_ce`.

    Notes
    -----
    With :math:`r(c)` the true accuracy at confidence c, the expectation is
    :math:`E(c - r(c))^2 - E(g_{-}(c) - r(c))^2`: the truth less the error of the curve that was fitted.

    References
    ----------
    As `isotonic_ce`. Bröcker (2009), doi:10.1002/qj.456 (the split of a proper score).

    Examples
    --------
    >>> stated = np.repeat([0.6, 0.9], 500)
    >>> came_true = np.tile([1, 0], 500)
    >>> round(isotonic_ce2(stated, came_true), 3)  # (0.1² + 0.4²) / 2
    0.085
    """
    scores, hits = confidence_pair(confidence, correct)
    accuracy = cross_fitted_accuracy(scores, hits, n_folds=n_folds, seed=seed, item=item)
    return float(np.mean((scores - accuracy) * (scores + accuracy - 2 * hits)))


def cross_fitted_accuracy(
    scores: FloatArray, hits: FloatArray, *, n_folds: int = 5, seed: int = 0, item: ArrayLike | None = None
) -> FloatArray:
    """Accuracy at each confidence by the isotonic curve of the other folds.

    Shape (n,).

    Between the confidences of the other folds the curve is interpolated, beyond them it is level. Without `item`,
    values are dealt into folds by their rank, so that the order of rows matters among equal confidences only.

    Examples
    --------
    >>> cross_fitted_accuracy(np.array([0.3, 0.3, 0.3, 0.3]), np.array([1.0, 1.0, 1.0, 1.0]), n_folds=2).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    scores = np.asarray(level_ties(scores))
    order = np.argsort(scores, kind="stable")
    ordered, came_true = scores[order], hits[order]
    if item is None:
        fold = _folds(len(scores), n_folds, seed)
    else:
        unit = np.unique(item_ids(item, n=len(scores)), return_inverse=True)[1]
        fold = _folds(int(unit.max()) + 1, n_folds, seed)[unit[order]]
    accuracy = np.empty(len(scores))
    for held_out in range(n_folds):
        part = fold == held_out
        distinct, count, right = tally(ordered[~part], came_true[~part])
        accuracy[order[part]] = np.interp(ordered[part], distinct, pooled(right / count, count))
    return accuracy


def _folds(n_units: int, n_folds: int, seed: int) -> IntArray:
    if not 2 <= whole_number("n_folds", n_folds) <= n_units:
        raise ValueError(f"there must be at least two folds and as many items as folds, got {n_folds} and {n_units}")
    return deal(n_units, n_folds, seed=seed)
