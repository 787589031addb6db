"""Recalibration and thresholds of confidences that stand alone."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import Pairs, recalibrate, selective_threshold
from calibration.recalibration.cross_fitting import deal_folds
from tests.calibration.uncertainty.drawn_pairs import pairs_of


def test_a_map_of_one_confidence_is_fitted_on_other_clusters() -> None:
    pairs = pairs_of(200, 0, clustered=True, weighted=True, sharpness=3.0)
    fold = deal_folds(pairs, "items", 5, 0)
    assert all(len(set(fold[pairs.cluster == name])) == 1 for name in set(pairs.cluster.tolist()))
    result = recalibrate(pairs)
    assert (result.method, result.predictions) == ("platt", None)
    assert result.after["ece_top"].value < result.before["ece_top"].value
    assert result.before["accuracy"] == result.after["accuracy"]
    assert set(result.floors_after) == {"ece_top"}


def test_a_map_of_other_pairs_is_applied() -> None:
    first, second = (pairs_of(300, seed, clustered=False, weighted=False, sharpness=3.0) for seed in (1, 2))
    result = recalibrate(second, "isotonic", fit=first)
    assert result.by is None
    assert result.after["brier_top"].value < result.before["brier_top"].value
    with pytest.raises(ValueError, match="items fitted on must be others than those scored; 0 is both, 300 of 300"):
        recalibrate(second, "isotonic", fit=second)


def test_methods_of_whole_rows_are_refused() -> None:
    pairs = pairs_of(60, 3, clustered=False, weighted=False)
    with pytest.raises(ValueError, match="letter bias needs whole rows of letters, and pairs hold one confidence"):
        recalibrate(pairs, "letter bias")


def test_a_threshold_holds_for_answers_that_count_alike() -> None:
    rng = np.random.default_rng(6)
    confidence = rng.random(2000)
    pairs = Pairs.from_arrays(confidence, rng.random(2000) < confidence)
    sure = selective_threshold(pairs, error=0.2)
    assert 0.6 <= sure.threshold < 0.75  # half of what is missing to 1 is wrong above it
    assert sure.threshold == selective_threshold((pairs.confidence, pairs.correct), error=0.2).threshold
    with pytest.raises(ValueError, match="several answers of one cluster are not"):
        selective_threshold(pairs_of(60, 5, clustered=True, weighted=False))
    with pytest.raises(ValueError, match="counting answers, which have no weights"):
        selective_threshold(pairs_of(60, 5, clustered=False, weighted=True))
