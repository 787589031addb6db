"""What is drawn anew: items, items within strata, or clusters as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..metrics.arrays import IntArray

Scheme = Literal["items", "strata", "clusters"]


@dataclass(frozen=True, eq=False)
class Sampling:
    """Units drawn anew: items, items within each stratum, or whole clusters.

    Attributes
    ----------
    strata, clusters : ndarray of int, shape (n_items,), or None
        Group of each item, from 0; at most one of them is given.
    """

    strata: IntArray | None = None
    clusters: IntArray | None = None

    @property
    def freedom(self) -> int | None:
        """Number of clusters less one; None for the normal distribution."""
        return None if self.clusters is None else int(self.clusters.max())


ITEMS = Sampling()


def sampling_by(scheme: Scheme, subject: NDArray[np.str_]) -> Sampling:
    """Sampling by a scheme, subjects the strata or clusters.

    Raises
    ------
    ValueError
        For an unknown scheme.
    """
    if scheme == "items":
        return ITEMS
    group = np.unique(subject, return_inverse=True)[1]
    if scheme == "strata":
        return Sampling(strata=group)
    if scheme == "clusters":
        return Sampling(clusters=group)
    raise ValueError(f"sampling must be 'items', 'strata' or 'clusters', got {scheme!r}")
