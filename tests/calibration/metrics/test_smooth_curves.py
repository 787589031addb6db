"""Distances from a smooth curve, against R's rms and where they are not defined."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import UndefinedMeasure, e50, e90, emax, ici
from calibration.metrics.logistic_fits import logits
from calibration.metrics.smooth_curves import curve_knots, smooth_curve, spline_columns

from .drawn_pairs import bent_pairs


def test_distances_are_those_of_the_spline_of_rms() -> None:
    # rms 6.5: lrm(y ~ rcs(qlogis(p), quantile(qlogis(p), c(.05, .35, .65, .95)))), |plogis(predict(f)) − p|.
    confidence, correct = bent_pairs(200)
    assert ici(confidence, correct) == pytest.approx(0.0904731489975, abs=1e-8)
    assert e50(confidence, correct) == pytest.approx(0.1036303471035, abs=1e-8)
    assert e90(confidence, correct) == pytest.approx(0.1271399856511, abs=1e-7)
    assert emax(confidence, correct) == pytest.approx(0.1386500533245, abs=1e-7)
    coefficients = smooth_curve(logits(confidence), correct).fit.coefficients
    assert coefficients == pytest.approx([-0.457722582467, 0.193049187732, 2.940082661035, -8.490583232707], abs=1e-5)


def test_the_curve_is_near_the_lowess_of_rms() -> None:
    # rms 6.5, val.prob: Eavg 0.0861, E90 0.1239, Emax 0.1252.
    confidence, correct = bent_pairs(200)
    assert ici(confidence, correct) == pytest.approx(0.0861, abs=0.01)
    assert e90(confidence, correct) == pytest.approx(0.1239, abs=0.01)
    assert emax(confidence, correct) == pytest.approx(0.1252, abs=0.02)


def test_a_spline_is_a_line_beyond_its_outer_knots() -> None:
    knots = np.array([-1.0, 0.0, 0.5, 2.0])
    for ends in (np.array([-9.0, -6.0, -3.0]), np.array([3.0, 6.0, 9.0]), 1e6 * np.array([1.0, 2.0, 3.0])):
        columns = spline_columns(ends, knots)
        assert np.diff(columns, n=2, axis=0) == pytest.approx(0, abs=1e-6)
    near = spline_columns(np.array([2.0 - 1e-9, 2.0 + 1e-9]), knots)
    assert near[0] == pytest.approx(near[1], abs=1e-7)


@pytest.mark.parametrize(
    ("odds", "n_knots"),
    [(np.linspace(-2, 2, 50), 4), (np.repeat([-1.0, 0.0, 1.0, 2.0, 3.0], 10), 4), (np.repeat([-1.0, 0.0, 1.0], 10), 0),
     (np.r_[np.full(60, 1.0), np.linspace(1.1, 3, 40)], 3), (np.full(30, 1.0), 0)],
)  # fmt: skip
def test_coinciding_knots_are_one(odds: np.ndarray, n_knots: int) -> None:
    assert len(curve_knots(odds)) == n_knots


@pytest.mark.parametrize(
    ("confidence", "correct", "reason"),
    [
        ([0.2, 1.0, 0.6, 0.7], [0, 1, 1, 0], "1 of 4 confidences are exactly 0 or 1"),
        ([0.2, 0.4, 0.6, 0.7], [1, 1, 1, 1], "it needs right and wrong answers, got 4 right and 0 wrong"),
        ([0.6, 0.6, 0.6, 0.6], [1, 0, 1, 1], "the confidences differ too little"),
        ([0.2, 0.4, 0.6, 0.7], [0, 0, 1, 1], "confidence separates right from wrong answers"),
    ],
)
def test_a_curve_without_end_is_refused(confidence: list[float], correct: list[int], reason: str) -> None:
    with pytest.raises(UndefinedMeasure, match=reason):
        ici(confidence, correct)


def test_the_surest_answers_share_one_accuracy() -> None:
    odds = np.r_[np.linspace(-2, 6, 160), np.linspace(7, 400, 200)]
    correct = np.r_[(np.arange(160) % 3 > 0), np.ones(200)].astype(float)
    curve = smooth_curve(odds, correct)
    assert len(set(curve.accuracy(np.array([6.91, 20.0, 4_000.0])).tolist())) == 1
    assert curve.knots == pytest.approx(np.quantile(odds[:160], (0.05, 0.35, 0.65, 0.95)))


def test_a_curve_that_separates_one_end_alone_is_refused() -> None:
    # All below −0.8 are wrong, the others are right or wrong: the curve falls without end on that side.
    odds = np.linspace(-3, 3, 60)
    correct = np.where(odds < -0.8, 0.0, np.arange(60) % 2)
    with pytest.raises(UndefinedMeasure, match="separates"):
        smooth_curve(odds, correct, knots=np.array([-1.0, -0.9, -0.8]))
