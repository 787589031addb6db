"""Calibration corrected by few labels, on answers that people have all judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from factuality import grade
from factuality.grading.human_labels import load_human_labels
from factuality.people.calibration_from_labels import calibration_from_labels
from factuality.people.paired_verdicts import paired_verdicts

pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", ["ada", "babbage"])
def test_100_labels_mend_what_a_grader_misses(data: Path, name: str) -> None:
    """Of 40 draws of 100 labels, 9 in 10 intervals hold the ECE and signed gap under all labels."""
    people = load_human_labels(data / "truthfulqa" / f"human_labels_{name}.csv").decided()
    answers = people.responses()
    stated = paired_verdicts(grade(answers, grader="similarity:rougeL"), people, positive="truthful")[
        "score"
    ].to_numpy()
    both = paired_verdicts(grade(answers, grader="match"), people, positive="truthful")
    # What names no reference counts as wrong.
    judged = both["said"].cast(pl.Float64).fill_null(0).to_numpy()
    label = both["label"].cast(pl.Float64).to_numpy()
    whole = calibration_from_labels(stated, judged, label)
    assert whole.judged["ece"].low > whole.corrected["ece"].high
    rng, held = np.random.default_rng(0), np.zeros(2)
    for _ in range(40):
        seen = np.full(len(label), np.nan)
        rows = rng.choice(len(label), 100, replace=False)
        seen[rows] = label[rows]
        found = calibration_from_labels(stated, judged, seen).corrected
        for index, key in enumerate(("ece", "signed_gap")):
            held[index] += found[key].low <= whole.corrected[key].value <= found[key].high
    assert held.min() >= 36
