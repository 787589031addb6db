"""Every measure of one run, with its interval and noise floor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..predictions.predictions import Predictions
from ..uncertainty.estimates import Estimate, measure_estimates, measure_floors
from ..uncertainty.kinds.protocol import Measure
from ..uncertainty.measure_table import defined_measures, listed_measures
from ..uncertainty.noise_floor import NullECE
from .blank_intervals import blank_notes

# Below this the letters are not what the model would have written.
_LOW_MASS = 0.5


@dataclass(frozen=True)
class Summary:
    """All measures of a run, by key.

    Attributes
    ----------
    values : dict of str to int, float or Estimate
        Counts, rates and estimates with their intervals.
    notes : tuple of str
        What could not be measured and why, and what a reader must know.
    """

    values: dict[str, int | float | Estimate]
    notes: tuple[str, ...]

    def __getitem__(self, key: str) -> int | float | Estimate:
        return self.values[key]

    def __contains__(self, key: object) -> bool:
        return key in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

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


def summarize(predictions: Predictions, *, level: float = 0.95, seed: int = 0) -> Summary:
    """Every measure of a run, with intervals and noise floors.

    Parameters
    ----------
    predictions : Predictions
        The run.
    level : float
        Coverage of the intervals. The noise floors are 95 % quantiles whatever the level.
    seed : int
        Same seed, same digits.

    Returns
    -------
    Summary
        ``n_items``; ``accuracy`` (first of tied letters), for several subjects
        ``accuracy_by_subject_mean`` (the mean of their accuracies), ``accuracy_ties_split``; ``mean_confidence``;
        ``signed_gap``; ``ece_top``, ``ece_choices``, ``smooth_ece`` (top) and their noise floors ``…_null95``;
        ``debiased_ce2`` (top); ``brier`` (summed over options, 0–2); ``nll`` (nats); ``auroc``; ``aurc``;
        ``temperature``; ``letter_mass`` where it is known; ``tie_rate``.

    Examples
    --------
    >>> from calibration import Predictions
    >>> run = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5], [0.5, 0.0]], answer=[0, 1, 1, 0])
    >>> print(summarize(run)["accuracy"])
    0.750 [0.301, 0.954]
    """
    measures, notes = defined_run_measures(predictions)
    return summary_of_measures(predictions, measures, notes, level, seed)


def defined_run_measures(predictions: Predictions) -> tuple[dict[str, Measure], list[str]]:
    """Measures of a run by key, and notes on undefined ones."""
    several = len(set(predictions.subject.tolist())) > 1
    return defined_measures(predictions, listed_measures(several_subjects=several))


def summary_of_measures(
    predictions: Predictions, measures: dict[str, Measure], notes: list[str], level: float, seed: int
) -> Summary:
    """Summary of a run from its measures, with intervals and noise floors."""
    floors = measure_floors(predictions, measures, seed=seed)
    single = predictions.n_items == 1  # has no intervals
    estimates = {} if single else measure_estimates(measures, floors, level=level, seed=seed)
    values: dict[str, int | float | Estimate] = {"n_items": predictions.n_items}
    for key, measure in measures.items():
        values[key] = estimates.get(key, measure.value)
        if key in floors:
            values[f"{key}_null95"] = floors[key].quantile95
    mass = predictions.frame["letter_mass"].drop_nulls().cast(pl.Float64)
    if len(mass):
        values["letter_mass"] = float(mass.to_numpy().mean())
    values["tie_rate"] = float((predictions.tied > 1).mean())
    notes = [*notes, *blank_notes((key, estimate.reason) for key, estimate in estimates.items())]
    if single:
        notes.append("there are no intervals: they need at least two items")
    return Summary(values, (*notes, *_letter_notes(predictions, values), *_floor_notes(predictions, measures, floors)))


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
        yield f"{bounded} items hold a letter of which only an upper bound is known"


def _floor_notes(
    predictions: Predictions, measures: Mapping[str, Measure], floors: Mapping[str, NullECE]
) -> Iterator[str]:
    """A note if an ECE is within its noise floor."""
    floor = {view: floors[f"ece_{view}"].quantile95 for view in ("top", "choices")}
    within = [view for view in floor if measures[f"ece_{view}"].value <= floor[view]]
    if within:
        named = " and ".join(f"the {view} ECE is within its noise floor ({floor[view]:.3f})" for view in within)
        yield f"{named}: {predictions.n_items} items cannot tell this model from a perfectly calibrated one"
