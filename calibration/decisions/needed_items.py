"""How many items would decide what these cannot."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

POWER = 0.8
# Above so many times as many items no number is told.
_MOST_TIMES = 1e3


def needed_items(n_items: int, value: float, ends: Sequence[float], margin: float, *, level: float) -> int | None:
    r"""Number of items that decide in 80 %, were the value the true one.

    Parameters
    ----------
    n_items : int
        Number of items behind the value.
    value : float
        The value.
    ends : sequence of float
        Ends of its interval, low and high, and the limits of which each holds alone.
    margin : float
        How much may be called none.
    level : float
        Coverage of the interval.

    Returns
    -------
    int or None
        None if the value lies on the boundary, so that no number does.

    Notes
    -----
    Limits draw nearer with :math:`1/\sqrt{n}`. A value beyond the margin needs its interval beyond it; one inside
    needs both limits inside.

    Examples
    --------
    >>> needed_items(100, 0.0, (-0.196, 0.196, -0.164, 0.164), 0.1, level=0.95)
    852
    >>> needed_items(100, 0.2, (0.004, 0.396, 0.036, 0.364), 0.1, level=0.95)
    785
    """
    low, high, least, most = ends
    if abs(value) > margin:
        reach = value - low if value > 0 else high - value
        z = float(ndtri((1 + level) / 2))
        error, away = reach / z, abs(value) - margin
        times = ((z + float(ndtri(POWER))) * error / away) ** 2
        return _whole(n_items, times)
    z = float(ndtri(level))
    errors, room = ((value - least) / z, (most - value) / z), (margin + value, margin - value)
    if min(room) <= 0:
        return None

    def excess(log_times: float) -> float:
        root = math.exp(log_times / 2)
        inside = (float(ndtr(free * root / error - z)) for free, error in zip(room, errors, strict=True) if error)
        return sum(inside) + sum(error == 0 for error in errors) - 1 - POWER

    most_log = math.log(_MOST_TIMES)
    if excess(most_log) < 0:
        return None
    return _whole(n_items, math.exp(float(brentq(excess, -most_log, most_log))))


def _whole(n_items: int, times: float) -> int | None:
    return max(n_items + 1, math.ceil(n_items * times)) if times <= _MOST_TIMES else None
