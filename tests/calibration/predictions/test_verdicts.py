"""Verdicts with credit: what a table of them must hold, and accuracy as its mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import t

from calibration import Verdicts, change, compare, estimate, summarize
from calibration.predictions.credit import Partial, item_credit
from calibration.uncertainty.intervals import wilson_interval


def credited(values: list[float], subject: list[str] | None = None) -> Verdicts:
    """Items with this credit; 0 is wrong, 1 right."""
    names = {0.0: "incorrect", 1.0: "correct"}
    table = {
        "item": [str(row) for row in range(len(values))],
        "subject": subject or [""] * len(values),
        "grade": [names.get(value, "partial") for value in values],
        "credit": [value if 0 < value < 1 else None for value in values],
    }
    frame = pl.DataFrame(table, schema_overrides={"credit": pl.Float64})
    return Verdicts(frame.with_columns(model=pl.lit("m"), revision=pl.lit("")))


def test_accuracy_is_the_mean_of_credit_with_the_interval_of_a_mean() -> None:
    run = credited([1.0] * 10 + [0.5] * 20 + [0.0] * 10)
    assert (run.accuracy, run.n_partial, run.correct.sum(), run.credit.sum()) == (0.5, 20, 10, 20.0)
    # The squared standard error is 5 / (40 × 39), that of 78 answers; Student's t of 39 degrees of freedom is 2.022691.
    count = 78 * (1.959964 / 2.022691) ** 2
    expected = wilson_interval(0.5, count, level=0.95)
    got = estimate(run, "accuracy")
    assert (got.low, got.high) == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert "20 of 40 items are partly right: accuracy is the mean credit, and its interval that of a mean" in (
        summarize(run).notes
    )


def test_without_partial_credit_the_interval_is_wilsons() -> None:
    got = estimate(credited([1.0] * 81 + [0.0] * 182), "accuracy")
    # 81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I).
    assert (got.low, got.high) == pytest.approx((0.2553, 0.3662), abs=6e-5)


def test_a_change_of_credit_is_paired() -> None:
    before, after = credited([0.5] * 10), credited([1.0] * 5 + [0.5] * 5)
    got = change(before, after, "accuracy")
    # Of 10 items 5 gain 1/2: a standard error of 1/12, with Student's t of 9 degrees of freedom.
    half = float(t.ppf(0.975, 9)) / 12
    assert (got.value, got.low, got.high) == pytest.approx((0.25, 0.25 - half, 0.25 + half))
    assert compare(before, after).change["accuracy"].value == 0.25


def test_a_change_that_is_the_same_for_all_items_has_the_width_of_none() -> None:
    got = change(credited([0.25] * 20), credited([0.75] * 20), "accuracy")
    reach = 1.959964**2 / (20 + 1.959964**2)
    assert (got.value, got.low, got.high) == pytest.approx((0.5, 0.5 - reach, 0.5 + reach), abs=1e-6)
    assert got.p_value is not None
    assert got.p_value < 0.001


def test_credit_counts_in_the_mean_over_subjects() -> None:
    run = credited([1.0, 0.5, 0.0, 0.0], ["law", "law", "art", "art"])
    assert estimate(run, "accuracy_by_subject_mean").value == 0.375


@pytest.mark.slow  # runs are drawn 400 times
def test_intervals_of_credit_hold() -> None:
    """Of 400 runs of 40 items with credit of 0, 1/4 or 1, how many intervals hold the mean, and the change."""
    rng = np.random.default_rng(4)
    values, shares = [0.0, 0.25, 1.0], ((0.2, 0.3, 0.5), (0.1, 0.4, 0.5))
    means = [float(np.dot(values, share)) for share in shares]
    held = []
    for _ in range(400):
        before, after = (credited(rng.choice(values, size=40, p=share).tolist()) for share in shares)
        own, moved = estimate(before, "accuracy"), change(before, after, "accuracy")
        held.append((own.low <= means[0] <= own.high, moved.low <= means[1] - means[0] <= moved.high))
    for share_held in np.mean(held, axis=0):
        assert 0.92 <= share_held <= 0.98


@pytest.mark.parametrize(
    ("grade", "credit"), [("partial", None), ("partial", 1.0), ("partial", 0.0), ("correct", 0.5), ("partial", 1.2)]
)
def test_only_partial_answers_have_credit(grade: str, credit: float | None) -> None:
    row = {"model": "m", "revision": "", "item": "a", "subject": "", "grade": grade, "credit": credit}
    with pytest.raises(ValueError, match="an answer has a credit, between 0 and 1, if it is partial and only then"):
        Verdicts(pl.DataFrame([row], schema_overrides={"credit": pl.Float64}))


def test_tables_of_earlier_versions_have_no_credit(tmp_path: Path) -> None:
    run = credited([1.0, 0.0])
    (path := tmp_path / "old.csv").write_text(run.frame.drop("credit").write_csv())
    assert Verdicts.from_frame(path).frame.equals(run.frame)
    partly = credited([0.5, 1 / 3])
    partly.save(tmp_path / "new.csv")
    assert Verdicts.from_frame(tmp_path / "new.csv").frame.equals(partly.frame)


@pytest.mark.parametrize(
    ("partial", "grades", "credit"),
    [
        ("half", ["correct", "partial", "partial", "incorrect"], [None, 0.25, 0.5, None]),
        ("incorrect", ["correct", "incorrect", "incorrect", "incorrect"], [None] * 4),
        ("ungraded", ["correct", "ungraded", "ungraded", "incorrect"], [None] * 4),
    ],
)
def test_values_between_are_as_partial_says(partial: Partial, grades: list[str], credit: list[float | None]) -> None:
    table = {"verdict": ["1", "0.25", "partially correct", "wrong"]}
    run = Verdicts.from_frame(table, partial=partial)
    assert (run.frame["grade"].to_list(), run.frame["credit"].to_list()) == (grades, credit)
    with pytest.raises(ValueError, match=r"'verdict' must be 0 or 1, .* got '0\.25'"):
        Verdicts.from_frame(table)


@pytest.mark.parametrize("cell", [[1], {"score": 1}, [0.5]])
@pytest.mark.parametrize("partial", [None, "half"])
def test_nested_cells_are_no_verdicts(cell: object, partial: Partial | None) -> None:
    with pytest.raises(ValueError, match=r"row 1.*'verdict' must be 0 or 1, .* got "):
        Verdicts.from_frame({"verdict": [1, cell]}, partial=partial)


def test_the_mean_of_several_answers() -> None:
    assert item_credit(["abstained", "abstained"], [None, None]) == ("abstained", None)
    assert item_credit(["abstained", "incorrect"], [None, None]) == ("incorrect", None)
    assert item_credit(["ungraded"], [None]) == ("ungraded", None)
    assert item_credit(["partial", "correct"], [0.25, None]) == ("partial", 0.625)
