"""Few wrong answers: limits that allow for one error more, or none; how often they hold for accurate models."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t

from calibration import Pairs, Predictions, change, estimate, signed_gap
from calibration.uncertainty.changes import measure_change
from calibration.uncertainty.drawn_units import ITEMS, Sampling
from calibration.uncertainty.estimates import measure_estimate
from calibration.uncertainty.few_errors import gap_of_few_errors, mean_with_one_more
from calibration.uncertainty.kinds.rare_errors import GapErrors, LossErrors, RankErrors
from calibration.uncertainty.measure_table import MEASURES
from calibration.uncertainty.outcome_losses import only_wrong, top_log_losses, top_squared_losses
from calibration.uncertainty.same_answers import mapped_ends

ONE_SUBJECT = np.zeros(1, dtype=np.str_)


def answers(n: int, n_wrong: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return np.random.default_rng(seed).uniform(0.8, 0.99, n), np.arange(n) >= n_wrong


def squared_errors(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> LossErrors:
    return LossErrors(correct, lambda: top_squared_losses(confidence), np.square(confidence - correct))


def log_errors(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> LossErrors:
    losses = -np.log(np.where(correct, confidence, 1 - confidence))
    return LossErrors(correct, lambda: top_log_losses(confidence), losses, lambda: only_wrong(confidence))


def test_a_gap_of_few_errors_has_limits_of_their_rate_and_their_test() -> None:
    confidence, correct = answers(60, 3)
    run = Pairs.from_arrays(confidence, correct)
    got = estimate(run, signed_gap)
    assert (got.low, got.high) == pytest.approx(gap_of_few_errors(run.confidence, run.correct, level=0.95))
    assert got.p_value is not None
    touching = estimate(run, signed_gap, level=1 - got.p_value)
    assert min(abs(touching.low), abs(touching.high)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("n_wrong", [20, 40])
def test_with_20_wrong_and_right_answers_a_mean_needs_nothing_more(n_wrong: int) -> None:
    confidence, correct = answers(60, n_wrong)
    for errors in (GapErrors(confidence, correct), squared_errors(confidence, correct), RankErrors(correct)):
        assert errors.interval(confidence, ITEMS, level=0.95, seed=0) is None


def test_a_squared_error_allows_for_one_error_of_the_surest_answer() -> None:
    # All right at 0.9, so 0.01 throughout; the surest that were wrong would have 0.81. The share of one more has the
    # distribution Beta(1, 60), whose quantile at 97.5 % is 1 − 0.025^(1/60) = 0.0596.
    got = estimate(Pairs.from_arrays([0.9] * 60, [1] * 60), "brier_top")
    assert got.high == pytest.approx(0.01 + 0.8 * (1 - 0.025 ** (1 / 60)), rel=0.08)
    assert got.low == pytest.approx(0.01 - 0.01 * (1 - 0.025 ** (1 / 60)), rel=0.01)


def test_a_log_loss_of_fewer_than_5_errors_is_bounded_from_below_alone() -> None:
    few, enough = (estimate(Pairs.from_arrays(*answers(80, n_wrong)), "nll_top") for n_wrong in (4, 5))
    assert few.reason is not None
    assert few.reason.startswith("4 wrong (or right) answers bound a log loss from below alone: it is at least 0.")
    assert enough.low < enough.value < enough.high


def test_a_log_loss_without_end_is_told_for_probabilities_of_the_floor_or_more() -> None:
    # All right with certainty, so 0 throughout; one more at the floor costs log(10⁶), its share is that of Beta(1, 60).
    got = estimate(Pairs.from_arrays([1.0] * 60, [1] * 60), "nll_top")
    assert got.label == "with probabilities of at least 1e-6"
    assert (got.low, got.high) == pytest.approx((0, math.log(1e6) * (1 - 0.025 ** (1 / 60))), rel=0.08)
    sure, less_sure = ([1.0] * 30 + [0.9] * 10, [1.0] * 25 + [0.8] * 15)
    before, after = (Pairs.from_arrays(confidence, [1] * 40) for confidence in (sure, less_sure))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        moved = change(before, after, "nll_top")
    assert moved.label == got.label
    assert moved.low < 0 < moved.value < moved.high


def test_a_log_loss_beyond_the_floor_is_told_with_what_the_floor_makes_of_it() -> None:
    confidence, correct = [1.0] * 30 + [1 - 1e-7] * 5 + [0.9] * 5, [1] * 34 + [0] + [1] * 5
    run = Pairs.from_arrays(confidence, correct)
    got, moved = estimate(run, "nll_top"), change(run, Pairs.from_arrays([1.0] * 40, [1] * 40), "nll_top")
    assert got.value == pytest.approx(-math.log(1e-7) / 40 - 5 * math.log(0.9) / 40, rel=1e-6)
    assert got.label == f"with probabilities of at least 1e-6 it is {(math.log(1e6) - 5 * math.log(0.9)) / 40:.3f}"
    assert got.low <= got.value <= got.high
    assert str(moved.label).startswith("with probabilities of at least 1e-6 it is -0.3")


def test_clusters_leave_a_log_loss_without_end_blank() -> None:
    run = Pairs.from_arrays([1.0] * 30 + [0.9] * 10, [1] * 40, cluster=[str(i // 2) for i in range(40)])
    reason = str(estimate(run, "nll_top").reason)
    assert reason.startswith("30 of 40 answers are as good as certain")
    assert reason.endswith("the loss of one more that is wrong has no end")


def test_a_temperature_of_answers_with_all_probability_has_no_interval() -> None:
    probabilities = np.tile([0.7, 0.3], (60, 1))
    probabilities[:3] = [1.0, 0.0]
    run = Predictions.from_arrays(probabilities=probabilities, answer=[int(i % 3 == 2) for i in range(60)])
    assert estimate(run, "temperature").reason == "3 answers have a probability of 1, which no temperature changes"


def less_sure(run: Predictions) -> Predictions:
    """The run, a little less sure."""
    return Predictions.from_arrays(0.9 * run.log_probabilities, run.answer)


def test_ranks_and_a_temperature_of_fewer_than_10_errors_have_no_interval() -> None:
    rng = np.random.default_rng(0)
    logits = np.column_stack([rng.uniform(1, 4, 200), np.zeros(200)])
    few, enough = (Predictions.from_arrays(logits, (np.arange(200) < n_wrong).astype(int)) for n_wrong in (9, 10))
    for key in ("auroc", "aurc", "temperature"):
        assert estimate(few, key).reason == "fewer than 10 wrong (or right) answers say too little: 9", key
        assert estimate(enough, key).reason is None, key
    assert change(few, less_sure(few), "auroc").reason == "fewer than 10 wrong (or right) answers say too little: 9"
    assert estimate(few, "augrc").reason is None


def test_where_few_answers_make_up_a_change_of_a_squared_error_one_more_may_change_by_all() -> None:
    # Of 30 answers beyond .995 none shows what those that are less sure, or wrong, would do; one more is Beta(1, 30).
    sure = np.linspace(0.9951, 0.9999, 30)
    few = np.array([*[0.999] * 27, 0.6, 0.7, 0.8])
    for confidence in (sure, few):
        before, after = Pairs.from_arrays(confidence, np.ones(30)), Pairs.from_arrays(confidence**0.5, np.ones(30))
        got = change(before, after, "brier_top")
        assert (got.low, got.high) == pytest.approx((0.025 ** (1 / 30) - 1, 1 - 0.025 ** (1 / 30)), abs=0.02)
    spread = np.linspace(0.5, 0.99, 30)
    before, after = Pairs.from_arrays(spread, np.ones(30)), Pairs.from_arrays(spread**0.5, np.ones(30))
    got = change(before, after, "brier_top")
    assert got.high - got.low < 0.15


def test_losses_that_are_the_same_by_rounding_are_not_those_of_one_run() -> None:
    first, second = ([1 - far * k for k in range(1, 13)] for far in (1e-10, 1e-11))
    before, after = (Pairs.from_arrays(confidence, np.ones(12)) for confidence in (first, second))
    got = change(before, after, "brier_top")
    assert got.high > 0.2
    itself = change(before, before, "brier_top")
    assert (itself.low, itself.high) == (0.0, 0.0)


def test_ranks_that_did_not_change_allow_for_a_pair_that_was_not_drawn() -> None:
    confidence, correct = np.linspace(0.3, 0.9, 60), np.arange(60) % 3 > 0
    before, after = Pairs.from_arrays(confidence, correct), Pairs.from_arrays(confidence**1.1, correct)
    # One more of Beta(1, 60), whose influence a pair of neighbours moves by 1/20: there are 20 wrong answers.
    reach = (1 - 0.025 ** (1 / 60)) / 20
    for key, far in (("auroc", reach), ("augrc", reach), ("aurc", 20 * reach)):
        got = change(before, after, key)
        assert got.value == 0
        assert (got.low, got.high) == pytest.approx((-far, far), rel=0.1), key
        itself = change(before, before, key)
        assert (itself.low, itself.high) == (0, 0), key


def test_a_gap_without_flips_allows_for_one_that_was_not_drawn() -> None:
    confidence, correct = answers(50, 25)
    # No map of the confidences: 0.001 more or less in turn.
    moved = np.resize([-0.101, -0.099], 50)
    before, after = GapErrors(confidence, correct), GapErrors(confidence + moved, correct)
    got = before.change(after, moved, ITEMS, level=0.95, seed=0)
    assert got is not None
    # One more of Beta(1, 50): an answer that became right moves the gap by −1.1, one that became wrong by 0.9.
    reach = 1 - 0.025 ** (1 / 50)
    assert (got.low, got.high) == pytest.approx((-0.1 - reach, -0.1 + reach), abs=0.01)
    flipped = GapErrors(confidence, correct ^ (np.arange(50) < 2))
    assert before.change(flipped, moved, ITEMS, level=0.95, seed=0) is None


def test_a_gap_whose_answers_cannot_change_allows_for_none_that_did() -> None:
    confidence, correct = answers(60, 30)
    mapped = GapErrors(confidence, correct), GapErrors(confidence**2, correct)
    assert mapped[0].change(mapped[1], confidence**2 - confidence, ITEMS, level=0.95, seed=0) is None
    logits = np.random.default_rng(1).normal(size=(60, 4))
    run = Predictions.from_arrays(logits, np.arange(60) % 4)
    cooler = Predictions.from_arrays(1.4 * logits, np.arange(60) % 4)
    got = change(run, cooler, signed_gap)
    gap = cooler.confidence - run.confidence
    assert got.high - got.low == pytest.approx(2 * t.ppf(0.975, 59) * gap.std(ddof=1) / np.sqrt(60), rel=1e-6)
    # Of few items the change may be as far as any temperature can take a confidence, or the map between known ones.
    few = GapErrors(confidence[:20], correct[:20]), GapErrors(confidence[:20] ** 2, correct[:20])
    moved = confidence[:20] ** 2 - confidence[:20]
    interval = few[0].change(few[1], moved, ITEMS, level=0.95, seed=0)
    assert interval == mean_with_one_more(
        moved, *mapped_ends(confidence[:20], confidence[:20] ** 2), level=0.95, seed=0
    )


def test_few_errors_in_one_huge_cluster_and_small_ones_bound_no_mean() -> None:
    cluster = ["huge"] * 20 + [f"small {i}" for i in range(20)]
    confidence, correct = answers(40, 1)
    run = Pairs.from_arrays(confidence, correct, cluster=cluster)
    for key in ("signed_gap", "brier_top", "nll_top"):
        assert str(estimate(run, key).reason).startswith("an interval for new clusters needs as many as 8 even"), key


def test_clusters_of_one_are_items_to_the_last_digit() -> None:
    confidence, correct = answers(60, 3)
    values = np.square(confidence - correct)
    errors = squared_errors(confidence, correct)
    alone = Sampling(clusters=np.arange(60), unit="clusters")
    one, other = (errors.interval(values, sampling, level=0.95, seed=0) for sampling in (alone, ITEMS))
    assert one == other


def test_a_run_against_itself_changes_by_exactly_0() -> None:
    run = Pairs.from_arrays(*answers(60, 2))
    for key in ("signed_gap", "brier_top", "nll_top", "ece_top", "smooth_ece"):
        got = measure_change(MEASURES[key](run), MEASURES[key](run), ONE_SUBJECT.repeat(60))
        assert (got.value, got.low, got.high, got.p_value) == (0, 0, 0, 1), key


def accurate(n: int, rng: np.random.Generator) -> Pairs:
    """A calibrated model that is right in .994; confidences from .9 to 1, most near 1."""
    confidence = 1 - 0.1 * rng.beta(0.5, 7.8, n)
    return Pairs.from_arrays(confidence, rng.random(n) < confidence)


@pytest.mark.slow  # 400 runs by four measures
def test_intervals_of_accurate_models_hold() -> None:
    """400 runs of 60 items, calibrated, .994 of them right: each interval that is printed holds in 93 % or more."""
    rng = np.random.default_rng(0)
    keys = ("signed_gap", "brier_top", "augrc", "ece_top")
    pool = accurate(1_000_000, rng)
    wrong = 1 - pool.confidence
    truth = {
        "signed_gap": 0.0,
        "brier_top": float(np.mean(wrong * pool.confidence)),
        "augrc": MEASURES["augrc"](pool).value,
        "ece_top": 0.0,
    }
    assert wrong.mean() == pytest.approx(0.006, abs=0.0005)
    held = dict.fromkeys(keys, 0)
    for _ in range(400):
        run = accurate(60, rng)
        for key in keys:
            got = measure_estimate(MEASURES[key](run))
            held[key] += not got.known or got.low - 1e-12 <= truth[key] <= got.high + 1e-12
    assert min(held.values()) >= 372, held
