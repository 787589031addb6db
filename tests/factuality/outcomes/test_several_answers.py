"""Rates of several answers to a question: numbers by hand, and coverage where answers to one are alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from calibration.uncertainty.independent_answers import share_count
from factuality import Judgments, rate_change, rates
from factuality.outcomes.by_category import MEASURES
from factuality.outcomes.common_questions import common_judgments
from factuality.outcomes.ratios import ATTEMPTED, F
from factuality.outcomes.share_changes import share_change
from factuality.outcomes.shares import question_kinds, question_shares
from tests.factuality.sets import judgments

R, W, A = "correct", "incorrect", "abstained"


def several(answers: Sequence[Sequence[str]]) -> Judgments:
    """Judgments of all answers to each question, the samples of one behind each other."""
    questions = judgments([given[0] for given in answers], tempted=[False] * len(answers)).frame
    rows = [
        questions[number].with_columns(grade=pl.lit(grade), sample=pl.lit(sample, pl.Int32))
        for number, given in enumerate(answers)
        for sample, grade in enumerate(given)
    ]
    return Judgments(pl.concat(rows))


def test_shares_are_means_over_questions_with_the_error_of_questions() -> None:
    found = rates(several([[R, R, R, W], [R, W, W, W]] * 20)).overall()
    assert (found["n"], found["n_answers"], found["correct"], found["incorrect"]) == (40, 160, 0.5, 0.5)
    # 40 questions of 3/4 and 1/4: squared standard error 1/16 / 39, that of 156 independent answers; Student's t of 39
    # degrees of freedom, 2.022691 in place of 1.959964, makes it that of 156 × (1.959964 / 2.022691)².
    z, count = 1.959964, 156 * (1.959964 / 2.022691) ** 2
    half = z * np.sqrt(1 / (4 * count) + z**2 / (4 * count**2)) / (1 + z**2 / count)
    assert (found["correct_low"], found["correct_high"]) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)
    assert share_count(np.array([0.75, 0.25] * 20), level=0.95) == pytest.approx(count, rel=1e-6)
    # Nothing was withheld: all ratios are this share.
    for name in ("correct_attempted", "f"):
        ends = [found[f"{name}{end}"] for end in ("", "_low", "_high")]
        assert ends == pytest.approx([0.5, 0.5 - half, 0.5 + half], abs=1e-6)


def test_a_question_counts_once_however_many_answers_it_has() -> None:
    found = rates(several([[R], [W, W, W]]))
    assert (found.overall()["correct"], found.overall()["n"], found.overall()["n_answers"]) == (0.5, 2, 4)
    assert found.notes == (
        "4 answers to 2 questions: each share is the mean over the questions, and its interval is for questions drawn "
        "anew with all their answers",
    )
    assert found.to_dict()["adversarial"]["n_answers"] == 4
    single = rates(several([[R], [W]]))
    assert (single.notes, "n_answers" in single.to_dict()["adversarial"]) == ((), False)


def test_answers_that_are_all_alike_say_as_much_as_one() -> None:
    grades = [R] * 7 + [W] * 4 + [A] * 3
    one, three = (rates(several([[grade] * times for grade in grades])) for times in (1, 3))
    assert one.frame.drop("n_answers").equals(three.frame.drop("n_answers"))
    # Nearly alike: never fewer than the questions themselves.
    assert share_count(np.array([1.0] * 3 + [0.0] * 3 + [0.5]), level=0.95) >= 7
    assert share_count(np.array([0.5]), level=0.95) == 1
    assert share_count(np.array([0.5] * 6), level=0.95) == 6


def test_ratios_weigh_each_question_alike() -> None:
    # Right, wrong, other: question a 1/2, 1/2, 0; b 1/2, 0, 1/2; c 0, 1, 0.
    found = rates(several([[R, W], [R, A], [W]])).overall()
    assert found["correct_attempted"] == pytest.approx((1 / 2 + 1 / 2) / (1 + 1 / 2 + 1))
    assert found["f"] == pytest.approx(2 * 1 / (2 * 2.5 + 0.5))
    assert found["abstained"] == pytest.approx(1 / 6)


def test_a_ratio_counts_as_many_answers_as_its_error_is_worth() -> None:
    answers = [[R, R, W], [R, W, A], [W, A, A], [R, R, R], [R, W, W]] * 4
    kinds = question_kinds(question_shares(several(answers)))
    for ratio in (ATTEMPTED, F):
        value = ratio.of(kinds) or 0.0
        points = np.array(ratio.gains) - value * np.array(ratio.weights)
        moved = kinds @ points
        # By hand: the variance of single answers over the squared error of the mean of questions, then Student's t.
        error = np.sqrt((moved**2).sum() / (20 * 19))
        spread = (kinds.mean(axis=0) * points**2).sum()
        expected = spread / error**2 * (1.959964 / 2.093024) ** 2
        assert sum(ratio.independent_counts(kinds)) == pytest.approx(max(expected, 20), rel=1e-6)


def test_changes_are_paired_by_question() -> None:
    before = several([[R, W]] * 10)
    after = several([[R, R]] * 5 + [[W, R]] * 5)
    row = rate_change(before, after).frame.filter(category="all adversarial", measure="correct").row(0, named=True)
    assert (row["n"], row["before"], row["after"], row["change"]) == (10, 0.5, 0.75, 0.25)
    # Five questions gain 1/2, five nothing: standard error 1/12, Student's t of 9 degrees of freedom 2.262157.
    assert (row["low"], row["high"]) == pytest.approx((0.25 - 2.262157 / 12, 0.25 + 2.262157 / 12), abs=1e-6)
    assert row["p_value"] == pytest.approx(0.0150, abs=1e-4)
    back = rate_change(after, before).frame.filter(category="all adversarial", measure="correct").row(0, named=True)
    assert (back["low"], back["high"]) == pytest.approx((-row["high"], -row["low"]))


def test_a_change_of_too_few_questions_has_no_interval() -> None:
    assert share_change(np.array([0.5]), np.array([1.0]), level=0.95) is None
    changes = rate_change(several([[R, W]]), several([[R, R]])).frame
    row = changes.filter(category="science", measure="correct").row(0, named=True)
    assert (row["change"], row["low"], row["p_value"], row["q_value"]) == (0.5, None, None, None)


def test_runs_with_other_numbers_of_samples_are_compared() -> None:
    before, after = several([[R], [W], [W]]), several([[R, R], [R, W], [W, W]])
    row = rate_change(before, after).frame.filter(category="all adversarial", measure="correct").row(0, named=True)
    assert (row["n"], row["before"], row["after"]) == (3, pytest.approx(1 / 3), pytest.approx(1 / 2))


def test_common_questions_keep_all_their_answers() -> None:
    first, second = several([[R, W], [W, W], [R, R]]), several([[R, R], [R, W]])
    before, after, overlap = common_judgments(first, second)
    assert (overlap.n_common, overlap.n_only_before, before.n_answers, after.n_answers) == (2, 1, 4, 4)
    assert before.frame["grade"].to_list() == [R, W, W, W]
    # The question that the second run lacks, right in the first, would have changed by -1 to 0 thirds.
    assert overlap.bounds["correct"] == pytest.approx((0.0, 1 / 3))


def test_the_order_of_answers_changes_nothing() -> None:
    found = several([[R, W, A], [W, W], [A], [R, R, W]])
    shuffled = Judgments(found.frame.sample(fraction=1, shuffle=True, seed=1))
    one, other = rates(found).overall(), rates(shuffled).overall()
    assert [one[name] for name in MEASURES] == pytest.approx([other[name] for name in MEASURES])


def drawn(rng: np.random.Generator, shares: Sequence[float], n_questions: int, n_samples: int) -> Judgments:
    """Answers to questions that each have shares of their own around these."""
    own = rng.dirichlet(shares, n_questions).cumsum(axis=1)
    draws = rng.random((n_questions, n_samples, 1))
    kinds = np.minimum((draws > own[:, None, :]).sum(axis=2), 2)
    return several([[(R, W, A)[kind] for kind in row] for row in kinds.tolist()])


# Two minutes of simulation.
@pytest.mark.slow
@pytest.mark.parametrize(("n_questions", "n_samples"), [(10, 4), (40, 4), (40, 2)])
def test_intervals_for_questions_drawn_anew_hold(n_questions: int, n_samples: int) -> None:
    """Of 300 pairs of runs, whose answers to a question are alike, about 95 in 100 intervals hold the truth."""
    rng = np.random.default_rng(3)
    truth = {"correct": (0.5, 0.6), "abstained": (0.2, 0.2), "correct_attempted": (5 / 8, 3 / 4), "f": (1 / 1.8, 2 / 3)}
    inside, changed = dict.fromkeys(truth, 0), dict.fromkeys(truth, 0)
    for _ in range(300):
        before = drawn(rng, (0.5, 0.3, 0.2), n_questions, n_samples)
        after = drawn(rng, (0.6, 0.2, 0.2), n_questions, n_samples)
        row = rates(before).overall()
        changes = rate_change(before, after).frame.filter(category="all adversarial")
        moved = {change["measure"]: change for change in changes.iter_rows(named=True)}
        for name, (first, second) in truth.items():
            inside[name] += row[f"{name}_low"] <= first <= row[f"{name}_high"]
            changed[name] += moved[name]["low"] <= second - first <= moved[name]["high"]
    assert all(0.92 <= count / 300 <= 0.99 for count in (*inside.values(), *changed.values()))
