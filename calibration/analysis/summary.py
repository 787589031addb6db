"""Every measure of one run, and of a pair of runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..predictions.pairing import ItemChoice
from ..predictions.predictions import Predictions
from ..uncertainty.changes import Change, measure_changes
from ..uncertainty.estimates import Estimate, measure_estimates, measure_floors
from ..uncertainty.measure_table import TABLE, defined_measures, listed_measures, text_label
from ..uncertainty.measures import Measure
from ..uncertainty.noise_floor import NullECE
from ..uncertainty.overlap import Overlap, selected_items

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


@dataclass(frozen=True)
class Comparison:
    """Summaries of two runs on the same items, and their changes.

    Attributes
    ----------
    before, after : Summary
        Each run by itself.
    change : dict of str to Change
        ``after − before`` of every measure that both have.
    items : Overlap or None
        What each run held of the items compared; None if both must hold the same.
    """

    before: Summary
    after: Summary
    change: dict[str, Change]
    items: Overlap | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Which items are left out, which changes have no interval, and why."""
        these = blank_notes((key, value.reason) for key, value in self.change.items())
        return (*(self.items.notes if self.items else ()), *these, *self.notes_on_new_subjects)

    @property
    def notes_on_new_subjects(self) -> tuple[str, ...]:
        """Which changes have no interval for new subjects, and why."""
        return new_subjects_notes(self.change)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON, without values that are None."""
        return {
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "change": {key: value.to_dict() for key, value in self.change.items()},
            **({} if self.items is None else {"items": self.items.to_dict()}),
        }

    @property
    def frame(self) -> pl.DataFrame:
        """One row a measure: before, after, the change and both of its intervals."""
        rows = []
        for key, value in self.change.items():
            wide = value.clustered
            rows.append(
                {
                    "measure": key,
                    "before": self.before.point(key),
                    "after": self.after.point(key),
                    "change": value.value,
                    "low": value.low,
                    "high": value.high,
                    "p_value": value.p_value,
                    "new_subjects_low": wide.low if wide else None,
                    "new_subjects_high": wide.high if wide else None,
                    "new_subjects_p_value": wide.p_value if wide else None,
                }
            )
        schema = {"measure": pl.String} | dict.fromkeys(list(rows[0])[1:], pl.Float64)
        return pl.DataFrame(rows, schema=schema).fill_nan(None)


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
    measures, notes = _measures(predictions)
    return _summary(predictions, measures, notes, level, seed)


def compare(
    before: Predictions, after: Predictions, *, items: ItemChoice = "same", level: float = 0.95, seed: int = 0
) -> Comparison:
    """Every measure of two runs on the same items, and its change.

    Parameters
    ----------
    before, after : Predictions
        Two runs on the same items; joined on their ids.
    items : {"same", "common"}
        Whether both must hold the same items, or those that both hold are compared. What the others could change is
        then bounded in the result's `items`.
    level : float
        Coverage of the intervals.
    seed : int
        Same seed, same digits.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        For items that only one run has, or whose text or answer differs, naming them.

    Examples
    --------
    >>> from calibration import Predictions
    >>> before = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5], [0.5, 0.0]], answer=[0, 1, 1, 0])
    >>> after = Predictions.from_arrays([[4.0, 0.0], [2.0, 0.0], [0.0, 3.0], [1.0, 0.0]], answer=[0, 1, 1, 0])
    >>> print(compare(before, after).change["mean_confidence"])
    +0.124 [0.103, 0.147]
    """
    before, after, overlap = selected_items(before, after, items)
    first, first_notes = _measures(before)
    second, second_notes = _measures(after)
    if not _sorted_alike(before.subject, after.subject):
        dropped = [row.key for row in TABLE if row.by_subject and second.pop(row.key, None) is not None]
        reason = "the first run sorts these items into other subjects"
        second_notes += [f"{text_label(key)} is left out: {reason}" for key in dropped]
    return Comparison(
        _summary(before, first, first_notes, level, seed),
        _summary(after, second, second_notes, level, seed),
        measure_changes(first, second, before.subject, level=level, seed=seed),
        overlap,
    )


def _sorted_alike(before: NDArray[np.str_], after: NDArray[np.str_]) -> bool:
    """Whether two runs group the same items, under any subject names."""
    n_both = len(set(zip(before.tolist(), after.tolist(), strict=True)))
    return n_both == len(set(before.tolist())) == len(set(after.tolist()))


def _measures(predictions: Predictions) -> tuple[dict[str, Measure], list[str]]:
    several = len(set(predictions.subject.tolist())) > 1
    return defined_measures(predictions, listed_measures(several_subjects=several))


def _summary(
    predictions: Predictions, measures: dict[str, Measure], notes: list[str], level: float, seed: int
) -> Summary:
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


def new_subjects_notes(changes: Mapping[str, Change]) -> tuple[str, ...]:
    """A note for each reason why changes have no interval for new subjects."""
    clustered = {key: change.clustered for key, change in changes.items()}
    one_subject = "all items have the same subject, or none"
    reasons = ((key, one_subject if interval is None else interval.reason) for key, interval in clustered.items())
    return tuple(blank_notes(reasons, column="new subjects"))


def blank_notes(reasons: Iterable[tuple[str, str | None]], *, column: str | None = None) -> list[str]:
    """A note for each reason of blank intervals, with the names of their measures.

    Parameters
    ----------
    reasons : iterable of (str, str or None)
        Key of each measure, and why its interval is blank; None if it is not.
    column : str, optional
        Where the intervals stand, if the same measures have others beside them.

    Examples
    --------
    >>> blank_notes([("brier", "too few items"), ("nll", None), ("auroc", "too few items")])
    ['no interval for Brier score and AUROC: too few items']
    >>> blank_notes([("brier", "too few items"), ("auroc", "too few items")])
    ['no interval for any measure: too few items']
    >>> blank_notes([("brier", "too few subjects")] * 2, column="new subjects")
    ['the column “new subjects” is blank for every measure: too few subjects']
    """
    reasons = list(reasons)
    labels: dict[str, list[str]] = {}
    for key, reason in reasons:
        if reason is not None:
            labels.setdefault(reason, []).append(text_label(key))
    blank, every = (
        ("no interval", "any measure") if column is None else (f"the column “{column}” is blank", "every measure")
    )
    return [
        f"{blank} for {_listed(names) if len(names) < max(len(reasons), 2) else every}: {reason}"
        for reason, names in labels.items()
    ]


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
