"""Rates and their changes: hand-worked numbers, and what must hold whatever the judgments."""

from __future__ import annotations

import math
from statistics import NormalDist

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from calibration import Predictions, compare
from calibration.predictions.grades import GRADES
from factuality import Judgments, RateChanges, rate_change, rates
from factuality.outcomes.by_category import MEASURES
from tests.factuality.sets import judgments

PARTS = ("correct", "abstained", "incorrect", "ungraded")


def test_every_share_is_of_all_that_were_asked() -> None:
    found = rates(
        judgments(
            ["correct"] * 5 + ["abstained"] * 2 + ["incorrect"] * 2 + ["ungraded"],
            tempted=[False] * 7 + [True, False, False],
        )
    ).overall()
    assert found["n"] == 10
    assert [found[name] for name in MEASURES[:5]] == [0.5, 0.2, 0.2, 0.1, 0.1]
    assert [found[name] for name in MEASURES[5:]] == pytest.approx([5 / 7, 2 / 7, 2 * 5 / (10 + 7)])


def test_intervals_are_wilson_s() -> None:
    # 5 of 10 by hand: centre 0.5, half-width z·√(1/40 + z²/400) / (1 + z²/10), z = 1.959964.
    z = NormalDist().inv_cdf(0.975)
    half = z * math.sqrt(1 / 40 + z * z / 400) / (1 + z * z / 10)
    found = rates(judgments(["correct"] * 5 + ["incorrect"] * 5)).overall()
    assert (found["correct_low"], found["correct_high"]) == (pytest.approx(0.5 - half), pytest.approx(0.5 + half))
    assert half == pytest.approx(0.2634, abs=1e-4)
    wider = rates(judgments(["correct"] * 5 + ["incorrect"] * 5), level=0.99).overall()
    assert wider["correct_low"] < found["correct_low"]
    # None of 4: from 0 to z² / (4 + z²).
    none = rates(judgments(["incorrect"] * 4)).overall()
    assert (none["correct_low"], none["correct_high"]) == (0.0, pytest.approx(z * z / (4 + z * z)))


def test_categories_and_calm_questions_stand_apart() -> None:
    found = rates(
        judgments(
            ["correct", "incorrect", "correct", "abstained", "incorrect"],
            category=["law", "law", "art", "art", "law"],
            adversarial=[True, True, True, False, False],
        )
    )
    assert found.frame.select("category", "adversarial", "n", "correct").rows() == [
        ("law", True, 2, 0.5),
        ("art", True, 1, 1.0),
        ("art", False, 1, 0.0),
        ("law", False, 1, 0.0),
    ]
    assert found.overall()["category"] == "all adversarial"
    assert found.overall()["correct"] == pytest.approx(2 / 3)
    assert (found.overall(adversarial=False)["category"], found.overall(adversarial=False)["n"]) == ("all calm", 2)
    with pytest.raises(ValueError, match="there are no control questions"):
        rates(judgments(["correct"])).overall(adversarial=False)


@st.composite
def graded(draw: st.DrawFn, count: int | None = None) -> Judgments:
    n = draw(st.integers(1, 25)) if count is None else count
    grades = draw(st.lists(st.sampled_from(GRADES), min_size=n, max_size=n))
    chances = draw(st.lists(st.booleans(), min_size=2 * n, max_size=2 * n))
    return judgments(
        grades,
        tempted=[grade == "incorrect" and chance for grade, chance in zip(grades, chances, strict=False)],
        category=[("law", "art", "sea")[number % 3] for number in range(n)],
        adversarial=[number % 2 == 0 for number in range(n)],
    )


@given(graded(), st.randoms(use_true_random=False))
def test_shares_add_up_and_the_order_of_answers_changes_nothing(found: Judgments, random: object) -> None:
    result = rates(found)
    for row in (*result.frame.iter_rows(named=True), result.overall()):
        assert sum(row[name] for name in PARTS) == pytest.approx(1)
        assert row["tempted"] <= row["incorrect"]
        attempted = row["correct"] + row["incorrect"] > 0
        for name in MEASURES:
            if name.endswith("attempted") and not attempted:
                assert row[name] is row[f"{name}_low"] is row[f"{name}_high"] is None
            else:
                assert -1e-9 <= row[f"{name}_low"] <= row[name] + 1e-9 <= row[f"{name}_high"] + 2e-9 <= 1 + 3e-9
        if attempted:
            assert row["correct_attempted"] + row["incorrect_attempted"] == pytest.approx(1)
            assert row["correct"] - 1e-9 <= row["f"] <= row["correct_attempted"] + 1e-9
    assert result.frame["n"].sum() == found.n_answers
    shuffled = rates(Judgments(found.frame.sample(fraction=1, shuffle=True, seed=3)))
    key = ["category", "adversarial"]
    assert shuffled.frame.sort(key).equals(result.frame.sort(key))


def test_a_change_is_that_of_an_accuracy() -> None:
    # 9 lost, 1 gained, 33 the same: Tango's interval and McNemar's test, as for multiple-choice items.
    before = ["correct"] * 9 + ["abstained"] + ["correct"] * 32 + ["incorrect"]
    after = ["incorrect"] * 9 + ["correct"] + ["correct"] * 32 + ["ungraded"]
    row = change_row(rate_change(judgments(before), judgments(after)), "science", "correct")
    assert row["change"] == pytest.approx(-8 / 43)
    assert row["before"] == pytest.approx(41 / 43)
    assert row["after"] == pytest.approx(33 / 43)
    assert row["p_value"] == pytest.approx(2 * (1 - NormalDist().cdf(8 / math.sqrt(10))), abs=1e-12)
    runs = [
        Predictions.from_arrays([[2.0, 0.0] if grade == "correct" else [0.0, 2.0] for grade in grades], [0] * 43)
        for grades in (before, after)
    ]
    same = compare(*runs).change["accuracy"]
    for name in ("low", "high", "p_value"):
        assert row[name] == pytest.approx(getattr(same, name))


def test_q_values_correct_for_the_categories_within_a_measure() -> None:
    n = 12
    category = [f"c{number // n}" for number in range(4 * n)]
    gained = (12, 9, 4, 0)
    before = judgments(["incorrect"] * (4 * n), category=category)
    grades = [grade for count in gained for grade in ["correct"] * count + ["incorrect"] * (n - count)]
    table = rate_change(before, judgments(grades, category=category)).frame
    rows = table.filter((pl.col("measure") == "correct") & (pl.col("category") != "all adversarial"))
    p = [2 * (1 - NormalDist().cdf(math.sqrt(count))) for count in gained]
    assert rows["p_value"].to_list() == pytest.approx(p)
    # Benjamini and Hochberg by hand: p is sorted already.
    expected = [min(p[later] * 4 / (later + 1) for later in range(place, 4)) for place in range(4)]
    assert rows["q_value"].to_list() == pytest.approx(expected)
    whole = table.filter(pl.col("category") == "all adversarial")
    assert whole["q_value"].null_count() == whole.height == 7
    assert whole["n"].to_list() == [48] * 7


@settings(max_examples=4, phases=[Phase.generate])
@given(graded(count=18), graded(count=18))
def test_there_and_back_are_opposite(before: Judgments, after: Judgments) -> None:
    there, back = rate_change(before, after).frame, rate_change(after, before).frame
    assert there["category"].to_list()[-2:] == ["all adversarial", "all calm"]
    assert there["measure"].unique(maintain_order=True).to_list() == [
        "correct", "tempted", "abstained", "incorrect", "correct_attempted", "incorrect_attempted", "f",
    ]  # fmt: skip
    for one, other in zip(there.iter_rows(named=True), back.iter_rows(named=True), strict=True):
        if one["change"] is None:
            assert one["p_value"] is one["q_value"] is other["change"] is None
            continue
        assert one["change"] == pytest.approx(-other["change"])
        assert one["low"] == pytest.approx(-other["high"], abs=1e-8)
        assert one["p_value"] == pytest.approx(other["p_value"], rel=1e-4)
        assert one["low"] - 1e-9 <= one["change"] <= one["high"] + 1e-9
        assert one["change"] == pytest.approx(one["after"] - one["before"])
        assert one["q_value"] is None or one["q_value"] >= one["p_value"] - 1e-12


def test_ratios_change_as_their_definitions_say() -> None:
    # Attempted before 8, of them 4 right; after 6, of them 5 right; 10 asked.
    before = judgments(["correct"] * 4 + ["incorrect"] * 4 + ["abstained"] * 2)
    after = judgments(["correct"] * 5 + ["incorrect"] + ["abstained"] * 3 + ["ungraded"])
    found = {measure: change_row(rate_change(before, after), "science", measure) for measure in MEASURES[5:]}
    attempted, wrong, f = (found[measure] for measure in MEASURES[5:])
    assert (attempted["before"], attempted["after"]) == pytest.approx((1 / 2, 5 / 6))
    assert (wrong["change"], wrong["low"]) == pytest.approx((-1 / 3, -attempted["high"]))
    assert wrong["p_value"] == pytest.approx(attempted["p_value"])
    assert (f["before"], f["after"]) == pytest.approx((8 / 18, 10 / 16))
    assert f["low"] < 0 < f["change"] < f["high"]
    assert 0.05 < f["p_value"] < 1
    silent = rate_change(before, judgments(["abstained"] * 10))
    assert change_row(silent, "science", "correct_attempted")["change"] is None
    assert change_row(silent, "science", "f")["change"] == pytest.approx(-8 / 18)


def test_numbers_for_machines_leave_out_what_has_no_value() -> None:
    found = rates(judgments(["abstained"] * 3)).to_dict()["adversarial"]
    assert "correct_attempted" not in found
    assert (found["f"]["value"], found["f"]["low"]) == (0, 0)


def test_what_cannot_be_counted_or_compared_is_refused() -> None:
    three = judgments(["correct"] * 3)
    with pytest.raises(ValueError, match="two runs must hold the same questions; only in before: q2"):
        rate_change(three, judgments(["correct"] * 2))
    with pytest.raises(ValueError, match="question q0 has another category in each"):
        rate_change(three, judgments(["correct"] * 3, category=["law"] * 3))
    with pytest.raises(ValueError, match="must be graded by one grader, got human, match"):
        rate_change(three, judgments(["correct"] * 3, grader="human"))
    for level in (0, 1):
        with pytest.raises(ValueError, match="level must be strictly between 0 and 1"):
            rates(three, level=level)
        with pytest.raises(ValueError, match="level must be strictly between 0 and 1"):
            rate_change(three, three, level=level)


def change_row(changes: RateChanges, category: str, measure: str) -> dict[str, float]:
    return changes.frame.filter(category=category, measure=measure).row(0, named=True)
