"""Measures by group: of each, over groups, of the worst, and by what a run tells of its items."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
from scipy.special import softmax

from calibration import Predictions, by_group, group_changes, worst_groups
from calibration.analysis.group_measures import GroupMeasures
from calibration.errors import UndefinedMeasure
from calibration.metrics.arrays import FloatArray
from calibration.uncertainty.across_groups import AcrossGroups
from calibration.uncertainty.estimates import Estimate

from .bands import Counted, held_at_once
from .populations import CLUSTER_EFFECT, Drawn, Population, draw, predicted

MEANS = ("accuracy", "signed_gap", "brier")
GROUP_QUANTITIES = (
    *(f"{key}_of_group {side}" for key in (*MEANS, "temperature") for side in ("before", "change")),
    *(f"{key}_across_groups {side}" for key in MEANS for side in ("mean", "new")),
)
WORST_QUANTITIES = tuple(f"{key}_of_worst {side}" for key in MEANS for side in ("all", "chosen"))
# Items of which the truth of a group is: its own noise is small beside that of the largest cells.
_ITEMS = 200_000
# Sharpness of groups, as its logarithm in standard deviations: none lies farther.
_STEPS = np.linspace(-5, 5, 81)


def sample_groups(population: Population, n_items: int, rng: np.random.Generator) -> Iterator[Counted]:
    """Each group of a sample, and the mean and a new one of its groups."""
    drawn = draw(population, n_items, rng)
    before, after = _letters(drawn)
    truths, effects = _truths_of_groups(population), _effects(drawn)
    new = CLUSTER_EFFECT * float(rng.standard_normal())
    for key in (*MEANS, "temperature"):
        of_effect = truths[key]
        measured = by_group(before, "subject", key)
        for row in measured.frame.iter_rows(named=True):
            effect = effects[row["subject"]]
            yield f"{key}_of_group before", as_estimate(row, "value"), of_effect(effect, 0)
        for row in group_changes(before, after, "subject", metric=key).frame.iter_rows(named=True):
            effect = effects[row["subject"]]
            yield f"{key}_of_group change", as_estimate(row, "change"), of_effect(effect, 1) - of_effect(effect, 0)
        if key in MEANS:
            yield from _across(key, measured, of_effect, new)


def sample_worst(population: Population, n_items: int, rng: np.random.Generator) -> Iterator[Counted]:
    """The groups that may be the worst: all at once with the worst among them, and the one that seems so."""
    drawn = draw(population, n_items, rng)
    run, effects = _letters(drawn)[0], _effects(drawn)
    for key in MEANS:
        of_effect = _truths_of_groups(population)[key]
        try:
            frame = worst_groups(run, "subject", key).frame
        except UndefinedMeasure:
            yield f"{key}_of_worst all", None, 0.0
            continue
        names = frame["subject"].to_list()
        true = np.array([of_effect(effects[name], 0) for name in names])
        whole, position = held_at_once(frame["low"].to_numpy(), frame["high"].to_numpy(), true)
        sign = -1 if key == "accuracy" else 1
        count = pl.Series(run.subject.tolist()).value_counts()
        compared = [name for name, size in count.iter_rows() if size > 1]
        worst = max(_badness(sign * of_effect(effects[name], 0)) for name in compared)
        is_among = max(_badness(sign * value) for value in true) >= worst - 1e-9
        yield f"{key}_of_worst all", whole, position if is_among else math.inf
        yield f"{key}_of_worst chosen", as_estimate(frame.row(0, named=True), "value"), float(true[0])


def _badness(value: float) -> float:
    return value if value < 0 else abs(value)


def _letters(drawn: Drawn) -> tuple[Predictions, Predictions]:
    first, second = drawn.runs()
    if not isinstance(first, Predictions) or not isinstance(second, Predictions):
        raise TypeError("groups are of letters")
    return first, second


def _effects(drawn: Drawn) -> dict[str, float]:
    """Logarithm of the sharpness of each group, by its name."""
    return {f"group {index}": effect for index, effect in zip(drawn.group, drawn.sharpness, strict=True)}


def as_estimate(row: Mapping[str, Any], name: str) -> Estimate | None:
    """A row of a table as an estimate; None without an interval."""
    if row["low"] is None or row["high"] is None:
        return None
    return Estimate(value=row[name], low=row["low"], high=row["high"], level=0.95, p_value=row.get("p_value"))


OfEffect = Callable[[float, int], float]


def _across(key: str, measured: GroupMeasures, of_effect: OfEffect, new: float) -> Iterator[Counted]:
    summary: AcrossGroups | None = measured.across
    name = f"{key}_across_groups"
    if summary is None:
        for side in ("mean", "new"):
            yield f"{name} {side}", None, 0.0
        return
    weight = np.exp(-(_STEPS**2) / 2)
    values = np.array([of_effect(CLUSTER_EFFECT * step, 0) for step in _STEPS])
    mean = float(np.average(values, weights=weight))
    for side, value, low, high, truth in (
        ("mean", summary.mean, summary.low, summary.high, mean),
        ("new", summary.mean, summary.new_low, summary.new_high, of_effect(new, 0)),
    ):
        yield f"{name} {side}", Estimate(value=value, low=low, high=high, level=0.95), truth


@lru_cache(maxsize=2)
def _truths_of_groups(population: Population) -> dict[str, OfEffect]:
    """Each measure of a group by its sharpness, before (0) and after (1), of models without further noise."""
    if any(population.noise):
        raise ValueError("groups are of models without further noise")
    drawn = draw(replace(population, layout="items"), _ITEMS, np.random.default_rng(7))
    values = {key: np.zeros((2, len(_STEPS))) for key in MEANS}
    for index, at in itertools.product((0, 1), range(len(_STEPS))):
        sharpness = math.exp(CLUSTER_EFFECT * _STEPS[at]) / population.temperatures[index]
        stated = softmax(drawn.seen[index] * sharpness, axis=1)
        chances = drawn.chances()[index]
        hit = chances[np.arange(_ITEMS), predicted(stated)]
        values["accuracy"][index, at] = hit.mean()
        values["signed_gap"][index, at] = (stated.max(axis=1) - hit).mean()
        values["brier"][index, at] = ((stated**2).sum(axis=1) - 2 * (chances * stated).sum(axis=1) + 1).mean()
    return {key: _interpolated(rows) for key, rows in values.items()} | {
        "temperature": lambda effect, index: math.exp(effect) / population.temperatures[index]
    }


def _interpolated(rows: FloatArray) -> OfEffect:
    return lambda effect, index: float(np.interp(effect, CLUSTER_EFFECT * _STEPS, rows[index]))
