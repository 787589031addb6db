"""How many items a wanted precision needs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..metrics.validation import level_in_range
from ..predictions.pairing import paired
from ..predictions.predictions import Predictions, View
from .estimates import null_of_run
from .measures import MEASURES, Binned, Metric, Share, Smooth, Squared, key_of
from .standard_errors import ITEMS, critical, draws, standard_error


def required_n(
    predictions: Predictions,
    metric: Metric,
    *,
    half_width: float,
    after: Predictions | None = None,
    view: View = "top",
    level: float = 0.95,
    seed: int = 0,
) -> int:
    r"""Number of items for an interval of a wanted half-width, judged by a run that is there.

    Parameters
    ----------
    predictions : Predictions
        A run on items like those that will be asked; the more it has, the better is the answer known.
    metric : function
        As in `estimate`.
    half_width : float
        Half of the interval's width, in the units of the metric.
    after : Predictions, optional
        A second run on the same items: the number is then that for the paired *change* between the two.
    view : {"top", "choices"}
        Predicted letters, or all letters pooled.
    level : float
        Coverage of the interval.
    seed : int
        Same seed, same digits.

    Returns
    -------
    int
        Items, drawn as those of the run were. For the ECE of one run also so many that its noise floor is no larger
        than `half_width`: below that an ECE cannot be told from that of a calibrated model.

    Raises
    ------
    ValueError
        For a half-width that is not above 0, and as `estimate` and `change`.

    Notes
    -----
    Standard errors shrink with :math:`1/\sqrt{n}`, so a mean needs :math:`n (z s / h)^2` items, with *s* the standard
    error on *n*. The spread of an ECE is found by drawing its bins with a covariance of that many items.

    Examples
    --------
    >>> from calibration import Predictions, signed_gap
    >>> run = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5], [1.0, 0.0]] * 25, answer=[0, 1, 1, 0] * 25)
    >>> required_n(run, signed_gap, half_width=0.05)
    252
    """
    level_in_range(level)
    if not half_width > 0:
        raise ValueError(f"half_width must be above 0, got {half_width}")
    runs = [predictions] if after is None else [predictions, paired(predictions, after)]
    measures = [MEASURES[key_of(metric, view)](run) for run in runs]
    if any(isinstance(measure, Squared) for measure in measures):
        raise ValueError(f"{metric.__name__} has no required number of items; ask for ece or signed_gap")
    n_items = predictions.n_items
    binned = [measure for measure in measures if isinstance(measure, Binned)]
    if binned:

        def half(times: float) -> float:
            drawn = draws(binned, ITEMS, seed, times_as_many=times)
            low, high = np.quantile(drawn[-1] - drawn[0] if after else drawn[0], [(1 - level) / 2, (1 + level) / 2])
            return float(high - low) / 2

        times = _smallest(half, half_width)
        floor = None if after else null_of_run(predictions, binned[0], seed=seed)
        if floor is not None:
            times = max(times, (floor.quantile95 / half_width) ** 2)
    else:
        influences = [measure.influence for measure in measures if isinstance(measure, Share | Smooth)]
        influence = influences[0] if after is None else influences[1] - influences[0]
        times = (critical(level, None) * standard_error(influence) / half_width) ** 2
    return max(2, math.ceil(n_items * times))


def _smallest(half: Callable[[float], float], wanted: float) -> float:
    """Where a falling function reaches what is wanted, to one part in a thousand."""
    low = high = 1.0
    while half(high) > wanted:
        low, high = high, 4 * high
    while low == high or (low > 1e-9 and half(low) <= wanted):
        low, high = low / 4, low
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if half(middle) <= wanted else (middle, high)
    return high
