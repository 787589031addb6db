from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy.special import softmax
from scipy.stats import t, ttest_1samp

from calibration import (
    Change,
    Predictions,
    auroc,
    brier_score,
    change,
    compare,
    ece,
    signed_gap,
)
from calibration.predictions.pairing import paired
from calibration.predictions.predictions import View
from calibration.uncertainty.changes import measure_change
from calibration.uncertainty.drawn_units import Sampling
from calibration.uncertainty.estimates import estimate
from calibration.uncertainty.intervals import Interval
from calibration.uncertainty.kinds.binned import Binned
from calibration.uncertainty.kinds.mean_like import MeanLike
from calibration.uncertainty.kinds.protocol import Measure
from calibration.uncertainty.kinds.share import Share
from calibration.uncertainty.measure_table import MEASURES, Metric
from calibration.uncertainty.standard_errors import standard_error
from tests.calibration.uncertainty.drawn_runs import METRIC_VIEWS, drawn_eces

ONE_SUBJECT = np.zeros(1, dtype=np.str_)


def pair_of(n: int, seed: int, *, n_subjects: int = 1, sharpness: float = 2.0) -> tuple[Predictions, Predictions]:
    """A calibrated run and one that is too sharp and a little different, on the same items."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4)) * 2
    answer = (softmax(logits, axis=1).cumsum(axis=1)[:, :-1] < rng.random((n, 1))).sum(axis=1)
    subject = [f"s{k}" for k in rng.integers(0, n_subjects, n)]
    later = sharpness * (logits + rng.normal(size=(n, 4)) * 0.5)
    before, after = (Predictions.from_arrays(values, answer, subject=subject) for values in (logits, later))
    return before, after


@pytest.mark.parametrize(("metric", "view"), METRIC_VIEWS)
def test_value_is_after_minus_before(metric: Metric, view: View) -> None:
    before, after = pair_of(200, 0, n_subjects=12)
    got = change(before, after, metric, view=view)
    assert got.value == pytest.approx(
        estimate(after, metric, view=view).value - estimate(before, metric, view=view).value, abs=1e-12
    )
    assert got.clustered is not None
    for low, high in ((got.low, got.high), (got.clustered.low, got.clustered.high)):
        assert low < got.value < high


@pytest.mark.parametrize(("metric", "view"), METRIC_VIEWS)
def test_there_and_back_are_opposite(metric: Metric, view: View) -> None:
    before, after = pair_of(200, 1)
    there, back = change(before, after, metric, view=view), change(after, before, metric, view=view)
    assert back.value == pytest.approx(-there.value, abs=1e-12)
    noise = 0.03 * (there.high - there.low)  # of 10,000 draws
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low), abs=noise)


@pytest.mark.parametrize(("metric", "view"), METRIC_VIEWS)
def test_rows_are_joined_on_their_items(metric: Metric, view: View) -> None:
    before, after = pair_of(100, 2, n_subjects=4)
    shuffled = Predictions(after.frame.sample(fraction=1, shuffle=True, seed=0))
    assert shuffled.item.tolist() != after.item.tolist()
    assert change(before, shuffled, metric, view=view) == change(before, after, metric, view=view)


@pytest.mark.parametrize(("metric", "view"), METRIC_VIEWS)
def test_a_run_and_itself_differ_by_nothing(metric: Metric, view: View) -> None:
    run = pair_of(100, 3, n_subjects=12)[1]
    got = change(run, run, metric, view=view)
    assert got.clustered is not None
    numbers = (got.value, got.low, got.high, got.clustered.low, got.clustered.high)
    assert numbers == pytest.approx((0.0,) * 5, abs=1e-6)
    assert (got.p_value, got.clustered.p_value) == (1.0, 1.0)


def holds_0(got: Change) -> bool:
    return got.low < 0 < got.high


def holds_0_for_new_subjects(got: Change) -> bool:
    return got.clustered is not None and got.clustered.low < 0 < got.clustered.high


@pytest.mark.parametrize(("metric", "view"), METRIC_VIEWS)
def test_p_value_and_interval_agree(metric: Metric, view: View) -> None:
    got = change(*pair_of(120, 8, n_subjects=12, sharpness=1.25), metric, view=view)
    assert got.clustered is not None
    for p, within in ((got.p_value, holds_0), (got.clustered.p_value, holds_0_for_new_subjects)):
        outer, inner = min(0.999, 1 - p / 1.3), max(0.001, 1 - p * 1.3)
        wide = change(*pair_of(120, 8, n_subjects=12, sharpness=1.25), metric, view=view, level=outer)
        narrow = change(*pair_of(120, 8, n_subjects=12, sharpness=1.25), metric, view=view, level=inner)
        assert within(wide) or outer == 0.999
        assert not within(narrow) or inner == 0.001


def test_a_change_prints_both_estimands() -> None:
    plain = Change(value=0.0768, low=0.065, high=0.0884, level=0.95, p_value=0.01, clustered=None)
    assert str(plain) == "+0.077 [0.065, 0.088]"
    both = Change(
        value=0.0768, low=0.065, high=0.0884, level=0.95, p_value=0.01, clustered=Interval(0.035, 0.1114, 0.02)
    )
    assert str(both) == "+0.077 [0.065, 0.088], new subjects [0.035, 0.111]"


def test_one_subject_says_nothing_about_new_ones() -> None:
    assert change(*pair_of(50, 4), brier_score).clustered is None


# --- means, and clusters


def test_change_of_a_mean_is_a_paired_test() -> None:
    before, after = pair_of(400, 5)
    difference = (after.confidence - after.correct) - (before.confidence - before.correct)
    reference = ttest_1samp(difference, 0.0)  # Student's t with 399 degrees of freedom is nearly normal
    got = change(before, after, signed_gap)
    assert got.p_value == pytest.approx(reference.pvalue, rel=0.05)
    interval = reference.confidence_interval(0.95)
    assert (got.low, got.high) == pytest.approx((interval.low, interval.high), abs=3e-4)


def test_new_subjects_of_equal_size_are_a_paired_test_of_their_means() -> None:
    before, after = pair_of(120, 6)
    subject = np.repeat(list("abcdefghijkl"), 10)
    frames = [Predictions(run.frame.with_columns(subject=pl.Series(subject))) for run in (before, after)]
    difference = (after.confidence - after.correct) - (before.confidence - before.correct)
    means = difference.reshape(12, 10).mean(axis=1)
    reference = ttest_1samp(means, 0.0).confidence_interval(0.95)
    got = change(frames[0], frames[1], signed_gap).clustered
    assert got is not None
    # As far as Student's, and as far as that after Hall's transformation: here above.
    away = means - means.mean()
    g = (away**3).sum() / (away @ away) ** 1.5
    below = 3 / g * (np.cbrt(1 + g * (t.ppf(0.025, 11) - g / 6)) - 1)
    high = means.mean() - below * means.std(ddof=1) / np.sqrt(12)
    assert high > reference.high
    assert (got.low, got.high) == pytest.approx((reference.low, high), abs=1e-6)


def test_standard_error_of_clusters_is_that_of_a_bootstrap_of_clusters() -> None:
    """The standard error is the standard deviation of 2,000 means of clusters that were drawn anew, whole."""
    rng = np.random.default_rng(7)
    subject = np.repeat(np.arange(80), rng.integers(1, 31, 80))
    values = rng.normal(size=80)[subject] + rng.normal(size=len(subject))
    groups = [values[subject == k] for k in range(80)]
    boot = [np.concatenate([groups[k] for k in rng.integers(0, 80, 80)]).mean() for _ in range(2000)]
    error = standard_error(values - values.mean(), Sampling(clusters=subject))
    assert error == pytest.approx(np.std(boot), rel=0.1)
    assert standard_error(values - values.mean()) < 0.5 * error


@pytest.mark.parametrize("view", ["top", "choices"])
def test_draws_of_two_eces_belong_together(view: View) -> None:
    before, after = pair_of(400, 8)
    hit = np.arange(4)[None, :] == before.answer[:, None]

    def score(run: Predictions, rows: NDArray[np.int64]) -> float:
        if view == "top":
            return ece(run.confidence[rows], run.correct[rows])
        return ece(run.probabilities[rows].ravel(), hit[rows].ravel())

    rng = np.random.default_rng(9)
    boot = []
    for _ in range(1000):
        rows = rng.integers(0, 400, 400)
        boot.append(score(after, rows) - score(before, rows))
    first, second = drawn_eces([before, after], view)
    assert (second - first).std() == pytest.approx(np.std(boot), rel=0.1)


# --- coverage


@cache
def population() -> tuple[Predictions, Predictions]:
    return pair_of(20_000, 10, sharpness=1.5)


def of_rows(measure: Measure, rows: NDArray[np.int64]) -> Share | MeanLike:
    """The same measure of some items."""
    if isinstance(measure, Share):
        return Share(measure.credit[rows])
    assert isinstance(measure, MeanLike)
    values = measure.value + measure.influence[rows]
    return MeanLike(value=float(values.mean()), influence=values - values.mean())


@pytest.mark.slow  # runs are drawn hundreds of times
def test_intervals_of_changes_cover_the_truth_in_95_of_100() -> None:
    """Of 800 pairs of runs of 300 items, 93 to 97 in 100 intervals hold the change of the population."""
    keys = ("accuracy", "signed_gap", "brier", "nll")
    n, times, rng = 300, 800, np.random.default_rng(11)
    measures = {key: tuple(MEASURES[key](run) for run in population()) for key in keys}
    covered = dict.fromkeys(keys, 0)
    for _ in range(times):
        rows = rng.integers(0, 20_000, n)
        for key, whole in measures.items():
            before, after = (of_rows(measure, rows) for measure in whole)
            got = measure_change(before, after, np.repeat(ONE_SUBJECT, n))
            covered[key] += got.low <= whole[1].value - whole[0].value <= got.high
    rates = {key: count / times for key, count in covered.items()}
    assert all(0.93 <= rate <= 0.97 for rate in rates.values()), rates


@pytest.mark.slow  # runs are drawn 200 times
@pytest.mark.parametrize("view", ["top", "choices"])
def test_intervals_of_ece_changes_cover_the_binned_truth_mostly(view: View) -> None:
    # Seen in 200 to 300 pairs of 300 items, from calibrated to 1.5 times too sharp: 0.84 to 0.90 (top), 0.87 (choices),
    # nearly all misses below the truth: the bias of the calibrated run's ECE is corrected in part only.
    whole = [MEASURES[f"ece_{view}"](run) for run in population()]
    truth, rng, covered = whole[1].value - whole[0].value, np.random.default_rng(12), 0
    for _ in range(200):
        rows = rng.integers(0, 20_000, 300)
        first, second = (Binned(measure.cells.take(rows), view) for measure in whole if isinstance(measure, Binned))
        got = measure_change(first, second, np.repeat(ONE_SUBJECT, 300))
        covered += got.low <= truth <= got.high
    assert covered / 200 >= 0.8


@pytest.mark.slow  # runs are drawn hundreds of times
def test_intervals_for_new_subjects_cover_the_truth_in_95_of_100() -> None:
    """Of 800 draws of subjects, 93 to 97 in 100 intervals for new subjects hold the truth; of items fewer."""
    # 40 subjects of 5 to 30 items, drawn from 3,000 whose changes of accuracy differ.
    rng = np.random.default_rng(13)
    sizes = rng.integers(5, 31, 3000)
    starts = np.concatenate([[0], sizes.cumsum()[:-1]])
    before = (rng.random(sizes.sum()) < 0.5).astype(float)
    after = (rng.random(sizes.sum()) < np.repeat(rng.beta(3, 2, 3000), sizes)).astype(float)
    truth = float((after - before).mean())
    covered = by_items = 0
    for _ in range(800):
        drawn = rng.integers(0, 3000, 40)
        rows = np.concatenate([np.arange(starts[k], starts[k] + sizes[k]) for k in drawn])
        subject = np.repeat(np.arange(40).astype(str), sizes[drawn])
        got = measure_change(Share(before[rows]), Share(after[rows]), subject)
        assert got.clustered is not None
        covered += got.clustered.low <= truth <= got.clustered.high
        by_items += got.low <= truth <= got.high
    assert 0.93 <= covered / 800 <= 0.97
    assert by_items / 800 < 0.9  # what "these subjects" does not promise


# --- refusals


def test_ids_of_one_run_only_are_named() -> None:
    before, after = pair_of(6, 14)
    with pytest.raises(
        ValueError, match=r"the same items; only in before: 1 \(1 in all\); `veracal compare --items common`"
    ):
        change(before, Predictions(after.frame.filter(pl.col("item") != "1")), ece)
    with pytest.raises(ValueError, match=r"only in after: 1 \(1 in all\); "):
        change(Predictions(before.frame.filter(pl.col("item") != "1")), after, ece)
    other = Predictions(after.frame.with_columns(item="x" + pl.col("item")))
    with pytest.raises(
        ValueError, match=r"only in before: 0, 1, 2 … \(6 in all\); only in after: x0, x1, x2 … \(6 in all\)"
    ):
        change(before, other, ece)


@pytest.mark.parametrize(
    ("column", "before", "after", "message"),
    [
        ("content", "aa", "bb", "item 2 has another text in each"),
        ("answer", 0, 1, "item 2 has another right answer in each"),
    ],
)
def test_items_that_differ_are_named(column: str, before: object, after: object, message: str) -> None:
    runs = []
    for run, value in zip(pair_of(6, 15), (before, after), strict=True):
        rows = run.frame.to_dicts()
        rows[2][column] = value
        runs.append(Predictions(pl.DataFrame(rows, schema=run.frame.schema)))
    with pytest.raises(ValueError, match=message):
        change(runs[0], runs[1], brier_score)


def test_a_text_that_one_run_does_not_know_is_no_difference() -> None:
    before, after = pair_of(6, 16)
    known = Predictions(after.frame.with_columns(content=pl.lit("hash")))
    assert paired(before, known).item.tolist() == before.item.tolist()


def test_what_has_no_interval_is_refused_by_name() -> None:
    before, after = pair_of(20, 17)
    with pytest.raises(ValueError, match="no interval for signed_gap with view='choices': over all letters it is 0"):
        change(before, after, signed_gap, view="choices")
    with pytest.raises(ValueError, match="level must be strictly between 0 and 1, got 95"):
        change(before, after, ece, level=95)


def test_measures_of_two_kinds_are_refused() -> None:
    run = pair_of(20, 18)[0]
    with pytest.raises(TypeError, match="both must be measures of one kind, got Share and Binned"):
        measure_change(MEASURES["accuracy"](run), MEASURES["ece_top"](run), run.subject)


@pytest.mark.parametrize(("metric", "view"), [kind for kind in METRIC_VIEWS if kind[0] is not auroc])
def test_one_item_has_no_interval(metric: Metric, view: View) -> None:
    before, after = (Predictions.from_arrays([[logit, 0.0]], answer=[0]) for logit in (1.0, 3.0))
    with pytest.raises(ValueError, match="an interval needs at least two items, got 1"):
        change(before, after, metric, view=view)


@pytest.mark.parametrize(("metric", "view"), METRIC_VIEWS)
def test_one_seed_gives_the_same_digits(metric: Metric, view: View) -> None:
    before, after = pair_of(60, 19, n_subjects=3)
    assert change(before, after, metric, view=view, seed=3) == change(before, after, metric, view=view, seed=3)


def test_an_auroc_at_its_end_has_no_interval_of_its_change() -> None:
    perfect = Predictions.from_arrays([[3.0, 0.0], [2.5, 0.0], [1.0, 0.0], [0.5, 0.0]], [0, 0, 1, 1])
    worst = Predictions.from_arrays([[0.5, 0.0], [1.0, 0.0], [2.5, 0.0], [3.0, 0.0]], [0, 0, 1, 1])
    with pytest.raises(ValueError, match="AUROC that is exactly 0 or 1 has no interval"):
        change(worst, perfect, auroc)
    found = compare(worst, perfect)
    assert "auroc" not in found.change
    assert (found.before.point("auroc"), found.after.point("auroc")) == (0, 1)
