"""A measure in each group: that of its items alone, tested against the others."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from scipy.special import softmax

from calibration import Pairs, Predictions, Verdicts, auroc, by_group, ece, estimate, null_ece
from calibration.uncertainty.q_values import q_values


def run_of(sizes: dict[str, int], seed: int, *, sharp: dict[str, float] | None = None) -> Predictions:
    """A calibrated run with a language, sharper in some of them."""
    rng = np.random.default_rng(seed)
    language = np.repeat(list(sizes), list(sizes.values()))
    honest = rng.normal(size=(len(language), 4)) * 1.5
    answer = (softmax(honest, axis=1).cumsum(axis=1)[:, :-1] < rng.random((len(language), 1))).sum(axis=1)
    factor = np.array([(sharp or {}).get(name, 1.0) for name in language])
    run = Predictions.from_arrays(honest * factor[:, None], answer)
    return Predictions(run.frame.with_columns(language=pl.Series(language.tolist())))


def part(run: Predictions, language: str) -> Predictions:
    return Predictions(run.frame.filter(language=language))


@pytest.mark.parametrize("key", ["signed_gap", "brier", "auroc", "ece_top", "accuracy", "debiased_ce2"])
def test_each_group_has_the_estimate_of_its_items(key: str) -> None:
    run = run_of({"de": 60, "fr": 90}, 0)
    table = by_group(run, "language", key)
    assert table.frame["n_items"].to_list() == [60, 90]
    for row in table.frame.iter_rows(named=True):
        alone = estimate(part(run, row["language"]), key)
        assert row["value"] == alone.value
        assert (row["low"], row["high"]) == ((alone.low, alone.high) if alone.known else (None, None))
        assert row["p_value"] == alone.p_value
    assert table.frame["q_value"].to_list() == q_values(table.frame["p_value"])
    assert table.overall == estimate(run, key)


def test_pairs_and_verdicts_are_grouped_too() -> None:
    rng = np.random.default_rng(9)
    confidence = rng.random(80)
    pairs = Pairs.from_arrays(confidence, rng.random(80) < confidence, group=["a", "b"] * 40)
    for row in by_group(pairs, "subject", ece).frame.iter_rows(named=True):
        alone = estimate(Pairs(pairs.frame.filter(subject=row["subject"])), "ece_top")
        assert (row["value"], row["low"], row["high"]) == (alone.value, alone.low, alone.high)
        assert row["noise_floor"] > 0
    table = pl.DataFrame({"item": [str(n) for n in range(80)], "grade": ["correct", "incorrect"] * 40})
    table = table.with_columns(model=pl.lit("m"), revision=pl.lit(""), subject=pl.lit("x"))
    table = table.with_columns(half=pl.Series(["a"] * 40 + ["b"] * 40))
    assert by_group(Verdicts(table), "half", "accuracy").frame["value"].to_list() == [0.5, 0.5]


def test_items_in_clusters_have_intervals_and_no_tests_of_single_items() -> None:
    rng = np.random.default_rng(10)
    cluster = [f"q{number // 2}" for number in range(120)]
    group = ["a", "a", "b", "b", "c", "c"] * 20
    pairs = Pairs.from_arrays(rng.random(120), rng.random(120) < 0.5, group=group, cluster=cluster)
    table = by_group(pairs, "subject", "accuracy")
    assert table.frame["low"].null_count() == 0
    assert table.frame["difference"].null_count() == 3
    assert table.across is None


def test_an_ece_stands_beside_its_noise_floor_and_has_no_difference() -> None:
    run = run_of({"de": 60, "fr": 90}, 1)
    table = by_group(run, "language", ece)
    german = part(run, "de")
    assert table.frame["noise_floor"][0] == null_ece(german.probabilities, german.answer).quantile95
    assert table.frame["difference"].null_count() == 2
    assert table.across is None


def test_the_difference_is_from_all_other_items() -> None:
    run = run_of({"de": 40, "fr": 30, "cs": 50}, 2)
    frame = by_group(run, "language", "accuracy").frame
    for row in frame.iter_rows(named=True):
        others = Predictions(run.frame.filter(pl.col("language") != row["language"]))
        assert row["difference"] == pytest.approx(row["value"] - others.accuracy)
    assert frame["noise_floor"].null_count() == frame["p_value"].null_count() == 3
    assert frame["difference_q_value"].to_list() == q_values(frame["difference_p_value"])


def test_a_group_that_is_too_sure_is_named_and_no_other() -> None:
    sizes = dict.fromkeys(("cs", "de", "fr", "pl"), 400)
    frame = by_group(run_of(sizes, 3, sharp={"fr": 3.0}), "language").frame
    assert (frame["q_value"] < 0.05).to_list() == [False, False, True, False]
    assert frame.filter(language="fr")["difference_q_value"].item() < 0.001


def test_small_groups_are_told_and_kept() -> None:
    run = run_of({"cs": 1, "de": 5, "fr": 40}, 4)
    table = by_group(run, "language")
    assert table.frame["n_items"].to_list() == [1, 5, 40]
    assert table.frame["low"].null_count() == 1
    assert table.notes[0] == "cs (1 item): an interval needs at least two items, got 1"
    assert table.notes[-1].startswith("2 of 3 groups have fewer than 20 items (cs; de): ")


def test_a_group_that_does_not_define_the_measure_is_told() -> None:
    run = run_of({"de": 30, "fr": 30}, 5)
    right = run.frame.with_columns(
        answer=pl.when(language="de").then(pl.col("logprobs").list.arg_max()).otherwise(pl.col("answer"))
    )
    table = by_group(Predictions(right), "language", auroc)
    assert table.frame["value"].is_null().to_list() == [True, False]
    assert table.notes[0].startswith("de (30 items): AUROC needs right and wrong answers")


def test_plain_numbers_for_machines() -> None:
    data = by_group(run_of({"cs": 30, "de": 30, "fr": 40}, 6), "language", "accuracy").to_dict()
    assert json.loads(json.dumps(data)) == data
    assert [row["language"] for row in data["groups"]] == ["cs", "de", "fr"]
    assert "across" not in data
    many = by_group(run_of({f"l{number}": 10 for number in range(10)}, 6), "language", "accuracy").to_dict()
    assert many["across"]["n_groups"] == 10


def test_a_column_that_is_called_as_a_number_of_the_table() -> None:
    run = Predictions(run_of({"de": 30}, 7).frame.with_columns(value=pl.lit("x")))
    assert by_group(run, "value").frame.columns[:3] == ["value_group", "n_items", "value"]


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no measure 'f1'.*; there are accuracy, "):
        by_group(run_of({"de": 30}, 8), "language", "f1")


@pytest.mark.slow  # 60 runs of 12 groups
def test_few_groups_are_named_where_nothing_differs() -> None:
    """Of 60 calibrated runs of 12 groups of 20 to 60 items, 5 in 100 name a group, but for the noise of 60."""
    sizes = {f"g{number}": 20 + 40 * (number % 2) for number in range(12)}
    named = [
        bool((by_group(run_of(sizes, 100 + seed), "language", "brier").frame["difference_q_value"] < 0.05).any())
        for seed in range(60)
    ]
    assert np.mean(named) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)
