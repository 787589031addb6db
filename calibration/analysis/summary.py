"""Every measure of one run, with its interval and noise floor."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ..control_characters import escaped_line
from ..number_texts import counted
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, ScoredRun, n_clusters, scored_run
from ..predictions.verdicts import Verdicts
from ..result_tables.named_values import NamedValues
from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import ShownResult
from ..uncertainty.blank_intervals import blank_notes, label_notes
from ..uncertainty.defined_measures import defined_measures
from ..uncertainty.drawn_units import unit_sampling
from ..uncertainty.estimates import Estimate, measure_estimates, measure_floors
from ..uncertainty.kinds.protocol import Measure
from ..uncertainty.measure_table import listed_measures
from ..uncertainty.noise_floor import NullECE
from .rounded_probabilities import rounded_probabilities
from .summary_table import sizes_text, summary_table

# Below this the letters are not what the model would have written.
_LOW_MASS = 0.5


@dataclass(frozen=True)
class Summary(ShownResult, NamedValues[int | float | Estimate]):
    """All measures of a run, by key: ``summary["ece_top"]`` or ``summary.ece_top``.

    Printed, it is the table of ``veracal summarize``; in a notebook a table of HTML.

    Attributes
    ----------
    values : dict of str to int, float or Estimate
        Counts, rates and estimates with their intervals.
    notes : tuple of str
        What could not be measured and why, and what a reader must know.
    model : str
        Name of the model; empty if it has none.
    """

    holding = ("values",)
    values: dict[str, int | float | Estimate]
    notes: tuple[str, ...]
    model: str = field(default="", compare=False)

    def __getitem__(self, key: str) -> int | float | Estimate:
        return self.values[key]

    def __contains__(self, key: object) -> bool:
        return key in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.values)

    def __repr__(self) -> str:
        name = f" of {escaped_line(self.model)}" if self.model else ""
        return f"<Summary{name}: {counted(len(self.values), 'number')} of {sizes_text(self.values)}; print shows them>"

    @property
    def table(self) -> ResultTable:
        """The table that all formats are written from."""
        return summary_table(self.values, self.notes, title=self.model)

    def point(self, key: str) -> float:
        """The bare number of a key, without its interval."""
        value = self.values[key]
        return value.value if isinstance(value, Estimate) else float(value)

    def estimate(self, key: str) -> Estimate:
        """The number of a key with its interval."""
        value = self.values[key]
        if not isinstance(value, Estimate):
            raise KeyError(f"{key} has no interval")
        return value

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON, without values that are None."""
        plain: dict[str, Any] = {
            key: value.to_dict() if isinstance(value, Estimate) else value for key, value in self.values.items()
        }
        if self.notes:
            plain["notes"] = list(self.notes)
        return plain

    @property
    def frame(self) -> pl.DataFrame:
        """One row a measure: measure, value, low, high (null where there is no interval)."""
        rows = [
            (key, value.value, value.low, value.high)
            if isinstance(value, Estimate)
            else (key, float(value), None, None)
            for key, value in self.values.items()
        ]
        schema = {"measure": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
        return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("low", "high").fill_nan(None))


def summarize(predictions: GivenRun, *, measures: Sequence[str] = (), level: float = 0.95, seed: int = 0) -> Summary:
    """Every measure of a run, with intervals and noise floors.

    Parameters
    ----------
    predictions : Predictions, Pairs, Verdicts, or pair of arrays
        The run; ``(confidence, correct)`` in place of one.
    measures : sequence of str
        Keys of measures beside those of every table, such as ``"calibration_in_the_large"``.
    level : float
        Coverage of the intervals. The noise floors are 95 % quantiles whatever the level.
    seed : int
        Same seed, same digits.

    Returns
    -------
    Summary
        ``n_items``; ``accuracy`` (first of tied letters), for several subjects
        ``accuracy_by_subject_mean`` (the mean of their accuracies), ``accuracy_ties_split``; ``mean_confidence``;
        ``signed_gap``; ``ece_top``, ``ece_choices``, ``smooth_ece`` (top), their noise floors ``…_null95``, and the
        smallest margins ``…_within`` within which the model may be called calibrated (`calibrated_within`);
        ``debiased_ce2`` (top); ``brier`` (summed over options, 0–2); ``nll`` (nats); ``auroc``; ``aurc``;
        ``temperature``; ``calibration_slope`` and ``calibration_intercept``; ``letter_mass`` where it is known;
        ``tie_rate``; of rounded probabilities ``nll_low`` and, if there is one, ``nll_high`` in place of ``nll``. Of
        pairs also ``n_clusters`` where items are not independent, and ``brier_top`` and ``nll_top`` in place of
        ``brier`` and ``nll``; of whole distributions nothing. Of verdicts the counts and the accuracy alone. A note
        says what is left out, and why.

    Raises
    ------
    ValueError
        For an unknown key among `measures`, or one that needs more than the run holds.

    Notes
    -----
    Intervals are those of `estimate`, for items drawn anew, or clusters of pairs that have some. Those of an ECE and of
    the smooth ECE allow for the bias of absolute gaps and begin at 0 where the noise floor is not exceeded; with few
    wrong (or right) answers means have limits that allow for errors that were not seen, and AUROC, AURC and temperature
    have none. A note that an ECE is within its noise floor is on that ECE alone: the signed gap may tell more.

    Examples
    --------
    >>> from calibration import Predictions
    >>> run = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5], [0.5, 0.0]], answer=[0, 1, 1, 0])
    >>> print(summarize(run)["accuracy"])
    0.750 [0.301, 0.954]
    """
    run = scored_run(predictions)
    if isinstance(measures, str):
        raise TypeError(f"measures must be several keys, as in [{measures!r}], got a text")
    defined, notes = defined_run_measures(run, further=measures)
    return summary_of_measures(run, defined, notes, level, seed)


def defined_run_measures(run: ScoredRun, *, further: Collection[str] = ()) -> tuple[dict[str, Measure], list[str]]:
    """Measures of a run by key, and notes on undefined ones."""
    several = len(set(run.subject.tolist())) > 1
    listed = listed_measures(several_subjects=several, run=type(run), further=further)
    measures, notes = defined_measures(run, listed)
    rounded = rounded_probabilities(run) if isinstance(run, Predictions) else None
    if rounded is not None:  # its log loss has only bounds
        measures.pop("nll", None)
        notes.append(rounded.note)
    return measures, notes


def summary_of_measures(
    run: ScoredRun, measures: dict[str, Measure], notes: list[str], level: float, seed: int
) -> Summary:
    """Summary of a run from its measures, with intervals and noise floors."""
    floors = measure_floors(run, measures, seed=seed)
    clusters = n_clusters(run)
    single = (clusters or run.n_items) == 1  # has no intervals
    sampling = unit_sampling(run)
    estimates: dict[str, Estimate] = {}
    if not single:
        estimates = measure_estimates(measures, floors, sampling, level=level, seed=seed, n_items=run.n_items)
    values: dict[str, int | float | Estimate] = {"n_items": run.n_items}
    if clusters is not None:
        values["n_clusters"] = clusters
    for key, measure in measures.items():
        values[key] = estimates.get(key, measure.value)
        if key in floors:
            values[f"{key}_null95"] = floors[key].quantile95
            if key in estimates and estimates[key].most < measure.bounds[1]:
                values[f"{key}_within"] = estimates[key].most
    if isinstance(run, Predictions):
        values |= _letter_values(run)
        values |= _rounded_values(run)
    notes = [
        *notes,
        *blank_notes((key, estimate.reason) for key, estimate in estimates.items()),
        *label_notes((key, estimate.label) for key, estimate in estimates.items()),
    ]
    if single:
        notes.append(f"there are no intervals: they need at least two {'items' if clusters is None else 'clusters'}")
    on_run = _letter_notes(run, values) if isinstance(run, Predictions) else _left_out_notes(run)
    return Summary(values, (*notes, *on_run, *_floor_notes(run, measures, floors)), run.model)


def _rounded_values(run: Predictions) -> Iterator[tuple[str, float]]:
    rounded = rounded_probabilities(run)
    if rounded is not None:
        yield "nll_low", rounded.log_loss_low
        if rounded.log_loss_high is not None:
            yield "nll_high", rounded.log_loss_high


def _letter_values(run: Predictions) -> Iterator[tuple[str, float]]:
    mass = run.frame["letter_mass"].drop_nulls().cast(pl.Float64)
    if len(mass):
        yield "letter_mass", float(mass.to_numpy().mean())
    yield "tie_rate", float((run.tied > 1).mean())


def _left_out_notes(run: Pairs | Verdicts) -> Iterator[str]:
    """Notes on what a run of pairs or of verdicts cannot tell."""
    if isinstance(run, Pairs):
        yield (
            "left out is what needs a distribution over the options of each item (all letters pooled, their Brier "
            f"score and log loss, the best temperature, positions of letters): {WHAT_RUNS_HOLD[Pairs]}"
        )
        if run.units is not None:
            yield "intervals are for new clusters: several items of one are not independent"
        if run.weights is not None:
            yield "items count by their weights"
        return
    yield f"calibration is left out: {WHAT_RUNS_HOLD[Verdicts]}"
    counts = dict(run.frame["grade"].value_counts().iter_rows())
    if counts.get("abstained"):
        were = "was" if counts["abstained"] == 1 else "were"
        yield f"{counts['abstained']} of {run.n_items} items {were} answered by abstaining, which counts as not right"
    if run.n_partial:
        yield (
            f"{run.n_partial} of {run.n_items} items {'is' if run.n_partial == 1 else 'are'} partly right: accuracy is "
            "the mean credit, and its interval that of a mean"
        )
    if run.n_ungraded:
        several = run.n_ungraded > 1
        yield f"{run.n_ungraded} item{'s' * several} without a verdict {'are' if several else 'is'} left out"


def _letter_notes(predictions: Predictions, values: Mapping[str, int | float | Estimate]) -> Iterator[str]:
    """Notes on letters of little probability and on letters with a bound alone."""
    on_letters = values.get("letter_mass")
    if isinstance(on_letters, float) and on_letters < _LOW_MASS:
        other = predictions.frame["other_form_mass"].drop_nulls().cast(pl.Float64).to_numpy()
        beside = f" (the letters in their other form take {other.mean():.3f})" if len(other) else ""
        yield (
            f"only {on_letters:.3f} of the probability is on the letters{beside}: "
            "the model would mostly have written something else"
        )
    bounded = predictions.frame["bounded"].list.any().sum()
    if bounded:
        yield f"{bounded} item{'s hold' if bounded > 1 else ' holds'} a letter of which only an upper bound is known"


def _floor_notes(run: ScoredRun, measures: Mapping[str, Measure], floors: Mapping[str, NullECE]) -> Iterator[str]:
    """A note if an ECE is within its noise floor."""
    floor = {view: floors[f"ece_{view}"].quantile95 for view in ("top", "choices") if f"ece_{view}" in floors}
    within = [view for view in floor if measures[f"ece_{view}"].value <= floor[view]]
    if within:
        names = {view: f"the {view} ECE" for view in floor} if len(floor) > 1 else {"top": "the ECE"}
        named = " and ".join(f"{names[view]} is within its noise floor ({floor[view]:.3f})" for view in within)
        items = f"{run.n_items} item{'s' * (run.n_items != 1)}"
        yield f"{named}: by that alone {items} cannot tell this model from a perfectly calibrated one"
