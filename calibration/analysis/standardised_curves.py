"""A run's reliability curve, averaged over the confidences that it has on weighed items."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..metrics.arrays import FloatArray, IntArray
from ..metrics.bins import assign_bins, bin_edges
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..uncertainty.cells import Cells
from ..uncertainty.kinds.mean_like import MeanLike
from ..uncertainty.kinds.rare_errors import GapErrors
from ..uncertainty.kinds.standardised import StandardisedECE
from .matched_difficulty import FittedItems

# Groups of like confidence: as many items each at least, and most groups.
_LEAST_IN_GROUP, _MOST_GROUPS = 20, 40


@dataclass(frozen=True, eq=False, kw_only=True)
class StandardisedCurve:
    """A run's gaps in bins, at the mix of confidences of weighed items.

    Attributes
    ----------
    run : Predictions or Pairs
        The run.
    matched : FittedItems
        Its items' weights.
    bins : int
        Number of bins of equal width.
    """

    run: Predictions | Pairs
    matched: FittedItems
    bins: int

    @cached_property
    def edges(self) -> FloatArray:
        """Edges of the bins."""
        return bin_edges(self.run.confidence, bins=self.bins)

    @cached_property
    def bin_index(self) -> IntArray:
        """Bin of each item."""
        return assign_bins(self.run.confidence, self.edges)

    @cached_property
    def _group(self) -> IntArray:
        """Group of like confidence of each item, within its bin."""
        confidence = self.run.confidence
        n_groups = int(np.clip(self.run.n_items // _LEAST_IN_GROUP, 1, _MOST_GROUPS))
        fine = assign_bins(confidence, bin_edges(confidence, bins=n_groups, strategy="quantile"))
        return np.asarray(np.unique(self.bin_index * (_MOST_GROUPS + 1) + fine, return_inverse=True)[1])

    @cached_property
    def _mass(self) -> FloatArray:
        """How much each item counts by itself, 1 on average."""
        weight = self.run.weights
        return np.ones(self.run.n_items) if weight is None else weight / weight.mean()

    @cached_property
    def weight(self) -> FloatArray:
        """Mean weight of the items of like confidence, shape (n_items,).

        It is told by the confidence alone, so that items of a calibrated run stay calibrated under it.
        """
        group = self._group
        means = np.bincount(group, self._mass * self.matched.value) / np.bincount(group, self._mass)
        return np.asarray(means[group])

    @cached_property
    def influence(self) -> FloatArray:
        """Influence of each item on the gap of each bin, shape (n_items, bins).

        Times n_items, and with as much more noise as the groups' own means take from it.
        """
        n_items, group, mass = self.run.n_items, self._group, self._mass
        gap, weight, total = self.run.confidence - self.run.correct, self.matched.value, self._total
        n_groups = int(group.max()) + 1
        size = np.bincount(group, mass) / n_items
        mean_gap = np.bincount(group, mass * gap) / n_items / size
        share = np.bincount(group, mass * weight) / n_items / total
        # An item moves its group's gap, its group's share, all shares, and through the coefficients all weights.
        rows = np.arange(n_items)
        # Each group has a mean of its own, which its items pull towards themselves; one alone is as far as from all.
        count = np.bincount(group)
        residual = gap - np.where(count > 1, mean_gap, np.average(gap, weights=mass))[group]
        residual *= np.sqrt(count / np.maximum(count - 1, 1))[group]
        own = share[group] * residual / size[group] + mean_gap[group] * weight / total
        bins = np.zeros((n_groups, self.bins))
        bins[group, self.bin_index] = 1.0
        value = (share * mean_gap) @ bins
        influence = -np.outer(weight / total, value)
        influence[rows, self.bin_index] += own
        influence *= mass[:, None]
        slopes = self.matched.slopes * mass[:, None] / (n_items * total)
        by_group = np.zeros((n_groups, slopes.shape[1]))
        np.add.at(by_group, group, slopes)
        through = bins.T @ (mean_gap[:, None] * by_group) - np.outer(value, slopes.sum(axis=0))
        return np.asarray(influence + self.matched.moves @ through.T)

    @property
    def _total(self) -> float:
        return float((self._mass * self.matched.value).mean())

    @cached_property
    def ece(self) -> StandardisedECE:
        """Sum of the absolute gaps."""
        mass = self._mass * self.weight
        cells = Cells.of_top(self.run.confidence, self.run.correct, self.edges, mass / mass.mean())
        return StandardisedECE(cells, None, self.bins, influence=self.influence)

    @cached_property
    def signed_gap(self) -> MeanLike:
        """Sum of the gaps."""
        run = self.run
        logits = (lambda: run.log_probabilities) if isinstance(run, Predictions) else None
        return MeanLike(
            value=float(self.ece.cells.gaps.sum()),
            influence=np.asarray(self.influence.sum(axis=1)),
            bounds=(-1.0, 1.0),
            weighted=True,
            errors=GapErrors(self.run.confidence, self.run.correct, logits),
        )

    @property
    def effective_items(self) -> float:
        r"""Number of even items that would say as much, :math:`(\sum w)^2 / \sum w^2`."""
        mass = self._mass * self.matched.value
        return float(mass.sum() ** 2 / np.square(mass).sum())

    @property
    def accuracy(self) -> float:
        """Accuracy of the weighed items."""
        return self.mean(self.run.correct)

    def mean(self, values: NDArray[Any]) -> float:
        """Mean over the weighed items of values, shape (n_items,)."""
        return float(np.average(values, weights=self._mass * self.matched.value))

    @property
    def frame(self) -> pl.DataFrame:
        """One row a filled bin: edges, items, shares, mean confidence and accuracy."""
        index, mass = self.bin_index, self._mass
        weight = mass * self.weight
        count, share, matched = (np.bincount(index, value, self.bins) for value in (np.ones(len(mass)), mass, weight))
        kept = np.flatnonzero(count)
        sums = [
            np.bincount(index, weight * value, self.bins)[kept] for value in (self.run.confidence, self.run.correct)
        ]
        return pl.DataFrame(
            {
                "low": self.edges[kept],
                "high": self.edges[kept + 1],
                "n_items": count[kept].astype(np.int64),
                "share": share[kept] / share.sum(),
                "matched_share": matched[kept] / matched.sum(),
                "confidence": sums[0] / matched[kept],
                "accuracy": sums[1] / matched[kept],
            }
        )
