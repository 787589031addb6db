"""Items of two runs weighed to be equally hard for both, without their outcomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..metrics.arrays import BoolArray, FloatArray, IntArray
from ..metrics.penalised_logistic import fit_penalised

# Confidences are taken no nearer to 0 and 1 before logarithms.
NEAREST = 1e-6
# Powers of the predicted correctness whose weighted means are made equal.
_POWERS = np.arange(1, 4)
_PENALTY = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedItems:
    """Numbers of a run's items that come from fitted coefficients.

    Attributes
    ----------
    value : ndarray, shape (n_items,)
        The number of each item.
    slopes : ndarray, shape (n_items, m)
        What it moves by with each coefficient.
    moves : ndarray, shape (n_items, m)
        Influence of each item on these coefficients, times n_items.
    """

    value: FloatArray
    slopes: FloatArray
    moves: FloatArray


def predicted_correctness(
    confidence: FloatArray,
    correct: BoolArray,
    fold: IntArray,
    *,
    difficulty: FloatArray | None = None,
    weight: FloatArray | None = None,
) -> FittedItems:
    """Chance that each answer is right, by fits to confidences in other folds.

    A logistic regression on log(*c*) and −log(1 − *c*), the form of beta calibration, and on a `difficulty` (n_items,)
    if given.

    Parameters
    ----------
    confidence : ndarray, shape (n_items,)
    correct : ndarray of bool, shape (n_items,)
        Outcomes; those of an item's own fold are not used for it.
    fold : ndarray of int, shape (n_items,)
    difficulty : ndarray, shape (n_items,), optional
    weight : ndarray, shape (n_items,), optional
        How much each item counts.

    References
    ----------
    Kull, Silva Filho and Flach (2017), doi:10.1214/17-EJS1338SI.
    """
    inside = np.clip(confidence, NEAREST, 1 - NEAREST)
    columns = [np.log(inside), -np.log1p(-inside)]
    features = np.column_stack(columns if difficulty is None else [*columns, difficulty])
    target, mass = correct.astype(np.float64), _mass(weight, len(correct))
    chance = np.empty(len(target))
    for held_out in range(int(fold.max()) + 1):
        part = fold == held_out
        chance[part] = fit_penalised(features[~part], target[~part], weight=mass[~part]).apply(features[part])
    # Each item is in all fits but one, so that it moves them together as it moves the fit of all items.
    whole = fit_penalised(features, target, weight=mass)
    rows = whole.design(features)
    score = rows * (mass * (target - whole.apply(features)))[:, None]
    return FittedItems(value=chance, slopes=rows * (chance * (1 - chance))[:, None], moves=whole.moves(score))


def overlap_weights(
    before: FittedItems, after: FittedItems, *, weight: FloatArray | None = None
) -> tuple[FittedItems, FittedItems]:
    r"""Weights at which the items of two runs are equally hard for both.

    With *e* the probability that an item of predicted correctness *r* is one of the second run, by a logistic
    regression on *r*, *r*² and *r*³, items of the first run weigh *e* and those of the second 1 − *e*. The weighted
    means of these powers are then the same in both runs but for the weak penalty of the regression.

    Parameters
    ----------
    before, after : FittedItems
        Predicted correctness of the same items in each run.
    weight : ndarray, shape (n_items,), optional
        How much each item counts.

    References
    ----------
    Li, Morgan and Zaslavsky (2018), doi:10.1080/01621459.2016.1260466, arXiv:1404.1785.

    Examples
    --------
    >>> chances = np.linspace(0.3, 0.9, 200), np.sqrt(np.linspace(0.3, 0.9, 200))
    >>> known = [FittedItems(value=r, slopes=np.zeros((200, 1)), moves=np.zeros((200, 1))) for r in chances]
    >>> first, second = overlap_weights(*known)
    >>> [round(float(np.average(r, weights=run.value)), 2) for r, run in zip(chances, (first, second))]
    [0.72, 0.72]
    """
    sides = (before, after)
    n_items = len(before.value)
    mass = _mass(weight, n_items)
    powers = np.concatenate([side.value[:, None] ** _POWERS for side in sides])
    target = np.repeat([0.0, 1.0], n_items)
    fit = fit_penalised(powers, target, weight=np.tile(mass, 2), penalty=_PENALTY)
    rows, second = fit.design(powers), fit.apply(powers)  # second: probability that it is one of the second run
    spread = second * (1 - second)
    # What a row and its log-odds move by with the predicted correctness.
    steeper = np.column_stack([
        np.zeros(2 * n_items),
        np.concatenate([side.value[:, None] ** (_POWERS - 1) for side in sides]) * _POWERS / fit.scale,
    ])  # fmt: skip
    rise = steeper @ fit.coefficients
    score = rows * (target - second)[:, None]
    score_slopes = steeper * (target - second)[:, None] - rows * (spread * rise)[:, None]
    moved = mass[:, None] * (score[:n_items] + score[n_items:])
    halves = slice(n_items), slice(n_items, None)
    for side, half in zip(sides, halves, strict=True):
        moved = moved + side.moves @ ((mass[:, None] * side.slopes).T @ score_slopes[half] / n_items)
    moves = fit.moves(moved) / 2  # there are two rows an item
    first, last = (
        FittedItems(
            value=second[half] if sign > 0 else 1 - second[half],
            slopes=sign * spread[half, None] * np.column_stack([rows[half], rise[half, None] * side.slopes]),
            moves=np.column_stack([moves, side.moves]),
        )
        for side, half, sign in zip(sides, halves, (1.0, -1.0), strict=True)
    )
    return first, last


def _mass(weight: FloatArray | None, n_items: int) -> FloatArray:
    """How much each item counts, 1 on average."""
    return np.ones(n_items) if weight is None else weight / weight.mean()
