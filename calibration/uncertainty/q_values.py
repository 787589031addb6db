"""Tests of a family: their false discovery rates, and which hold together."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

import numpy as np

Name = TypeVar("Name", bound=Hashable)


def q_values(p_values: Iterable[float | None]) -> list[float | None]:
    """Smallest false discovery rates at which each test of a family would be named.

    Parameters
    ----------
    p_values : iterable of float or None
        P-values of the family; None and NaN, for a row that was not tested, are no part of it.

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
    from scipy.stats import false_discovery_control

    given = [None if p_value is None or math.isnan(p_value) else p_value for p_value in p_values]
    tested = np.array([p_value for p_value in given if p_value is not None])
    rates = iter(false_discovery_control(tested).tolist() if len(tested) else ())
    return [None if p_value is None else next(rates) for p_value in given]


def shown_together(p_values: Mapping[Name, float | None], *, level: float = 0.95) -> frozenset[Name]:
    """Names of tests that are significant together, by Holm's procedure.

    The chance that any of them is of a true hypothesis is at most 1 − `level`, however the tests depend on each other.

    Parameters
    ----------
    p_values : mapping of name to float or None
        P-values of the family; None and NaN, for what was not tested, are no part of it.
    level : float
        Of all together.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 65–70.

    Examples
    --------
    >>> sorted(shown_together({"accuracy": 0.01, "gap": 0.03, "ranking": 0.02, "error": None}))
    ['accuracy', 'gap', 'ranking']
    >>> sorted(shown_together({"accuracy": 0.01, "gap": 0.03, "ranking": 0.03}))
    ['accuracy']
    """
    tested = {name: p_value for name, p_value in p_values.items() if p_value is not None and not math.isnan(p_value)}
    shown: list[Name] = []
    for name in sorted(tested, key=lambda test: tested[test]):
        if tested[name] * (len(tested) - len(shown)) > 1 - level:
            break
        shown.append(name)
    return frozenset(shown)
