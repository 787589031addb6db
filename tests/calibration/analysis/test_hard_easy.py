"""Signed gap of hard items less that of easy ones."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import t

from calibration import Pairs, Predictions, hard_easy_change, hard_easy_gap, signed_gap
from calibration.uncertainty.few_errors import mean_with_one_more


def calibrated(n: int, seed: int, *, clusters: int = 0) -> tuple[Pairs, np.ndarray]:
    """Answers right as often as stated, with a difficulty that says no more than the confidence."""
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.4, 0.95, n)
    correct = (rng.random(n) < confidence).astype(int)
    cluster = [f"c{row % clusters}" for row in range(n)] if clusters else None
    return Pairs.from_arrays(confidence, correct, cluster=cluster), -confidence + 0.2 * rng.standard_normal(n)


def test_the_gap_is_that_of_the_halves() -> None:
    run, difficulty = calibrated(200, 0)
    hard = difficulty > np.median(difficulty)
    found = hard_easy_gap(run, difficulty)
    gaps = [signed_gap(run.confidence[rows], run.correct[rows]) for rows in (hard, ~hard)]
    assert (found.hard.value, found.easy.value) == pytest.approx(gaps)
    assert found.gap.value == pytest.approx(gaps[0] - gaps[1])
    assert found.gap.low < found.gap.value < found.gap.high
    assert (found.n_hard, found.n_easy, found.source) == (100, 100, "given numbers")
    assert found.to_dict()["gap"]["value"] == found.gap.value


@pytest.mark.slow  # 120 runs are drawn
def test_a_calibrated_model_has_none() -> None:
    """Of 120 calibrated runs, how many intervals hold 0: fewer than 106 have a chance of 1 in 300 at 95 %."""
    held = 0
    for seed in range(120):
        gap = hard_easy_gap(*calibrated(200, seed)).gap
        held += gap.low <= 0 <= gap.high
    assert held >= 106


def test_clusters_may_be_in_both_halves() -> None:
    run, difficulty = calibrated(300, 1, clusters=40)
    found = hard_easy_gap(run, difficulty)
    assert found.gap.low < found.gap.value < found.gap.high


def test_difficulty_is_a_column_or_the_confidence_of_another_run() -> None:
    run, difficulty = calibrated(200, 2)
    column = Pairs(run.frame.with_columns(hardness=pl.Series(difficulty)))
    assert hard_easy_gap(column, "hardness").gap == hard_easy_gap(run, difficulty).gap
    other = Pairs.from_arrays((-difficulty - (-difficulty).min()) / 3, run.correct)
    by_other = hard_easy_gap(run, other)
    assert by_other.gap.value == pytest.approx(hard_easy_gap(run, difficulty).gap.value)
    assert by_other.source == "confidence of another run"


def test_a_change_is_paired_by_item() -> None:
    run, difficulty = calibrated(200, 3)
    hard = difficulty > np.median(difficulty)
    surer = Pairs.from_arrays(np.clip(run.confidence + 0.1 * hard, 0, 1), run.correct)
    shuffled = Pairs(surer.frame.sample(fraction=1, shuffle=True, seed=0))
    found = hard_easy_change(run, shuffled, difficulty)
    gaps = [hard_easy_gap(side, difficulty).gap.value for side in (run, surer)]
    assert found.value == pytest.approx(gaps[1] - gaps[0])
    assert 0 < found.low < found.value < found.high


def test_what_is_no_difficulty_is_refused() -> None:
    run, difficulty = calibrated(60, 4)
    correct = run.correct.astype(float)
    for own in (correct, 1 - correct):
        with pytest.raises(ValueError, match="run's own right and wrong answers"):
            hard_easy_gap(run, own)
    for own_confidence in (run.confidence, -run.confidence, run):
        with pytest.raises(ValueError, match="run's own confidence"):
            hard_easy_gap(run, own_confidence)
    with pytest.raises(ValueError, match="no column is called 'hardness'; there are: none"):
        hard_easy_gap(run, "hardness")
    with pytest.raises(ValueError, match=r"one finite number an item, \(60,\), got \(59,\)"):
        hard_easy_gap(run, difficulty[1:])
    with pytest.raises(ValueError, match="no item is harder than the median"):
        hard_easy_gap(run, np.ones(60))
    with pytest.raises(ValueError, match="no form for weighted items"):
        hard_easy_gap(Pairs.from_arrays(run.confidence, run.correct, weight=np.arange(1.0, 61)), difficulty)
    with pytest.raises(ValueError, match="59 of 60 items are not in the run of the difficulty"):
        hard_easy_gap(run, Pairs.from_arrays([0.5], [1]))


def test_letters_have_one_too() -> None:
    rng = np.random.default_rng(5)
    run = Predictions.from_arrays(rng.normal(size=(80, 4)), rng.integers(0, 4, 80))
    assert hard_easy_gap(run, np.arange(80.0)).gap.known


def test_a_change_of_few_flips_allows_for_one_that_was_not_drawn() -> None:
    """One item more, at the end of what an unseen flip in the less lucky half would add: twice 1 and what is surer."""
    rng, difficulty, right = np.random.default_rng(0), np.arange(40.0), np.ones(40, dtype=int)
    before, after = (Pairs.from_arrays(rng.uniform(0.97, 0.999, 40), right) for _ in range(2))
    surer = np.asarray(after.confidence) - before.confidence
    hard = difficulty > 19.5
    means = surer[hard].mean(), surer[~hard].mean()
    value = means[0] - means[1]
    added = value + np.where(hard, surer - means[0], means[1] - surer) * 2
    ends = [value + 2 * (end - means[0]) for end in (surer[hard].min() - 1, surer[hard].max() + 1)]
    ends += [value - 2 * (end - means[1]) for end in (surer[~hard].min() - 1, surer[~hard].max() + 1)]
    expected = mean_with_one_more(added, min(ends), max(ends), level=0.95, seed=0)
    moved_gap = hard_easy_change(before, after, difficulty)
    assert moved_gap.value == pytest.approx(value)
    assert (moved_gap.low, moved_gap.high) == pytest.approx((expected.low, expected.high))
    assert moved_gap.high - moved_gap.low > 0.2


def test_a_change_of_many_flips_is_students() -> None:
    """Student's t by hand: hard items less easy ones, each by the mean of its half."""
    run, difficulty = calibrated(200, 3)
    rng = np.random.default_rng(5)
    after = Pairs.from_arrays(run.confidence, np.where(rng.random(200) < 0.2, 1 - run.correct, run.correct))
    hard = difficulty > np.median(difficulty)
    gap = np.asarray(run.correct, dtype=float) - after.correct
    value = gap[hard].mean() - gap[~hard].mean()
    moved = np.where(hard, gap - gap[hard].mean(), gap[~hard].mean() - gap) * 2
    half = t.ppf(0.975, 199) * moved.std() / np.sqrt(199)
    moved_gap = hard_easy_change(run, after, difficulty)
    assert (moved_gap.low, moved_gap.high) == pytest.approx((value - half, value + half), rel=1e-3)


def test_clusters_of_few_errors_allow_for_one_more() -> None:
    """Forty clusters of five answers that are all right: one more could hold wrong ones."""
    rng, cluster, right = np.random.default_rng(0), [f"{row % 40}" for row in range(200)], np.ones(200, dtype=int)
    before, after = (Pairs.from_arrays(rng.uniform(0.9, 0.99, 200), right, cluster=cluster) for _ in range(2))
    moved_gap = hard_easy_gap(before, np.arange(200.0)).gap
    moved = hard_easy_change(before, after, np.arange(200.0))
    assert moved_gap.high - moved_gap.low > 0.1
    assert moved.high - moved.low > 0.1


def test_changes_of_accurate_models_hold() -> None:
    """Of 40 changes at accuracy .98 and 100 items; fewer than 34 hold with a chance below 1 in 200 at 95 %."""
    held = 0
    for seed in range(40):
        rng = np.random.default_rng([seed, 1])
        confidence = 1 - 0.04 * rng.random(100)
        seen = rng.random(100)
        other = np.where(rng.random(100) < 0.1, rng.random(100), seen)
        before, after = (Pairs.from_arrays(confidence, (noise < confidence).astype(int)) for noise in (seen, other))
        moved_gap = hard_easy_change(before, after, np.arange(100.0) % 7)
        held += moved_gap.low <= 0 <= moved_gap.high
    assert held >= 34
