"""The hard–easy gap: whether confidence is too high on hard items above all."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from ..metrics.arrays import FloatArray
from ..metrics.validation import float_array, level_in_range
from ..number_texts import interval_text
from ..predictions.pairing import aligned
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, ScoredRun, scored_run, take_rows
from ..predictions.verdicts import Verdicts
from ..result_tables.result_table import ResultTable, result_columns
from ..result_tables.shown_result import ShownResult
from ..uncertainty.changes import Change, measure_change
from ..uncertainty.drawn_units import unit_sampling
from ..uncertainty.estimates import Estimate, measure_estimate
from ..uncertainty.intervals import Interval, inverted_p_value, without_none
from ..uncertainty.kinds.errors_of_halves import ErrorsOfHalves
from ..uncertainty.kinds.mean_like import MeanLike
from ..uncertainty.kinds.rare_errors import GapErrors
from ..uncertainty.measures import signed_gap
from .grouping import further_columns_of

Difficulty = str | ArrayLike | Predictions | Pairs


@dataclass(frozen=True, kw_only=True, repr=False)
class HardEasyGap(ShownResult):
    """Signed gap of hard items less that of easy ones.

    Attributes
    ----------
    gap : Estimate
        The difference; above 0 where confidence is too high on hard items, more than on easy ones.
    hard, easy : Estimate
        Signed gap (confidence − accuracy) of each half.
    n_hard, n_easy : int
        Number of items.
    source : str
        What the difficulty is.
    """

    gap: Estimate
    hard: Estimate
    easy: Estimate
    n_hard: int
    n_easy: int
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON, without values that are None or NaN."""
        return without_none(asdict(self))

    @property
    def table(self) -> ResultTable:
        """Signed gap of each half, and their difference."""
        interval = f"{100 * self.gap.level:g} % interval"
        title = f"Hard–easy gap: signed gap of hard items less that of easy ones, hard by {self.source}"
        rows = (("hard", self.hard, self.n_hard), ("easy", self.easy, self.n_easy), ("hard − easy", self.gap, None))
        return ResultTable(
            columns=result_columns(("", "items", "signed gap", interval)),
            rows=tuple(
                (name, "" if n is None else f"{n:,}", f"{value.value:+.3f}", interval_text(value.low, value.high))
                for name, value, n in rows
            ),
            heading=(title,),
            notes=tuple(f"Note: {name}: {value.reason}." for name, value, _ in rows if value.reason),
            caption=f"{title}, with {interval}s.",
        )

    def __repr__(self) -> str:
        return f"<HardEasyGap: {self}>"

    def __str__(self) -> str:
        return f"{self.gap} (hard by {self.source}: {self.n_hard} items, {self.hard}; easy: {self.n_easy}, {self.easy})"


def hard_easy_gap(run: GivenRun, difficulty: Difficulty, *, level: float = 0.95, seed: int = 0) -> HardEasyGap:
    """Hard–easy gap: mean confidence − accuracy of hard items, less that of easy ones.

    Parameters
    ----------
    run : Predictions, Pairs, or pair of arrays
        The run.
    difficulty : str, array_like, shape (n_items,), or a run
        How hard each item is, known without the run's answers: a column of numbers of the run's table, or numbers, more
        for a harder one; or another run on the same items, whose confidence is taken, less for a harder one. Items
        above the median are hard, the others easy.
    level : float
        Coverage of the intervals.
    seed : int
        Same seed, same digits.

    Returns
    -------
    HardEasyGap

    Raises
    ------
    ValueError
        For difficulties that are the run's own right and wrong answers, or its own confidence; that are not one number
        an item; of which no more than half the items are above the median; for weighted items.

    Notes
    -----
    Items that the run answered wrong are hard for it, and its confidence is above its accuracy on them, however
    calibrated it is: a difficulty made of its own outcome shows a gap without a cause. Right and wrong answers of
    *another* run do the same, since both are graded with one key, so its confidence is taken instead. A calibrated
    model may still have a gap, if the difficulty tells what it does not know; it is then not calibrated within
    difficulties. Most models that know less than the difficulty tells have one (Merkle 2009).

    The interval joins those of both signed gaps as if independent (Zou and Donner 2008), which halves are; of clusters,
    whose items may be in both, it is Student's with the jackknife's error, or allows for one cluster more where fewer
    than three answers are wrong, or right. A change allows for an answer that changed where fewer than two of a half
    did (of clusters, than two of all).

    References
    ----------
    Lichtenstein and Fischhoff (1977), doi:10.1016/0030-5073(77)90001-0. Juslin, Winman and Olsson (2000),
    doi:10.1037/0033-295X.107.2.384. Merkle (2009), doi:10.3758/PBR.16.1.204.

    Examples
    --------
    >>> found = hard_easy_gap(([0.9, 0.8, 0.9, 0.7, 0.9, 0.8], [1, 1, 1, 0, 0, 1]), [1, 2, 1, 3, 3, 3])
    >>> round(found.gap.value, 3), found.n_hard, found.n_easy
    (0.6, 3, 3)
    """
    level_in_range(level)
    given = _stated(scored_run(run))
    value, source = _difficulties(given, difficulty)
    hard = _is_hard(value)
    halves = [measure_gap(take_rows(given, np.flatnonzero(rows).tolist()), level, seed) for rows in (hard, ~hard)]
    if given.units is None:
        gap = _joined(given, hard, level=level, seed=seed)
    else:
        gap = measure_estimate(_difference(given, hard), None, unit_sampling(given), level=level, seed=seed)
    return HardEasyGap(
        gap=gap.of_items("hard_easy_gap", given.n_items),
        hard=halves[0],
        easy=halves[1],
        n_hard=int(hard.sum()),
        n_easy=int((~hard).sum()),
        source=source,
    )


def hard_easy_change(
    before: GivenRun, after: GivenRun, difficulty: Difficulty, *, level: float = 0.95, seed: int = 0
) -> Change:
    """Change of the hard–easy gap between two runs, paired by item.

    Parameters
    ----------
    before, after : Predictions, Pairs, or pair of arrays
        Two runs of one kind.
    difficulty : str, array_like, shape (n_items,), or a run
        As in `hard_easy_gap`; a column, or numbers, of `before`.
    level, seed
        As in `hard_easy_gap`.

    Returns
    -------
    Change

    Raises
    ------
    ValueError
        As `hard_easy_gap`, of either run; as `change`.

    Examples
    --------
    >>> correct, hard = [1, 1, 1, 0, 0, 1], [1, 2, 1, 3, 3, 3]
    >>> surer = ([0.95, 0.9, 0.9, 0.9, 0.95, 0.9], correct)
    >>> round(hard_easy_change(([0.9, 0.8, 0.9, 0.7, 0.9, 0.8], correct), surer, hard).value, 3)
    0.067
    """
    first, second = _stated(scored_run(before)), _stated(scored_run(after))
    value, _ = _difficulties(first, difficulty)
    keyed = pl.DataFrame({"item": first.item.tolist(), "difficulty": value})
    paired, other = aligned(first, second, "same")
    rows = pl.DataFrame({"item": paired.item.tolist()}).join(keyed, on="item", how="left", maintain_order="left")
    joined = rows["difficulty"].to_numpy()
    _refuse_own(other, joined)
    hard = _is_hard(joined)
    return measure_change(
        _difference(_stated(paired), hard), _difference(_stated(other), hard), paired.subject,
        these=unit_sampling(paired), level=level, seed=seed,
    )  # fmt: skip


def measure_gap(run: Predictions | Pairs, level: float, seed: int) -> Estimate:
    """Signed gap of a run with its interval."""
    estimate = measure_estimate(signed_gap(run), None, unit_sampling(run), level=level, seed=seed)
    return estimate.of_items("signed_gap", run.n_items)


def _stated(run: ScoredRun) -> Predictions | Pairs:
    if isinstance(run, Verdicts):
        raise ValueError(f"a hard–easy gap needs a confidence in each answer; {WHAT_RUNS_HOLD[Verdicts]}")
    if run.weights is not None:
        raise ValueError("a hard–easy gap has no form for weighted items")
    return run


def _difficulties(run: Predictions | Pairs, difficulty: Difficulty) -> tuple[FloatArray, str]:
    """Difficulty of each item, and what it is."""
    if isinstance(difficulty, Predictions | Pairs):
        other = pl.DataFrame({"item": difficulty.item.tolist(), "value": -np.asarray(difficulty.confidence)})
        mine = pl.DataFrame({"item": run.item.tolist()}).join(other, on="item", how="left", maintain_order="left")
        if mine["value"].null_count():
            raise ValueError(
                f"{mine['value'].null_count()} of {run.n_items} items are not in the run of the difficulty"
            )
        value, source = mine["value"].to_numpy(), "confidence of another run"
    elif isinstance(difficulty, str):
        columns = further_columns_of(run)
        if difficulty not in columns.columns:
            raise ValueError(f"no column is called {difficulty!r}; there are: {', '.join(columns.columns) or 'none'}")
        value, source = np.asarray(float_array(difficulty, columns[difficulty].to_numpy())), difficulty
    else:
        value, source = np.asarray(float_array("difficulty", difficulty)), "given numbers"
    if value.shape != (run.n_items,) or not np.isfinite(value).all():
        raise ValueError(f"difficulty must be one finite number an item, ({run.n_items},), got {value.shape}")
    _refuse_own(run, value)
    return value, source


def _refuse_own(run: ScoredRun, value: FloatArray) -> None:
    correct = run.correct.astype(np.float64)
    if np.array_equal(value, 1 - correct) or np.array_equal(value, correct):
        raise ValueError(
            "the difficulty is the run's own right and wrong answers: it shows a gap however calibrated it is"
        )
    if isinstance(run, Predictions | Pairs) and np.array_equal(np.abs(value), np.asarray(run.confidence)):
        raise ValueError("the difficulty is the run's own confidence: for that, see the calibration slope")


def _is_hard(value: FloatArray) -> np.ndarray:
    hard = value > np.median(value)
    if not hard.any():
        raise ValueError("no item is harder than the median: the difficulties differ too little")
    return np.asarray(hard)


def _difference(run: Predictions | Pairs, hard: np.ndarray) -> MeanLike:
    """Difference of the mean gaps of both halves."""
    gap = np.asarray(run.confidence) - run.correct
    means = [float(gap[rows].mean()) for rows in (hard, ~hard)]
    share = hard.mean()
    influence = np.where(hard, (gap - means[0]) / share, -(gap - means[1]) / (1 - share))
    return MeanLike(
        value=means[0] - means[1], influence=influence, zero_means_calibrated=True, bounds=(-2.0, 2.0),
        errors=ErrorsOfHalves(_errors(run, hard), _errors(run, ~hard), hard),
    )  # fmt: skip


def _errors(run: Predictions | Pairs, rows: np.ndarray) -> GapErrors:
    confidence, correct = np.asarray(run.confidence)[rows], run.correct[rows]
    logits = (lambda: run.log_probabilities[rows]) if isinstance(run, Predictions) else None
    return GapErrors(confidence, correct, logits)


def _joined(run: Predictions | Pairs, hard: np.ndarray, *, level: float, seed: int) -> Estimate:
    """Difference of both gaps with the interval that joins theirs."""
    gaps = [signed_gap(take_rows(run, np.flatnonzero(rows).tolist())) for rows in (hard, ~hard)]
    halves = [
        replace(gap, zero_means_calibrated=False) for gap in gaps
    ]  # their own tests would be sought at each level
    value = halves[0].value - halves[1].value

    def interval(half: MeanLike, level: float) -> Interval:
        return half.interval(unit_sampling(run), floor=None, level=level, seed=seed)

    known = [interval(half, level) for half in halves]
    reason = next((half.reason for half in known if not half.known), None)
    if reason is not None:
        return Estimate(value=value, low=math.nan, high=math.nan, level=level, reason=reason)

    def limits(level: float) -> tuple[float, float]:
        first, second = (interval(half, level) for half in halves)
        low = math.hypot(halves[0].value - first.low, second.high - halves[1].value)
        high = math.hypot(first.high - halves[0].value, halves[1].value - second.low)
        return value - low, value + high

    low, high = limits(level)
    return Estimate(value=value, low=low, high=high, level=level, p_value=inverted_p_value(limits))
