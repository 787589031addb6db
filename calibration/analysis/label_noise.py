"""Label noise: effect of faulty questions and keys on a run's measures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..items.annotations import OK, Annotations
from ..metrics.curves import wilson
from ..metrics.validation import level_in_range
from ..predictions.predictions import Predictions
from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import ShownResult
from ..uncertainty.changes import Change, has_change, measure_change
from ..uncertainty.defined_measures import defined_measures
from ..uncertainty.kinds.mean_like import MeanLike
from ..uncertainty.kinds.share import Share
from ..uncertainty.measure_table import MEASURES
from .annotated_runs import SETS, AnnotatedSets, annotated_sets
from .label_noise_tables import effects_table, types_table, values_table
from .summary import Summary, summarize

# In simulations the intervals of these covered 93-96 %; those of ECE, log loss and temperature did not.
_WITH_INTERVAL = frozenset({"accuracy", "accuracy_ties_split", "mean_confidence", "signed_gap", "brier", "auroc"})
# With fewer items that make the difference its distribution is too skewed; with 27 the intervals covered 91-95 %.
_FEWEST = 75


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class LabelNoise(ShownResult):
    """Measures of a run with and without faulty items, and with corrected keys.

    Printed, it is the tables of ``veracal summarize --annotations``; in a notebook tables of HTML.

    Attributes
    ----------
    as_keyed, without_faulty, corrected : Summary
        Of the sets of `AnnotatedSets`.
    dropping : dict of str to Change or float
        ``without_faulty − as_keyed``: a measure of some of the items minus that of all of them.
    correcting : dict of str to Change or float
        What the new keys alone change: on the items of `corrected`, corrected keys − given keys. A bare number where
        there is no valid interval (see `label_noise`).
    types : polars.DataFrame
        One row an error type, ``ok`` first: ``error_type``, ``n_items``, ``accuracy`` under the given keys with its
        interval ``accuracy_low`` and ``accuracy_high``, ``mean_confidence``, ``n_rekeyed`` and ``accuracy_rekeyed``,
        the accuracy of the re-keyed items under their corrected keys (null where there are none).
    n_not_annotated, n_not_in_run : int
        Items of the run without an annotation, and annotations without an item of the run: in none of the sets.
    notes : tuple of str
        What was left out and why, in words.
    """

    as_keyed: Summary
    without_faulty: Summary
    corrected: Summary
    dropping: dict[str, Change | float]
    correcting: dict[str, Change | float]
    types: pl.DataFrame
    n_not_annotated: int
    n_not_in_run: int
    notes: tuple[str, ...]

    @property
    def table(self) -> ResultTable:
        """Measures on each set."""
        return values_table((self.as_keyed, self.without_faulty, self.corrected))

    @property
    def tables(self) -> tuple[ResultTable, ...]:
        """Measures on each set, their changes, and the faults."""
        return self.table, effects_table(self.dropping, self.correcting), types_table(self.types, self.notes)

    @property
    def frame(self) -> pl.DataFrame:
        """One row a measure: its value on each set, both differences, their intervals.

        Null without an interval.
        """
        rows = []
        for key in self.as_keyed:
            row: dict[str, str | float | None] = {"measure": key}
            for name in SETS:
                summary = getattr(self, name)
                row[name] = summary.point(key) if key in summary else None
            for name in ("dropping", "correcting"):
                effect = getattr(self, name).get(key)
                bounds = (effect.low, effect.high) if isinstance(effect, Change) else (None, None)
                row[name] = effect.value if isinstance(effect, Change) else effect
                row[f"{name}_low"], row[f"{name}_high"] = bounds
            rows.append(row)
        schema = {"measure": pl.String} | dict.fromkeys(list(rows[0])[1:], pl.Float64)
        return pl.DataFrame(rows, schema=schema).fill_nan(None)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON, without values that are None."""
        return {
            **{name: getattr(self, name).to_dict() for name in SETS},
            "dropping": {
                key: effect.to_dict() if isinstance(effect, Change) else effect for key, effect in self.dropping.items()
            },
            "correcting": {
                key: effect.to_dict() if isinstance(effect, Change) else effect
                for key, effect in self.correcting.items()
            },
            "types": [
                {name: value for name, value in row.items() if value is not None}
                for row in self.types.iter_rows(named=True)
            ],
            "n_not_annotated": self.n_not_annotated,
            "n_not_in_run": self.n_not_in_run,
            "notes": list(self.notes),
        }


def label_noise(
    predictions: Predictions, annotations: Annotations, *, level: float = 0.95, seed: int = 0
) -> LabelNoise:
    r"""Measures of a run with and without faulty items, and with corrected keys.

    Parameters
    ----------
    predictions : Predictions
        The run.
    annotations : Annotations
        Joined on the ids of items.
    level : float
        Coverage of the intervals.
    seed : int
        Same seed, same digits.

    Returns
    -------
    LabelNoise
        The measures of `summarize` on the annotated items as keyed, without the faulty ones, and with corrected keys
        (see `AnnotatedSets`), and what dropping and correcting changes.

    Raises
    ------
    ValueError
        As `annotated_sets`.

    Notes
    -----
    Intervals are for new items of these subjects, annotated alike. *Correcting* is paired: the same items and answers
    under two keys, with McNemar's test and Tango's interval for accuracy. *Dropping* compares some of the items with
    all of them; both are functions of the same items, so that each item i moves the difference by

    .. math:: \frac{s_i}{\bar s}\, \psi^{\mathrm{sound}}_i - \psi^{\mathrm{all}}_i

    with :math:`s_i` = 1 for a sound item and :math:`\psi` the influence on the measure of that set; the interval is
    that of a mean (see `change`). Accuracy, mean confidence, signed gap, Brier score and AUROC have intervals where at
    least 75 items make the difference; in simulations these covered 93–96 %. An ECE has none: where the run is
    calibrated but for the faults, intervals like that of `change` covered as little as 62 %. Log loss and
    temperature have none: the few keys to which the model gives next to no probability decide both, and coverage fell
    to 91 %.

    References
    ----------
    Gema et al. (2024), arXiv:2406.04127 (MMLU-Redux). Northcutt et al. (2021), arXiv:2103.14749 (label errors change
    the ranking of models).

    Examples
    --------
    >>> run = Predictions.from_arrays([[2.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0, 0, 1], item=["a", "b", "c"])
    >>> table = pl.DataFrame(
    ...     {"item": ["a", "b", "c"], "error_type": ["ok", "wrong key", "ok"], "corrected_answer": [None, 1, None]}
    ... )
    >>> label_noise(run, Annotations(table)).frame.filter(measure="accuracy").select(SETS).row(0)
    (0.3333333333333333, 0.5, 0.6666666666666666)
    """
    level_in_range(level)
    sets = annotated_sets(predictions, annotations)
    as_keyed = summarize(sets.as_keyed, level=level, seed=seed)
    common = Predictions(sets.as_keyed.frame.filter(sets.sound | sets.rekeyed))
    return LabelNoise(
        as_keyed=as_keyed,
        without_faulty=summarize(sets.without_faulty, level=level, seed=seed),
        corrected=summarize(sets.corrected, level=level, seed=seed),
        dropping=_effects(sets.as_keyed, sets.without_faulty, as_keyed, level=level, member=sets.sound),
        correcting=_effects(common, sets.corrected, as_keyed, level=level),
        types=_types(sets, level),
        n_not_annotated=sets.n_not_annotated,
        n_not_in_run=sets.n_not_in_run,
        notes=sets.notes,
    )


def _effects(
    first: Predictions,
    second: Predictions,
    keys: Iterable[str],
    *,
    level: float,
    member: NDArray[np.bool_] | None = None,
) -> dict[str, Change | float]:
    """Measures of the second run minus those of the first.

    `member` marks the rows of the first that the second holds; all if omitted.
    """
    wanted = {key: MEASURES[key] for key in keys if key in MEASURES}
    before, after = (defined_measures(run, wanted)[0] for run in (first, second))  # the summaries note the others
    n_moved = int((first.answer != second.answer).sum() if member is None else (~member).sum())
    # One subject for all: the interval for new subjects was not found to hold.
    subject = np.zeros(first.n_items, dtype=np.str_)
    effects: dict[str, Change | float] = {}
    for key in [key for key in before if key in after]:
        left, right = before[key], after[key]
        if key not in _WITH_INTERVAL or n_moved < _FEWEST or not has_change(left, right):
            effects[key] = right.value - left.value
            continue
        if member is not None and isinstance(left, Share | MeanLike) and isinstance(right, Share | MeanLike):
            left, right = _mean_like(left), _within(right, member)
        effects[key] = measure_change(left, right, subject, level=level)
    return effects


def _mean_like(measure: Share | MeanLike) -> MeanLike:
    return measure if isinstance(measure, MeanLike) else MeanLike(value=measure.value, influence=measure.influence)


def _within(measure: Share | MeanLike, member: NDArray[np.bool_]) -> MeanLike:
    """A measure of some items as a measure of all.

    The others move it only by their number.
    """
    influence = np.zeros(len(member))
    influence[member] = measure.influence / member.mean()
    return MeanLike(value=measure.value, influence=influence)


def _types(sets: AnnotatedSets, level: float) -> pl.DataFrame:
    run = sets.as_keyed
    right = np.zeros(run.n_items, dtype=bool)
    right[sets.sound | sets.rekeyed] = sets.corrected.correct
    table = pl.DataFrame(
        {
            "error_type": sets.error_type,
            "correct": run.correct,
            "confidence": run.confidence,
            "rekeyed": sets.rekeyed,
            "right": right,
        }
    )
    table = table.group_by("error_type").agg(
        n_items=pl.len().cast(pl.Int64),
        accuracy=pl.col("correct").mean(),
        mean_confidence=pl.col("confidence").mean(),
        n_rekeyed=pl.col("rekeyed").sum().cast(pl.Int64),
        accuracy_rekeyed=pl.col("right").filter("rekeyed").mean(),
    )
    low, high = wilson(table["accuracy"].to_numpy(), table["n_items"].to_numpy().astype(np.float64), level=level)
    table = table.with_columns(accuracy_low=low, accuracy_high=high)
    order = ("error_type", "n_items", "accuracy", "accuracy_low", "accuracy_high")
    return table.sort(pl.col("error_type") != OK, -pl.col("n_items"), "error_type").select(
        *order, "mean_confidence", "n_rekeyed", "accuracy_rekeyed"
    )
