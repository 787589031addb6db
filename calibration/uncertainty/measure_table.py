"""The table of measures: key, computation, names, view, better direction and unit of each."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal, get_args

from ..metrics.calibration_errors import classwise_ece, ece, max_calibration_error, signed_gap
from ..metrics.logistic_recalibration import calibration_in_the_large, calibration_intercept, calibration_slope
from ..metrics.ranking import auroc
from ..metrics.risk_coverage import augrc, aurc
from ..metrics.scoring_rules import brier_score, log_loss
from ..metrics.smooth_curves import e50, e90, emax, ici
from ..metrics.smoothing import smooth_ece
from ..metrics.squared_error import debiased_ce2
from ..nearest_names import nearest
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions, View
from ..predictions.scored_runs import WHAT_RUNS_HOLD, ScoredRun
from ..predictions.verdicts import Verdicts
from . import curve_measures, measures, ranking_measures, recalibration_measures, top_k_measures
from .kinds.protocol import Measure

Metric = Callable[..., float]
Needs = Literal["correct", "confidence", "letters"]

# From the least that a run can hold to the most.
_NEEDS: tuple[Needs, ...] = get_args(Needs)
_HELD: dict[type, Needs] = {Verdicts: "correct", Pairs: "confidence", Predictions: "letters"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A measure: its computation and its names.

    Attributes
    ----------
    key : str
        Its name in tables and JSON.
    measure : function or None
        Measure of a run; None for a row that `summarize` or `recalibrate` computes.
    label : str
        Its name at the beginning of a table's row; a noise floor is indented under its measure.
    long : str
        Its name where nothing beside it explains it, as on an axis; empty for a row that is never drawn.
    metric : function or None
        The public metric that it is an interval of.
    view : {"top", "choices"} or None
        Predicted letters, or all letters pooled; None for whole distributions, which have no view.
    better : {"lower", "higher"} or None
        Which direction is better; None if neither is.
    unit : str
        Empty for probabilities and their squares.
    needs : {"correct", "confidence", "letters"}
        What a run must hold of each item: right or wrong, a confidence beside it, or a whole distribution.
    binned : bool
        Whether it takes a number of bins and a way of making them.
    listed : bool
        Whether it stands in every table; otherwise it is measured on request (`estimate`).
    beside_letters : bool
        Whether it stands in tables of whole distributions too.
    by_subject : bool
        Whether it is for runs with several subjects alone.
    calibrated : float or None
        Its value for a calibrated model; None if there is none.
    """

    key: str
    measure: Callable[..., Measure] | None = None
    label: str
    long: str = ""
    metric: Metric | None = None
    view: View | None = None
    better: Literal["lower", "higher"] | None = None
    unit: str = ""
    needs: Needs = "confidence"
    binned: bool = False
    listed: bool = True
    beside_letters: bool = True
    by_subject: bool = False
    calibrated: float | None = None


# In the order of every table.
TABLE: tuple[Row, ...] = (
    Row(key="n_items", label="items"),
    Row(key="n_clusters", label="clusters"),
    Row(
        key="accuracy", measure=measures.accuracy, needs="correct",
        label="accuracy", long="accuracy", view="top", better="higher",
    ),
    Row(
        key="accuracy_by_subject_mean", measure=measures.accuracy_by_subject_mean, needs="correct",
        label="accuracy, subject mean", long="accuracy, mean of subjects", view="top", better="higher", by_subject=True,
    ),
    Row(
        key="accuracy_ties_split", measure=measures.accuracy_ties_split, needs="letters",
        label="accuracy, ties ½", long="accuracy, ties split", view="top", better="higher",
    ),
    Row(
        key="mean_confidence", measure=measures.mean_confidence,
        label="mean confidence", long="mean confidence", view="top",
    ),
    Row(
        key="signed_gap", measure=measures.signed_gap, metric=signed_gap,
        label="signed gap", long="signed gap (confidence − accuracy)", view="top",
        calibrated=0.0,
    ),
    Row(
        key="ece_top", measure=measures.ece_top, metric=ece, binned=True,
        label="ECE, top", long="ECE of the predicted answers", view="top", better="lower",
        calibrated=0.0,
    ),
    Row(key="ece_top_null95", label="  noise floor", view="top"),
    Row(key="ece_top_within", label="  calibrated within", view="top"),
    Row(
        key="ece_choices", measure=measures.ece_choices, metric=ece, needs="letters", binned=True,
        label="ECE, choices", long="ECE over all choices", view="choices", better="lower",
        calibrated=0.0,
    ),
    Row(key="ece_choices_null95", label="  noise floor", view="choices"),
    Row(key="ece_choices_within", label="  calibrated within", view="choices"),
    Row(
        key="smooth_ece", measure=measures.smooth_ece, metric=smooth_ece,
        label="smooth ECE, top", long="smooth ECE of the predicted answers", view="top", better="lower",
        calibrated=0.0,
    ),
    Row(key="smooth_ece_null95", label="  noise floor", view="top"),
    Row(key="smooth_ece_within", label="  calibrated within", view="top"),
    Row(
        key="smooth_ece_choices", measure=measures.smooth_ece_choices, metric=smooth_ece, needs="letters",
        label="smooth ECE, choices", long="smooth ECE over all choices", view="choices", better="lower", listed=False,
        calibrated=0.0,
    ),
    Row(
        key="debiased_ce2", measure=measures.debiased_ce2, metric=debiased_ce2, binned=True,
        label="debiased CE², top", long="debiased squared error of the predicted answers", view="top", better="lower",
        calibrated=0.0,
    ),
    Row(
        key="debiased_ce2_choices", measure=measures.debiased_ce2_choices, metric=debiased_ce2, needs="letters",
        binned=True,
        label="debiased CE², choices", long="debiased squared error over all choices", view="choices", better="lower",
        calibrated=0.0,
        listed=False,
    ),
    Row(
        key="classwise_ece", measure=measures.classwise_ece, metric=classwise_ece, needs="letters", binned=True,
        label="class-wise ECE", long="class-wise ECE", better="lower", listed=False,
        calibrated=0.0,
    ),
    Row(
        key="max_calibration_error", measure=measures.max_calibration_error, metric=max_calibration_error,
        label="maximum CE, top", long="maximum calibration error of the predicted answers", view="top", better="lower",
        calibrated=0.0,
        binned=True, listed=False,
    ),
    Row(
        key="max_calibration_error_choices", measure=measures.max_calibration_error_choices,
        metric=max_calibration_error, needs="letters",
        label="maximum CE, choices", long="maximum calibration error over all choices", view="choices", better="lower",
        calibrated=0.0,
        binned=True, listed=False,
    ),
    Row(
        key="brier_top", measure=measures.brier_top, metric=brier_score,
        label="Brier score, top", long="Brier score of the predicted answers", view="top", better="lower",
        beside_letters=False,
    ),
    Row(
        key="nll_top", measure=measures.nll_top, metric=log_loss,
        label="log loss, top", long="log loss of the predicted answers", view="top", better="lower", unit="nats",
        beside_letters=False,
    ),
    Row(
        key="brier", measure=measures.brier, metric=brier_score, needs="letters",
        label="Brier score", long="Brier score", better="lower",
    ),
    Row(
        key="nll", measure=measures.nll, metric=log_loss, needs="letters",
        label="log loss", long="log loss", better="lower", unit="nats",
    ),
    Row(
        key="auroc", measure=ranking_measures.auroc, metric=auroc,
        label="AUROC", long="AUROC", view="top", better="higher",
    ),
    Row(
        key="aurc", measure=ranking_measures.aurc, metric=aurc,
        label="AURC", long="AURC (area under risk–coverage)", view="top", better="lower",
    ),
    Row(
        key="augrc", measure=ranking_measures.augrc, metric=augrc,
        label="AUGRC", long="AUGRC (area under generalised risk)", view="top", better="lower", listed=False,
    ),
    Row(
        key="temperature", measure=measures.temperature, needs="letters",
        label="best temperature", long="best temperature",
        calibrated=1.0,
    ),
    Row(
        key="calibration_slope", measure=recalibration_measures.calibration_slope, metric=calibration_slope,
        label="calibration slope", long="calibration slope", view="top",
    ),
    Row(
        key="calibration_intercept", measure=recalibration_measures.calibration_intercept, metric=calibration_intercept,
        label="calibration intercept", long="calibration intercept", view="top", unit="log-odds",
    ),
    Row(
        key="calibration_in_the_large", measure=recalibration_measures.calibration_in_the_large,
        metric=calibration_in_the_large, listed=False,
        label="calibration in the large", long="calibration in the large", view="top", unit="log-odds",
    ),
    Row(
        key="ici", measure=curve_measures.ici, metric=ici, listed=False,
        label="ICI, top", long="ICI (mean distance from a smooth curve)", view="top", better="lower",
    ),
    Row(
        key="e50", measure=curve_measures.e50, metric=e50, listed=False,
        label="E50, top", long="E50 (median distance from a smooth curve)", view="top", better="lower",
    ),
    Row(
        key="e90", measure=curve_measures.e90, metric=e90, listed=False,
        label="E90, top", long="E90 (distance from a smooth curve, 90 %)", view="top", better="lower",
    ),
    Row(
        key="emax", measure=curve_measures.emax, metric=emax, listed=False,
        label="Emax, top", long="Emax (largest distance from a smooth curve)", view="top", better="lower",
    ),
    Row(
        key="top2_coverage", measure=top_k_measures.top2_coverage, needs="letters", listed=False,
        label="coverage of the top 2", long="coverage of the two most likely options", better="higher",
    ),
    Row(
        key="top2_gap", measure=top_k_measures.top2_gap, needs="letters", listed=False,
        label="gap of the top 2", long="gap of the two most likely options (probability − coverage)",
    ),
    Row(
        key="top3_coverage", measure=top_k_measures.top3_coverage, needs="letters", listed=False,
        label="coverage of the top 3", long="coverage of the three most likely options", better="higher",
    ),
    Row(
        key="top3_gap", measure=top_k_measures.top3_gap, needs="letters", listed=False,
        label="gap of the top 3", long="gap of the three most likely options (probability − coverage)",
    ),
    Row(key="letter_mass", label="letter mass"),
    Row(key="tie_rate", label="tie rate"),
    Row(key="nll_low", label="log loss, at least"),
    Row(key="nll_high", label="log loss, at most"),
)  # fmt: skip

BY_KEY = {row.key: row for row in TABLE}

# Key -> measure of any run that holds what it needs.
MEASURES: dict[str, Callable[[Any], Measure]] = {
    row.key: row.measure for row in TABLE if row.measure and not row.by_subject
}

_REFUSED: dict[tuple[Metric, View], str] = {
    (signed_gap, "choices"): "over all letters it is 0 by construction; use view='top'",
    (auroc, "choices"): "it ranks answers, of which an item has one; use view='top'",
    (aurc, "choices"): "it ranks answers, of which an item has one; use view='top'",
    (calibration_slope, "choices"): "items, not letters, are right or wrong independently; use view='top'",
    (calibration_intercept, "choices"): "items, not letters, are right or wrong independently; use view='top'",
    (calibration_in_the_large, "choices"): "items, not letters, are right or wrong independently; use view='top'",
    (augrc, "choices"): "it ranks answers, of which an item has one; use view='top'",
}


def measure_key(metric: Metric, view: View, *, run: type[ScoredRun] = Predictions) -> str:
    """Key of a public metric in a view, on a run of this kind.

    Raises
    ------
    ValueError
        For a function that is not in the table, by name, with the reason if there is one; for a metric that needs more
        than the run holds.

    Examples
    --------
    >>> measure_key(ece, "choices")
    'ece_choices'
    >>> measure_key(brier_score, "top"), measure_key(brier_score, "top", run=Pairs)
    ('brier', 'brier_top')
    """
    rows = [row for row in TABLE if row.metric is not None]
    fit = [row for row in rows if row.metric == metric and view in ({row.view} if row.view else {"top", "choices"})]
    held = [row for row in fit if _holds(run, row)]
    if held:
        return max(held, key=lambda row: _NEEDS.index(row.needs)).key
    name = getattr(metric, "__name__", repr(metric))
    if fit:
        raise ValueError(_too_little(f"{name} with view={view!r}", fit[0], run))
    known = ", ".join(dict.fromkeys(row.metric.__name__ for row in rows if row.metric))
    reason = _REFUSED.get((metric, view), f"known are {known}, with view 'top' or 'choices'")
    raise ValueError(f"no interval for {name} with view={view!r}: {reason}")


def row_of_key(key: str, *, run: type[ScoredRun] = Predictions) -> Row:
    """The row of a measure by its key.

    Raises
    ------
    ValueError
        For an unknown key, with the nearest and all that the run has; for one that needs more than the run holds.

    Examples
    --------
    >>> row_of_key("ece_top").label
    'ECE, top'
    >>> row_of_key("ece_tpo", run=Verdicts)
    Traceback (most recent call last):
    ValueError: no measure 'ece_tpo'; the nearest: 'ece_top'; there are accuracy, accuracy_by_subject_mean
    """
    row = BY_KEY.get(key)
    if row is None or row.measure is None:
        all_keys = [row.key for row in TABLE if row.measure]
        keys = ", ".join(name for name in all_keys if _holds(run, BY_KEY[name]))
        raise ValueError(f"no measure {key!r}{nearest(key, all_keys)}; there are {keys}")
    if not _holds(run, row):
        raise ValueError(_too_little(repr(key), row, run))
    return row


def _holds(run: type[ScoredRun], row: Row) -> bool:
    return _NEEDS.index(row.needs) <= _NEEDS.index(_HELD[run])


def _too_little(name: str, row: Row, run: type[ScoredRun]) -> str:
    needed = {"confidence": "a confidence in each answer", "letters": "a distribution over the options of each item"}
    return f"{name} needs {needed[row.needs]}; {WHAT_RUNS_HOLD[run]}"


def listed_measures(
    *, several_subjects: bool, run: type[ScoredRun] = Predictions, further: Collection[str] = ()
) -> dict[str, Callable[[Any], Measure]]:
    """Measures of every table, by key; those of subjects for runs that have several.

    And `further` ones, by their keys.

    Raises
    ------
    ValueError
        For a further key that is unknown, or needs more than the run holds.
    """
    asked = {row_of_key(key, run=run).key for key in further}
    rows = [
        row
        for row in TABLE
        if row.key in asked
        or (
            row.listed
            and (several_subjects or not row.by_subject)
            and _holds(run, row)
            and (row.beside_letters or run is not Predictions)
        )
    ]
    return {row.key: row.measure for row in rows if row.measure}
