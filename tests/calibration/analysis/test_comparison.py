"""Comparisons are two summaries and their changes."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from scipy.stats import ttest_1samp

from calibration import (
    Estimate,
    Predictions,
    Summary,
    brier_score,
    change,
    compare,
    ece,
    summarize,
)
from calibration.uncertainty.changes import measure_change
from calibration.uncertainty.measures import accuracy_by_subject_mean

from .test_summary import run_of


def test_compare_is_two_summaries_and_their_changes() -> None:
    before, after = run_of(100, 8, n_subjects=5), run_of(100, 8, sharpness=2.0, n_subjects=5)
    got = compare(before, after, seed=2)
    assert isinstance(got.before, Summary)
    assert got.before.values == summarize(before, seed=2).values
    assert got.after.values == summarize(after, seed=2).values
    assert got.change["ece_choices"] == change(before, after, ece, view="choices", seed=2)
    assert got.change["brier"] == change(before, after, brier_score, seed=2)
    measured = [key for key, value in got.before.values.items() if isinstance(value, Estimate)]
    assert list(got.change) == measured
    for key, value in got.change.items():
        assert value.value == pytest.approx(got.after.point(key) - got.before.point(key), abs=1e-12)


def test_compare_leaves_out_what_one_run_does_not_have() -> None:
    answer = [0, 0, 0, 0]
    good = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [3.0, 0.0], [1.5, 0.0]], answer=answer)
    mixed = Predictions.from_arrays([[2.0, 0.0], [0.0, 1.0], [3.0, 0.0], [0.0, 1.5]], answer=answer)
    got = compare(good, mixed)
    assert "auroc" not in got.change
    assert "auroc" in got.after
    assert any(note.startswith("AUROC is left out") for note in got.before.notes)


@pytest.mark.parametrize(
    ("n_subjects", "reason"),
    [
        (1, "all items have the same subject, or none"),
        (5, "an interval for new subjects needs at least 10 subjects, got 5"),
        (12, None),
    ],
)
def test_comparison_as_table_and_as_json(n_subjects: int, reason: str | None) -> None:
    got = compare(run_of(100, 9, n_subjects=n_subjects), run_of(100, 9, sharpness=2.0, n_subjects=n_subjects))
    plain = got.to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert set(plain) == {"before", "after", "change", "paired_by"}
    assert ("clustered" in plain["change"]["ece_top"]) == (n_subjects > 1)
    frame = got.frame
    assert frame["measure"].to_list() == list(got.change)
    row = frame.row(by_predicate=pl.col("measure") == "brier", named=True)
    brier = got.change["brier"]
    assert (row["change"], row["low"], row["p_value"]) == (brier.value, brier.low, brier.p_value)
    assert row["new_subjects_low"] == (brier.clustered.low if brier.clustered and n_subjects >= 10 else None)
    blank = [note for note in got.notes if "” is left out" in note]
    assert blank == [f"the column “new subjects” is left out: {reason}"] * (reason is not None)


def test_an_interval_for_new_subjects_says_why_it_is_blank() -> None:
    got = compare(run_of(100, 9, n_subjects=5), run_of(100, 9, sharpness=2.0, n_subjects=5)).to_dict()
    reason = "an interval for new subjects needs at least 10 subjects, got 5"
    assert got["change"]["brier"]["clustered"] == {"reason": reason}


def test_compare_aligns_its_second_run() -> None:
    before, after = run_of(60, 10), run_of(60, 10, sharpness=2.0)
    shuffled = Predictions(after.frame.reverse())
    assert compare(before, shuffled).change == compare(before, after).change
    assert compare(before, shuffled).after.values == compare(before, after).after.values


def test_change_of_the_mean_of_subjects_is_a_paired_test_of_subjects_for_new_ones() -> None:
    before = run_of(240, 3, n_subjects=12)
    after = run_of(240, 3, sharpness=2.0, n_subjects=12)
    flipped = Predictions(after.frame.with_columns(answer=(pl.col("answer") + (pl.int_range(pl.len()) % 7 == 0)) % 4))
    first, second = (accuracy_by_subject_mean(run) for run in (before, flipped))
    moved = measure_change(first, second, before.subject)
    means = [
        [run.correct[before.subject == name].mean() for name in np.unique(before.subject)] for run in (before, flipped)
    ]
    difference = np.subtract(means[1], means[0])
    assert moved.value == pytest.approx(difference.mean())
    assert moved.clustered is not None
    reference = ttest_1samp(difference, 0.0)
    half = (moved.clustered.high - moved.clustered.low) / 2
    expected = reference.confidence_interval(0.95)
    # Student's t has fewer degrees of freedom where subjects differ in size.
    assert half >= (expected.high - expected.low) / 2 - 1e-9
    assert half == pytest.approx((expected.high - expected.low) / 2, rel=0.2)


def test_answers_that_stay_are_no_certainty_where_all_else_changes() -> None:
    logits = np.random.default_rng(5).normal(size=(60, 4))
    logits[:2] = 0.0  # ties: credit is split
    subject = [f"s{row % 12}" for row in range(60)]
    before, after = (Predictions.from_arrays(logits * k, [0] * 60, subject=subject) for k in (1, 3))
    assert (before.correct == after.correct).all()
    changes = compare(before, after).change
    for key in ("accuracy", "accuracy_by_subject_mean", "accuracy_ties_split"):
        got = changes[key]
        assert (got.low, got.high, got.p_value) == pytest.approx((-0.0602, 0.0602, 1.0), abs=1e-4), key
        assert got.clustered is not None
        assert not got.clustered.known


def test_subjects_of_other_items_give_no_change_of_their_mean() -> None:
    before, after = (
        Predictions(run.frame.with_columns(item=pl.lit("question ") + pl.col("item")))
        for run in (run_of(60, 1, n_subjects=12), run_of(60, 1, sharpness=2.0, n_subjects=12))
    )
    renamed = Predictions(after.frame.with_columns(subject=pl.lit("subject ") + pl.col("subject")))
    assert "accuracy_by_subject_mean" in compare(before, renamed).change
    other = Predictions(after.frame.with_columns(subject=pl.col("subject").sort()))
    assert other.subject.tolist() != after.subject.tolist()
    got = compare(before, other)
    assert "accuracy_by_subject_mean" not in got.change
    reason = "accuracy (subject mean) is left out: the first run sorts these items into other subjects"
    assert reason in got.after.notes
