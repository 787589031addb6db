"""The noise floor of an ECE: what a perfectly calibrated model would score on as many items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .bins import Strategy, assign_bins, bin_edges
from .predictions import View
from .validation import probability_pair

# Random numbers drawn at a time: enough for speed, 16 MB of memory.
_CHUNK = 2_000_000


@dataclass(frozen=True)
class NullECE:
    """Distribution of the ECE under perfect calibration, and where the observed one stands in it.

    Attributes
    ----------
    observed : float
        ECE of the real answers.
    mean : float
        Mean ECE when labels are redrawn from the model's own probabilities.
    quantile95 : float
        Its 95 % quantile: an ECE below it cannot be told from a perfectly calibrated model's.
    p_value : float
        Share of redrawn ECEs at least as large as the observed one, the observed one counted among them.
    draws : int
        How many times labels were redrawn.
    """

    observed: float
    mean: float
    quantile95: float
    p_value: float
    draws: int


def null_ece(
    probabilities: ArrayLike,
    answer: ArrayLike,
    *,
    view: View = "top",
    bins: int = 10,
    strategy: Strategy = "uniform",
    draws: int = 1000,
    seed: int = 0,
) -> NullECE:
    """Noise floor of the ECE, by redrawing every answer from the model's own probabilities.

    Parameters
    ----------
    probabilities : array_like, shape (n_items, n_options)
        A distribution a row.
    answer : array_like of int, shape (n_items,)
        Index of the right option.
    view : {"top", "choices"}
        Predicted letters, or all letters pooled.
    bins, strategy
        As in `ece`.
    draws : int
        How many sets of answers to draw.
    seed : int
        Same seed, same digits.

    Returns
    -------
    NullECE

    Raises
    ------
    ValueError
        As `brier_score`, and for an unknown view or fewer than one draw.

    References
    ----------
    Bröcker and Smith (2007), doi:10.1175/WAF993.1 (consistency resampling). Vaicenavicius et al. (2019),
    arXiv:1902.06977.

    Examples
    --------
    >>> sharp = np.tile([0.7, 0.3], (1000, 1))
    >>> floor = null_ece(sharp, np.zeros(1000, dtype=int))
    >>> round(floor.observed, 3), floor.quantile95 < 0.04, floor.p_value < 0.01
    (0.3, True, True)
    """
    rows, right = probability_pair(probabilities, answer)
    return null_of(rows, right, np.ones(rows.shape, dtype=bool), view, bins, strategy, draws, seed)


def null_of(
    probabilities: NDArray[np.float64],
    answer: NDArray[np.int64],
    present: NDArray[np.bool_],
    view: View,
    bins: int = 10,
    strategy: Strategy = "uniform",
    draws: int = 1000,
    seed: int = 0,
) -> NullECE:
    """`null_ece` for checked rows of which some may have fewer options (`present` is false beyond them)."""
    if draws < 1:
        raise ValueError(f"draws must be at least 1, got {draws}")
    n_items, n_options = probabilities.shape
    if view == "top":
        top = probabilities.argmax(axis=1)
        confidence = probabilities.max(axis=1)[:, None]  # (n_items, 1)
        hit = (answer == top)[:, None]
        present = np.ones((n_items, 1), dtype=bool)
        # The predicted letter is first, so that one threshold a draw decides whether it came true.
        cumulative = confidence
    elif view == "choices":
        confidence = probabilities
        hit = np.arange(n_options)[None, :] == answer[:, None]
        cumulative = np.cumsum(probabilities, axis=1)[:, :-1]  # (n_items, n_options − 1)
    else:
        raise ValueError(f"view must be 'top' or 'choices', got {view!r}")
    edges = bin_edges(confidence[present], bins=bins, strategy=strategy)
    n_bins, total = len(edges) - 1, int(present.sum())
    place = assign_bins(confidence.ravel(), edges).reshape(confidence.shape)
    stated = np.bincount(place[present], weights=confidence[present], minlength=n_bins)
    observed = np.abs(np.bincount(place[hit & present], minlength=n_bins) - stated).sum() / total
    if view == "top":  # one more bin takes the answers that are not the predicted letter
        place = np.column_stack([place, np.full(n_items, n_bins)])
    flat, offset = place.ravel(), np.arange(n_items) * place.shape[1]

    rng = np.random.default_rng(seed)
    chunk = max(1, _CHUNK // n_items)
    null = []
    for start in range(0, draws, chunk):
        size = min(chunk, draws - start)
        uniform = rng.random((size, n_items), dtype=np.float32)
        drawn = np.zeros((size, n_items), dtype=np.int64)
        for k in range(cumulative.shape[1]):
            drawn += uniform >= cumulative[:, k]
        landed = flat[offset + drawn] + (n_bins + 1) * np.arange(size)[:, None]
        hits = np.bincount(landed.ravel(), minlength=size * (n_bins + 1)).reshape(size, n_bins + 1)[:, :n_bins]
        null.append(np.abs(hits - stated).sum(axis=1) / total)
    ece = np.concatenate(null)
    # An ECE equal but for the order of additions counts as equal.
    p_value = (1 + np.count_nonzero(ece >= observed - 1e-12)) / (draws + 1)
    return NullECE(float(observed), float(ece.mean()), float(np.quantile(ece, 0.95)), float(p_value), draws)
