"""The smallest change that so many items would show."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import bdtr, bdtrc, ndtri, stdtrit

from ..metrics.arrays import FloatArray
from .drawn_units import ITEMS, Sampling
from .intervals import Interval
from .standard_errors import critical, standard_error

# Share of samples in which a change of the size that is told has an interval without 0.
POWER = 0.8
# Numbers of changed answers so many standard deviations off are left out of the power of a test.
_FAR = 8.0


def missed(power: float, freedom: float | None = None) -> float:
    """Distance beyond the critical value that a change must have, in standard errors."""
    return float(ndtri(power) if freedom is None else stdtrit(freedom, power))


def farthest(interval: Interval, value: float) -> float:
    """Longer side of an interval around its value."""
    return max(value - interval.low, interval.high - value)


def visible_mean_change(
    interval: Interval, value: float, influence: FloatArray, sampling: Sampling = ITEMS, *, power: float = POWER
) -> float:
    r"""Smallest change of a mean that is shown with this power.

    Its interval's longer side, :math:`t_{\alpha/2} s` for Student's t, and :math:`t_\beta s` more: an estimate falls
    short of the change by that much in 1 − power of samples.

    Parameters
    ----------
    interval : Interval
        Of the change.
    value : float
        The change.
    influence : ndarray, shape (n_items,)
        What each item adds to it.
    sampling : Sampling
        What is drawn anew.
    power : float
        Share of samples in which the change is to be shown.

    Examples
    --------
    >>> moved = np.repeat([0.1, -0.1], 50)
    >>> round(visible_mean_change(Interval(-0.02, 0.02, 1.0), 0.0, moved), 4)
    0.0285
    """
    freedom = sampling.mean_freedom
    late = missed(power, len(influence) - 1 if freedom is None else freedom)
    return farthest(interval, value) + late * standard_error(influence, sampling)


def visible_difference(
    interval: Interval,
    value: float,
    influences: tuple[FloatArray, FloatArray],
    samplings: tuple[Sampling, Sampling],
    *,
    power: float = POWER,
) -> float:
    """Smallest difference of two means of different items that is shown with this power."""
    error = math.hypot(*(standard_error(*pair) for pair in zip(influences, samplings, strict=True)))
    return farthest(interval, value) + missed(power) * error


def visible_beyond(interval: Interval, value: float, *, level: float, power: float = POWER) -> float:
    """Smallest change that is shown with this power, with normal noise."""
    return farthest(interval, value) * (1 + missed(power) / critical(level, None))


def visible_share_change(n_items: float, changed: float, *, level: float, power: float = POWER) -> float:
    """Smallest paired change of a share that is shown with this power.

    By McNemar's test, which is Tango's interval's, with the exact probabilities of how many answers change. As many
    change as are seen to, or all one way if the change needs more than these.

    Parameters
    ----------
    n_items : float
        Number of items.
    changed : float
        Share of them whose answers become right or wrong.
    level, power : float
        Coverage of the interval, and share of samples in which it is to leave out 0.

    References
    ----------
    McNemar (1947), doi:10.1007/BF02295996.

    Examples
    --------
    >>> round(visible_share_change(1000, 0.1, level=0.95), 3)
    0.028
    >>> round(visible_share_change(1000, 0.0, level=0.95), 4)  # where none is seen to change, some 5 must
    0.0055
    """

    def short(size: float) -> float:
        return power - shown_flips(n_items, max(changed, size), size, level=level)

    return _falling_crossing(short, 1.0)


def shown_flips(n_items: float, changed: float, size: float, *, level: float) -> float:
    """Share of samples in which McNemar's test shows a gain of `size`.

    `changed` is the share of answers that become right or wrong.
    """
    whole, expected = max(round(n_items), 1), n_items * changed
    far = _FAR * math.sqrt(expected) + _FAR
    count = np.arange(max(1, math.floor(expected - far)), min(whole, math.ceil(expected + far)) + 1)
    # Shown from this many gains on: more than half, by more than the critical value.
    least = np.floor((count + critical(level, None) * np.sqrt(count)) / 2)
    gains = bdtrc(np.minimum(least, count), count, (1 + min(size / changed, 1.0)) / 2)
    chance = np.diff(bdtr(np.append(count[0] - 1, count), whole, min(changed, 1.0)))  # of so many changed answers
    return float(chance @ gains)


def _falling_crossing(falling: Callable[[float], float], high: float) -> float:
    """Where a falling function becomes 0; `high` if it does beyond."""
    if falling(high) > 0:
        return high
    low = 0.0
    for _ in range(60):
        if high - low <= 1e-4 * high:
            break
        # Small changes of many items need small steps.
        middle = math.sqrt(low * high) if low > 0 else high / 8
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return high
