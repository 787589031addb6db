from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration import (
    Estimate,
    Predictions,
    auroc,
    brier_score,
    classwise_ece,
    ece,
    estimate,
    log_loss,
    null_ece,
    reliability_curve,
    signed_gap,
)
from calibration.predictions.predictions import View
from calibration.uncertainty.measure_table import MEASURES, Metric
from tests.calibration.uncertainty.drawn_runs import METRIC_VIEWS, measured, population, ragged, run_of, samples


@pytest.mark.parametrize("run", [run_of(200, 0, sharpness=2.0), ragged(200, 1)], ids=["four letters", "ragged"])
def test_values_are_those_of_the_metrics(run: Predictions) -> None:
    top, pooled = (run.confidence, run.correct), (run.choice_confidence, run.choice_correct)
    rows = (run.probabilities, run.answer)
    assert estimate(run, ece).value == pytest.approx(ece(*top), abs=1e-12)
    assert estimate(run, ece, view="choices").value == pytest.approx(ece(*pooled), abs=1e-12)
    assert estimate(run, signed_gap).value == pytest.approx(signed_gap(*top), abs=1e-12)
    assert estimate(run, auroc).value == pytest.approx(auroc(*top), abs=1e-12)
    for view in ("top", "choices"):
        assert estimate(run, brier_score, view=view).value == pytest.approx(brier_score(*rows), abs=1e-12)
        assert estimate(run, log_loss, view=view).value == pytest.approx(log_loss(*rows), abs=1e-9)
        assert estimate(run, classwise_ece, view=view).value == pytest.approx(classwise_ece(*rows), abs=1e-12)


@pytest.mark.parametrize("key", list(MEASURES))
@pytest.mark.parametrize("n", [40, 300])
def test_intervals_are_ordered_and_wider_at_a_higher_level(key: str, n: int) -> None:
    run = run_of(n, 4, sharpness=2.0, spread=1.0)  # 20 of 40 answers are wrong
    narrow, wide = (measured(run, key, level=level) for level in (0.8, 0.99))
    below_0 = narrow.value < 0 and key not in ("calibration_intercept", "calibration_in_the_large")
    assert (narrow.known, wide.known) == (not below_0, not below_0)
    assert not below_0 or key.startswith(("debiased", "signed_gap"))
    assert below_0 or wide.low <= narrow.low <= narrow.value <= narrow.high <= wide.high
    # A squared error of few items may be anything; the largest gap of few items is no larger than itself.
    anything = (narrow.low, narrow.high) in ((0, 1), (0, narrow.value))
    assert below_0 or anything or wide.high - wide.low > narrow.high - narrow.low
    assert (narrow.level, wide.level) == (0.8, 0.99)


@pytest.mark.parametrize(("metric", "view"), METRIC_VIEWS)
def test_one_seed_gives_the_same_digits(metric: Metric, view: View) -> None:
    run = run_of(60, 5)
    assert estimate(run, metric, view=view, seed=3) == estimate(run, metric, view=view, seed=3)


@pytest.mark.parametrize(("metric", "view"), METRIC_VIEWS)
def test_order_of_rows_changes_nothing_but_the_random_numbers(metric: Metric, view: View) -> None:
    run = run_of(300, 6, sharpness=2.0)
    shuffled = Predictions(run.frame.sample(fraction=1, shuffle=True, seed=0))
    assert shuffled.item.tolist() != run.item.tolist()
    one, other = estimate(run, metric, view=view), estimate(shuffled, metric, view=view)
    assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high), abs=1e-6)


@pytest.mark.parametrize(("metric", "view"), METRIC_VIEWS)
def test_an_estimate_holds_plain_numbers(metric: Metric, view: View) -> None:
    got = estimate(run_of(60, 5), metric, view=view)
    assert {type(number) for number in (got.value, got.low, got.high, got.level)} == {float}
    assert type(got.p_value) in {float, type(None)}


def test_an_estimate_prints_value_and_interval() -> None:
    assert str(Estimate(value=0.1234, low=-0.0456, high=0.5, level=0.95)) == "0.123 [-0.046, 0.500]"


@pytest.mark.parametrize(
    ("metric", "view", "message"),
    [
        (signed_gap, "choices", "no interval for signed_gap with view='choices': over all letters it is 0 by"),
        (auroc, "choices", "no interval for auroc with view='choices': it ranks answers"),
        (ece, "all", "no interval for ece with view='all': known are signed_gap, ece, .* with view 'top' or 'choices'"),
        (
            null_ece,
            "top",
            "no interval for null_ece with view='top': known are signed_gap, ece, smooth_ece, debiased_ce2",
        ),
        (reliability_curve, "top", "no interval for reliability_curve"),
    ],
)
def test_what_has_no_interval_is_refused_by_name(metric: Metric, view: View, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        estimate(run_of(20, 0), metric, view=view)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
@pytest.mark.parametrize("metric", [ece, signed_gap])
def test_levels_outside_0_to_1_are_refused(metric: Metric, level: float) -> None:
    with pytest.raises(ValueError, match=f"level must be strictly between 0 and 1, got {level}"):
        estimate(run_of(20, 0), metric, level=level)


@pytest.mark.parametrize(("metric", "view"), [kind for kind in METRIC_VIEWS if kind[0] is not auroc])
def test_one_item_has_no_interval(metric: Metric, view: View) -> None:
    with pytest.raises(ValueError, match="an interval needs at least two items, got 1"):
        estimate(Predictions.from_arrays([[1.0, 0.0]], answer=[0]), metric, view=view)


@pytest.mark.parametrize("letter", [0, 1], ids=["right", "wrong"])
def test_an_impossible_letter_is_refused_and_a_bound_leaves_every_interval_finite(letter: int) -> None:
    # `letter` counts from the right one.
    run = run_of(50, 18)
    place = (int(run.answer[3]) + letter) % 4
    lines, bounded = run.frame["logprobs"].to_list(), run.frame["bounded"].to_list()

    def with_letter(value: float) -> Predictions:
        lines[3][place], bounded[3][place] = value, True
        return Predictions(
            run.frame.with_columns(
                logprobs=pl.Series(lines, dtype=pl.List(pl.Float32)),
                bounded=pl.Series(bounded, dtype=pl.List(pl.Boolean)),
            )
        )

    with pytest.raises(ValueError, match=r"log-probabilities must be finite and not positive; .* row 3 \(item 3\)"):
        with_letter(-math.inf)
    held = with_letter(-20.0)
    for key in MEASURES.keys() - {"ici", "e50", "e90", "emax"}:  # need more wrong answers
        got = measured(held, key)
        assert np.isfinite([got.value, got.low, got.high]).all(), key
        assert got.low < got.high, key


@pytest.mark.slow  # 700 runs by five measures each
@pytest.mark.parametrize("sharpness", [1.0, 1.7])
def test_intervals_cover_the_truth_in_95_of_100(sharpness: float) -> None:
    """700 runs of 300 items: a true coverage of 95 % gives 93 to 97 % in 98 of 100 seeds."""
    keys = ("accuracy", "signed_gap", "brier", "nll", "auroc")
    truth = {key: MEASURES[key](population(sharpness)).value for key in keys}
    covered = dict.fromkeys(keys, 0)
    for run in samples(sharpness, 300, 700, seed=20):
        for key in keys:
            got = measured(run, key)
            covered[key] += got.low <= truth[key] <= got.high
    rates = {key: count / 700 for key, count in covered.items()}
    assert all(0.93 <= rate <= 0.97 for rate in rates.values()), rates


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 30), st.sampled_from(METRIC_VIEWS))
def test_ranges_hold(seed: int, n: int, kind: tuple[Metric, View]) -> None:
    metric, view = kind
    run = ragged(n, seed)
    if metric is auroc and min(run.correct.sum(), (~run.correct).sum()) < 2:
        with pytest.raises(ValueError, match=r"needs (right and wrong answers|at least two right and two wrong)"):
            estimate(run, metric, view=view)
        return
    got = estimate(run, metric, view=view)
    if min(run.correct.sum(), (~run.correct).sum()) < {log_loss: 5, auroc: 10}.get(metric, 0):
        assert "wrong (or right) answers" in str(got.reason)
        return
    assert got.low <= got.value + 1e-12
    assert got.value <= got.high + 1e-12 or metric in {ece, classwise_ece}
    if metric in {ece, classwise_ece, auroc}:
        assert got.low >= 0
    if metric is auroc:
        assert got.high <= 1
