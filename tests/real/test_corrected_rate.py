"""The corrected rate on answers that people have judged, with the combined grader fitted on the other model's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from factuality import grade
from factuality.grading.human_labels import load_human_labels
from factuality.people.labelling import stratified_sample
from factuality.people.paired_verdicts import paired_verdicts
from factuality.people.prediction_powered import rate_from_labels

pytestmark = pytest.mark.real

_TIMES = 300


@pytest.mark.parametrize(("grader", "random", "chosen"), [("combine", 0.93, 0.93), ("combine+references", 0.9, 0.88)])
def test_100_labels_and_a_grader(data: Path, grader: str, random: float, chosen: float) -> None:
    files = [data / "truthfulqa" / f"human_labels_{name}.csv" for name in ("ada", "babbage")]
    rng, hits, widths = np.random.default_rng(0), [], []
    for path, other in (files, files[::-1]):
        people = load_human_labels(path).decided()
        judgments = grade(people.responses(), grader=f"{grader}:{other}")
        both = paired_verdicts(judgments, people, positive="truthful")
        score, label = (both[name].cast(pl.Float64).to_numpy() for name in ("score", "label"))
        for seed in range(_TIMES):
            found = []
            for rows, weights in (
                (rng.choice(len(label), 100, replace=False), np.ones(100)),
                stratified_sample(score, 100, seed=seed)[::2],
            ):
                seen, weight = np.full(len(label), np.nan), np.ones(len(label))
                seen[rows], weight[rows] = label[rows], weights
                found.append(rate_from_labels(score, seen, weight=weight))
            ends = [found[0].labels_alone, *(one.estimate for one in found)]
            hits.append([one.low <= label.mean() <= one.high for one in ends])
            widths.append([one.high - one.low for one in ends])
    coverage, width = np.mean(hits, axis=0), np.mean(widths, axis=0)
    # Of 600 draws; docs/label_budget.py makes 2,000 of each file.
    assert coverage.min() >= 0.92
    assert width[1] <= random * width[0]
    assert width[2] <= chosen * width[0]
