"""What is drawn anew: items, items within strata, or clusters as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..metrics.arrays import FloatArray, IntArray
from ..predictions.scored_runs import ScoredRun

Scheme = Literal["items", "strata", "clusters", "subjects"]
Unit = Literal["items", "clusters", "subjects"]


@dataclass(frozen=True, eq=False)
class Sampling:
    """Units drawn anew: items, items within each stratum, or whole clusters.

    Attributes
    ----------
    strata, clusters : ndarray of int, shape (n_items,), or None
        Group of each item, from 0; at most one of them is given.
    unit : {"items", "clusters", "subjects"}
        What the clusters are: items of uneven weight, items that are not independent, or subjects.
    weight : ndarray, shape (n_items,), or None
        How much each item counts; None if all count alike.
    """

    strata: IntArray | None = None
    clusters: IntArray | None = None
    unit: Unit = "subjects"
    weight: FloatArray | None = None

    @property
    def freedom(self) -> int | None:
        """Number of clusters less one; None for the normal distribution."""
        return None if self.clusters is None else int(self.clusters.max())

    @property
    def mean_freedom(self) -> float | None:
        r"""Degrees of freedom of a mean over clusters; None for the normal distribution.

        :math:`1 / (\sum h^2 + (\sum a)^2 - \sum a^2)` with :math:`a = h^2 / (1 - h)` for clusters of shares *h*: those
        of the CR2 variance if items are independent; one fewer than clusters where they are even.

        References
        ----------
        Bell and McCaffrey (2002), Survey Methodology 28:169. Imbens and Kolesár (2016), doi:10.1162/REST_a_00552.
        """
        if self.clusters is None:
            return None
        share = self.cluster_shares
        pull = share**2 / (1 - share)
        return float(1 / ((share**2).sum() + pull.sum() ** 2 - (pull**2).sum()))

    @property
    def draws_subjects(self) -> bool:
        """Whether subjects are drawn anew."""
        return self.clusters is not None and self.unit == "subjects"

    @property
    def dependent(self) -> IntArray | None:
        """Cluster of each item, if several items of one are not independent."""
        return None if self.unit == "items" else self.clusters

    @cached_property
    def cluster_shares(self) -> FloatArray:
        """Share of each cluster in the weight of all items, shape (n_clusters,)."""
        if self.clusters is None:
            raise ValueError("only clusters have shares")
        if self.weight is None:
            return np.asarray(np.bincount(self.clusters) / len(self.clusters))
        return np.asarray(np.bincount(self.clusters, weights=self.weight) / self.weight.sum())


ITEMS = Sampling()


def sampling_by(scheme: Scheme, subject: NDArray[np.str_], *, weight: FloatArray | None = None) -> Sampling:
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
        return Sampling(strata=group, weight=weight)
    if scheme in ("clusters", "subjects"):
        return Sampling(clusters=group, weight=weight)
    raise ValueError(f"sampling must be 'items', 'strata', 'clusters' or 'subjects', got {scheme!r}")


def unit_sampling(run: ScoredRun) -> Sampling:
    """Sampling of what is drawn alone.

    Items, or clusters of items that are not independent.
    Items of uneven weight are clusters of one: their mean has the jackknife's error and Student's t.

    Examples
    --------
    >>> from calibration import Pairs
    >>> unit_sampling(Pairs.from_arrays([0.9, 0.8, 0.6], [1, 1, 0], cluster=["a", "a", "b"])).clusters.tolist()
    [0, 0, 1]
    """
    if run.units is not None:
        return Sampling(clusters=run.units, unit="clusters", weight=run.weights)
    if run.weights is not None:
        return Sampling(clusters=np.arange(run.n_items), unit="items", weight=run.weights)
    return ITEMS


def run_sampling(scheme: Scheme, run: ScoredRun) -> Sampling:
    """Sampling of a run by a scheme.

    *clusters* are the run's own if several of its items are not independent, otherwise subjects.

    Raises
    ------
    ValueError
        For an unknown scheme, and for strata of items that are not independent.
    """
    if scheme == "items" or (scheme == "clusters" and run.units is not None):
        return unit_sampling(run)
    if scheme == "strata" and run.units is not None:
        raise ValueError(
            "sampling='strata' draws single items within each subject, and items of one cluster are not independent; "
            "use sampling='clusters'"
        )
    return sampling_by(scheme, run.subject, weight=run.weights)
