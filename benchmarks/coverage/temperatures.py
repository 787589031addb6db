"""Temperatures by number of options and by length of the question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import polars as pl
from scipy.special import log_softmax

from calibration import Predictions, by_group, group_changes
from calibration.metrics.arrays import FloatArray, IntArray

from .bands import Counted
from .groups import as_estimate
from .populations import Drawn, Population, draw
from .truths import best_temperature, cached_truth

OPTION_QUANTITIES = ("temperature_by_n_options before", "temperature_by_n_options change")
LENGTH_QUANTITIES = ("temperature_by_length before", "temperature_by_length change")
# Numbers of options of a mixed test.
_NUMBERS = (2, 4, 10)
_ITEMS = 40_000


def sample_by_options(population: Population, n_items: int, rng: np.random.Generator) -> Iterator[Counted]:
    """Temperature of items with two, four and ten options, a third of the sample each."""
    parts = [draw(replace(population, n_options=k), n_items // len(_NUMBERS), rng) for k in _NUMBERS]
    answer = np.concatenate([part.answer for part in parts])
    runs = []
    for index in (0, 1):
        rows = [np.pad(part.stated[index], ((0, 0), (0, max(_NUMBERS) - part.stated[index].shape[1])),
                       constant_values=np.nan) for part in parts]  # fmt: skip
        runs.append(Predictions.from_arrays(logits=np.concatenate(rows), answer=answer))
    true = {
        f"{k}": [values["temperature"] for values in cached_truth(replace(population, n_options=k)).values]
        for k in _NUMBERS
    }
    for row in by_group(runs[0], "n_options", "temperature").frame.iter_rows(named=True):
        yield OPTION_QUANTITIES[0], as_estimate(row, "value"), true[row["n_options"]][0]
    for row in group_changes(runs[0], runs[1], "n_options", metric="temperature").frame.iter_rows(named=True):
        before, after = true[row["n_options"]]
        yield OPTION_QUANTITIES[1], as_estimate(row, "change"), after - before


def sample_by_length(population: Population, n_items: int, rng: np.random.Generator) -> Iterator[Counted]:
    """Temperature by quartile of the length of questions, which are longer where the signal is weaker."""
    drawn = draw(population, n_items, rng)
    length = _lengths(drawn, rng)
    before, after = (Predictions.from_arrays(logits=stated, answer=drawn.answer) for stated in drawn.stated)
    texts = pl.DataFrame({"item": before.item.tolist(), "question": ["?" * size for size in length.tolist()]})
    measured = by_group(before, "question_length", "temperature", texts=texts).frame
    changed = group_changes(before, after, "question_length", metric="temperature", texts=texts).frame
    true = _truths_of_lengths(population, tuple(measured["question_length"].to_list()))
    for row, (first, _) in zip(measured.iter_rows(named=True), true, strict=True):
        yield LENGTH_QUANTITIES[0], as_estimate(row, "value"), first
    for row, (first, second) in zip(changed.iter_rows(named=True), true, strict=True):
        yield LENGTH_QUANTITIES[1], as_estimate(row, "change"), second - first


def _lengths(drawn: Drawn, rng: np.random.Generator) -> IntArray:
    """Characters of each question."""
    noise = rng.standard_normal(len(drawn.clear))
    return np.maximum(np.round(60 * np.exp(0.5 * noise - 0.5 * drawn.clear)), 1).astype(np.int64)


@lru_cache(maxsize=4)
def _whole(population: Population) -> tuple[Drawn, IntArray]:
    rng = np.random.default_rng(7)
    drawn = draw(population, _ITEMS, rng, alone=True)
    return drawn, _lengths(drawn, rng)


@lru_cache(maxsize=64)
def _truths_of_lengths(population: Population, labels: tuple[str, ...]) -> list[tuple[float, float]]:
    """Best temperatures of the population's questions in the quartiles of a sample."""
    drawn, length = _whole(population)
    ends: FloatArray = np.array([-np.inf, *(float(label.split("–")[-1]) for label in labels[:-1]), np.inf])
    logs, chances = [log_softmax(stated, axis=1) for stated in drawn.stated], drawn.chances()
    rows = [(low < length) & (length <= high) for low, high in pairwise(ends)]
    return [
        (best_temperature(logs[0][part], chances[0][part]), best_temperature(logs[1][part], chances[1][part]))
        for part in rows
    ]
