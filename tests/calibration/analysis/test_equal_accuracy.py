"""Changes of calibration at equal accuracy: nothing between calibrated models, and a real change is found."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from benchmarks.equal_accuracy import AnyRun, letters, on_average
from calibration import (
    EqualAccuracyChange,
    Pairs,
    Predictions,
    UndefinedMeasure,
    Verdicts,
    change,
    change_at_equal_accuracy,
    compare_at_equal_accuracy,
    ece,
    signed_gap,
)
from calibration.predictions.scored_runs import take_rows

CALIBRATED, SHARPER = (1.0, 1.0), (1.0, 0.5)


def matched(metric: Any, runs: tuple[AnyRun, ...], *, third: bool = False) -> EqualAccuracyChange:
    return change_at_equal_accuracy(runs[0], runs[1], metric, difficulty=runs[2] if third else None)


@pytest.mark.parametrize("third", [False, True], ids=["confidence", "third run"])
@pytest.mark.parametrize("draw", [pytest.param(letters, marks=pytest.mark.slow), on_average])  # letters take seconds
def test_nothing_changes_between_calibrated_models_of_unequal_accuracy(draw: Any, third: bool) -> None:
    """Of 20 pairs of accuracy .56 and .78, 600 items, three intervals or fewer may miss 0 (by chance more: .02)."""
    rng = np.random.default_rng(0)
    gaps = [matched(signed_gap, draw(600, CALIBRATED, rng), third=third) for _ in range(20)]
    assert sum(not gap.low <= 0 <= gap.high for gap in gaps) <= 3
    assert np.mean([gap.value for gap in gaps]) == pytest.approx(0, abs=0.015)
    eces = [matched(ece, draw(600, CALIBRATED, rng), third=third) for _ in range(5)]
    assert all(each.low <= 0 <= each.high for each in eces)
    assert all(each.accuracy[0] == pytest.approx(each.accuracy[1], abs=0.04) for each in eces)
    assert all(0.55 < each.accuracy[0] < 0.8 for each in eces)


@pytest.mark.parametrize("draw", [letters, on_average])
def test_a_sharper_model_is_found_at_unequal_accuracy(draw: Any) -> None:
    """Of five pairs, 2,000 items, the second of temperature ½, at least four show each change."""
    rng = np.random.default_rng(1)
    pairs = [draw(2_000, SHARPER, rng) for _ in range(5)]
    for metric in (ece, signed_gap):
        changes = [matched(metric, runs) for runs in pairs]
        assert sum(each.p_value < 0.05 and each.value > 0 for each in changes) >= 4


def test_models_that_err_alike_change_by_nothing_though_their_ece_on_all_items_does() -> None:
    """Both of temperature ½: the gap of each confidence is the same in both."""
    runs = on_average(40_000, (0.5, 0.5), np.random.default_rng(2))
    result = matched(ece, runs)
    assert result.before == pytest.approx(0.1, abs=0.01)
    assert result.value == pytest.approx(0, abs=0.006)
    assert result.all_items < -0.005


def test_items_of_the_same_outcome_condemn_calibrated_models() -> None:
    """The outcome-matched confidence shift of two calibrated models of 20,000 items is far from 0."""
    first, second, _ = on_average(20_000, CALIBRATED, np.random.default_rng(3))
    same = np.flatnonzero(first.correct == second.correct)
    shift = change(take_rows(first, same), take_rows(second, same), "ece_top")
    assert shift.value == pytest.approx(-0.11, abs=0.02)
    assert abs(matched(ece, (first, second)).value) < 0.01


@pytest.mark.slow  # 300 samples
@pytest.mark.parametrize("third", [False, True], ids=["confidence", "third run"])
def test_intervals_hold_the_change_of_models_that_are_not_calibrated(third: bool) -> None:
    """300 samples of 200 items; the truth is that of 400,000 (93 % or more, by chance less than 91 %: .002)."""
    whole = on_average(400_000, (0.5, 0.5), np.random.default_rng(4))
    rng = np.random.default_rng(5)
    samples = [on_average(200, (0.5, 0.5), rng) for _ in range(300)]
    for metric in (signed_gap, ece):
        truth = matched(metric, whole, third=third).value
        results = [matched(metric, runs, third=third) for runs in samples]
        assert np.mean([each.low <= truth <= each.high for each in results]) >= 0.91


def test_a_run_against_itself_changes_by_exactly_0() -> None:
    run = letters(200, CALIBRATED, np.random.default_rng(6))[0]
    for key in ("ece_top", "signed_gap"):
        result = change_at_equal_accuracy(run, run, key)
        assert (result.value, result.low, result.high) == (0, 0, 0)
        assert result.effective_items == pytest.approx((200, 200))


def test_the_same_seed_gives_the_same_digits_and_rows_may_stand_in_any_order() -> None:
    first, second, _ = on_average(300, SHARPER, np.random.default_rng(7))
    rows = np.random.default_rng(0).permutation(300)
    plain, again, moved = (
        change_at_equal_accuracy(*pair, "ece_top")
        for pair in ((first, second), (first, second), (take_rows(first, rows), take_rows(second, rows)))
    )
    assert plain.to_dict() == again.to_dict()
    assert moved.value == pytest.approx(plain.value, abs=1e-12)
    assert moved.low == pytest.approx(plain.low, abs=1e-3)


def test_clusters_are_drawn_and_dealt_into_folds_as_a_whole() -> None:
    rng = np.random.default_rng(8)
    confidence, cluster = rng.uniform(0.3, 1, 200), (np.arange(200) // 4).astype(str).tolist()
    correct = rng.random(50).repeat(4) < confidence
    alone, together = (
        change_at_equal_accuracy(
            Pairs.from_arrays(confidence, correct, cluster=names),
            Pairs.from_arrays(confidence**2, correct, cluster=names), "signed_gap",
        )
        for names in (None, cluster)
    )  # fmt: skip
    assert together.value == pytest.approx(alone.value, abs=0.02)
    assert together.high - together.low > 0
    weighed = change_at_equal_accuracy(
        Pairs.from_arrays(confidence, correct, weight=np.where(correct, 2.0, 1.0)),
        Pairs.from_arrays(confidence**2, correct, weight=np.where(correct, 2.0, 1.0)), "signed_gap",
    )  # fmt: skip
    assert weighed.before < alone.before


def test_frame_and_dictionary_hold_what_was_compared() -> None:
    runs = letters(300, SHARPER, np.random.default_rng(9))
    result = matched(ece, runs)
    frame = result.frame
    assert frame.columns == [
        "run", "low", "high", "n_items", "share", "matched_share", "confidence", "accuracy",
    ]  # fmt: skip
    assert frame.group_by("run").sum().sort("run")["n_items"].to_list() == [300, 300]
    gaps = frame.with_columns(gap=(frame["confidence"] - frame["accuracy"]).abs() * frame["matched_share"])
    sums = dict(gaps.group_by("run").sum().select("run", "gap").iter_rows())
    assert sums == pytest.approx({"before": result.before, "after": result.after})
    assert result.value == pytest.approx(result.after - result.before)
    told = result.to_dict()
    assert {"measure", "value", "low", "high", "level", "p_value", "accuracy", "effective_items"} <= set(told)
    assert told["measure"] == "ece_top"
    assert str(result).startswith(f"{result.value:+.3f} [")


def test_every_option_is_compared_as_the_same_candidate() -> None:
    first, second, _ = letters(300, SHARPER, np.random.default_rng(10))
    both = compare_at_equal_accuracy(first, second)
    assert list(both.equally_hard) == ["signed_gap", "ece_top"]
    assert list(both.same_candidates) == ["ece_choices", "debiased_ce2_choices", "temperature"]
    assert both.same_candidates["ece_choices"] == change(first, second, "ece_choices")
    assert both.same_candidates["temperature"].low > 0
    assert both.equally_hard["ece_top"].value == matched(ece, (first, second)).value
    assert both.frame.height == 5
    assert set(both.to_dict()) == {"equally_hard", "same_candidates"}


def test_what_cannot_be_matched_is_told() -> None:
    few = Pairs.from_arrays([0.9, 0.6] * 5, [1, 0] * 5)
    both = compare_at_equal_accuracy(few, few)
    assert both.equally_hard == {}
    assert both.notes == (
        "no change on items that are equally hard: matching needs at least 20 items, got 10",
        "no change over the same candidates: pairs hold one confidence an item, without the other options",
    )
    assert both.frame.is_empty()
    with pytest.raises(UndefinedMeasure, match="matching needs at least 20 items, got 10"):
        change_at_equal_accuracy(few, few)
    accurate = Pairs.from_arrays(np.linspace(0.9, 0.99, 100), np.arange(100) > 6)
    with pytest.raises(UndefinedMeasure, match="10 right answers in each run, the first has 7 and 93"):
        change_at_equal_accuracy(accurate, accurate)
    weak = Pairs.from_arrays(np.linspace(0.02, 0.1, 400), np.arange(400) % 20 == 0)
    strong = Pairs.from_arrays(np.linspace(0.95, 0.99, 400), np.arange(400) % 40 > 0)
    with pytest.raises(UndefinedMeasure, match="too few items are equally hard for both runs"):
        change_at_equal_accuracy(weak, strong)


@pytest.mark.parametrize(
    ("runs", "metric", "message"),
    [
        ((Verdicts.from_frame({"correct": [1] * 30}),) * 2, "ece_top", "ece_top"),
        ((Pairs.from_arrays([0.5] * 30, [1] * 30),) * 2, "auroc", "there are 'signed_gap' and 'ece_top', got 'auroc'"),
        (
            (Pairs.from_arrays([0.5], [1]), Predictions.from_arrays([[1.0, 0.0]], [0])), "ece_top",
            "two runs that are compared must hold the same",
        ),
    ],
)  # fmt: skip
def test_what_has_no_such_change_is_refused(runs: tuple[Any, Any], metric: str, message: str) -> None:
    expected = "calibration needs a confidence in each answer" if message == "ece_top" else message
    with pytest.raises(ValueError, match=re.escape(expected)):
        change_at_equal_accuracy(*runs, metric)
