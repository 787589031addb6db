"""Graded answers of several models: changes are those of two, calibration that of common answers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from calibration import compare
from factuality import Confidences, Judgments, compare_judgments, confidence_pairs, rate_change, rates, with_confidence
from tests.factuality.sets import judgments

N = 40
MIXED = [number % 4 > 0 for number in range(N)]
RUNS = {
    name: judgments(["correct"] * right + ["incorrect"] * (N - 4 - right) + ["abstained"] * 4, adversarial=MIXED)
    for name, right in (("base", 30), ("sft", 26), ("rl", 6))
}


def stated(run: Judgments, confidence: list[float]) -> Judgments:
    rows = {"question": run.frame["question"], "sample": run.frame["sample"], "confidence": confidence}
    return with_confidence(run, Confidences(pl.DataFrame(rows).with_columns(confidence_kind=pl.lit("stated"))))


def test_rates_and_changes_are_those_of_two_runs_alone() -> None:
    got = compare_judgments(RUNS)
    assert list(got.changes) == [("base", "sft"), ("base", "rl")]
    two = rate_change(RUNS["base"], RUNS["rl"]).frame.filter(category="all adversarial", measure="f").row(0, named=True)
    change = got.change("rl", "f")
    assert change is not None
    assert (change.value, change.low, change.high, change.p_value, change.n) == (
        two["change"], two["low"], two["high"], two["p_value"], 30,
    )  # fmt: skip
    row = rates(RUNS["sft"]).overall(adversarial=False)
    value = got.summaries["sft"].estimate("control_correct")
    assert (value.value, value.low, value.high) == (row["correct"], row["correct_low"], row["correct_high"])
    assert got.label("control_correct") == "correct (control questions)"
    assert "adversarial ones among 40 questions" in got.notes[1]


def test_groups_and_false_discovery_rates_are_over_the_whole_table() -> None:
    got = compare_judgments(list(RUNS.values()), labels=["base", "sft", "rl"], all_pairs=True)
    assert got.groups("correct") == {"base": "a", "sft": "a", "rl": "b"}
    tested = [rate for rate in got.q_values.values() if rate is not None]
    assert f"over the {len(tested)} tests of all pairs" in got.notes[0]
    assert got.frame.filter(run="rl", measure="correct")["q_value"][0] == got.q_values["base", "rl", "correct"]


def test_calibration_is_that_of_answers_that_all_runs_gave_right_or_wrong() -> None:
    rng = np.random.default_rng(0)
    runs = {name: stated(run, rng.uniform(0.3, 1, N).tolist()) for name, run in RUNS.items()}
    got = compare_judgments(runs)
    two = compare(*(confidence_pairs(runs[name]).pairs for name in ("base", "rl"))).change["signed_gap"]
    change = got.change("rl", "signed_gap")
    assert change is not None
    assert (change.value, change.low, change.high) == pytest.approx((two.value, two.low, two.high))
    assert "of the 36 answers that all runs gave right or wrong, with a confidence (stated)" in " ".join(got.notes)
    assert "accuracy" not in got.measures
    in_part = compare_judgments(runs | {"sft": RUNS["sft"]})
    assert "signed_gap" not in in_part.measures
    assert "calibration of the answers is left out: sft has too few" in " ".join(in_part.notes)


def test_only_common_questions_are_compared_if_wanted() -> None:
    parts = {
        name: Judgments(run.frame.slice(start, 30)) for (name, run), start in zip(RUNS.items(), (0, 5, 8), strict=True)
    }
    with pytest.raises(ValueError, match=r"base and sft: two runs must hold the same questions.*--items common"):
        compare_judgments(parts)
    got = compare_judgments(parts, items="common")
    assert got.n_common == 22
    assert got.notes[0] == "only the 22 questions that all runs hold are compared"
    apart = {"base": Judgments(RUNS["base"].frame.head(5)), "rl": Judgments(RUNS["rl"].frame.tail(5))}
    with pytest.raises(ValueError, match="questions in common; none is in all of base, rl"):
        compare_judgments(apart, items="common")


def test_runs_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(ValueError, match="a run is given twice, as base and as again"):
        compare_judgments(RUNS | {"again": RUNS["base"]})
    with pytest.raises(ValueError, match="graded by one grader, got match, words"):
        compare_judgments({**RUNS, "dpo": judgments(["correct"] * N, adversarial=MIXED, grader="words")})
    with pytest.raises(ValueError, match=r"labels must be one a run, 3, got 2: A, B"):
        compare_judgments(RUNS, labels=["A", "B"])
    with pytest.raises(ValueError, match="the reference must be one of base, sft, rl, got 'dpo'"):
        compare_judgments(RUNS, reference="dpo")


def _false_share(seed: int) -> float:
    """Share of models like the first among all changes that are named at a rate of .05."""
    rng = np.random.default_rng(seed)
    hard = rng.beta(3, 2, 120)
    chances = {"base": hard, "like": hard, "alike": hard, "same": hard, "worse": hard - 0.2}
    got = compare_judgments(
        {
            name: judgments(np.where(rng.random(120) < chance, "correct", "incorrect").tolist())
            for name, chance in chances.items()
        }
    )
    named = [after for (_, after, _), rate in got.q_values.items() if rate is not None and rate <= 0.05]
    return sum(name != "worse" for name in named) / max(len(named), 1)


def _separated(seed: int) -> bool:
    rng = np.random.default_rng(seed)
    hard = rng.beta(3, 2, 120)
    runs = {name: judgments(np.where(rng.random(120) < hard, "correct", "incorrect").tolist()) for name in "abcde"}
    return len(set(compare_judgments(runs, all_pairs=True).groups("correct").values())) > 1


def test_models_without_a_difference_are_in_one_group() -> None:
    assert not _separated(0)


@pytest.mark.slow  # a simulation
def test_five_models_without_a_difference_are_rarely_separated() -> None:
    """Counted is how often any two of five models with the same chance to be right on each question have no common
    letter: at most 5 % of tables, with the error of 300."""
    assert sum(map(_separated, range(300))) <= 300 * 0.05 + 2.33 * (300 * 0.05 * 0.95) ** 0.5


def test_a_clear_change_alone_is_named() -> None:
    assert _false_share(0) == 0


@pytest.mark.slow  # a simulation
def test_few_of_the_named_changes_are_of_models_without_any() -> None:
    """Counted is the share of models without a difference among the changes with a q-value of at most .05: .05 on
    average, with the error of 200 tables."""
    shares = [_false_share(seed) for seed in range(200)]
    assert np.mean(shares) <= 0.05 + 2.33 * np.std(shares) / len(shares) ** 0.5
