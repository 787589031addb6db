"""Selective answering: error rate of the answers of high confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from ..number_texts import counted
from ..result_tables.preview import preview
from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import Shown
from .arrays import FloatArray
from .ties import tied_order
from .validation import confidence_pair


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class RiskCoverage(Shown):
    """Error rate against the share of questions answered.

    One entry a distinct confidence, the highest first.

    Attributes
    ----------
    threshold : ndarray, shape (n_distinct,)
        Answers of at least this confidence are given.
    coverage : ndarray, shape (n_distinct,)
        Share of questions that are then answered; the last is 1.
    risk : ndarray, shape (n_distinct,)
        Share of the given answers that are wrong; the last is the error rate of all.
    aurc : float
        Area under the risk–coverage curve: the mean risk over all coverages, equal confidences in random order.
    augrc : float
        Area under the generalised curve: the mean over all coverages of the share of questions that are answered and
        wrong.
    """

    threshold: FloatArray
    coverage: FloatArray
    risk: FloatArray
    aurc: float
    augrc: float

    @property
    def table(self) -> ResultTable:
        """Its areas, and its first points."""
        areas = f"AURC {self.aurc:.3f}, AUGRC {self.augrc:.3f}"
        points = counted(len(self.threshold), "threshold")
        return preview(self.frame, heading=f"Risk–coverage curve: {areas}, {points}")

    @property
    def frame(self) -> pl.DataFrame:
        """The table that the curve is drawn from, one row a threshold."""
        return pl.DataFrame({name: getattr(self, name) for name in ("threshold", "coverage", "risk")})


def risk_coverage(confidence: ArrayLike, correct: ArrayLike) -> RiskCoverage:
    r"""Risk–coverage curve, with the areas under it (AURC) and under its generalised form (AUGRC).

    Answers are given in the order of their confidence. With :math:`e_j` the wrong ones among the first j of n, as the
    mean over all orders of equal confidences,

    .. math:: \mathrm{AURC} = \frac1n \sum_{j=1}^n \frac{e_j}{j}, \qquad
              \mathrm{AUGRC} = \frac1n \sum_{j=1}^n \frac{e_{j-1} + e_j}{2n} .

    Parameters
    ----------
    confidence : array_like, shape (n,)
        Probabilities in [0, 1].
    correct : array_like of 0 and 1, shape (n,)
        Whether each answer is right.

    Returns
    -------
    RiskCoverage

    Raises
    ------
    ValueError
        As `ece`.

    Notes
    -----
    Both areas are smaller the better; confidence that says nothing gives about the error rate and half of it. AUGRC is
    :math:`(1 - \mathrm{AUROC}) \, \mathrm{acc} (1 - \mathrm{acc}) + \tfrac12 (1 - \mathrm{acc})^2` exactly, while AURC
    hangs on the few most confident answers: an error among them counts up to log n times as much as the others.

    References
    ----------
    El-Yaniv and Wiener (2010), JMLR 11, "On the foundations of noise-free selective classification". Geifman and
    El-Yaniv (2017), arXiv:1705.08500. Traub et al. (2024), arXiv:2407.01032 (AUGRC).

    Examples
    --------
    >>> curve = risk_coverage([0.9, 0.8, 0.8, 0.3], [1, 1, 0, 0])
    >>> curve.coverage.tolist(), curve.risk.round(3).tolist()
    ([0.25, 0.75, 1.0], [0.0, 0.333, 0.5])
    >>> round(curve.aurc, 4), round(curve.augrc, 4)
    (0.2708, 0.1562)
    """
    scores, hits = confidence_pair(confidence, correct)
    ranks = _ranks(scores, hits)
    given = ranks.first + ranks.size
    return RiskCoverage(
        threshold=ranks.scores[ranks.first],
        coverage=given / len(scores),
        risk=ranks.wrong[given - 1] / given,
        aurc=float(ranks.risk.mean()),
        augrc=float((ranks.wrong.sum() - ranks.wrong[-1] / 2) / len(scores) ** 2),
    )


def aurc(confidence: ArrayLike, correct: ArrayLike) -> float:
    """Area under the risk–coverage curve (AURC): the mean error rate over all coverages.

    The smaller, the better.

    Parameters
    ----------
    confidence, correct
        As in `risk_coverage`, which says more.

    Examples
    --------
    >>> round(aurc([0.9, 0.8, 0.8, 0.3], [1, 1, 0, 0]), 4)
    0.2708
    """
    return risk_coverage(confidence, correct).aurc


def augrc(confidence: ArrayLike, correct: ArrayLike) -> float:
    """Area under the generalised risk–coverage curve (AUGRC).

    The mean share of questions answered and wrong.

    Parameters
    ----------
    confidence, correct
        As in `risk_coverage`, which says more.

    Examples
    --------
    >>> round(augrc([0.9, 0.8, 0.8, 0.3], [1, 1, 0, 0]), 4)
    0.1562
    """
    return risk_coverage(confidence, correct).augrc


def aurc_influence(confidence: ArrayLike, correct: ArrayLike) -> FloatArray:
    r"""Influence of each answer on the AURC, times n; with mean 0.

    .. math:: R_{r} - \mathrm{AURC} + w_i \sum_{j \ge r} \frac1j - \sum_{j \ge r} \frac{R_j}{j}

    for an answer that is wrong (:math:`w_i = 1`) or not (0) at rank r, with :math:`R_j` the risk of the first j
    answers, as the mean over the ranks of equal confidences. The standard error of the AURC is the standard deviation
    of the influences over :math:`\sqrt n`.

    Parameters
    ----------
    confidence, correct
        As in `risk_coverage`.

    Returns
    -------
    ndarray, shape (n,)
        In the order of the rows.

    Raises
    ------
    ValueError
        As `ece`.

    References
    ----------
    Hampel (1974), doi:10.1080/01621459.1974.10482962 (the influence curve). Zhou et al. (2024), arXiv:2410.15361 (the
    population AURC).

    Examples
    --------
    >>> aurc_influence([0.9, 0.5], [1, 0]).round(3).tolist()
    [-0.5, 0.5]
    """
    scores, hits = confidence_pair(confidence, correct)
    ranks = _ranks(scores, hits)
    rank = np.arange(1, len(scores) + 1)
    moved = ranks.risk
    moved -= moved.mean() + _from_here_on(moved / rank)
    influence = np.empty(len(scores))
    influence[ranks.order] = ranks.levelled(moved)
    influence[ranks.order] += (1 - hits[ranks.order]) * ranks.levelled(_from_here_on(1 / rank))
    return influence


def augrc_influence(confidence: ArrayLike, correct: ArrayLike) -> FloatArray:
    """Influence of each answer on the AUGRC, times n; with mean 0.

    For a wrong answer the share of answers below it, for each answer the share of wrong ones above it, ties half; less
    twice the AUGRC.

    Parameters
    ----------
    confidence, correct
        As in `risk_coverage`.

    Returns
    -------
    ndarray, shape (n,)
        In the order of the rows.

    Raises
    ------
    ValueError
        As `ece`.

    References
    ----------
    Hoeffding (1948), doi:10.1214/aoms/1177730196. Traub et al. (2024), arXiv:2407.01032.

    Examples
    --------
    >>> augrc_influence([0.9, 0.5], [1, 0]).round(3).tolist()
    [-0.25, 0.25]
    """
    scores, hits = confidence_pair(confidence, correct)
    ranks = _ranks(scores, hits)
    n = len(scores)
    wrong = np.diff(ranks.wrong, prepend=0.0)
    below = 1 - ranks.levelled(np.arange(0.5, n)) / n
    above = ranks.levelled(ranks.wrong - wrong / 2) / n
    influence = np.empty(n)
    influence[ranks.order] = above + (1 - hits[ranks.order]) * below
    return np.asarray(influence - influence.mean())


@dataclass(frozen=True, eq=False)
class _Ranks:
    """Answers from the most confident to the least.

    Errors within a tie spread evenly over its ranks.
    """

    order: NDArray[np.int64]  # (n,), the row at each rank
    scores: FloatArray  # (n,), the confidence at each rank, tied ones equal
    first: NDArray[np.int64]  # (n_ties,), the first rank of each tie, from 0
    size: NDArray[np.int64]  # (n_ties,)
    wrong: FloatArray  # (n,), expected errors up to each rank

    @property
    def risk(self) -> FloatArray:
        return np.asarray(self.wrong / np.arange(1, len(self.wrong) + 1))

    def levelled(self, values: FloatArray) -> FloatArray:
        """The values of the ranks, each replaced by the mean of its tie."""
        if len(self.first) == len(values):
            return values
        return np.asarray(np.repeat(np.add.reduceat(values, self.first) / self.size, self.size))


def _ranks(scores: FloatArray, hits: FloatArray) -> _Ranks:
    tied = tied_order(scores)
    order, size = tied.order[::-1], tied.size[::-1]
    first = np.cumsum(size) - size
    errors = np.add.reduceat(1 - hits[order], first)
    return _Ranks(order, tied.values[::-1], first, size, np.cumsum(np.repeat(errors / size, size)))


def _from_here_on(values: FloatArray) -> FloatArray:
    """Sum of this value and all that follow, in place."""
    np.cumsum(values[::-1], out=values[::-1])
    return values
