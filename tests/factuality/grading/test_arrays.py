"""Arrays that the functions of factuality refuse, with what they got, and those that they take."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from factuality.confidence.semantic_clusters import semantic_entropy
from factuality.people.labelling import stratified_sample
from factuality.people.prediction_powered import rate_from_labels

SCORE, LABEL = [0.9, 0.8, 0.2, 0.1], [1, 0, 0, np.nan]


@pytest.mark.parametrize(
    ("score", "label", "weight", "message"),
    [
        (SCORE, LABEL[:-1], None, r"score and label must be 1-d and of one length, got \(4,\) and \(3,\)"),
        ([SCORE], [LABEL], None, r"got \(1, 4\) and \(1, 4\)"),
        ([str(value) for value in SCORE], LABEL, None, r"score must hold numbers, got text of shape \(4,\)"),
        (SCORE, ["1", "0", "0", ""], None, r"label must hold numbers, got text of shape \(4,\)"),
        (SCORE, LABEL, [1.0, 1.0], r"one weight an answer: \(4,\), got \(2,\)"),
        (SCORE, LABEL, [1.0, None, 1.0, 1.0], "weight must hold numbers; row 1 has None"),
        (SCORE, LABEL, [1.0, np.inf, 1.0, 1.0], "a labelled answer must have a positive weight; row 1 has inf"),
        (SCORE, LABEL, [1.0, np.nan, 1.0, 1.0], "a labelled answer must have a positive weight; row 1 has nan"),
    ],
)
def test_no_rate_is_made_of_such_arrays(score: Any, label: Any, weight: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rate_from_labels(score, label, weight=weight)


def test_missing_labels_are_nan_or_none() -> None:
    expected = rate_from_labels(SCORE, LABEL).estimate
    kinds: list[Any] = [[1, 0, 0, None], pl.Series([True, False, False, None]), pl.Series([1, 0, 0, None])]
    for label in kinds:
        assert rate_from_labels(SCORE, label).estimate == expected


@pytest.mark.parametrize(
    ("score", "message"),
    [
        ([SCORE], r"score must be 1-d, got \(1, 4\)"),
        (["0.1", "0.2"], "score must hold numbers, got text"),
        ([0.5, 1.5], r"a score must be in \[0, 1\] or NaN, got \[1.5\]"),
    ],
)
def test_no_sample_is_drawn_by_such_scores(score: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stratified_sample(score, 2)


@pytest.mark.parametrize(
    ("logprobs", "clusters", "message"),
    [
        ([-1.0, 0.5], [0, 1], r"logprobs must be 2 finite numbers of at most 0, got \[-1.0, 0.5\] of shape \(2,\)"),
        ([-1.0, -0.5], [0.5, 1.0], "a whole number for the cluster of each, got clusters of float64"),
        ([-1.0], [0, 1], r"logprobs must be 2 finite numbers of at most 0, got \[-1.0\] of shape \(1,\)"),
        ([-1.0, None], [0, 1], "logprobs must hold numbers; row 1 has None"),
        (["-1", "-2"], [0, 1], "logprobs must hold numbers, got text"),
        (None, [0, None], "clusters must hold numbers; row 1 has None"),
        (None, [0], r"got 2 samples and clusters \(1,\)"),
    ],
)
def test_no_entropy_is_made_of_such_arrays(logprobs: Any, clusters: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        semantic_entropy(["white", "yellow"], logprobs, clusters=clusters)
