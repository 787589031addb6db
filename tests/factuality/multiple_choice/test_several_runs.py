"""Scores by likelihood of several models: their changes are those of two."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from factuality import MultipleChoice, compare_multiple_choice, multiple_choice_change

from .test_scores import result

RNG = np.random.default_rng(0)
RUNS = {
    name: [result([1] * won + [0] * (30 - won)), result(RNG.uniform(0, won / 30, 30).tolist(), variant="mc2")]
    for name, won in (("base", 25), ("sft", 22), ("rl", 5))
}


def test_changes_are_those_of_two_runs_alone() -> None:
    got = compare_multiple_choice(RUNS, all_pairs=True)
    for row, variant in enumerate(("mc1", "mc2")):
        two = multiple_choice_change(RUNS["base"][row], RUNS["rl"][row]).frame.row(-1, named=True)
        change = got.change("rl", variant)
        assert change is not None
        assert (change.value, change.low, change.high, change.p_value) == (
            two["change"], two["low"], two["high"], two["p_value"],
        )  # fmt: skip
        assert got.summaries["sft"].estimate(variant) == RUNS["sft"][row].estimate()
    assert got.groups("mc1") == {"base": "a", "sft": "a", "rl": "b"}
    assert "over the 6 tests of all pairs" in got.notes[0]


def test_only_common_questions_and_scores_are_compared() -> None:
    parts = {name: MultipleChoice(runs[0].frame.slice(start, 20))
             for (name, runs), start in zip(RUNS.items(), (0, 4, 8), strict=True)}  # fmt: skip
    with pytest.raises(ValueError, match=r"base and sft: two runs must hold the same questions.*--items common"):
        compare_multiple_choice(parts)
    assert compare_multiple_choice(parts, items="common").n_common == 12
    assert compare_multiple_choice(RUNS | {"sft": RUNS["sft"][0]}).measures == ("mc1",)
    with pytest.raises(ValueError, match="must have a score in common, got base: mc1; rl: mc2"):
        compare_multiple_choice({"base": RUNS["base"][0], "rl": RUNS["rl"][1]})


def test_a_single_question_has_no_interval_of_mc2() -> None:
    runs = {name: MultipleChoice(run[1].frame.head(1).with_columns(pl.col("score"))) for name, run in RUNS.items()}
    got = compare_multiple_choice(runs)
    change = got.change("rl", "mc2")
    assert change is not None
    assert change.reason == "there are too few questions"
    assert got.tested == ()


def test_a_run_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="a run is given twice, as base and as rl"):
        compare_multiple_choice({"base": RUNS["base"], "rl": RUNS["base"]})
