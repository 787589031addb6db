"""The measure that is asked for: by metric, key or own function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..metrics.bins import Strategy, wanted_bins
from ..predictions.predictions import View
from ..predictions.scored_runs import ScoredRun
from .kinds.own import Takes, is_own, own_measure, own_name, refuse_idle_options
from .kinds.protocol import Measure
from .measure_table import TABLE, Metric, Row, measure_key, row_of_key


@dataclass(frozen=True, kw_only=True)
class ChosenMeasure:
    """A measure that is asked for.

    Attributes
    ----------
    key : str
        Its key in the table; the name of a function of one's own.
    of_run : function
        Makes the measure of a run.
    """

    key: str
    of_run: Callable[[Any], Measure]


def choose_measure(
    metric: Metric | str,
    run: ScoredRun,
    *,
    view: View = "top",
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy | None = None,
    takes: Takes | None = None,
) -> ChosenMeasure:
    """The measure that a caller asks for, on runs of this kind.

    Parameters
    ----------
    metric : function or str
        A public metric, the key of a measure, or a function of one's own (`own_measure`).
    run : Predictions, Pairs or Verdicts
        A run of the kind that it will be measured on.
    view : {"top", "choices"}
        Predicted letters, or all letters pooled; a key names its view itself.
    bins, n_bins : int, optional
        Number of bins of a measure that has some; two names of one number.
    strategy : {"uniform", "quantile", "distinct"}, optional
        How these bins are made.
    takes : {"confidence", "probabilities"}, optional
        What a function of one's own takes, if its parameters' names do not tell.

    Raises
    ------
    ValueError
        For an unknown key, a metric that needs more than the run holds, bins of a measure that has none.
    """
    binning: dict[str, Any] = {}
    if bins is not None or n_bins is not None:
        binning["bins"] = wanted_bins(bins, n_bins)
    if strategy is not None:
        binning["strategy"] = strategy
    if not isinstance(metric, str) and is_own(metric, {row.metric for row in TABLE}):
        refuse_idle_options(metric, view=view, binning=binning)
        return ChosenMeasure(key=own_name(metric), of_run=lambda run: own_measure(metric, run, takes=takes))
    if takes is not None:
        raise ValueError(f"takes={takes!r} is for a function of your own; {metric!r} is known")
    row = _row(metric, view, run)
    measure = row.measure
    if measure is None or (binning and not row.binned):
        raise ValueError(f"{', '.join(binning)} have no effect on {row.label}, which has no bins: leave them out")
    return ChosenMeasure(key=row.key, of_run=(lambda run: measure(run, **binning)) if binning else measure)


def _row(metric: Metric | str, view: View, run: ScoredRun) -> Row:
    if not isinstance(metric, str):
        return row_of_key(measure_key(metric, view, run=type(run)), run=type(run))
    row = row_of_key(metric, run=type(run))
    if view == "choices" and row.view == "top":
        raise ValueError(f"{metric!r} is of the predicted letters: leave view={view!r} out")
    return row
