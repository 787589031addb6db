"""The smallest margins that may be claimed: calibrated within, changed within."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ..metrics.bins import Strategy
from ..metrics.calibration_errors import ece, max_calibration_error
from ..predictions.predictions import View
from ..predictions.scored_runs import GivenRun, ScoredRun, scored_run
from ..uncertainty.changes import change
from ..uncertainty.chosen_measures import ChosenMeasure, choose_measure
from ..uncertainty.drawn_units import Scheme, run_sampling
from ..uncertainty.estimates import Estimate, Origin, measure_estimate, measure_floor
from ..uncertainty.measure_names import calibrated_value
from ..uncertainty.measure_table import TABLE, Metric
from .deciding import decide
from .decision import Decision

CURVE = "curve"


def calibrated_within(
    run: GivenRun,
    measure: Metric | str = ece,
    *,
    view: View = "top",
    bins: int | None = None,
    strategy: Strategy | None = None,
    sampling: Scheme = "items",
    level: float = 0.95,
    seed: int = 0,
) -> Decision:
    r"""Smallest margin within which a model may be called calibrated.

    Parameters
    ----------
    run : Predictions, Pairs, or pair of arrays
        The run; ``(confidence, correct)`` in place of one.
    measure : function or str
        A metric or key that tells how far off calibration is (`ece`, `smooth_ece`, `signed_gap`, `debiased_ce2`,
        `classwise_ece`, `max_calibration_error`, ``"temperature"``), or ``"curve"``: the gap of every bin of the
        reliability curve.
    view, bins, strategy, sampling
        As in `estimate`. A curve has ten bins of equal mass if nothing else is said, so that none is sparse.
    level : float
        1 − the probability with which the claim may be false.
    seed : int
        Same seed, same digits.

    Returns
    -------
    Decision
        Its word is *within*, its ``margin`` the smallest that may be claimed. Where nothing may be, its word is *cannot
        tell*, its margin NaN and its ``reason`` says why: subjects too few, errors too few, items that leave
        everything possible.

    Raises
    ------
    ValueError
        For a measure that says nothing of calibration, and as `estimate`.

    Notes
    -----
    One-sided upper limit of the distance from the value of a calibrated model. Even a calibrated model needs items:
    with 200 the ECE of its predicted letters can be called within 0.10 or so, with 1,000 within 0.05. Of the curve no
    bin is left out: its margin is the largest upper limit of the gap of any bin. Each limit holds alone, since a false
    claim is false in the bin with the largest gap (intersection-union test, Berger 1982, Technometrics 24:295). A bin
    of few items has a wide limit and decides the margin; take fewer bins then. The claim is of these bins: within one
    of them gaps may cancel.

    Examples
    --------
    >>> from calibration import Predictions
    >>> run = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5], [1.0, 0.0]] * 50, answer=[0, 0, 1, 1] * 50)
    >>> print(calibrated_within(run))
    ECE (top) is within 0.244 of 0: 0.191, at most 0.244 (95 %)
    >>> calibrated_within(run, "curve", bins=3).word
    'within'
    """
    data = scored_run(run)
    chosen = _of_calibration(measure, data, view=view, bins=bins, strategy=strategy)
    kept = chosen.of_run(data)
    estimate = measure_estimate(
        kept, measure_floor(kept, data, seed=seed), run_sampling(sampling, data),
        level=level, seed=seed, origin=Origin(chosen.key, data.n_items),
    )  # fmt: skip
    bound = calibrated_value(chosen.key) or 0.0
    decision = _within(estimate, bound, limit=kept.bounds[1] - bound)
    return replace(decision, label="gap of every bin (" + view + ")") if measure == CURVE else decision


def changed_within(
    before: GivenRun,
    after: GivenRun,
    measure: Metric | str = ece,
    *,
    view: View = "top",
    bins: int | None = None,
    strategy: Strategy | None = None,
    sampling: Scheme = "items",
    paired: bool = True,
    level: float = 0.95,
    seed: int = 0,
) -> Decision:
    """Smallest margin within which a measure may be said to have stayed.

    Parameters
    ----------
    before, after : Predictions, Pairs, Verdicts, or pair of arrays
        Two runs on the same items.
    measure, view, bins, strategy, sampling, paired, seed
        As in `change`.
    level : float
        1 − the probability with which the claim may be false.

    Returns
    -------
    Decision
        Its word is *within*, its ``margin`` the smallest that may be claimed, to either side. Where nothing may be, its
        word is *cannot tell*, its margin NaN, and its ``reason`` says why.

    Raises
    ------
    ValueError
        As `change`.

    Examples
    --------
    >>> from calibration import Predictions, brier_score
    >>> scores = [[2.0, 0.0], [1.0, 0.0], [0.0, 1.5], [1.0, 0.0]] * 25
    >>> before = Predictions.from_arrays(scores, answer=[0, 0, 1, 1] * 25)
    >>> after = Predictions.from_arrays([[1.1 * score for score in row] for row in scores], answer=[0, 0, 1, 1] * 25)
    >>> print(changed_within(before, after, brier_score))
    Brier score changed by no more than 0.0087: +0.003, between -0.002 and +0.009 (95 %, each end alone)
    """
    moved = change(
        before, after, measure, view=view, bins=bins, strategy=strategy, sampling=sampling, paired=paired,
        level=level, seed=seed,
    )  # fmt: skip
    decision = decide(moved)
    if not moved.known:
        return replace(decision, margin=float("nan"))
    return replace(decision, word="within", margin=max(abs(moved.least), abs(moved.most)), n_needed=None)


def _of_calibration(
    measure: Metric | str, run: ScoredRun, *, view: View, bins: int | None, strategy: Strategy | None
) -> ChosenMeasure:
    """A measure that tells how far off calibration is."""
    choose = partial(choose_measure, run=run, view=view, bins=bins)
    if measure == CURVE:
        return choose(max_calibration_error, strategy=strategy or "quantile")
    chosen = choose(measure, strategy=strategy)
    if calibrated_value(chosen.key) is None:
        known = ", ".join(row.key for row in TABLE if row.calibrated is not None)
        raise ValueError(f"{chosen.key} has no value that calibrated models have; known are {CURVE}, {known}")
    return chosen


def _within(estimate: Estimate, bound: float, *, limit: float) -> Decision:
    """The smallest margin around `bound`; none that is as large as everything possible."""
    decision = replace(decide(estimate, bound=bound), n_needed=None)
    if not estimate.known:
        return replace(decision, word="cannot tell", margin=float("nan"))
    margin = max(abs(estimate.least - bound), abs(estimate.most - bound))
    if margin >= limit:
        reason = f"{decision.n_items} items leave everything possible"
        return replace(decision, word="cannot tell", margin=float("nan"), reason=reason)
    return replace(decision, word="within", margin=margin)
