"""The band of the calibration curve."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from calibration import Pairs, Predictions, UndefinedMeasure, Verdicts, by_group, calibration_band, ici
from calibration.metrics.logistic_fits import logits
from calibration.metrics.smooth_curves import smooth_curve


def calibrated(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.3, 0.95, n)
    return confidence, (rng.random(n) < confidence).astype(float)


def right_and_wrong(grades: list[str]) -> Verdicts:
    rows = {"item": [str(row) for row in range(len(grades))], "grade": grades}
    return Verdicts(pl.DataFrame(rows).with_columns(model=pl.lit(""), revision=pl.lit(""), subject=pl.lit("")))


def test_a_band_is_around_its_curve() -> None:
    confidence, correct = calibrated(300, 0)
    band = calibration_band(confidence, correct)
    curve = smooth_curve(logits(confidence), correct)
    assert band.accuracy == pytest.approx(curve.accuracy(logits(band.confidence)))
    assert (band.low < band.accuracy).all()
    assert (band.accuracy < band.high).all()
    assert (band.confidence[0], band.confidence[-1]) == pytest.approx((confidence.min(), confidence.max()))
    wider = calibration_band(confidence, correct, level=0.99)
    assert (wider.low < band.low).all()
    assert band.frame.columns == ["confidence", "accuracy", "low", "high"]


def test_bands_of_calibrated_models_hold_the_diagonal() -> None:
    """Of 100 calibrated runs of 200 items, how many do: fewer than 88 have a chance of 1 in 500 at 95 %."""
    assert sum(calibration_band(*calibrated(200, seed)).holds_diagonal for seed in range(100)) >= 88


def test_a_band_of_an_over_confident_model_leaves_the_diagonal() -> None:
    confidence, correct = calibrated(600, 1)
    band = calibration_band(1 / (1 + np.exp(-3 * logits(confidence))), correct)
    assert not band.holds_diagonal


def test_clusters_make_a_band_wider() -> None:
    confidence, correct = calibrated(100, 2)
    copies = Pairs.from_arrays(
        np.tile(confidence, 3), np.tile(correct, 3), cluster=[str(row) for row in range(100)] * 3
    )
    alone, together = calibration_band(np.tile(confidence, 3), np.tile(correct, 3)), calibration_band(copies)
    assert (together.high - together.low > alone.high - alone.low).all()


def test_what_has_no_band_is_refused() -> None:
    confidence, correct = calibrated(300, 3)
    with pytest.raises(UndefinedMeasure, match="fewer than 20 wrong"):
        calibration_band(confidence[:30], correct[:30])
    with pytest.raises(UndefinedMeasure, match="it needs right and wrong answers"):
        calibration_band(confidence, np.ones(300))
    with pytest.raises(UndefinedMeasure, match="exactly 0 or 1"):
        ici(np.r_[1.0, confidence], np.r_[1.0, correct])
    with pytest.raises(ValueError, match="needs a confidence in each answer"):
        calibration_band(right_and_wrong(["correct", "incorrect"] * 30))


def test_temperatures_are_told_by_number_of_options() -> None:
    rng = np.random.default_rng(4)
    rows, answers = [], []
    for row in range(240):
        seen = rng.normal(size=2 + 2 * (row % 2)) * 2
        answers.append(int((seen + rng.gumbel(size=len(seen))).argmax()))
        rows.append((seen * (1.0 if row % 2 else 2.0)).tolist())  # two options: twice too sharp
    table = by_group(Predictions.from_lists(rows, answers), "n_options", "temperature").frame
    assert table["n_options"].to_list() == ["2", "4"]
    low, high = table["low"].to_list(), table["high"].to_list()
    assert low[0] < 2 < high[0]
    assert low[1] < 1 < high[1]
    assert low[0] > high[1]
