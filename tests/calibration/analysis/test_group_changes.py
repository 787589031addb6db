from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.special import softmax
from scipy.stats import ttest_1samp

from calibration import (
    Predictions,
    auroc,
    brier_score,
    change,
    classwise_ece,
    ece,
    group_changes,
    signed_gap,
    subject_changes,
)
from calibration.uncertainty.changes import measure_change
from calibration.uncertainty.measure_table import MEASURES

COLUMNS = ["subject", "n_items", "before", "after", "change", "low", "high", "p_value", "q_value"]


def pair_of(sizes: list[int], seed: int, *, later: float = 0.0) -> tuple[Predictions, Predictions]:
    """Two runs that are sharp by chance in either; in odd subjects the second is sharper by `later`."""
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    subject = np.repeat([f"s{k:02d}" for k in range(len(sizes))], sizes)
    honest = rng.normal(size=(n, 4)) * 1.5
    answer = (softmax(honest, axis=1).cumsum(axis=1)[:, :-1] < rng.random((n, 1))).sum(axis=1)
    odd = np.repeat(np.arange(len(sizes)) % 2, sizes)
    logits = [honest + rng.normal(size=(n, 4)) * 0.7 for _ in range(2)]
    logits[1] = logits[1] * np.exp(later * odd)[:, None]
    before, after = (Predictions.from_arrays(values, answer, subject=subject.tolist()) for values in logits)
    return before, after


def test_each_subject_is_a_paired_test_of_its_items() -> None:
    # Seed 2: in each subject two answers or more became right or wrong, without which their number decides.
    before, after = pair_of([30, 8, 50], 2)
    found = subject_changes(before, after)
    frame = found.frame
    assert frame.columns == COLUMNS
    assert frame["subject"].to_list() == ["s00", "s01", "s02"]
    assert frame["n_items"].to_list() == [30, 8, 50]
    moved = (after.confidence - after.correct) - (before.confidence - before.correct)
    for row in frame.iter_rows(named=True):
        reference = ttest_1samp(moved[before.subject == row["subject"]], 0.0)
        interval = reference.confidence_interval(0.95)
        assert row["change"] == pytest.approx(row["after"] - row["before"], abs=1e-12)
        assert (row["change"], row["low"], row["high"], row["p_value"]) == pytest.approx(
            (moved[before.subject == row["subject"]].mean(), interval.low, interval.high, reference.pvalue), abs=1e-6
        )
    assert found.overall == change(before, after, signed_gap)
    assert found.notes == ()


def test_q_values_by_hand() -> None:
    frame = subject_changes(*pair_of([40] * 4, 1, later=1.0)).frame.sort("p_value")
    p = frame["p_value"].to_numpy()
    raw = p * 4 / np.arange(1, 5)
    expected = [raw[k:].min() for k in range(4)]
    np.testing.assert_allclose(frame["q_value"], expected)


@pytest.mark.parametrize(
    ("metric", "key"), [(ece, "ece_top"), (brier_score, "brier"), (classwise_ece, "classwise_ece"), (auroc, "auroc")]
)
def test_other_measures(metric: object, key: str) -> None:
    before, after = pair_of([60, 60], 2)
    found = subject_changes(before, after, metric)  # type: ignore[arg-type]
    assert found.measure == key
    part = Predictions(before.frame.filter(subject="s01"))
    row = found.frame.row(1, named=True)
    assert row["before"] == pytest.approx(MEASURES[key](part).value)
    assert row["low"] < row["change"] < row["high"]
    wide = measure_change(MEASURES[key](before), MEASURES[key](after), before.subject)
    assert found.overall == wide
    assert wide.high - wide.low < row["high"] - row["low"]


def test_rows_are_joined_on_their_items() -> None:
    before, after = pair_of([20, 20], 3)
    shuffled = Predictions(after.frame.sample(fraction=1, shuffle=True, seed=0))
    assert subject_changes(before, shuffled).frame.equals(subject_changes(before, after).frame)


def test_subjects_too_small_are_null_and_said_so() -> None:
    before, after = pair_of([1, 30, 2], 4)
    found = subject_changes(before, after)
    row = found.frame.row(0, named=True)
    assert row["change"] == pytest.approx(row["after"] - row["before"])
    assert [row[name] for name in ("low", "high", "p_value", "q_value")] == [None] * 4
    assert found.notes[0] == "s00 (1 item): an interval needs at least two items"
    assert len(found.notes) == 1
    # Two items bound a change little, for an answer that became right or wrong may not have been drawn.
    tested, pair = found.frame.row(1, named=True), found.frame.row(2, named=True)
    assert pair["high"] - pair["low"] > 2
    assert tested["q_value"] == min(1.0, 2 * tested["p_value"])
    assert found.frame["q_value"].null_count() == 1


def test_items_that_all_changed_alike_prove_nothing() -> None:
    # Two wrong answers, both certain at first and half certain then: no spread, but others may become right.
    subject = ["a", "a", "b", "b", "b"]
    answer = [1, 1, 0, 0, 1]
    before = Predictions.from_arrays([[50.0, 0.0]] * 5, answer, subject=subject)
    after = Predictions.from_arrays([[0.0, 0.0]] * 2 + [[1.0, 0.0], [0.4, 0.0], [0.0, 2.0]], answer, subject=subject)
    found = subject_changes(before, after)
    row = found.frame.row(0, named=True)
    assert row["low"] < row["change"] < 0 < row["high"]
    assert row["p_value"] > 0.2
    assert found.notes == ()
    # The mean confidence alone has no answers that could change.
    stated = subject_changes(before, after, "mean_confidence")
    assert stated.frame.row(0, named=True)["p_value"] is None
    assert stated.notes == ("a (2 items): all items give the same, which says nothing about their spread",)
    same = subject_changes(before, before)
    assert same.frame["p_value"].to_list() == [1.0, 1.0]
    assert same.notes == ()


def test_a_measure_that_a_subject_does_not_define_is_null() -> None:
    before, after = pair_of([40, 40], 5)
    right = before.frame.with_columns(
        answer=pl.when(pl.col("subject") == "s00").then(pl.col("logprobs").list.arg_max()).otherwise(pl.col("answer"))
    )
    all_right = Predictions(right)
    found = subject_changes(all_right, Predictions(after.frame.with_columns(answer=all_right.frame["answer"])), auroc)
    assert found.frame.row(0, named=True)["before"] is None
    assert found.notes[0].startswith("s00 (40 items): AUROC needs right and wrong answers")
    assert found.frame.row(1, named=True)["p_value"] is not None


def test_of_large_subjects_those_that_changed_are_named() -> None:
    """In odd subjects of 400 items the second run is sharper by e: their changes, and no others, are beyond chance."""
    frame = subject_changes(*pair_of([400] * 8, 8, later=1.0)).frame
    assert (frame["q_value"] < 0.05).to_list() == [False, True] * 4


def test_refusals() -> None:
    before, after = pair_of([5, 5], 6)
    with pytest.raises(ValueError, match="no interval for auroc with view='choices'"):
        subject_changes(before, after, auroc, view="choices")
    with pytest.raises(ValueError, match="only in before: 9"):
        subject_changes(before, Predictions(after.frame.head(9)))
    with pytest.raises(ValueError, match="level must be strictly between 0 and 1, got 2"):
        subject_changes(before, after, level=2)


@pytest.mark.slow  # 120 pairs of 20 subjects
def test_the_false_discovery_rate_is_held_and_intervals_cover() -> None:
    """In 120 pairs at most 5 of 100 named subjects did not change, and about 95 of 100 intervals hold the change."""
    # 120 pairs of 20 subjects of 5 to 40 items; in half of the subjects the second run is sharper.
    sizes = [5, 5, 10, 10, 15, 15, 20, 20, 25, 25, 30, 30, 35, 35, 40, 40, 40, 40, 40, 40]
    truth = population_change(1.0)
    false_share, named, covered, null_covered = [], [], [], []
    for seed in range(120):
        frame = subject_changes(*pair_of(sizes, 1000 + seed, later=1.0)).frame
        discovered = frame["q_value"].to_numpy() < 0.05
        odd = np.arange(20) % 2 == 1
        false_share.append((discovered & ~odd).sum() / max(1, discovered.sum()))
        named.append(discovered[odd].mean())
        low, high = frame["low"].to_numpy(), frame["high"].to_numpy()
        covered.append(((low <= truth) & (truth <= high))[odd].mean())
        null_covered.append(((low <= 0) & (high >= 0))[~odd].mean())
    assert np.mean(false_share) <= 0.05
    assert np.mean(named) > 0.2  # it does find what is there
    assert 0.93 <= np.mean(covered) <= 0.97, np.mean(covered)
    assert 0.93 <= np.mean(null_covered) <= 0.97, np.mean(null_covered)


@pytest.mark.slow  # 300 pairs of runs
def test_nothing_changed_names_a_subject_in_about_5_of_100() -> None:
    """Of 300 pairs without a change, 5 in 100 name a subject, or fewer, but for the noise of 300."""
    sizes = [4, 6, 10, 20, 40]
    named = [bool((subject_changes(*pair_of(sizes, 5000 + seed)).frame["q_value"] < 0.05).any()) for seed in range(300)]
    assert np.mean(named) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 300)


def population_change(later: float) -> float:
    before, after = pair_of([1, 60_000], 99, later=later)
    moved = (after.confidence - after.correct) - (before.confidence - before.correct)
    return float(moved[1:].mean())


def test_groups_by_any_column_and_those_of_the_first_run() -> None:
    before, after = pair_of([60, 60], 7, later=1.0)
    language = pl.Series("language", ["de", "fr", "cs"] * 40)
    with_language = Predictions(before.frame.with_columns(language))
    found = group_changes(with_language, after, "language", metric="accuracy")
    assert found.frame.columns == ["language", *COLUMNS[1:]]
    assert found.by == ("language",)
    for row in found.frame.iter_rows(named=True):
        items = with_language.frame.filter(language=row["language"])["item"].to_list()
        first, second = (Predictions(run.frame.filter(pl.col("item").is_in(items))) for run in (before, after))
        assert row["change"] == pytest.approx(second.accuracy - first.accuracy)
    assert found.across is None
    by_ten = Predictions(before.frame.with_columns(ten=pl.Series([str(number % 10) for number in range(120)])))
    found = group_changes(by_ten, after, "ten", metric="accuracy")
    assert found.across is not None
    assert found.across.mean == pytest.approx(found.frame["change"].mean())
    crossed = group_changes(with_language, after, ["language", "subject"])
    assert crossed.frame.columns[:3] == ["language", "subject", "n_items"]
    assert crossed.frame["n_items"].to_list() == [20] * 6


def test_subject_changes_are_those_of_groups_by_subject() -> None:
    before, after = pair_of([30, 30], 8)
    assert subject_changes(before, after, ece).frame.equals(group_changes(before, after, "subject", metric=ece).frame)


def test_groups_keep_their_changes_if_all_items_together_have_none() -> None:
    # With every answer right after, no temperature is best; groups and whole are blank, with the reason.
    before, after = pair_of([30, 30], 3)
    logits = np.log(np.where(np.eye(4)[after.answer] > 0, 0.7, 0.1))
    right = Predictions.from_arrays(logits, after.answer, subject=["s00"] * 30 + ["s01"] * 30)
    changes = group_changes(before, right, metric="temperature")
    assert changes.overall is None
    assert changes.frame["change"].to_list() == [None, None]
    assert [note.split(":")[0] for note in changes.notes] == ["s00 (30 items)", "s01 (30 items)", "all (60 items)"]
    assert all("every answer is right" in note for note in changes.notes)
