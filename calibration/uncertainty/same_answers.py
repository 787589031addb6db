"""Whether one run is another, as it is or with its confidence mapped."""

from __future__ import annotations

import math

import numpy as np

from ..metrics.arrays import FloatArray
from ..predictions.scored_runs import ScoredRun
from ..predictions.verdicts import Verdicts
from .drawn_units import Sampling
from .intervals import Interval, Range, blank
from .outcome_losses import LARGEST

# Log-probabilities are stored as float32.
_ROUNDING = 1e-5
# So many different confidences in one order are no chance.
_FEWEST_VALUES = 10


def alike_by_chance(before: ScoredRun, after: ScoredRun) -> int:
    """Number of items whose confidences are all the same in two runs by chance.

    0 if some differ. It is no chance if both are one run (equal tables, model and all), or if ten different
    confidences are the same.

    Examples
    --------
    >>> from calibration import Pairs
    >>> first, second = (Pairs.from_arrays([0.9] * 20, [1] * 20, model=model) for model in ("a", "b"))
    >>> alike_by_chance(first, first), alike_by_chance(first, second)
    (0, 20)
    """
    if isinstance(before, Verdicts) or isinstance(after, Verdicts):
        return 0
    if not np.array_equal(before.confidence, after.confidence):
        return 0
    few = len(np.unique(before.confidence)) < _FEWEST_VALUES
    return before.n_items if few and before is not after and not before.frame.equals(after.frame) else 0


def unseen_change(bounds: Range, sampling: Sampling, n_items: int, *, level: float) -> Interval:
    """Interval of the change of a measure where no item, or cluster, shows any.

    One more may, as far as the `bounds` of the measure let it; a log loss is that of probabilities of at least its
    floor.

    Examples
    --------
    >>> from calibration.uncertainty.drawn_units import ITEMS
    >>> interval = unseen_change((0.0, 1.0), ITEMS, 20, level=0.95)
    >>> round(interval.low, 3), round(interval.high, 3)  # Clopper and Pearson: none of 20
    (-0.168, 0.168)
    """
    shares = None if sampling.clusters is None else sampling.cluster_shares
    units = float(n_items) if shares is None else 1 / float(np.square(shares).sum())
    reach = min(bounds[1], LARGEST) - bounds[0] if math.isfinite(bounds[0]) else math.inf
    if not math.isfinite(reach):
        return blank("no item shows a change, and one that does could change it by any amount")
    far = (1 - ((1 - level) / 2) ** (1 / units)) * reach
    return Interval(-far, far, 1.0)


def is_rescaled(before: FloatArray, after: FloatArray) -> bool:
    """Whether log-probabilities, shape (n_items, n_options), are others at another temperature.

    Options of probability 0 may be others by rounding.

    Examples
    --------
    >>> logits = np.log([[0.5, 0.3, 0.2], [0.6, 0.1, 0.3]])
    >>> is_rescaled(logits, 2 * logits), is_rescaled(logits, logits[:, ::-1])
    (True, False)
    """
    if before.shape != after.shape:
        return False
    known = np.isfinite(before) & np.isfinite(after)
    first, second = (np.where(known, logits - logits.max(axis=1, keepdims=True), 0.0) for logits in (before, after))
    squares = float((first**2).sum())
    scale = float((first * second).sum()) / squares if squares > 0 else 0.0
    return scale > 0 and bool(
        (np.abs(second - scale * first) <= _ROUNDING * (1 + np.abs(first) + np.abs(second))).all()
    )


def is_mapped(before: FloatArray, after: FloatArray) -> bool:
    """Whether confidences, shape (n_items,), are a rising function of others.

    Of few different values it would be chance.

    Examples
    --------
    >>> confidence = np.linspace(0.2, 0.9, 20)
    >>> is_mapped(confidence, confidence**2), is_mapped(confidence, confidence[::-1])
    (True, False)
    """
    values, index = np.unique(before, return_inverse=True)
    if len(values) < _FEWEST_VALUES:
        return False
    least, most = np.full(len(values), np.inf), np.full(len(values), -np.inf)
    np.minimum.at(least, index, after)
    np.maximum.at(most, index, after)
    return bool((least == most).all() and (np.diff(least) >= 0).all() and least[-1] > least[0])


def rescaled_ends(surer: FloatArray, n_options: int) -> tuple[float, float]:
    """Least and largest change of a top confidence at another temperature.

    `surer` are the changes seen, of one sign, shape (n_items,).

    Examples
    --------
    >>> rescaled_ends(np.array([0.1, 0.2]), 4), rescaled_ends(np.array([-0.1, 0.0]), 2)
    ((0.0, 0.75), (-0.5, 0.0))
    """
    reach = 1 - 1 / n_options
    return (0.0, reach) if surer.sum() >= 0 else (-reach, 0.0)


def mapped_ends(before: FloatArray, after: FloatArray) -> tuple[float, float]:
    """Least and largest change of any confidence under a rising map.

    The map is known at some confidences.

    Between two known ones the map rises from the image of the lower to that of the upper.

    Examples
    --------
    >>> least, most = mapped_ends(np.array([0.25, 0.5]), np.array([0.5, 0.625]))
    >>> least, most
    (-0.375, 0.5)
    """
    values, first = np.unique(before, return_index=True)
    known, image = np.concatenate([[0.0], values, [1.0]]), np.concatenate([[0.0], after[first], [1.0]])
    return float((image[:-1] - known[1:]).min()), float((image[1:] - known[:-1]).max())
