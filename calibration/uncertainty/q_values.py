"""Q-values: the false discovery rate over a family of tests."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.stats import false_discovery_control


def q_values(p_values: Iterable[float | None]) -> list[float | None]:
    """Smallest false discovery rates at which each test of a family would be named.

    Parameters
    ----------
    p_values : iterable of float or None
        P-values of the family; None, for a row that was not tested, is no part of it.

    Returns
    -------
    list of float or None
        In their order; None if there is no p-value.

    References
    ----------
    Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> q_values([0.01, None, 0.04])
    [0.02, None, 0.04]
    """
    given = list(p_values)
    tested = np.array([p_value for p_value in given if p_value is not None])
    rates = iter(false_discovery_control(tested).tolist() if len(tested) else ())
    return [None if p_value is None else next(rates) for p_value in given]
