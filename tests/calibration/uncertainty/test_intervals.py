"""Intervals that are possible and hold their value, or are left blank with the reason, however small the run."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from calibration import Estimate, Predictions, change, compare, estimate, signed_gap, summarize
from calibration.uncertainty.changes import measure_change
from calibration.uncertainty.intervals import FEWEST_CLUSTERS
from calibration.uncertainty.kinds.share import Share
from calibration.uncertainty.measure_names import text_label
from calibration.uncertainty.measure_table import TABLE


def _pair(n: int, seed: int, n_subjects: int) -> tuple[Predictions, Predictions]:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4)) * rng.choice([1, 3])
    answer = np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)
    subject = [f"s{k % n_subjects}" for k in range(n)]
    after = rng.choice([1.0, 2.5]) * (logits + rng.normal(size=logits.shape))
    before, after_run = (Predictions.from_arrays(values, answer, subject=subject) for values in (logits, after))
    return before, after_run


def _ranges(run: Predictions) -> dict[str, tuple[float, float]]:
    ranges = {}
    for key, measure in ((row.key, row.measure) for row in TABLE if row.measure):
        try:
            ranges[key] = measure(run).bounds
        except ValueError:
            continue
    return ranges


@pytest.mark.parametrize(("n", "n_subjects"), [(2, 1), (2, 2), (3, 3), (5, 2), (12, 4), (24, 12)])
@pytest.mark.parametrize("seed", range(4))
def test_every_interval_holds_its_value_and_stays_within_what_is_possible(n: int, n_subjects: int, seed: int) -> None:
    before, after = _pair(n, seed, n_subjects)
    comparison = compare(before, after)
    for summary, run in ((comparison.before, before), (comparison.after, after)):
        ranges = _ranges(run)
        values = {key: summary[key] for key in summary}
        estimates = {key: value for key, value in values.items() if isinstance(value, Estimate)}
        for key, value in ((key, value) for key, value in estimates.items() if not value.known):
            assert math.isnan(value.low)
            assert any(text_label(key) in note and str(value.reason) in note for note in summary.notes)
        for key, value in ((key, value) for key, value in estimates.items() if value.known):
            low, high = ranges[key]
            assert low <= value.low <= value.value <= value.high <= high, (key, value)
            assert value.low < value.high, (key, value)
    for key, moved in comparison.change.items():
        low, high = ranges[key][0] - ranges[key][1], ranges[key][1] - ranges[key][0]
        intervals = [interval for interval in (moved, moved.clustered) if interval is not None]
        for interval in (interval for interval in intervals if interval.known):
            assert low <= interval.low <= moved.value <= interval.high <= high, (key, moved)
            # Ranks that stay as they are leave an AUROC or AURC as it is, for certain.
            assert interval.low < interval.high or (interval.low, interval.high, interval.p_value) == (0, 0, 1), key
        assert (moved.clustered is None) == (n_subjects == 1)
        too_few = intervals[1:] if n_subjects < FEWEST_CLUSTERS else []
        assert all(str(wide.reason).endswith(f"needs at least 10 subjects, got {n_subjects}") for wide in too_few)
    # JSON has neither NaN nor null: what is blank has its reason.
    plain = comparison.to_dict()
    text = json.dumps(plain, allow_nan=False)
    assert ": null" not in text
    for value in plain["change"].values():
        assert ("low" in value) != ("reason" in value)


def test_two_items_that_score_the_same_have_no_interval() -> None:
    run = Predictions.from_arrays([[1.0, 0.0], [0.0, 1.0]], [0, 1])
    got = estimate(run, "mean_confidence")
    assert got.reason == "all items give the same, which says nothing about their spread"
    assert str(got) == f"{got.value:.3f}"
    assert "no interval for" in " ".join(summarize(run).notes)


def test_few_subjects_say_nothing_about_new_ones_and_ten_do() -> None:
    before, after = _pair(60, 1, 9)
    got = change(before, after, signed_gap)
    assert got.known
    assert got.clustered is not None
    assert not got.clustered.known
    assert "new subjects" not in str(got)
    few = estimate(before, signed_gap, sampling="clusters")
    assert few.reason == "an interval for new subjects needs at least 10 subjects, got 9"
    before, after = _pair(60, 1, 10)
    assert estimate(before, signed_gap, sampling="clusters").known
    assert "new subjects [" in str(change(before, after, signed_gap))


def test_an_accuracy_that_no_item_changed_says_nothing_about_new_subjects() -> None:
    right = np.repeat([1.0, 0.0], 30)
    got = measure_change(Share(right), Share(right), np.array([f"s{k % 12}" for k in range(60)]))
    assert (got.low, got.high) == pytest.approx((-0.0602, 0.0602), abs=1e-4)  # ± z² / (n + z²)
    assert got.clustered is not None
    assert got.clustered.reason == "all items give the same, which says nothing about their spread"
