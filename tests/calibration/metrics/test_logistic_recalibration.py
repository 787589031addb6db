"""Slope, intercept and calibration in the large, against other libraries and where they are not defined."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from calibration import UndefinedMeasure, calibration_in_the_large, calibration_intercept, calibration_slope
from calibration.metrics.logistic_fits import logistic_fit, logits
from calibration.metrics.logistic_recalibration import line_fit, shift_fit

from .drawn_pairs import bent_pairs


def test_the_line_is_that_of_statsmodels_and_of_rms() -> None:
    # statsmodels 0.14, GLM(Binomial): coefficients and standard errors; rms 6.5, val.prob: Intercept and Slope.
    confidence, correct = bent_pairs(200)
    assert calibration_intercept(confidence, correct) == pytest.approx(-0.24160378, abs=1e-8)
    assert calibration_slope(confidence, correct) == pytest.approx(0.66162311, abs=1e-8)
    assert calibration_slope(confidence, correct) == pytest.approx(0.661623113425323, abs=1e-9)
    fit = line_fit(logits(confidence), correct)
    assert np.sqrt(np.diag(fit.inverse)) == pytest.approx([0.17843915, 0.15374837], abs=1e-7)


def test_calibration_in_the_large_is_that_of_statsmodels() -> None:
    # statsmodels 0.14, GLM(Binomial) of a constant with the log-odds as offset.
    confidence, correct = bent_pairs(200)
    assert calibration_in_the_large(confidence, correct) == pytest.approx(-0.44185641, abs=1e-8)
    assert np.sqrt(shift_fit(logits(confidence), correct).inverse[0, 0]) == pytest.approx(0.15833267, abs=1e-7)


def test_weights_are_those_of_repeated_answers() -> None:
    # statsmodels 0.14, GLM with freq_weights.
    confidence, correct = bent_pairs(200)
    fit = line_fit(logits(confidence), correct, np.arange(200) % 3 + np.ones(200))
    assert fit.coefficients == pytest.approx([-0.3879761, 0.70263742], abs=1e-7)


def test_the_line_is_that_of_scikit_learn() -> None:
    confidence, correct = bent_pairs(500, seed=3)
    odds = logits(confidence)[:, None]
    other = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(odds, correct)
    line = [calibration_intercept(confidence, correct), calibration_slope(confidence, correct)]
    assert line == pytest.approx([other.intercept_[0], other.coef_[0, 0]], abs=1e-5)


def test_what_an_answer_moves_is_what_leaving_it_out_moves() -> None:
    confidence, correct = bent_pairs(200)
    odds = logits(confidence)
    whole = line_fit(odds, correct)
    left_out = np.array([line_fit(np.delete(odds, row), np.delete(correct, row)).coefficients for row in range(40)])
    assert whole.moves()[:40] == pytest.approx(whole.coefficients - left_out, rel=0.06, abs=1e-4)


def test_what_a_cluster_moves_is_what_leaving_it_out_moves() -> None:
    confidence, correct = bent_pairs(200)
    odds, group = logits(confidence), np.arange(200) % 20
    whole = line_fit(odds, correct)
    left_out = np.array([line_fit(odds[group != g], correct[group != g]).coefficients for g in range(20)])
    assert whole.moves(group) == pytest.approx(whole.coefficients - left_out, rel=0.1, abs=4e-3)
    assert whole.moves(np.arange(200)) == pytest.approx(whole.moves(), rel=1e-9)


def test_sharper_logits_have_a_smaller_slope_in_proportion() -> None:
    confidence, correct = bent_pairs(200)
    sharper = 1 / (1 + np.exp(-3 * logits(confidence)))
    assert calibration_slope(sharper, correct) == pytest.approx(calibration_slope(confidence, correct) / 3)


UNDEFINED = {
    "1 of 3 confidences are exactly 0 or 1, whose log-odds have no end, the first in row 1": (
        [0.5, 1.0, 0.7],
        [1, 0, 1],
    ),
    "it needs right and wrong answers, got 3 right and 0 wrong": ([0.5, 0.6, 0.7], [1, 1, 1]),
    "it needs right and wrong answers, got 0 right and 3 wrong": ([0.5, 0.6, 0.7], [0, 0, 0]),
    "all confidences are alike": ([0.6, 0.6, 0.6], [1, 0, 1]),
    "separates right from wrong answers": ([0.5, 0.6, 0.7], [0, 1, 1]),
    "separates right from wrong answers, so": ([0.5, 0.6, 0.6, 0.7], [1, 1, 0, 0]),
}


@pytest.mark.parametrize("reason", UNDEFINED)
def test_a_line_without_end_is_refused(reason: str) -> None:
    with pytest.raises(UndefinedMeasure, match=reason):
        calibration_slope(*UNDEFINED[reason])


def test_calibration_in_the_large_is_defined_where_the_slope_is_not() -> None:
    assert calibration_in_the_large([0.8] * 4, [0, 1, 1, 1]) == pytest.approx(np.log(3) - np.log(4))
    shift = calibration_in_the_large([0.5, 0.6, 0.7], [0, 1, 1])
    assert sum(1 / (1 + np.exp(-shift - logits(np.array([0.5, 0.6, 0.7]))))) == pytest.approx(2)
    with pytest.raises(UndefinedMeasure, match="got 3 right and 0 wrong"):
        calibration_in_the_large([0.5, 0.6, 0.7], [1, 1, 1])


def test_columns_that_depend_on_each_other_are_refused() -> None:
    column: NDArray[np.float64] = np.linspace(-1, 1, 20)
    design = np.column_stack([np.ones(20), column, 1 + column])
    with pytest.raises(UndefinedMeasure, match="differ too little"):
        logistic_fit(design, (np.arange(20) % 2).astype(float))


def test_far_log_odds_are_fitted() -> None:
    odds = np.linspace(-4_000, 4_000, 41)
    correct = (odds > 0).astype(float)
    correct[[2, 20, 38]] = [1, 1, 0]
    fit = line_fit(odds, correct)
    assert abs(fit.design.T @ (fit.correct - fit.fitted)).max() < 1e-4
    assert np.isfinite(shift_fit(odds, correct).coefficients).all()
