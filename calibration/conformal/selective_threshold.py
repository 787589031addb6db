"""Selective answering: a confidence threshold that bounds the error of given answers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from ..metrics.arrays import FloatArray
from ..metrics.bins import reaches
from ..metrics.precision import carried_precision
from ..metrics.ties import level_ties
from ..metrics.validation import level_in_range
from ..predictions.held_out import fitted_and_scored, share_in_range
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, scored_run
from ..predictions.verdicts import Verdicts
from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import ShownResult
from ..uncertainty.estimates import Estimate, share_estimate
from .guarantee_tables import threshold_table

# Thresholds that are tried, in equal steps of the items answered.
_CANDIDATES = 100
# Relative; a share of items that is a whole number of them must not become one more.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class SelectiveThreshold(ShownResult):
    """A confidence threshold with a guaranteed error, measured on held-out items.

    Printed, it is a table; in a notebook a table of HTML.

    Attributes
    ----------
    threshold : float
        Answer where the confidence is at least this; infinite if no threshold can be guaranteed.
    error : float
        Largest allowed share of wrong answers among the answered.
    delta : float
        Probability, over the items fitted on, that this does not hold.
    coverage : Estimate
        Share of the other items that are answered; Wilson's interval.
    answered_error : Estimate or None
        Share of those that are wrong; None if nothing is answered.
    n_fitted, n_items : int
        Number of items fitted on, and of held-out items that the shares are of.
    frame : polars.DataFrame
        One row a threshold that was tried, from the highest, on the items fitted on.

        ``threshold``, ``n_answered``, ``n_wrong``, ``answered_error`` (null if nothing is answered), ``p_value`` (of
        the hypothesis that the error is larger than allowed), ``tested_at`` (largest p-value that rejects it),
        ``guaranteed``. All thresholds that are guaranteed are so together.
    notes : tuple of str
        Reason why nothing is answered.
    """

    threshold: float
    error: float
    delta: float
    coverage: Estimate
    answered_error: Estimate | None
    n_fitted: int
    n_items: int
    frame: pl.DataFrame
    notes: tuple[str, ...]

    @property
    def table(self) -> ResultTable:
        """The threshold, what is answered, and how much of that is wrong."""
        return threshold_table(
            self.threshold, self.coverage, self.answered_error, self.notes, error=self.error, delta=self.delta,
            n_items=self.n_items, n_fitted=self.n_fitted,
        )  # fmt: skip


def selective_threshold(
    predictions: GivenRun,
    *,
    error: float = 0.1,
    delta: float = 0.05,
    fit: float | GivenRun = 0.5,
    level: float = 0.95,
    seed: int = 0,
) -> SelectiveThreshold:
    r"""Confidence threshold above which a share ``error`` of answers is wrong at most.

    The bound is guaranteed with probability 1 − delta.

    The lowest threshold :math:`t` for which

    .. math:: P(\text{wrong} \mid \text{confidence} \ge t) \le \mathrm{error}

    can be shown, so that all such claims hold together with probability at least :math:`1 - \delta`.

    Parameters
    ----------
    predictions : Predictions, Pairs, or pair of arrays
        The run; ``(confidence, correct)`` in place of one.
    error : float
        Largest allowed share of wrong answers among the answered, strictly between 0 and 1.
    delta : float
        Probability that the guarantee may fail, strictly between 0 and 1.
    fit : float, Predictions or Pairs
        Items to fit the threshold on: a share of the items, drawn by id, with coverage and error measured on the rest;
        or another run of the same model on other items of the same kind, with both measured on all of `predictions`.
    level : float
        Coverage of the intervals of both shares.
    seed : int
        Of the draw of items; same seed, same digits, whatever the order of rows.

    Returns
    -------
    SelectiveThreshold

    Raises
    ------
    ValueError
        For an error, delta, share or level outside (0, 1), a share that leaves either side without items, an item in
        both runs; for pairs in clusters or of uneven weight, and for verdicts.

    Notes
    -----
    *Guarantee.* If the items fitted on are a random sample, then with probability at least 1 − delta over that
    sample, of new items from the same source at most a share `error` of those answered is wrong. Nothing is assumed of
    the confidences: they may be miscalibrated, tied, or largest for wrong answers. It does not hold for a single
    subject, nor for subjects that were not fitted on: their items are not exchangeable with the others.

    *Reason.* The thresholds tried are quantiles of the confidences of the items that are not fitted on, hence fixed as
    far as the fitted ones go. Of the :math:`n_t` of these whose confidence is at least :math:`t`, the number wrong
    :math:`k_t` is then binomial with the error at :math:`t`, and :math:`p_t = P(\mathrm{Binomial}(n_t, \mathrm{error})
    \le k_t)` is a p-value of "the error at t is larger than allowed" (Clopper and Pearson's exact tail; Learn then Test
    turns the choice of a threshold into such tests). They are tested from the highest threshold with the fallback
    procedure: some are given an equal part of delta, and the level of a threshold is passed on to the next if its
    hypothesis was rejected. Until the first true hypothesis is rejected, each true one is tested at no more than the
    parts of those since the true one before it; these sum to delta at most. Parts go to the first threshold, above
    which about :math:`4 z_\delta^2 (1 - \mathrm{error}) / \mathrm{error}` of the fitted items lie (as many as tell an
    error half as large from the allowed one), and those with 2, 4, 8, … times as many: a few unlucky items at the top
    do not end the search. With fewer items than that, only answering everything is tried. Equal confidences are never
    split.

    References
    ----------
    Geifman and El-Yaniv (2017), arXiv:1705.08500 (selection with guaranteed risk). Angelopoulos et al. (2021),
    arXiv:2110.01052 (Learn then Test). Wiens and Dmitrienko (2005), doi:10.1080/10543400500265660 (fallback
    procedure). Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> logits = rng.normal(size=(2000, 4)) * 2
    >>> answer = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)  # drawn from the model's probabilities
    >>> run = Predictions.from_arrays(logits, answer)
    >>> sure = selective_threshold(run, error=0.2)
    >>> print(f"answer from {sure.threshold:.2f}: {sure.coverage} of the items, {sure.answered_error} wrong")
    answer from 0.64: 0.575 [0.544, 0.605] of the items, 0.169 [0.140, 0.201] wrong
    >>> selective_threshold(run, error=0.001).notes
    ('nothing is answered: no threshold can be shown to keep the error at 0.001 with 1000 items to fit on',)
    """
    share_in_range("error", error)
    share_in_range("delta", delta)
    level_in_range(level)
    run = _counted(predictions)
    fitted, scored = fitted_and_scored(run, fit if isinstance(fit, int | float) else _counted(fit), seed=seed)
    candidates = _candidates(scored.confidence, fitted.n_items, error, delta)
    table = _tested(fitted.confidence, fitted.correct, candidates, error)
    guaranteed = table.filter("guaranteed")["threshold"]
    threshold = math.inf if guaranteed.is_empty() else float(guaranteed[-1])
    answered = reaches(scored.confidence, threshold)
    wrong = ~scored.correct[answered]
    coverage = share_estimate(float(answered.mean()), scored.n_items, level=level)
    answered_error = share_estimate(float(wrong.mean()), len(wrong), level=level) if len(wrong) else None
    notes: tuple[str, ...] = ()
    if guaranteed.is_empty():
        notes = (
            f"nothing is answered: no threshold can be shown to keep the error at {error:g} "
            f"with {fitted.n_items} items to fit on",
        )
    return SelectiveThreshold(
        threshold=threshold,
        error=error,
        delta=delta,
        coverage=coverage.of_items("coverage", scored.n_items),
        answered_error=None if answered_error is None else answered_error.of_items("answered_error", len(wrong)),
        n_fitted=fitted.n_items,
        n_items=scored.n_items,
        frame=table,
        notes=notes,
    )


def _counted(run: GivenRun) -> Predictions | Pairs:
    """A run whose answers are independent and count alike, as exact binomial tails need.

    Raises
    ------
    ValueError
        For any other.
    """
    run = scored_run(run)
    if isinstance(run, Verdicts):
        raise ValueError(f"a threshold of confidence needs confidences; {WHAT_RUNS_HOLD[Verdicts]}")
    if run.units is not None:
        raise ValueError(
            "a threshold is guaranteed by counting independent answers, and several answers of one cluster are not: "
            "keep one answer of each"
        )
    if run.weights is not None:
        raise ValueError("a threshold is guaranteed by counting answers, which have no weights: leave weight out")
    return run


def _candidates(confidence: FloatArray, n_fitted: int, error: float, delta: float) -> tuple[FloatArray, FloatArray]:
    """Distinct thresholds from the highest, with their parts of delta."""
    fewest = max(1.0, 4 * ndtri(delta) ** 2 * (1 - error) / error)
    first = min(1.0, fewest / n_fitted)
    answered = np.linspace(first, 1, _CANDIDATES)
    starts = first * 2.0 ** np.arange(int(math.log2(1 / first)) + 1)
    given = np.bincount(np.searchsorted(answered, starts * (1 - _ROUNDING)), minlength=_CANDIDATES)
    ranks = np.ceil(answered * len(confidence) * (1 - _ROUNDING)).astype(np.int64) - 1
    threshold, index = np.unique(np.asarray(np.sort(level_ties(confidence)))[::-1][ranks], return_inverse=True)
    part = np.bincount(index, weights=given)[::-1].astype(np.float64)
    return threshold[::-1], delta * part / len(starts)


def _tested(
    confidence: FloatArray, correct: NDArray[np.bool_], candidates: tuple[FloatArray, FloatArray], error: float
) -> pl.DataFrame:
    """The fallback procedure on the items fitted on."""
    from scipy.stats import binom

    threshold, given = candidates
    order = np.argsort(confidence)
    below = np.searchsorted(np.asarray(confidence[order]), carried_precision(confidence).lowest_at(threshold))
    wrong_below = np.concatenate([[0], np.cumsum(~correct[order])])
    n_answered, n_wrong = len(confidence) - below, wrong_below[-1] - wrong_below[below]
    p_value = binom.cdf(n_wrong, n_answered, error)
    tested_at = given.copy()
    for index in range(1, len(threshold)):
        if p_value[index - 1] <= tested_at[index - 1]:
            tested_at[index] += tested_at[index - 1]
    table = pl.DataFrame(
        {
            "threshold": threshold,
            "n_answered": n_answered,
            "n_wrong": n_wrong,
            "p_value": p_value,
            "tested_at": tested_at,
            "guaranteed": p_value <= tested_at,
        }
    )
    rate = pl.when(pl.col("n_answered") > 0).then(pl.col("n_wrong") / pl.col("n_answered"))
    return table.insert_column(3, table.select(answered_error=rate).to_series())
