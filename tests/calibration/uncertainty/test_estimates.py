from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import softmax

from calibration import (
    Estimate,
    Predictions,
    auroc,
    brier_score,
    classwise_ece,
    debiased_ce2,
    ece,
    estimate,
    log_loss,
    max_calibration_error,
    null_ece,
    reliability_curve,
    signed_gap,
)
from calibration.metrics.temperature import optimal_temperature
from calibration.predictions.predictions import View
from calibration.uncertainty.estimates import measure_estimate, measure_floor
from calibration.uncertainty.kinds.binned import Binned, redrawn
from calibration.uncertainty.kinds.mean_like import MeanLike
from calibration.uncertainty.kinds.squared import Squared, squared, squared_error
from calibration.uncertainty.measure_table import MEASURES, Metric
from calibration.uncertainty.standard_errors import ITEMS, Sampling, standard_error

KINDS: list[tuple[Metric, View]] = [
    (ece, "top"),
    (ece, "choices"),
    (classwise_ece, "top"),
    (signed_gap, "top"),
    (brier_score, "top"),
    (log_loss, "choices"),
    (auroc, "top"),
]


def run_of(n: int, seed: int, *, sharpness: float = 1.0, spread: float = 2.0) -> Predictions:
    """Four letters, `sharpness` times too sharp, answers drawn from the honest probabilities."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4)) * spread
    answer = (softmax(logits, axis=1).cumsum(axis=1)[:, :-1] < rng.random((n, 1))).sum(axis=1)
    return Predictions.from_arrays(logits * sharpness, answer)


def measured(run: Predictions, key: str, *, level: float = 0.95) -> Estimate:
    """A measure of the table on a run, with its interval and, for an ECE, its noise floor."""
    measure = MEASURES[key](run)
    return measure_estimate(measure, measure_floor(measure, run), level=level)


@cache
def population(sharpness: float) -> Predictions:
    return run_of(20_000, 1, sharpness=sharpness)


@cache
def samples(sharpness: float, n: int, times: int, seed: int) -> list[Predictions]:
    """Runs of n items drawn from the population, whose values are then the truth."""
    rng = np.random.default_rng(seed)
    pool, ids = population(sharpness), pl.int_range(n).cast(pl.String)
    return [Predictions(pool.frame[rng.integers(0, 20_000, n)].with_columns(item=ids)) for _ in range(times)]


def ragged(n: int, seed: int) -> Predictions:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 6, n)
    return Predictions.from_lists(
        [(rng.normal(size=size) * 3).tolist() for size in sizes], [int(rng.integers(size)) for size in sizes]
    )


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
@pytest.mark.parametrize("n", [10, 300])
def test_intervals_are_ordered_and_wider_at_a_higher_level(key: str, n: int) -> None:
    run = run_of(n, 4, sharpness=2.0)
    narrow, wide = (measured(run, key, level=level) for level in (0.8, 0.99))
    if narrow.value < 0:
        assert (narrow.known, wide.known, key[:8]) == (False, False, "debiased")
        return
    assert wide.low <= narrow.low <= narrow.value <= narrow.high <= wide.high
    if (narrow.low, narrow.high) != (0, 1):  # a squared error of ten items may be anything
        assert wide.high - wide.low > narrow.high - narrow.low
    assert (narrow.level, wide.level) == (0.8, 0.99)


@pytest.mark.parametrize(("metric", "view"), KINDS)
def test_one_seed_gives_the_same_digits(metric: Metric, view: View) -> None:
    run = run_of(60, 5)
    assert estimate(run, metric, view=view, seed=3) == estimate(run, metric, view=view, seed=3)


@pytest.mark.parametrize(("metric", "view"), KINDS)
def test_order_of_rows_changes_nothing_but_the_random_numbers(metric: Metric, view: View) -> None:
    run = run_of(300, 6, sharpness=2.0)
    shuffled = Predictions(run.frame.sample(fraction=1, shuffle=True, seed=0))
    assert shuffled.item.tolist() != run.item.tolist()
    one, other = estimate(run, metric, view=view), estimate(shuffled, metric, view=view)
    assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high), abs=1e-6)


@pytest.mark.parametrize(("metric", "view"), KINDS)
def test_an_estimate_holds_plain_numbers(metric: Metric, view: View) -> None:
    got = estimate(run_of(60, 5), metric, view=view)
    assert {type(number) for number in (got.value, got.low, got.high, got.level)} == {float}
    assert type(got.p_value) in {float, type(None)}


def test_an_estimate_prints_value_and_interval() -> None:
    assert str(Estimate(value=0.1234, low=-0.0456, high=0.5, level=0.95)) == "0.123 [-0.046, 0.500]"


@pytest.mark.parametrize(
    ("metric", "view", "message"),
    [
        (max_calibration_error, "top", "no interval for max_calibration_error with view='top': one sparse bin"),
        (max_calibration_error, "choices", "no interval for max_calibration_error with view='choices': one sparse"),
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


def test_signed_gap_interval_by_hand() -> None:
    # Confidence ¾ throughout, 6 of 10 right: gap 0.15, standard deviation of the gaps √(0.24 · 10/9) = 0.5164.
    run = Predictions.from_arrays(np.tile(np.log([3.0, 1.0]), (10, 1)), answer=[0] * 6 + [1] * 4)
    got = estimate(run, signed_gap)
    # Gaps −0.25 and 0.75, so deviations −0.4 and 0.6 of skewness 0.48 / 2.4^1.5 = 0.1291.
    error = 0.5163978 / math.sqrt(10)
    centre, half = 0.15 + error * 0.1290994 * (1 + 2 * 1.959964**2) / 6, 1.959964 * error
    assert (got.value, got.low, got.high) == pytest.approx((0.15, centre - half, centre + half), abs=1e-6)


@pytest.mark.parametrize("metric", [signed_gap])
@pytest.mark.parametrize("n_right", [2, 5, 8, 19])
def test_p_value_is_the_level_at_which_the_interval_touches_0(metric: Metric, n_right: int) -> None:
    run = Predictions.from_arrays(np.tile(np.log([3.0, 1.0]), (20, 1)), answer=[0] * n_right + [1] * (20 - n_right))
    p_value = estimate(run, metric).p_value
    assert p_value is not None
    got = estimate(run, metric, level=1 - p_value)
    assert min(abs(got.low), abs(got.high)) == pytest.approx(0, abs=1e-9)


def test_ece_p_value_is_that_of_its_noise_floor_and_the_interval_starts_at_0_within_it() -> None:
    calibrated, sharp = run_of(300, 19), run_of(300, 19, sharpness=3.0)
    cases: list[tuple[Predictions, View]] = [(run, view) for run in (calibrated, sharp) for view in get_args(View)]
    for run, view in cases:
        got = estimate(run, ece, view=view)
        assert got.p_value == null_ece(run.probabilities, run.answer, view=view).p_value
        assert (got.low == 0) == (got.p_value >= 0.05)
    assert estimate(calibrated, ece).low == 0.0
    assert estimate(sharp, ece).low > 0.05


def brute_force(run: Predictions, score: Callable[[NDArray[np.int64]], float], times: int) -> NDArray[np.float64]:
    """The score of items drawn with replacement."""
    rng = np.random.default_rng(99)
    return np.array([score(rng.integers(0, run.n_items, run.n_items)) for _ in range(times)])


@pytest.mark.parametrize("run", [run_of(400, 11, sharpness=2.0), ragged(400, 12)], ids=["four letters", "ragged"])
def test_draws_of_an_ece_spread_like_a_bootstrap_of_items(run: Predictions) -> None:
    hit = np.arange(run.present.shape[1])[None, :] == run.answer[:, None]

    def pooled(rows: NDArray[np.int64]) -> float:
        kept = run.present[rows]
        return ece(run.probabilities[rows][kept], hit[rows][kept])

    scores: dict[str, Callable[[NDArray[np.int64]], float]] = {
        "ece_top": lambda rows: ece(run.confidence[rows], run.correct[rows]),
        "ece_choices": pooled,
        "classwise_ece": lambda rows: classwise_ece(run.probabilities[rows], run.answer[rows]),
    }
    for key, score in scores.items():
        measure = MEASURES[key](run)
        assert isinstance(measure, Binned)
        drawn, boot = redrawn([measure], ITEMS, seed=0)[0], brute_force(run, score, 1000)
        assert drawn.std() == pytest.approx(boot.std(), rel=0.1), key
        assert drawn.mean() == pytest.approx(boot.mean(), abs=0.15 * boot.std()), key


@pytest.mark.parametrize("view", ["top", "choices"])
def test_draws_of_clusters_spread_like_a_bootstrap_of_clusters(view: View) -> None:
    # Subjects of 1 to 30 items, each with its own shift of the accuracy.
    rng = np.random.default_rng(13)
    subject = np.repeat(np.arange(80), rng.integers(1, 31, 80))
    logits = rng.normal(size=(len(subject), 4)) * 6
    answer = logits.argmax(axis=1)
    wrong = rng.random(len(subject)) < rng.beta(1, 1, 80)[subject]
    answer[wrong] = (answer[wrong] + 1) % 4
    run = Predictions.from_arrays(logits, answer, subject=subject.astype(str).tolist())
    measure = MEASURES[f"ece_{view}"](run)
    assert isinstance(measure, Binned)
    rows_of = [np.flatnonzero(subject == k) for k in range(80)]
    hit = np.arange(4)[None, :] == answer[:, None]
    boot = []
    for _ in range(1000):
        rows = np.concatenate([rows_of[k] for k in rng.integers(0, 80, 80)])
        if view == "top":
            boot.append(ece(run.confidence[rows], run.correct[rows]))
        else:
            boot.append(ece(run.probabilities[rows].ravel(), hit[rows].ravel()))
    clusters = np.unique(run.subject, return_inverse=True)[1]
    assert redrawn([measure], Sampling(clusters=clusters), seed=0)[0].std() == pytest.approx(np.std(boot), rel=0.1)
    # What the clusters are for: items drawn by themselves would spread far less.
    assert redrawn([measure], ITEMS, seed=0)[0].std() < 0.7 * float(np.std(boot))


def delong(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> float:
    """DeLong's standard error, pair by pair from the definition."""
    right, wrong = confidence[correct][:, None], confidence[~correct][None, :]
    won = (right > wrong) + 0.5 * (right == wrong)
    by_right, by_wrong = won.mean(axis=1), won.mean(axis=0)
    return math.sqrt(by_right.var(ddof=1) / len(by_right) + by_wrong.var(ddof=1) / len(by_wrong))


def auroc_error(run: Predictions) -> float:
    measure = MEASURES["auroc"](run)
    assert isinstance(measure, MeanLike)
    return standard_error(measure.influence)


def test_auroc_error_is_that_of_a_jackknife() -> None:
    run = run_of(200, 14)
    keep = ~np.eye(200, dtype=bool)
    left_out = np.array([auroc(run.confidence[rows], run.correct[rows]) for rows in keep])
    jackknife = math.sqrt(199 / 200 * np.square(left_out - left_out.mean()).sum())
    assert auroc_error(run) == pytest.approx(jackknife, rel=0.02)


@pytest.mark.parametrize("n_wrong", [2, 4, 10, 50])
def test_auroc_error_is_delongs_also_with_few_wrong_answers(n_wrong: int) -> None:
    run = run_of(2000, 15)
    rows = np.sort(np.concatenate([np.flatnonzero(run.correct)[:60], np.flatnonzero(~run.correct)[:n_wrong]]))
    few = Predictions(run.frame[rows])
    assert auroc_error(few) == pytest.approx(delong(few.confidence, few.correct), rel=0.02)


@pytest.mark.parametrize(("n_right", "n_wrong", "fewer"), [(3, 3, 3), (4, 2, 2), (2, 4, 2), (30, 10, 10)])
def test_auroc_of_1_or_0_is_as_certain_as_the_smaller_class(n_right: int, n_wrong: int, fewer: int) -> None:
    logits = np.column_stack([np.linspace(3, 0.5, n_right + n_wrong), np.zeros(n_right + n_wrong)])
    answer = np.repeat([0, 1], [n_right, n_wrong])
    perfect = estimate(Predictions.from_arrays(logits, answer), auroc)
    # Wilson's interval of n of n is n / (n + z²) to 1.
    assert (perfect.value, perfect.high) == pytest.approx((1.0, 1.0), abs=1e-12)
    assert perfect.low == pytest.approx(fewer / (fewer + 1.959964**2), abs=1e-6)
    # Confidence the other way round: least where the answer is right.
    worst = estimate(Predictions.from_arrays(logits[::-1], answer), auroc)
    assert (worst.value, worst.low) == pytest.approx((0.0, 0.0), abs=1e-12)
    assert worst.high == pytest.approx(1 - perfect.low, abs=1e-12)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([0, 1, 1, 1], "an interval needs at least two right and two wrong answers, got 1 right"),
        ([0, 0, 0, 1], "an interval needs at least two right and two wrong answers, got 3 right"),
        ([0, 0, 0, 0], "AUROC needs right and wrong answers, got 4 right and 0 wrong"),
    ],
)
def test_auroc_of_a_single_right_or_wrong_answer_has_no_interval(answer: list[int], message: str) -> None:
    run = Predictions.from_arrays([[2.0, 0.0], [1.5, 0.0], [1.0, 0.0], [0.5, 0.0]], answer)
    with pytest.raises(ValueError, match=message):
        estimate(run, auroc)


@pytest.mark.parametrize(("metric", "view"), [kind for kind in KINDS if kind[0] is not auroc])
def test_one_item_has_no_interval(metric: Metric, view: View) -> None:
    with pytest.raises(ValueError, match="an interval needs at least two items, got 1"):
        estimate(Predictions.from_arrays([[1.0, 0.0]], answer=[0]), metric, view=view)


def test_temperature_interval_is_that_of_a_bootstrap() -> None:
    run = run_of(400, 16, sharpness=1.5)
    got = measured(run, "temperature")
    boot = brute_force(run, lambda rows: optimal_temperature(run.log_probabilities[rows], run.answer[rows]), 600)
    assert math.log(got.high / got.low) / 2 / 1.959964 == pytest.approx(float(np.log(boot).std()), rel=0.1)
    assert got.low * got.high == pytest.approx(got.value**2)  # symmetric on the log scale


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
    for key in MEASURES:
        got = measured(held, key)
        if key.startswith("debiased") and got.value < 0:
            assert not got.known
        else:
            assert np.isfinite([got.value, got.low, got.high]).all(), key
            assert got.low < got.high, key


@pytest.mark.parametrize("sharpness", [1.0, 1.7])
def test_intervals_cover_the_truth_in_95_of_100(sharpness: float) -> None:
    # 700 runs of 300 items: a true coverage of 95 % gives 93 to 97 % in 98 of 100 seeds.
    keys = ("accuracy", "signed_gap", "brier", "nll", "auroc")
    truth = {key: MEASURES[key](population(sharpness)).value for key in keys}
    covered = dict.fromkeys(keys, 0)
    for run in samples(sharpness, 300, 700, seed=20):
        for key in keys:
            got = measured(run, key)
            covered[key] += got.low <= truth[key] <= got.high
    rates = {key: count / 700 for key, count in covered.items()}
    assert all(0.93 <= rate <= 0.97 for rate in rates.values()), rates


@pytest.mark.parametrize(
    ("sharpness", "view", "at_least"),
    # Seen in 200 such runs of 300 items: 0.96 and 0.955 of the calibrated model, 0.93 and 0.93 of the other.
    [(1.0, "top", 0.93), (1.0, "choices", 0.93), (1.7, "top", 0.87), (1.7, "choices", 0.87)],
)
def test_ece_intervals_cover_the_binned_truth_mostly(sharpness: float, view: View, at_least: float) -> None:
    metric_truth = MEASURES[f"ece_{view}"](population(sharpness)).value
    covered = 0
    for run in samples(sharpness, 300, 150, seed=21):
        got = estimate(run, ece, view=view)
        covered += got.low <= metric_truth <= got.high
    assert covered / 150 >= at_least


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 30), st.sampled_from(KINDS))
def test_ranges_hold(seed: int, n: int, kind: tuple[Metric, View]) -> None:
    metric, view = kind
    run = ragged(n, seed)
    if metric is auroc and min(run.correct.sum(), (~run.correct).sum()) < 2:
        with pytest.raises(ValueError, match=r"needs (right and wrong answers|at least two right and two wrong)"):
            estimate(run, metric, view=view)
        return
    got = estimate(run, metric, view=view)
    assert got.low <= got.value + 1e-12
    assert got.value <= got.high + 1e-12 or metric in {ece, classwise_ece}
    if metric in {ece, classwise_ece, auroc}:
        assert got.low >= 0
    if metric is auroc:
        assert got.high <= 1


@pytest.mark.parametrize("key", ["debiased_ce2", "debiased_ce2_choices"])
@pytest.mark.parametrize("sharpness", [1.0, 1.2, 2.5])
def test_intervals_of_the_squared_error_cover_its_truth_whether_calibrated_or_not(key: str, sharpness: float) -> None:
    # 400 samples of 300 items; docs/simulation.md has more and larger ones.
    whole, rng = MEASURES[key](run_of(50_000, 21, sharpness=sharpness)), np.random.default_rng(22)
    assert isinstance(whole, Squared)
    drawn = [squared(whole.cells.take(rng.integers(0, 50_000, 300))) for _ in range(400)]
    found = [squared_error([measure], ITEMS, level=0.95) for measure in drawn]
    truth = max(whole.value, 0.0)  # of a calibrated population, 0 but for its own noise
    covered = np.mean([got.low <= truth <= got.high for got in found])
    assert 0.92 <= covered <= 0.985
    values = np.array([got.value for got in found])
    assert abs(values.mean() - whole.value) < 3 * values.std() / 20  # unbiased
    if sharpness == 1.0:
        assert np.mean([got.p_value < 0.05 for got in found]) < 0.09
        below = [(got, measure_estimate(measure)) for got, measure in zip(found, drawn, strict=True) if got.value < 0]
        assert 100 < len(below) < 300
        for got, shown in below:
            assert (shown.value, shown.p_value) == pytest.approx((got.value, got.p_value), abs=1e-12)
            assert not shown.known
            assert np.isnan([shown.low, shown.high]).all()
            assert shown.reason is not None
            assert shown.reason.endswith(f"the error is at most {got.high:.3g}")


def test_a_squared_error_above_0_excludes_0_from_its_interval_and_is_blank_below_0() -> None:
    calibrated, sharp = (estimate(run_of(500, 23, sharpness=k), debiased_ce2) for k in (1.0, 3.0))
    assert calibrated.value < 0
    assert not calibrated.known
    assert calibrated.p_value is not None
    assert calibrated.p_value > 0.05
    assert sharp.low > 0
    assert sharp.p_value is not None
    assert sharp.p_value < 0.001
