"""Power as a function of the number of items, from samples of a few sizes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr, ndtr

from calibration.metrics.arrays import FloatArray

from .record import Samples

# Sizes of samples lie on a ladder: each is so many times the one below.
RUNG = math.sqrt(2)
_SHARES = (0.02, 0.98)
# Draws of pilots and samples anew, for a standard error.
_DRAWS = 200


def sizes_of(told: Sequence[int]) -> list[int]:
    """Rungs of the ladder from below nearly all pilots' numbers to above them; three at least.

    Examples
    --------
    >>> sizes_of([100, 110])
    [64, 91, 128, 181]
    """
    low, high = np.log(np.quantile(told, _SHARES)) / math.log(RUNG)
    first, last = math.floor(low), math.ceil(high)
    middle = (first + last) / 2
    first, last = min(first, math.floor(middle - 1)), max(last, math.ceil(middle + 1))
    return [max(round(RUNG**rung), 4) for rung in range(first, last + 1)]


def fitted(samples: Samples) -> FloatArray:
    """Intercept and slope of power in the square root of the number of items, on the normal scale.

    By maximum likelihood, with half a sample more that shows the change, and half a one that does not, at every size.

    Examples
    --------
    >>> import numpy as np
    >>> intercept, slope = fitted({100: [1000, 500], 400: [1000, 977]})
    >>> bool(abs(intercept + 2) < 0.02), bool(abs(slope - 0.2) < 0.002)
    (True, True)
    """
    roots = np.sqrt(np.array(list(samples), dtype=float))
    times, shown = np.array(list(samples.values()), dtype=float).T
    middle, spread = roots.mean(), roots.std()
    steps = (roots - middle) / spread

    def loss(line: FloatArray) -> float:
        z = line[0] + line[1] * steps
        return -float(((shown + 0.5) * log_ndtr(z) + (times - shown + 0.5) * log_ndtr(-z)).sum())

    line = minimize(loss, np.array([0.8, 0.5])).x
    return np.array([line[0] - line[1] * middle / spread, line[1] / spread])


def power_at(n_items: Sequence[int], samples: Samples) -> FloatArray:
    """Power of each number of items.

    Examples
    --------
    >>> power_at([100, 400], {100: [1000, 500], 400: [1000, 977]}).round(2)
    array([0.5 , 0.98])
    """
    intercept, slope = fitted(samples)
    return np.asarray(ndtr(intercept + slope * np.sqrt(np.asarray(n_items, dtype=float))))


def power_error(n_items: Sequence[int], samples: Samples, *, seed: int = 0) -> float:
    """Standard error of the mean power, by drawing pilots and samples anew."""
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(_DRAWS):
        anew = {
            size: [times, int(rng.binomial(times, (shown + 0.5) / (times + 1)))]
            for size, (times, shown) in samples.items()
        }
        means.append(power_at(rng.choice(n_items, len(n_items)).tolist(), anew).mean())
    return float(np.std(means))
