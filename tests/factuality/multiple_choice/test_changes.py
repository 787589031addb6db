"""Changes of multiple-choice scores: Tango's and McNemar's, or a paired t; corrected over the categories."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, ttest_rel

from calibration import Predictions, compare
from factuality.multiple_choice.changes import multiple_choice_change
from factuality.multiple_choice.scores import MultipleChoice

from .test_scores import result

SHARES = st.lists(st.floats(0, 1), min_size=7, max_size=7)


def test_a_change_of_mc1_is_that_of_an_accuracy() -> None:
    before, after = [1] * 9 + [0] + [1] * 32 + [0], [0] * 9 + [1] + [1] * 32 + [0]
    row = multiple_choice_change(result(before), result(after)).frame.row(-1, named=True)
    runs = [Predictions.from_arrays([[2.0 * won - 1, 0.0] for won in scores], [0] * 43) for scores in (before, after)]
    change = compare(*runs).change["accuracy"]
    assert (row["n"], row["change"]) == (43, pytest.approx(-8 / 43))
    for name in ("low", "high", "p_value"):
        assert row[name] == pytest.approx(getattr(change, name))


def test_a_change_of_mc2_is_a_paired_t() -> None:
    before, after = [0.1, 0.5, 0.6, 0.9, 0.3], [0.3, 0.5, 0.9, 0.8, 0.7]
    row = multiple_choice_change(result(before, variant="mc2"), result(after, variant="mc2")).frame.row(-1, named=True)
    theirs = ttest_rel(after, before)
    interval = theirs.confidence_interval(0.95)
    assert (row["before"], row["after"], row["change"]) == pytest.approx((0.48, 0.64, 0.16))
    assert row["p_value"] == pytest.approx(theirs.pvalue)
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_q_values_correct_for_the_categories() -> None:
    category = ["law"] * 8 + ["art"] * 8 + ["sea"]
    before = [0.1 * (k % 5) for k in range(17)]
    after = [score + (0.3 if k < 8 else 0.02 * (k % 3)) for k, score in enumerate(before)]
    table = multiple_choice_change(
        result(before, variant="mc2", category=category), result(after, variant="mc2", category=category)
    ).frame
    assert table["category"].to_list() == ["law", "art", "sea", "all"]
    assert table["n"].to_list() == [8, 8, 1, 17]
    p_values = table["p_value"].to_list()
    assert (p_values[2], table["low"][2], table["q_value"][2], table["q_value"][3]) == (None,) * 4
    assert table["q_value"].to_list()[:2] == pytest.approx(false_discovery_control(p_values[:2]).tolist())
    single = multiple_choice_change(result([0.5], variant="mc2"), result([0.6], variant="mc2")).frame
    assert single["p_value"].to_list() == [None, None]


def test_what_stays_the_same_has_not_changed() -> None:
    for variant, scores in (("mc1", [1, 0, 1]), ("mc2", [0.2, 0.5, 0.3])):
        row = multiple_choice_change(result(scores, variant=variant), result(scores, variant=variant)).frame.row(-1)
        assert row[4] == 0
        assert row[5] <= 0 <= row[6]
        assert row[7] == 1


@settings(max_examples=30)
@given(SHARES, SHARES)
def test_there_and_back_are_opposite_in_any_order(before: list[float], after: list[float]) -> None:
    category = ["law", "art"] * 3 + ["law"]
    one, other = (result(scores, variant="mc2", category=category) for scores in (before, after))
    turned = MultipleChoice(other.frame.reverse())
    there, back = multiple_choice_change(one, turned).frame, multiple_choice_change(other, one).frame
    for left, right in zip(there.iter_rows(named=True), back.iter_rows(named=True), strict=True):
        assert left["change"] == pytest.approx(-right["change"])
        assert left["low"] == pytest.approx(-right["high"])
        assert left["p_value"] == pytest.approx(right["p_value"])


def test_what_cannot_be_compared_is_refused() -> None:
    one = result([1, 0])
    with pytest.raises(ValueError, match="both must be of one variant, got mc1 and mc2"):
        multiple_choice_change(one, result([1, 0], variant="mc2"))
    with pytest.raises(ValueError, match="two runs must hold the same questions; only in after: q2"):
        multiple_choice_change(one, result([1, 0, 1]))
    with pytest.raises(ValueError, match="question q1 has another category in each"):
        multiple_choice_change(one, result([1, 0], category=["law", "art"]))
    with pytest.raises(ValueError, match="question q0 has another text in each"):
        multiple_choice_change(one, MultipleChoice(one.frame.with_columns(text=pl.lit("!"))))
    with pytest.raises(ValueError, match="level must be strictly between 0 and 1"):
        multiple_choice_change(one, one, level=1)
