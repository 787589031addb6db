"""Decisions on changes and on values beside a bound."""

from __future__ import annotations

import math

import numpy as np
import pytest

from calibration import Change, Decision, Estimate, Predictions, change, compare, decide, ece, estimate, signed_gap
from calibration.decisions.needed_items import needed_items
from calibration.uncertainty.estimates import Origin


def run_of(n: int, seed: int, sharpness: float = 1.0) -> Predictions:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4)) * 2
    answer = (logits + rng.gumbel(size=(n, 4))).argmax(axis=1)
    return Predictions.from_arrays(logits * sharpness, answer)


def moved(low: float, high: float, *, least: float, most: float, key: str = "ece_top") -> Change:
    return Change(
        value=(low + high) / 2, low=low, high=high, least=least, most=most, level=0.95, p_value=0.5, clustered=None,
        origin=Origin(key, 400),
    )  # fmt: skip


def number_of(key: str) -> Estimate:
    return Estimate(
        value=0.08, low=0.06, high=0.1, least=0.063, most=0.097, level=0.95, origin=Origin(key, 100)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "key", "margin", "word"),
    [
        (0.01, 0.05, "ece_top", 0.0, "worse"),
        (0.01, 0.05, "accuracy", 0.0, "better"),
        (-0.05, -0.01, "ece_top", 0.0, "better"),
        (-0.05, -0.01, "accuracy", 0.0, "worse"),
        (0.01, 0.05, "signed_gap", 0.0, "higher"),
        (-0.05, -0.01, "signed_gap", 0.0, "lower"),
        (0.01, 0.05, "ece_top", 0.02, "cannot tell"),  # not by more than the margin, and not within it
        (0.021, 0.05, "ece_top", 0.02, "worse"),
        (-0.015, 0.015, "ece_top", 0.0, "cannot tell"),
        (-0.015, 0.015, "ece_top", 0.02, "within"),
        (-0.06, 0.01, "ece_top", 0.02, "cannot tell"),
    ],
)
def test_words_of_changes(low: float, high: float, key: str, margin: float, word: str) -> None:
    number = moved(low, high, least=low + 0.002, most=high - 0.002, key=key)
    decision = decide(number, margin=margin)
    assert decision.word == word
    assert (decision.n_needed is not None) == (word == "cannot tell" and abs(number.value) > 0)


def test_limits_that_hold_alone_decide_what_is_within_and_the_interval_what_is_beyond() -> None:
    assert decide(moved(-0.02, 0.021, least=-0.017, most=0.018), margin=0.02).word == "within"
    assert decide(moved(-0.001, 0.05, least=0.001, most=0.048)).word == "cannot tell"


def test_an_improvement_of_any_size_is_not_worse() -> None:
    decision = decide(moved(-0.06, 0.01, least=-0.055, most=0.008), margin=0.02)
    assert decision.word == "cannot tell"
    assert decision.is_not_worse
    assert "it is not worse by more than 0.02 (95 %, one-sided)" in str(decision)
    with pytest.raises(ValueError, match="neither direction of signed gap is better"):
        _ = decide(moved(-0.06, 0.01, least=-0.055, most=0.008, key="signed_gap")).is_not_worse


def test_values_are_held_against_bounds() -> None:
    error = number_of("ece_top")
    assert decide(error, margin=0.05).word == "worse"
    assert decide(error, margin=0.1).word == "within"
    assert decide(error, bound=0.11).word == "better"
    right = number_of("accuracy")
    assert str(decide(right, bound=0.05)) == "accuracy is above 0.05: 0.080 [0.060, 0.100]"
    assert decide(right, bound=0.05).word == "better"
    assert decide(right, bound=0.05, margin=0.02).word == "cannot tell"


def test_a_change_of_runs_agrees_with_its_interval_and_a_run_does_not_change_against_itself() -> None:
    before, after = run_of(300, 0), run_of(300, 0, 2.5)
    number = change(before, after, ece)
    assert decide(number).word == "worse"
    assert number.low < number.least < number.value < number.most <= number.high
    same = decide(change(before, before, ece))
    assert (same.word, str(same)) == ("within", "ECE (top) did not change")


def test_a_blank_interval_cannot_be_told_and_says_why() -> None:
    subject = ["a", "b"] * 30
    run = Predictions.from_arrays(2.0 * np.eye(2)[np.arange(60) % 2], np.arange(60) // 30, subject=subject)
    number = estimate(run, "accuracy", sampling="subjects")
    decision = decide(number, bound=0.5)
    assert decision.word == "cannot tell"
    assert decision.reason == "an interval for new subjects needs at least 10 subjects, got 2"
    assert str(decision) == f"accuracy: cannot tell: {decision.reason}"
    assert decision.n_needed is None


def test_a_number_without_limits_of_its_own_has_those_of_its_interval() -> None:
    decision = decide(Estimate(value=0.0, low=-0.01, high=0.03, level=0.95), margin=0.03, measure="signed_gap")
    assert (decision.word, decision.least, decision.most) == ("within", -0.01, 0.03)


@pytest.mark.parametrize("margin", [-0.1, math.nan])
def test_a_margin_below_0_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="margin must be 0 or more"):
        decide(Estimate(value=0.0, low=0.0, high=0.1, level=0.95), margin=margin)


def test_a_change_has_no_bound() -> None:
    with pytest.raises(ValueError, match=r"leave bound=0\.1 out"):
        decide(moved(0.0, 0.1, least=0.0, most=0.1), bound=0.1)


def test_tables_hold_the_decision() -> None:
    decision = decide(moved(-0.06, 0.01, least=-0.055, most=0.008), margin=0.02)
    row = decision.frame.row(0, named=True)
    assert (row["word"], row["measure"], row["direction"]) == ("cannot tell", "ece_top", "lower")
    assert decision.to_dict() == {key: value for key, value in row.items() if value is not None}


def test_a_comparison_decides_by_name() -> None:
    comparison = compare(run_of(200, 0), run_of(200, 0, 2.5))
    both = comparison.decisions({"ece": 0.5, "accuracy": 0.01})
    assert {key: decision.word for key, decision in both.items()} == {
        "accuracy": "cannot tell", "ece_top": "within", "ece_choices": "within",
    }  # fmt: skip
    assert all(isinstance(decision, Decision) for decision in comparison.decisions(0.1).values())
    assert set(comparison.decisions()) == set(comparison.change)
    with pytest.raises(ValueError, match="no compared measure 'eec'; the nearest: 'ece'"):
        comparison.decisions({"eec": 0.1})


def test_so_many_items_decide_in_four_of_five_samples() -> None:
    """Of 200 samples of the size that one says, 72 to 88 % tell what the first could not; by chance, 99 %."""
    first = estimate(run_of(150, 3, 1.3), signed_gap)
    needed = decide(first, margin=0.02).n_needed
    assert needed is not None
    rng = np.random.default_rng(0)
    error = (first.most - first.least) / 2 / 1.645 * math.sqrt(150 / needed)
    values = first.value + error * rng.normal(size=200)
    assert np.mean(np.abs(values) - 1.96 * error > 0.02) == pytest.approx(0.8, abs=0.08)


def test_no_number_of_items_decides_at_the_boundary() -> None:
    assert needed_items(100, 0.1, (0.0, 0.2, 0.02, 0.18), 0.1, level=0.95) is None


def test_a_direction_that_other_tests_do_not_allow_is_withheld() -> None:
    clear = moved(0.01, 0.05, least=0.012, most=0.048)
    withheld = decide(clear, shown=False)
    assert (withheld.word, withheld.side, withheld.n_needed) == ("cannot tell", 0, None)
    assert str(withheld) == (
        "ECE (top): cannot tell: the tests of all that is claimed beside it do not show a direction"
    )
    assert decide(clear, margin=0.05, shown=False).word == "within"
    # What says nothing of a direction is not withheld.
    assert decide(moved(-0.01, 0.05, least=-0.008, most=0.048), shown=False).reason is None


@pytest.mark.parametrize(("low", "high", "side"), [(0.01, 0.05, 1), (-0.05, -0.01, -1), (-0.01, 0.05, 0)])
def test_the_side_of_a_word(low: float, high: float, side: int) -> None:
    assert decide(moved(low, high, least=low, most=high)).side == side
    assert decide(moved(low, high, least=low, most=high, key="accuracy")).side == side
    assert decide(moved(low, high, least=low, most=high), margin=0.06).side == 0
