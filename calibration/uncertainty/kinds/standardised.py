"""Sums of absolute gaps over bins whose items are weighed by estimated weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from ...metrics.arrays import FloatArray
from ..drawn_units import Sampling
from ..gap_noise import with_coins
from ..standard_errors import influence_covariance
from .binned import Binned


@dataclass(frozen=True, eq=False)
class StandardisedECE(Binned):
    """An ECE of items whose weights were estimated from the same items.

    Attributes
    ----------
    influence : ndarray, shape (n_items, n_bins)
        Influence of each item on the gap of each bin, times n_items; that through the weights is in it.
    """

    influence: FloatArray = field(kw_only=True)

    def noise(self, sampling: Sampling, after: Self | None = None) -> FloatArray:
        """Covariance of the gaps, also with another run's on the same items."""
        runs = [self] if after is None else [self, after]
        seen = influence_covariance(np.concatenate([run.influence for run in runs], axis=1), sampling)
        return with_coins(seen, [run.cells for run in runs])
