"""The smallest margins that may be claimed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import beta

from calibration import (
    Pairs,
    Predictions,
    brier_score,
    calibrated_within,
    change,
    changed_within,
    debiased_ce2,
    decide,
    ece,
    estimate,
    signed_gap,
    summarize,
)
from calibration.uncertainty.measure_table import Metric
from tests.calibration.decisions.test_deciding import run_of
from tests.calibration.uncertainty.drawn_runs import population, samples


def test_the_margin_of_a_calibrated_model_is_that_of_its_items() -> None:
    """About 0.10 with 200 items and 0.05 with 1,000, and half of that or less of all choices."""
    margins = {n: calibrated_within(run_of(n, 0)).margin for n in (200, 1000)}
    assert margins[200] == pytest.approx(0.1, abs=0.03)
    assert margins[1000] == pytest.approx(0.05, abs=0.02)
    assert calibrated_within(run_of(200, 0), view="choices").margin < margins[200] / 2


@pytest.mark.parametrize("metric", [ece, signed_gap, debiased_ce2])
def test_the_margin_is_the_smallest_that_decides(metric: Metric) -> None:
    run = run_of(200, 2, 1.5)
    claimed, number = calibrated_within(run, metric), estimate(run, metric)
    assert decide(number, margin=claimed.margin).word == "within"
    assert decide(number, margin=claimed.margin * 0.999).word != "within"


def test_the_summary_holds_the_margins() -> None:
    run = run_of(100, 4)
    summary = summarize(run)
    assert summary["ece_top_within"] == calibrated_within(run).margin
    assert summary["ece_choices_within"] == calibrated_within(run, view="choices").margin


def test_the_margin_of_a_curve_is_that_of_its_worst_bin_by_hand() -> None:
    # Two bins of 20 items at 0.2 and 0.8, of which 4 and 19 are right: Clopper and Pearson's limits at 90 %, and the
    # confidences have no noise.
    pairs = Pairs.from_arrays([0.2] * 20 + [0.8] * 20, [1] * 4 + [0] * 16 + [1] * 19 + [0])
    low, high = (
        max(abs(stated - beta.ppf(0.05, right, 21 - right)), abs(stated - beta.ppf(0.95, right + 1, 20 - right)))
        for stated, right in ((0.2, 4), (0.8, 19))
    )
    claimed = calibrated_within(pairs, "curve", bins=2)
    assert claimed.margin == pytest.approx(max(low, high), rel=1e-9)
    assert str(claimed).startswith("gap of every bin (top) is within 0.20")


def test_what_leaves_everything_possible_is_no_margin() -> None:
    claimed = calibrated_within(Pairs.from_arrays([1.0, 0.0], [0, 1]), "curve", bins=2)
    assert claimed.word == "cannot tell"
    assert math.isnan(claimed.margin)
    assert claimed.reason == "2 items leave everything possible"


def test_too_few_subjects_have_no_margin() -> None:
    run = Predictions.from_arrays(np.eye(4)[np.arange(40) % 4] * 2, np.arange(40) % 4, subject=["a", "b"] * 20)
    for claimed in (calibrated_within(run, sampling="subjects"), changed_within(run, run, sampling="subjects")):
        assert claimed.word == "cannot tell"
        assert math.isnan(claimed.margin)
        assert "needs at least 10 subjects, got 2" in str(claimed)


def test_a_measure_that_says_nothing_of_calibration_is_refused() -> None:
    with pytest.raises(ValueError, match="brier has no value that calibrated models have; known are curve, signed_gap"):
        calibrated_within(run_of(60, 0), brier_score)


def test_a_run_changed_within_nothing_against_itself_and_within_its_limits_against_another() -> None:
    before, after = run_of(200, 5), run_of(200, 5, 1.5)
    assert changed_within(before, before, ece).margin == 0
    number = change(before, after, brier_score)
    assert changed_within(before, after, brier_score).margin == max(abs(number.least), abs(number.most))


@pytest.mark.parametrize("key", ["ece_top", "signed_gap"])
def test_false_claims_at_the_boundary_are_few(key: str) -> None:
    """Of 60 runs at most 8 claim less than the truth; with 5 % of false claims more are one in 500."""
    truth = abs(estimate(population(1.6), key).value)
    claims = [calibrated_within(run, key).margin for run in samples(1.6, 100, 60, seed=3)]
    assert np.count_nonzero(np.array(claims) < truth) <= 8
