"""Rates of answers that are partly right: numbers by hand, and coverage."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from factuality import Judgments, confidence_target_score, rate_change, rates
from factuality.confidence.confidences import confidence_pairs
from tests.factuality.sets import judgments


def credited(values: list[float]) -> Judgments:
    """Answers with this credit; 0 is wrong, 1 right."""
    names = {0.0: "incorrect", 1.0: "correct"}
    return judgments(
        [names.get(value, "partial") for value in values],
        tempted=[False] * len(values),
        credit=[value if 0 < value < 1 else None for value in values],
    )


def test_credit_counts_as_right_and_the_rest_as_wrong() -> None:
    found = rates(credited([1.0] * 10 + [0.5] * 20 + [0.0] * 10))
    row = found.overall()
    assert (row["n"], row["n_partial"], row["correct"], row["incorrect"]) == (40, 20, 0.5, 0.5)
    # The squared standard error is 5 / (40 × 39), that of 78 answers; Student's t of 39 degrees of freedom is 2.022691.
    z, count = 1.959964, 78 * (1.959964 / 2.022691) ** 2
    half = z * np.sqrt(1 / (4 * count) + z**2 / (4 * count**2)) / (1 + z**2 / count)
    for name in ("correct", "incorrect", "correct_attempted", "f"):
        assert (row[f"{name}_low"], row[f"{name}_high"]) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)
    assert found.notes == ("20 of 40 answers are partly right: the credit counts as right, the rest as wrong",)
    assert found.to_dict()["adversarial"]["n_partial"] == 20


def test_a_mean_of_credit_among_other_outcomes() -> None:
    given = judgments(
        ["partial", "correct", "abstained", "ungraded"], tempted=[False] * 4, credit=[0.25, None, None, None]
    )
    row = rates(given).overall()
    assert [row[name] for name in ("correct", "incorrect", "abstained", "ungraded")] == [0.3125, 0.1875, 0.25, 0.25]
    assert row["correct_attempted"] == pytest.approx(1.25 / 2)


def test_changes_of_credit_are_paired() -> None:
    # Of 10 questions 5 gain 1/2: as of two samples, of which another is right.
    row = (
        rate_change(credited([0.5] * 10), credited([1.0] * 5 + [0.5] * 5))
        .frame.filter(category="all adversarial", measure="correct")
        .row(0, named=True)
    )
    assert (row["change"], row["low"], row["high"]) == pytest.approx((0.25, 0.25 - 2.262157 / 12, 0.25 + 2.262157 / 12))


def test_what_needs_right_or_wrong_leaves_partial_answers_out_and_says_so() -> None:
    frame = credited([1.0, 0.0, 0.5, 1.0]).frame.with_columns(
        confidence=pl.Series([0.9, 0.4, 0.5, 0.8]), confidence_kind=pl.lit("stated")
    )
    pairs = confidence_pairs(Judgments(frame))
    assert (pairs.confidence.tolist(), pairs.n_partial, pairs.n_ungraded) == ([0.9, 0.4, 0.8], 1, 0)
    assert pairs.notes == ("answers left out: 1 partly right; calibration is of right and wrong ones",)
    scores = confidence_target_score(Judgments(frame), targets=(0.5,), by="prompt").frame
    assert scores.select("n", "n_ungraded").row(0) == (3, 1)
    with pytest.raises(ValueError, match=r"of 1, 1 are partly right, 0 abstained, 0 are ungraded and 0 have none"):
        confidence_pairs(Judgments(frame[2:3]))


@pytest.mark.parametrize(
    ("grade", "credit"), [("partial", None), ("partial", 1.0), ("partial", 0.0), ("correct", 0.5), ("partial", 1.2)]
)
def test_only_partial_answers_have_credit(grade: str, credit: float | None) -> None:
    with pytest.raises(ValueError, match="an answer has a credit, between 0 and 1, if it is partial and only then"):
        judgments([grade], tempted=[False], credit=[credit])


def test_files_of_earlier_versions_have_no_credit(tmp_path: Path) -> None:
    given = judgments(["correct", "incorrect"])
    path = tmp_path / "old.jsonl"
    rows = given.frame.drop("credit", "grader_model").to_dicts()
    path.write_text("\n".join(map(json.dumps, rows)))
    assert Judgments.from_frame(path).frame.equals(given.frame)
    partly = credited([0.5, 1 / 3])
    partly.save(tmp_path / "new.csv")
    assert Judgments.from_frame(tmp_path / "new.csv").frame.equals(partly.frame)


# Half a minute of simulation.
@pytest.mark.slow
@pytest.mark.parametrize(("n_questions", "per_cent"), [(15, (97, 95)), (60, (95, 95))])
def test_intervals_of_credit_hold(n_questions: int, per_cent: tuple[int, int]) -> None:
    """Of 300 pairs of runs with credit of 0, 1/2 or 1, how many intervals hold the mean, and the change.

    The documentation names these per cent.
    """
    rng = np.random.default_rng(4)
    values, shares = [0.0, 0.5, 1.0], ((0.2, 0.3, 0.5), (0.1, 0.4, 0.5))
    means = [float(np.dot(values, share)) for share in shares]
    inside = changed = 0
    for _ in range(300):
        sides = [credited(rng.choice(values, size=n_questions, p=share).tolist()) for share in shares]
        row = rates(sides[0]).overall()
        inside += row["correct_low"] <= means[0] <= row["correct_high"]
        change = rate_change(*sides).frame.filter(category="all adversarial", measure="correct").row(0, named=True)
        changed += change["low"] <= means[1] - means[0] <= change["high"]
    assert 0.92 <= inside / 300 <= 0.985
    assert 0.92 <= changed / 300 <= 0.98
    assert (round(inside / 3), round(changed / 3)) == per_cent
