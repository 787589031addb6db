"""Changes of calibration at equal accuracy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import polars as pl

from ..errors import UndefinedMeasure
from ..metrics.arrays import FloatArray
from ..metrics.bins import wanted_bins
from ..metrics.validation import level_in_range
from ..predictions.pairing import ItemChoice, aligned
from ..predictions.predictions import Predictions
from ..predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, refuse_two_kinds, scored_run
from ..predictions.verdicts import Verdicts
from ..recalibration.cross_fitting import deal_folds
from ..uncertainty.changes import Change, change, measure_change
from ..uncertainty.drawn_units import unit_sampling
from ..uncertainty.few_errors import fewest
from ..uncertainty.kinds.protocol import Measure
from ..uncertainty.measure_table import Metric, measure_key
from .difficulty import Difficulty, item_difficulty
from .equal_accuracy_changes import EqualAccuracy, EqualAccuracyChange
from .matched_difficulty import overlap_weights, predicted_correctness
from .standardised_curves import StandardisedCurve

_N_FOLDS = 5
# Even items that the weighed ones of each run must be worth, and how far apart their predicted accuracies may be.
_FEWEST, _FARTHEST = 20, 0.05
# Wrong answers, and right ones, that each run must have: of fewer nobody can tell which items are hard for it.
_FEWEST_OUTCOMES = 10
_MEASURES: dict[str, Callable[[StandardisedCurve], Measure]] = {
    "signed_gap": lambda curve: curve.signed_gap,
    "ece_top": lambda curve: curve.ece,
}
# Measures whose values are of the same candidates in both runs: every option of every item.
SAME_CANDIDATES = ("ece_choices", "debiased_ce2_choices", "temperature")


def change_at_equal_accuracy(
    before: GivenRun,
    after: GivenRun,
    metric: Metric | str = "ece_top",
    *,
    difficulty: Difficulty | None = None,
    bins: int | None = None,
    items: ItemChoice = "same",
    level: float = 0.95,
    seed: int = 0,
) -> EqualAccuracyChange:
    r"""Change of a signed gap or ECE on items equally hard for both runs.

    Parameters
    ----------
    before, after : Predictions, Pairs, or pair of arrays
        Two runs on the same items, as in `change`.
    metric : function or str
        ``ece`` or ``signed_gap``, or their keys ``"ece_top"`` and ``"signed_gap"``.
    difficulty : run, str or array_like, optional
        What else tells how hard the items are, beside each run's own confidence: a third run on them, a column of
        numbers of the first run, or one number an item. Never outcomes of the runs compared.
    bins : int, optional
        Number of bins of equal width; ten if omitted.
    items : {"same", "common"}
        As in `change`.
    level : float
        Coverage of the intervals.
    seed : int
        Same seed, same digits.

    Returns
    -------
    EqualAccuracyChange
        A `Change` with what it was matched on.

    Raises
    ------
    ValueError
        As `change`; for another metric, and for a difficulty that is one of the runs compared.
    UndefinedMeasure
        For too few items that are equally hard for both.

    Notes
    -----
    *Equally hard.* The chance *r* that a run's answer is right is predicted from its confidence (and `difficulty`) by
    logistic regressions on the other folds, so that no item's outcome counts for itself. Overlap weights make the
    distribution of *r* the same in both runs: its mean, which is the accuracy, and the means of its square and cube.

    *Calibration.* The measure is of the gap that each confidence has in its run, :math:`g(c) = c - P(\text{right} \mid
    c)`, at the mix of confidences that the run has on the weighed items: :math:`\sum_b |\sum_{c \in b} q(c) g(c)|`,
    *q* the weighed share of each confidence, and without the bars for the signed gap. A calibrated run has 0 in every
    bin, whatever the weights: two calibrated runs change by 0 at any accuracies and with any `difficulty`. Items that
    were chosen by their outcome have no such curve, and two calibrated runs seem to differ on them.

    The interval is that of an ECE, or a mean, with the noise of the weights; the predictions of *r* are taken as given.

    References
    ----------
    Yang et al. (2026), arXiv:2606.30814 (that differences of accuracy confound comparisons of calibration). Li, Morgan
    and Zaslavsky (2018), doi:10.1080/01621459.2016.1260466 (overlap weights).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> weak, strong = rng.uniform(0.3, 0.9, 800), rng.uniform(0.5, 1.0, 800)
    >>> before, after = (weak, rng.random(800) < weak), (strong, rng.random(800) < strong)
    >>> matched = change_at_equal_accuracy(before, after, "signed_gap")
    >>> [round(accuracy, 2) for accuracy in matched.accuracy], matched.low < 0 < matched.high
    ([0.69, 0.7], True)
    """
    key = _key(metric)
    level_in_range(level)
    first, second = scored_run(before), scored_run(after)
    refuse_two_kinds(first, second)
    first, second = aligned(first, second, items)
    curves = standardised_curves(first, second, difficulty=difficulty, bins=wanted_bins(bins, None), seed=seed)
    return _matched_change(curves, key, level=level, seed=seed)


def compare_at_equal_accuracy(
    before: GivenRun,
    after: GivenRun,
    *,
    difficulty: Difficulty | None = None,
    items: ItemChoice = "same",
    level: float = 0.95,
    seed: int = 0,
) -> EqualAccuracy:
    """Changes of calibration on items that are equally hard, and over the same candidates.

    Parameters
    ----------
    before, after, difficulty, items, level, seed
        As in `change_at_equal_accuracy`.

    Raises
    ------
    ValueError
        As `change_at_equal_accuracy`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> confidence = rng.uniform(0.3, 0.9, 200)
    >>> run = confidence, rng.random(200) < confidence
    >>> compare_at_equal_accuracy(run, run).equally_hard["ece_top"].value
    0.0
    """
    level_in_range(level)
    first, second = scored_run(before), scored_run(after)
    refuse_two_kinds(first, second)
    first, second = aligned(first, second, items)
    notes: list[str] = []
    equally_hard: dict[str, EqualAccuracyChange] = {}
    try:
        curves = standardised_curves(first, second, difficulty=difficulty, seed=seed)
        equally_hard = {key: _matched_change(curves, key, level=level, seed=seed) for key in _MEASURES}
    except UndefinedMeasure as error:
        notes.append(f"no change on items that are equally hard: {error}")
    candidates: dict[str, Change] = {}
    for key in SAME_CANDIDATES if isinstance(first, Predictions) else ():
        try:
            candidates[key] = change(first, second, key, level=level, seed=seed)
        except UndefinedMeasure as error:
            notes.append(f"{key} is left out: {error}")
    if not isinstance(first, Predictions):
        notes.append(f"no change over the same candidates: {WHAT_RUNS_HOLD[type(first)]}")
    return EqualAccuracy(equally_hard=equally_hard, same_candidates=candidates, notes=tuple(notes))


def standardised_curves(
    first: Any, second: Any, *, difficulty: Difficulty | None = None, bins: int = 10, seed: int = 0
) -> tuple[StandardisedCurve, StandardisedCurve]:
    """Curves of two aligned runs at their confidences in equally hard items.

    Raises
    ------
    ValueError
        For verdicts, and as `item_difficulty`.
    UndefinedMeasure
        For too few items that are equally hard for both.
    """
    if isinstance(first, Verdicts):
        raise ValueError(f"calibration needs a confidence in each answer; {WHAT_RUNS_HOLD[Verdicts]}")
    hard = None if difficulty is None else item_difficulty(difficulty, (first, second))
    units = first.n_items if first.units is None else int(first.units.max()) + 1
    if units < _FEWEST:
        unit = "items" if first.units is None else "clusters"
        raise UndefinedMeasure(f"matching needs at least {_FEWEST} {unit}, got {units}")
    for name, run in (("first", first), ("second", second)):
        if fewest(run.correct) < _FEWEST_OUTCOMES:
            raise UndefinedMeasure(
                f"matching needs at least {_FEWEST_OUTCOMES} wrong and {_FEWEST_OUTCOMES} right answers in each run, "
                f"the {name} has {run.n_items - int(run.correct.sum())} and {int(run.correct.sum())}"
            )
    fold = deal_folds(first, "items", _N_FOLDS, seed)
    before, after = (
        predicted_correctness(run.confidence, run.correct, fold, difficulty=hard, weight=first.weights)
        for run in (first, second)
    )
    matched = overlap_weights(before, after, weight=first.weights)
    if np.array_equal(first.confidence, second.confidence) and np.array_equal(first.correct, second.correct):
        matched = (matched[0], matched[0])  # a run against itself changes by exactly 0
    left, right = (
        StandardisedCurve(run=run, matched=own, bins=bins) for run, own in zip((first, second), matched, strict=True)
    )
    _refuse_unlike(left, right, (before.value, after.value))
    return left, right


def _refuse_unlike(left: StandardisedCurve, right: StandardisedCurve, chances: tuple[FloatArray, FloatArray]) -> None:
    """Raise if too few items are equally hard for both runs."""
    first, second = (curve.mean(chance) for curve, chance in zip((left, right), chances, strict=True))
    if abs(first - second) > _FARTHEST:
        raise UndefinedMeasure(
            f"too few items are equally hard for both runs: of the nearest to that the first is expected to get "
            f"{first:.0%} right, the second {second:.0%}".replace("%", " %")
        )
    least = min(left.effective_items, right.effective_items)
    if least < _FEWEST:
        raise UndefinedMeasure(
            f"too few items are equally hard for both runs: they say as much as {least:.0f} even ones, and {_FEWEST} "
            "are needed"
        )


def _matched_change(
    curves: tuple[StandardisedCurve, StandardisedCurve], key: str, *, level: float, seed: int
) -> EqualAccuracyChange:
    first, second = curves
    before, after = (_MEASURES[key](curve) for curve in curves)
    run = first.run
    moved = measure_change(
        before, after, run.subject, these=unit_sampling(run), weight=run.weights, level=level, seed=seed
    )
    plain = change(run, second.run, key, level=level, seed=seed).value
    return EqualAccuracyChange(
        **{field.name: getattr(moved, field.name) for field in fields(Change)},
        measure=key,
        before=before.value,
        after=after.value,
        all_items=plain,
        accuracy=(first.accuracy, second.accuracy),
        effective_items=(first.effective_items, second.effective_items),
        frame=pl.concat(
            curve.frame.select(pl.lit(name).alias("run"), pl.all())
            for name, curve in (("before", first), ("after", second))
        ),
    )


def _key(metric: Metric | str) -> str:
    key = metric if isinstance(metric, str) else measure_key(metric, "top")
    if key not in _MEASURES:
        raise ValueError(f"at equal accuracy there are {' and '.join(map(repr, _MEASURES))}, got {key!r}")
    return key
