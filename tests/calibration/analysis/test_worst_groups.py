"""The worst group: how often its interval holds, although it was chosen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from calibration import Pairs, Predictions, UndefinedMeasure, auroc, by_group, ece, worst_groups


def run_of(sizes: list[int], seed: int, *, sharp: list[float] | None = None, scale: float = 2.0) -> Predictions:
    """A calibrated run, sharper in some subjects."""
    rng = np.random.default_rng(seed)
    subject = np.repeat([f"s{number:02d}" for number in range(len(sizes))], sizes)
    honest = rng.normal(size=(len(subject), 4)) * scale
    answer = (softmax(honest, axis=1).cumsum(axis=1)[:, :-1] < rng.random((len(subject), 1))).sum(axis=1)
    factor = np.repeat(sharp or [1.0] * len(sizes), sizes)
    return Predictions.from_arrays(honest * factor[:, None], answer, subject=subject.tolist())


def test_a_clear_worst_has_hardly_more_than_its_own_interval() -> None:
    run = run_of([2000] * 6, 0, sharp=[1.0, 1.0, 4.0, 1.0, 1.0, 1.0])
    found = worst_groups(run, "subject")
    assert found.frame["subject"].to_list() == ["s02"]
    assert found.n_groups == 6
    own = by_group(run, "subject").frame.filter(subject="s02")
    row = found.frame.row(0, named=True)
    assert row["value"] == own["value"].item()
    assert row["high"] - row["low"] == pytest.approx((own["high"] - own["low"]).item(), rel=0.15)


def test_groups_that_are_alike_may_all_be_the_worst() -> None:
    run = run_of([50] * 8, 1)
    found = worst_groups(run, "subject", "accuracy")
    values = by_group(run, "subject", "accuracy").frame["value"].sort()
    assert found.frame["value"].to_list() == values.to_list()
    own = by_group(run, "subject", "accuracy").frame.sort("value").row(0, named=True)
    assert found.frame["low"][0] < own["low"] < own["high"] < found.frame["high"][0]


@pytest.mark.parametrize(("measure", "first"), [("accuracy", "min"), ("brier", "max")])
def test_the_worse_direction_is_that_of_the_measure(measure: str, first: str) -> None:
    run = run_of([60] * 5, 2)
    values = by_group(run, "subject", measure).frame["value"]
    assert worst_groups(run, "subject", measure).frame["value"][0] == getattr(values, first)()


def test_of_a_gap_the_worst_is_farthest_from_zero() -> None:
    run = run_of([300] * 3, 3, sharp=[1.0, 0.2, 1.3])
    found = worst_groups(run, "subject").frame
    assert found["subject"][0] == "s01"
    assert found["value"][0] < 0


def test_groups_that_cannot_be_compared_are_told() -> None:
    found = worst_groups(run_of([1, 30, 5], 4), "subject")
    assert found.n_groups == 2
    assert found.notes[0] == "s00 (1 item): an interval needs at least two items, got 1; it is left out"
    assert "2 of 3 groups have fewer than 20 items" in found.notes[1]
    assert found.to_dict()["n_groups"] == 2


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        ("mean_confidence", "mean confidence has no worse direction, so that no group is the worst"),
        (ece, "the worst group by ECE .* cannot be told: only a mean over items"),
        (auroc, "the worst group by AUROC cannot be told"),
    ],
)
def test_refusals(measure: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        worst_groups(run_of([30, 30], 5), "subject", measure)  # type: ignore[arg-type]


def held(sizes: list[int], measure: str, n_runs: int, *, sharp: list[float], seed: int) -> float:
    """Share of runs in which the interval of the group that seems the worst holds its value."""
    levels = sorted(set(sharp))
    truth = {}
    for level in levels:
        large = run_of([100_000], 999, sharp=[level])
        truth[level] = by_group(large, "subject", measure).frame["value"].item()
    hits = []
    for number in range(n_runs):
        run = run_of(sizes, seed + number, sharp=sharp)
        row = worst_groups(run, "subject", measure).frame.row(0, named=True)
        hits.append(row["low"] <= truth[sharp[int(row["subject"][1:])]] <= row["high"])
    return float(np.mean(hits))


@pytest.mark.slow  # 60 runs of 20 groups
def test_the_chosen_group_is_held_as_often_as_stated() -> None:
    """In 60 runs of 20 groups that are alike the interval of the worst holds in 93 of 100, but for the noise of 60."""
    share = held([60] * 20, "accuracy", 60, sharp=[1.0] * 20, seed=100)
    assert share >= 0.93 - 3 * np.sqrt(0.93 * 0.07 / 60)


REGIMES = {
    "alike": ([100] * 40, [1.0] * 40),
    "one bad": ([100] * 20, [1.0] * 19 + [3.0]),
    "many small": ([5, 10, 20] * 20, [1.0] * 60),
    "many small, too sure": ([5, 10, 20] * 20, [2.0] * 60),
    "two": ([20, 20], [1.0, 1.0]),
}


@pytest.mark.slow  # 15 settings of 100 runs
@pytest.mark.parametrize("measure", ["accuracy", "signed_gap", "nll"])
@pytest.mark.parametrize("regime", REGIMES)
def test_coverage_in_regimes_that_should_break_it(regime: str, measure: str) -> None:
    """In 100 runs the interval of the worst group holds in 93 of 100 and more, but for the noise of 100."""
    sizes, sharp = REGIMES[regime]
    share = held(sizes, measure, 100, sharp=sharp, seed=5000)
    assert share >= 0.93 - 2 * np.sqrt(0.93 * 0.07 / 100)


def test_items_that_are_not_alone_are_refused() -> None:
    pairs = Pairs.from_arrays([0.9, 0.8, 0.7], [1, 0, 1], cluster=["a", "a", "b"])
    with pytest.raises(ValueError, match="single items that count alike; these have clusters or weights"):
        worst_groups(pairs, "subject")


def test_groups_of_one_value_each_have_no_worst() -> None:
    run = Pairs.from_arrays([0.5] * 4, [1] * 4, group=["a", "a", "b", "b"])
    with pytest.raises(UndefinedMeasure, match="the items of each group have one value of signed gap"):
        worst_groups(run, "subject", "signed_gap")


def test_one_wrong_answer_of_two_says_little_of_an_accuracy() -> None:
    """One pair of 30 has a wrong answer, as is likely at accuracy of .97, which Clopper and Pearson's limits hold."""
    correct = np.ones(60, dtype=int)
    correct[0] = 0
    run = Pairs.from_arrays(np.full(60, 0.9), correct, group=[f"pair {row // 2}" for row in range(60)])
    row = worst_groups(run, "subject", "accuracy").frame.row(0, named=True)
    assert row["value"] == 0.5
    assert row["high"] > 0.99
