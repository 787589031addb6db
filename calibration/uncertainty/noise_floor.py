"""Noise floor of an ECE: that of a calibrated model on as many items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..metrics.arrays import BoolArray, FloatArray, IndexArray, IntArray
from ..metrics.bins import Strategy, assign_bins, bin_edges
from ..metrics.ties import level_rows
from ..metrics.validation import whole_number
from ..number_texts import counted, p_value
from ..predictions.predictions import View
from ..result_tables.result_table import ResultTable, result_columns
from ..result_tables.shown_result import ShownResult
from .cells import second_moment

_Hits = Callable[[Sequence[BoolArray]], FloatArray]

# Random numbers drawn at a time: enough for speed, 16 MB of memory.
_CHUNK = 2_000_000
# Above so many items the gaps of redrawn answers are as good as normal, unless bins are many.
_MANY, _MOST_BINS = 2_000, 300


@dataclass(frozen=True, kw_only=True, repr=False)
class NullECE(ShownResult):
    """Distribution of the ECE under perfect calibration, and the observed ECE.

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

    @property
    def table(self) -> ResultTable:
        """The observed ECE, and what a calibrated model would score."""
        title = (
            f"ECE {self.observed:.3f}, noise floor {self.quantile95:.3f}: {counted(self.draws, 'draw')} of labels from "
            "the model's own probabilities"
        )
        rows = (
            ("ECE", f"{self.observed:.4f}"),
            ("  mean of a calibrated model", f"{self.mean:.4f}"),
            ("  noise floor", f"{self.quantile95:.4f}"),
            ("p, that the model is calibrated", p_value(self.p_value)),
        )
        return ResultTable(
            columns=result_columns(("", "value")),
            rows=rows,
            heading=(title,),
            caption=f"{title}. Noise floor: 95 % of calibrated models stay under it.",
        )


def null_distribution(
    probabilities: FloatArray,
    answer: IntArray,
    present: BoolArray,
    *,
    view: View,
    bins: int = 10,
    strategy: Strategy = "uniform",
    draws: int = 1000,
    seed: int = 0,
    of_gaps: Callable[[FloatArray], FloatArray] | None = None,
) -> NullECE:
    """`null_ece` on validated arrays with a mask of the existing options.

    Parameters
    ----------
    probabilities, present : ndarray, shape (n_items, n_options)
        A distribution a row, and whether each option exists.
    answer : ndarray of int, shape (n_items,)
        Index of the right option.
    view, bins, strategy, draws, seed
        As in `null_ece`.
    of_gaps : function, optional
        Error of gaps in bins, shape (draws, n_bins) to (draws,); the ECE if omitted.
    """
    draws = whole_number("draws", draws, least=1)
    n_items, n_options = probabilities.shape
    if view == "top":
        top = level_rows(probabilities).argmax(axis=1)
        confidence = probabilities[np.arange(n_items), top][:, None]  # (n_items, 1)
        hit = (answer == top)[:, None]
        present = np.ones((n_items, 1), dtype=bool)
    elif view == "choices":
        confidence = probabilities
        hit = np.arange(n_options)[None, :] == answer[:, None]
    else:
        raise ValueError(f"view must be 'top' or 'choices', got {view!r}")
    edges = bin_edges(confidence[present], bins=bins, strategy=strategy)
    n_bins, total = len(edges) - 1, int(present.sum())
    bin_index = assign_bins(confidence.ravel(), edges).reshape(confidence.shape)
    stated = np.where(present, confidence, 0.0)
    sums = np.bincount(bin_index[present], weights=confidence[present], minlength=n_bins)
    real = np.asarray(np.bincount(bin_index[hit & present], minlength=n_bins) - sums, dtype=np.float64)
    gaps = redrawn_gaps(bin_index, stated, n_bins, draws=draws, seed=seed)
    return null_from_gaps(real, gaps, total, of_gaps, draws)


def redrawn_gaps(bin_index: IndexArray, confidence: FloatArray, n_bins: int, *, draws: int, seed: int) -> FloatArray:
    """Gaps in bins of answers redrawn from their confidences, shape (draws, n_bins).

    Parameters
    ----------
    bin_index, confidence : ndarray, shape (n_items, n_values)
        One value an item, the confidence that it comes true, or one an option, 0 beyond an item's.
    n_bins, draws, seed : int
        Number of bins and of draws; same seed, same digits.
    """
    stated = np.asarray(np.bincount(bin_index.ravel(), weights=confidence.ravel(), minlength=n_bins), dtype=np.float64)
    rng = np.random.default_rng(seed)
    if len(bin_index) > _MANY and n_bins <= _MOST_BINS:
        return _normal_gaps(bin_index, confidence, stated, draws, rng)
    if confidence.shape[1] == 1:
        # One threshold a draw decides whether a value came true; one more bin takes those that did not.
        bin_index = np.column_stack([bin_index, np.full(len(bin_index), n_bins)])
        return _redrawn_gaps(bin_index, confidence, stated, draws, rng)
    return _redrawn_gaps(bin_index, np.cumsum(confidence, axis=1)[:, :-1], stated, draws, rng)


def null_from_gaps(
    real: FloatArray, gaps: FloatArray, total: float, of_gaps: Callable[[FloatArray], FloatArray] | None, draws: int
) -> NullECE:
    """The distribution of the error of redrawn gaps, beside that of the real ones."""
    of_gaps = of_gaps or (lambda gaps: np.abs(gaps).sum(axis=1))
    observed, ece = of_gaps(real[None, :] / total)[0], of_gaps(gaps / total)
    # An ECE equal but for the order of additions counts as equal.
    p_value = (1 + np.count_nonzero(ece >= observed - 1e-12)) / (draws + 1)
    return NullECE(
        observed=float(observed),
        mean=float(ece.mean()),
        quantile95=float(np.quantile(ece, 0.95)),
        p_value=float(p_value),
        draws=draws,
    )


def _normal_gaps(
    bin_index: IndexArray, confidence: FloatArray, stated: FloatArray, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Gaps of redrawn answers in the limit of many items.

    Normal, with the covariance of redrawing.
    """
    variance = np.diag(stated) - second_moment(bin_index, confidence, len(stated))
    values, vectors = np.linalg.eigh(variance)
    return np.asarray(rng.standard_normal((draws, len(values))) @ (vectors * np.sqrt(np.maximum(values, 0))).T)


def _redrawn_gaps(
    bin_index: IndexArray, cumulative: FloatArray, stated: FloatArray, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Gaps of redrawn answers.

    An answer lands on the first option whose cumulative probability is above the draw.
    """
    n_items, n_bins = len(bin_index), len(stated)
    hits_of = _few_bins(bin_index, n_bins) if n_bins <= _MOST_BINS else _many_bins(bin_index, n_bins)
    chunk = max(1, _CHUNK // n_items)
    gaps = []
    for start in range(0, draws, chunk):
        uniform = rng.random((min(chunk, draws - start), n_items), dtype=np.float32)
        gaps.append(hits_of([uniform >= threshold for threshold in cumulative.T]) - stated)
    return np.concatenate(gaps)


def _many_bins(bin_index: IndexArray, n_bins: int) -> _Hits:
    """Hits in each bin of answers that lie beyond some of their options."""
    n_items = len(bin_index)
    flat, offset = bin_index.ravel(), np.arange(n_items) * bin_index.shape[1]

    def hits(beyond: Sequence[BoolArray]) -> FloatArray:
        size = len(beyond[0])
        drawn = np.sum(beyond, axis=0, dtype=np.int64)
        landed = flat[offset + drawn] + (n_bins + 1) * np.arange(size)[:, None]
        counts = np.bincount(landed.ravel(), minlength=size * (n_bins + 1)).reshape(size, n_bins + 1)
        return np.asarray(counts[:, :n_bins], dtype=np.float64)

    return hits


def _few_bins(bin_index: IndexArray, n_bins: int) -> _Hits:
    """As `_many_bins`, quicker.

    What lies beyond an option leaves its bin for that of the next.

    Sums of whole numbers are exact.
    """
    item = np.arange(len(bin_index))
    first = np.bincount(bin_index[:, 0], minlength=n_bins + 1)[:n_bins]
    steps = np.zeros((bin_index.shape[1] - 1, len(bin_index), n_bins + 1), dtype=np.float32)
    for step, left, right in zip(steps, bin_index.T, bin_index.T[1:], strict=False):
        step[item, left] -= 1
        step[item, right] += 1

    def hits(beyond: Sequence[BoolArray]) -> FloatArray:
        moved = sum(side.astype(np.float32) @ step for side, step in zip(beyond, steps, strict=True))
        return np.asarray(first + np.asarray(moved, dtype=np.float64)[:, :n_bins])

    return hits
