"""The table of measures: key, computation, names, view, better direction and unit of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from ..errors import UndefinedMeasure
from ..metrics.calibration_errors import classwise_ece, ece, max_calibration_error, signed_gap
from ..metrics.ranking import auroc
from ..metrics.risk_coverage import augrc, aurc
from ..metrics.scoring_rules import brier_score, log_loss
from ..metrics.smoothing import smooth_ece
from ..metrics.squared_error import debiased_ce2
from ..predictions.predictions import Predictions, View
from . import measures
from .kinds.protocol import Measure

Metric = Callable[..., float]
_Run = TypeVar("_Run")


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
    listed : bool
        Whether it stands in every table; otherwise it is measured on request (`estimate`).
    by_subject : bool
        Whether it is for runs with several subjects alone.
    """

    key: str
    measure: Callable[[Predictions], Measure] | None = None
    label: str
    long: str = ""
    metric: Metric | None = None
    view: View | None = None
    better: Literal["lower", "higher"] | None = None
    unit: str = ""
    listed: bool = True
    by_subject: bool = False


# In the order of every table.
TABLE: tuple[Row, ...] = (
    Row(key="n_items", label="items"),
    Row(
        key="accuracy", measure=measures.accuracy, label="accuracy", long="accuracy", view="top", better="higher"
    ),
    Row(
        key="accuracy_by_subject_mean", measure=measures.accuracy_by_subject_mean,
        label="accuracy, subject mean", long="accuracy, mean of subjects", view="top", better="higher", by_subject=True,
    ),
    Row(
        key="accuracy_ties_split", measure=measures.accuracy_ties_split,
        label="accuracy, ties ½", long="accuracy, ties split", view="top", better="higher",
    ),
    Row(
        key="mean_confidence", measure=measures.mean_confidence,
        label="mean confidence", long="mean confidence", view="top",
    ),
    Row(
        key="signed_gap", measure=measures.signed_gap, metric=signed_gap,
        label="signed gap", long="signed gap (confidence − accuracy)", view="top",
    ),
    Row(
        key="ece_top", measure=measures.ece_top, metric=ece,
        label="ECE, top", long="ECE of the predicted answers", view="top", better="lower",
    ),
    Row(key="ece_top_null95", label="  noise floor", view="top"),
    Row(
        key="ece_choices", measure=measures.ece_choices, metric=ece,
        label="ECE, choices", long="ECE over all choices", view="choices", better="lower",
    ),
    Row(key="ece_choices_null95", label="  noise floor", view="choices"),
    Row(
        key="smooth_ece", measure=measures.smooth_ece, metric=smooth_ece,
        label="smooth ECE, top", long="smooth ECE of the predicted answers", view="top", better="lower",
    ),
    Row(key="smooth_ece_null95", label="  noise floor", view="top"),
    Row(
        key="smooth_ece_choices", measure=measures.smooth_ece_choices, metric=smooth_ece,
        label="smooth ECE, choices", long="smooth ECE over all choices", view="choices", better="lower", listed=False,
    ),
    Row(
        key="debiased_ce2", measure=measures.debiased_ce2, metric=debiased_ce2,
        label="debiased CE², top", long="debiased squared error of the predicted answers", view="top", better="lower",
    ),
    Row(
        key="debiased_ce2_choices", measure=measures.debiased_ce2_choices, metric=debiased_ce2,
        label="debiased CE², choices", long="debiased squared error over all choices", view="choices", better="lower",
        listed=False,
    ),
    Row(
        key="classwise_ece", measure=measures.classwise_ece, metric=classwise_ece,
        label="class-wise ECE", long="class-wise ECE", better="lower", listed=False,
    ),
    Row(
        key="brier_top", label="Brier score, top", long="Brier score of the predicted answers", view="top",
        better="lower",
    ),
    Row(
        key="nll_top", label="log loss, top", long="log loss of the predicted answers", view="top", better="lower",
        unit="nats",
    ),
    Row(
        key="brier", measure=measures.brier, metric=brier_score,
        label="Brier score", long="Brier score", better="lower",
    ),
    Row(
        key="nll", measure=measures.nll, metric=log_loss, label="log loss", long="log loss", better="lower", unit="nats"
    ),
    Row(key="auroc", measure=measures.auroc, metric=auroc, label="AUROC", long="AUROC", view="top", better="higher"),
    Row(
        key="aurc", measure=measures.aurc, metric=aurc,
        label="AURC", long="AURC (area under risk–coverage)", view="top", better="lower",
    ),
    Row(
        key="augrc", measure=measures.augrc, metric=augrc,
        label="AUGRC", long="AUGRC (area under generalised risk)", view="top", better="lower", listed=False,
    ),
    Row(key="temperature", measure=measures.temperature, label="best temperature", long="best temperature"),
    Row(key="letter_mass", label="letter mass"),
    Row(key="tie_rate", label="tie rate"),
)  # fmt: skip

_BY_KEY = {row.key: row for row in TABLE}

# Key -> measure of any run.
MEASURES: dict[str, Callable[[Predictions], Measure]] = {
    row.key: row.measure for row in TABLE if row.measure and not row.by_subject
}

_REFUSED: dict[tuple[Metric, View], str] = {
    (max_calibration_error, "top"): "one sparse bin decides it, so no interval is valid",
    (max_calibration_error, "choices"): "one sparse bin decides it, so no interval is valid",
    (signed_gap, "choices"): "over all letters it is 0 by construction; use view='top'",
    (auroc, "choices"): "it ranks answers, of which an item has one; use view='top'",
    (aurc, "choices"): "it ranks answers, of which an item has one; use view='top'",
    (augrc, "choices"): "it ranks answers, of which an item has one; use view='top'",
}


def measure_key(metric: Metric, view: View) -> str:
    """Key of a public metric in a view.

    Raises
    ------
    ValueError
        For a function that is not in the table, by name, with the reason if there is one.

    Examples
    --------
    >>> measure_key(ece, "choices")
    'ece_choices'
    """
    rows = [row for row in TABLE if row.metric is not None]
    for row in rows:
        if row.metric == metric and view in ({row.view} if row.view else {"top", "choices"}):
            return row.key
    name = getattr(metric, "__name__", repr(metric))
    known = ", ".join(dict.fromkeys(row.metric.__name__ for row in rows if row.metric))
    reason = _REFUSED.get((metric, view), f"known are {known}, with view 'top' or 'choices'")
    raise ValueError(f"no interval for {name} with view={view!r}: {reason}")


def listed_measures(*, several_subjects: bool) -> dict[str, Callable[[Predictions], Measure]]:
    """Measures of every table, by key; those of subjects for runs that have several."""
    rows = [row for row in TABLE if row.listed and (several_subjects or not row.by_subject)]
    return {row.key: row.measure for row in rows if row.measure}


def defined_measures(
    run: _Run, computations: Mapping[str, Callable[[_Run], Measure]]
) -> tuple[dict[str, Measure], list[str]]:
    """Measures that a run defines, by key, and notes of the others.

    Examples
    --------
    >>> run = Predictions.from_arrays([[2.0, 0.0], [0.0, 1.0]], answer=[0, 1])
    >>> measures, notes = defined_measures(run, {"accuracy": MEASURES["accuracy"], "auroc": MEASURES["auroc"]})
    >>> list(measures), notes
    (['accuracy'], ['AUROC is left out: AUROC needs right and wrong answers, got 2 right and 0 wrong'])
    """
    defined, notes = {}, []
    for key, measure in computations.items():
        try:
            defined[key] = measure(run)
        except UndefinedMeasure as error:
            notes.append(f"{text_label(key)} is left out: {error}")
    return defined, notes


def row_label(key: str) -> str:
    """Name of a measure in a table, by its key.

    Examples
    --------
    >>> row_label("nll")
    'log loss'
    """
    return _BY_KEY[key].label


def axis_label(key: str) -> str:
    """Name of a measure on an axis with its unit, by its key.

    Examples
    --------
    >>> axis_label("nll")
    'log loss (nats)'
    """
    row = _BY_KEY[key]
    return f"{row.long} ({row.unit})" if row.unit else row.long


def text_label(key: str) -> str:
    """Name of a measure in a sentence; any other key in words.

    Examples
    --------
    >>> text_label("debiased_ce2"), text_label("nll"), text_label("balanced_accuracy")
    ('debiased CE² (top)', 'log loss', 'balanced accuracy')
    """
    if key not in _BY_KEY:
        return key.replace("_", " ")
    name, _, part = row_label(key).partition(", ")  # a comma would read as the next of a list
    return f"{name} ({part})" if part else name
