from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from calibration import (
    Estimate,
    Predictions,
    aurc,
    auroc,
    brier_score,
    change,
    compare,
    debiased_ce2,
    ece,
    estimate,
    log_loss,
    null_ece,
    signed_gap,
    smooth_ece,
    summarize,
)
from calibration.predictions.predictions import View
from calibration.uncertainty.kinds.mean_like import MeanLike
from calibration.uncertainty.kinds.share import Share
from calibration.uncertainty.measure_table import MEASURES, Metric
from calibration.uncertainty.measures import accuracy_by_subject_mean
from calibration.uncertainty.standard_errors import standard_error

KEYS = [
    "n_items",
    "accuracy",
    "accuracy_ties_split",
    "mean_confidence",
    "signed_gap",
    "ece_top",
    "ece_top_null95",
    "ece_top_within",
    "ece_choices",
    "ece_choices_null95",
    "ece_choices_within",
    "smooth_ece",
    "smooth_ece_null95",
    "smooth_ece_within",
    "debiased_ce2",
    "brier",
    "nll",
    "auroc",
    "aurc",
    "temperature",
    "calibration_slope",
    "calibration_intercept",
    "tie_rate",
]


def run_of(n: int, seed: int, *, sharpness: float = 1.0, n_subjects: int = 1, model: str = "") -> Predictions:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4)) * 2
    answer = np.where(rng.random(n) < 0.6, logits.argmax(axis=1), rng.integers(0, 4, n))
    subject = [f"s{row % n_subjects}" for row in range(n)]
    return Predictions.from_arrays(logits * sharpness, answer, subject=subject, model=model)


def calibrated_run(n: int, seed: int) -> Predictions:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4)) * 2
    drawn = (logits + rng.gumbel(size=(n, 4))).argmax(axis=1)
    return Predictions.from_arrays(logits, drawn)


def test_keys_are_those_of_the_tables_in_their_order() -> None:
    assert list(summarize(run_of(100, 0))) == KEYS


def test_numbers_are_those_of_estimate_and_of_the_noise_floor() -> None:
    run = run_of(200, 1, sharpness=2.0)
    got = summarize(run, level=0.9, seed=5)
    for key, metric in {"signed_gap": signed_gap, "ece_top": ece, "brier": brier_score, "auroc": auroc}.items():
        assert got[key] == estimate(run, metric, level=0.9, seed=5)
    assert got["ece_choices"] == estimate(run, ece, view="choices", level=0.9, seed=5)
    assert got["nll"] == estimate(run, log_loss, level=0.9, seed=5)
    assert got.point("accuracy") == run.accuracy
    assert got.point("mean_confidence") == pytest.approx(run.confidence.mean())
    assert got.point("n_items") == 200
    for view in ("top", "choices"):
        floor = null_ece(run.probabilities, run.answer, view=view, seed=5)
        assert got[f"ece_{view}_null95"] == pytest.approx(floor.quantile95, abs=1e-12)


def ragged(n: int, seed: int) -> Predictions:
    rng = np.random.default_rng(seed)
    logits = [(rng.normal(size=size) * 3).tolist() for size in rng.integers(2, 6, n)]
    return Predictions.from_lists(logits, [int(rng.integers(len(row))) for row in logits])


# Every public metric with a row in the tables.
METRICS: dict[str, tuple[Metric, View]] = {
    "signed_gap": (signed_gap, "top"), "ece_top": (ece, "top"), "ece_choices": (ece, "choices"),
    "smooth_ece": (smooth_ece, "top"), "debiased_ce2": (debiased_ce2, "top"), "brier": (brier_score, "top"),
    "nll": (log_loss, "choices"), "auroc": (auroc, "top"), "aurc": (aurc, "top"),
}  # fmt: skip
RUNS = {
    "calibrated": calibrated_run(60, 6),
    "overconfident": run_of(200, 1, sharpness=2.0, n_subjects=12),
    "saturated": run_of(80, 7, sharpness=200.0),
    "ragged": ragged(90, 3),
    "few": run_of(12, 4),
}


def digits(number: Any) -> str:
    """All digits of a number and of what is shown with it."""
    return repr([(field.name, getattr(number, field.name)) for field in dataclasses.fields(number) if field.repr])


@pytest.mark.parametrize("name", list(RUNS))
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_a_measure_has_one_value_and_one_interval_wherever_it_is_asked_for(name: str, level: float) -> None:
    run, other = RUNS[name], Predictions(RUNS[name].frame.with_columns(model=pl.lit("other")))
    summary, comparison = summarize(run, level=level, seed=5), compare(run, other, level=level, seed=5)
    rows = {row["measure"]: row for row in summary.frame.iter_rows(named=True)}
    for key, (metric, view) in METRICS.items():
        number = estimate(run, metric, view=view, level=level, seed=5)
        assert digits(summary[key]) == digits(number)  # to the last digit, NaN equal to NaN
        assert digits(comparison.before[key]) == digits(comparison.after[key]) == digits(number)
        shown = (rows[key]["value"], rows[key]["low"], rows[key]["high"])
        assert shown == (number.value, *((number.low, number.high) if number.known else (None, None)))
        assert not number.known or number.low <= number.value <= number.high
        assert number.known or any(note.endswith(str(number.reason)) for note in summary.notes)
        one = change(run, other, metric, view=view, level=level, seed=5)
        assert digits(comparison.change[key]) == digits(one)


def test_an_interval_of_a_squared_error_below_0_begins_there() -> None:
    number = estimate(RUNS["calibrated"], debiased_ce2)
    assert number.low == number.value < 0 < number.high
    assert number.p_value is not None
    assert number.p_value > 0.3


def test_ties_are_counted_and_split() -> None:
    # Tied between the first two, the first right; the last two, the first of them wrong; not tied, right.
    run = Predictions.from_arrays([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [2.0, 0.0, 0.0]], answer=[0, 2, 0])
    got = summarize(run)
    assert got.point("tie_rate") == pytest.approx(2 / 3)
    assert got.point("accuracy") == pytest.approx(2 / 3)
    assert got.point("accuracy_ties_split") == pytest.approx((0.5 + 0.5 + 1) / 3)


def test_letter_mass_is_the_mean_of_what_is_known() -> None:
    run = run_of(3, 2)
    assert "letter_mass" not in summarize(run)
    known = Predictions(run.frame.with_columns(letter_mass=pl.Series([0.5, None, 1.0], dtype=pl.Float32)))
    assert summarize(known)["letter_mass"] == 0.75


@pytest.mark.parametrize(
    ("answer", "left_out", "reason"),
    [
        ([0, 0, 0], "auroc", "AUROC is left out: AUROC needs right and wrong answers, got 3 right and 0 wrong"),
        ([0, 0, 0], "temperature", "best temperature is left out: no temperature is best: every answer is right"),
        ([0, 1, 0], "auroc", "AUROC is left out: an interval needs at least two right and two wrong answers, got 2"),
        ([1, 1, 1], "auroc", "AUROC is left out: AUROC needs right and wrong answers, got 0 right and 3 wrong"),
        ([1, 1, 1], "temperature", "best temperature is left out: no temperature is best: the letters say nothing"),
    ],
)
def test_what_the_answers_do_not_define_is_left_out_with_the_reason(
    answer: list[int], left_out: str, reason: str
) -> None:
    got = summarize(Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [3.0, 0.0]], answer=answer))
    assert left_out not in got
    assert any(note.startswith(reason) for note in got.notes)
    assert "accuracy" in got


@pytest.mark.parametrize("wrong", [2.999, 3.0, 3.001])
def test_a_temperature_that_the_items_barely_bound_breaks_no_summary(wrong: float) -> None:
    # Right by 2 and 1, wrong by 3: the log loss is level at infinite temperature. A hair less wrong, and a temperature
    # in the thousands is best, with an error many times as large.
    got = summarize(Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [wrong, 0.0]], answer=[0, 0, 1]))
    assert ("temperature" in got) != any(note.startswith("best temperature is left out") for note in got.notes)
    json.dumps(got.to_dict(), allow_nan=False)


def test_an_ece_within_its_noise_floor_is_noted_and_one_above_it_is_not() -> None:
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(4), size=100)
    answer = (p.cumsum(axis=1)[:, :-1] < rng.random((100, 1))).sum(axis=1)
    calibrated = summarize(Predictions.from_arrays(np.log(p), answer))
    note = "100 items cannot tell this model from a perfectly calibrated one"
    assert calibrated.point("ece_top") <= calibrated.point("ece_top_null95")
    assert any(text.startswith("the top ECE is within its noise floor") and note in text for text in calibrated.notes)
    assert summarize(run_of(300, 3, sharpness=3.0)).notes == ()


def test_bounded_letters_are_noted() -> None:
    run = run_of(3, 4)
    bounded = [[False] * 4, [False, True, True, False], [False] * 4]
    flagged = Predictions(run.frame.with_columns(bounded=pl.Series(bounded)))
    assert "1 item holds a letter of which only an upper bound is known" in summarize(flagged).notes


def test_to_dict_is_plain_json_without_nulls() -> None:
    plain = summarize(run_of(50, 5)).to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert set(plain["accuracy"]) == {"value", "low", "high", "level"}
    assert set(plain["ece_top"]) == {"value", "low", "high", "level", "p_value"}
    assert None not in [number for value in plain.values() if isinstance(value, dict) for number in value.values()]
    assert plain["n_items"] == 50


def test_an_answer_of_which_only_a_bound_is_known_makes_no_nan() -> None:
    run = run_of(20, 6)
    lines, flags = run.frame["logprobs"].to_list(), run.frame["bounded"].to_list()
    right = int(run.answer[3])

    def with_answer(value: float) -> Predictions:
        lines[3] = [value if k == right else -1.5 for k in range(4)]
        flags[3] = [k == right for k in range(4)]
        columns = {"logprobs": pl.Series(lines, dtype=pl.List(pl.Float32)), "bounded": pl.Series(flags)}
        return Predictions(run.frame.with_columns(**columns))

    with pytest.raises(ValueError, match=r"log-probabilities must be finite and not positive; .* row 3 \(item 3\)"):
        with_answer(-math.inf)
    got = summarize(with_answer(-9.0))
    assert list(got) == KEYS
    assert "1 item holds a letter of which only an upper bound is known" in got.notes
    json.dumps(got.to_dict(), allow_nan=False)


def test_one_item_gives_bare_numbers_and_a_note() -> None:
    # Odds 3 : 1, the right one ahead.
    run = Predictions.from_arrays([[math.log(3), 0.0]], answer=[0])
    got = summarize(run)
    expected = {"accuracy": 1.0, "mean_confidence": 0.75, "signed_gap": -0.25, "ece_top": 0.25, "brier": 0.125}
    assert {key: got[key] for key in expected} == pytest.approx(expected, abs=1e-6)
    assert not any(isinstance(value, Estimate) for value in got.values.values())
    assert "there are no intervals: they need at least two items" in got.notes
    json.dumps(got.to_dict(), allow_nan=False)
    assert not any("no intervals" in note for note in summarize(run_of(2, 0)).notes)
    with pytest.raises(ValueError, match="an interval needs at least two items, got 1"):
        compare(run, run)


def test_frame_is_one_row_a_measure() -> None:
    got = summarize(run_of(50, 7))
    frame = got.frame
    assert frame["measure"].to_list() == KEYS
    accuracy = got.estimate("accuracy")
    assert frame.row(1) == ("accuracy", accuracy.value, accuracy.low, accuracy.high)
    assert frame.row(0) == ("n_items", 50.0, None, None)


def test_a_number_without_interval_says_so() -> None:
    got = summarize(run_of(50, 7))
    assert isinstance(got.estimate("brier"), Estimate)
    with pytest.raises(KeyError, match="tie_rate has no interval"):
        got.estimate("tie_rate")
    with pytest.raises(KeyError, match="ece_bottom"):
        got.estimate("ece_bottom")


def test_mean_of_the_subjects_accuracies_stands_beside_the_accuracy() -> None:
    # 8 of 10 right in one subject, 1 of 2 in the other: 9 / 12 and (0.8 + 0.5) / 2.
    hit = np.array([1] * 8 + [0] * 2 + [1, 0])
    run = Predictions.from_arrays(np.column_stack([hit * 2.0, 1.0 - hit]), [0] * 12, subject=["a"] * 10 + ["b"] * 2)
    got = summarize(run)
    assert list(got)[:3] == ["n_items", "accuracy", "accuracy_by_subject_mean"]
    assert got.point("accuracy") == pytest.approx(0.75)
    mean = got.estimate("accuracy_by_subject_mean")
    assert mean.value == pytest.approx(0.65)
    # Noise within subjects: the variances of samples over their sizes, over k². The normal interval ends at 1.
    variance = (0.8 * 0.2 * 10 / 9 / 10 + 0.5 * 0.5 * 2 / 1 / 2) / 4
    measure = accuracy_by_subject_mean(run)
    assert isinstance(measure, MeanLike)
    assert standard_error(measure.influence) == pytest.approx(np.sqrt(variance * 12 / 11))
    assert mean.high == 1.0


def test_runs_without_subjects_have_no_mean_of_them() -> None:
    assert "accuracy_by_subject_mean" not in summarize(run_of(40, 1))
    run = Predictions.from_arrays([[1.0, 0.0]] * 3, [0, 1, 0], subject=["a", "a", ""])
    reason = "accuracy (subject mean) is left out: a mean over subjects needs a subject for every item"
    assert reason in summarize(run).notes


def test_subjects_of_one_item_count_in_the_mean_of_subjects() -> None:
    hit = np.array([1, 0, 1, 1, 0])
    run = Predictions.from_arrays(np.column_stack([hit * 2.0, 1.0 - hit]), [0] * 5, subject=list("aabcd"))
    mean = summarize(run).estimate("accuracy_by_subject_mean")
    assert mean.value == pytest.approx((0.5 + 1 + 1 + 0) / 4)
    # Within a the variance of two; b, c and d by their distances from the mean of all four, with one degree less.
    variance = (0.5 / 2 + 4 / 3 * (0.375**2 + 0.375**2 + 0.625**2)) / 16
    measure = accuracy_by_subject_mean(run)
    assert isinstance(measure, MeanLike)
    assert standard_error(measure.influence) == pytest.approx(np.sqrt(variance * 5 / 4))
    # Where every subject has one item, it is the mean of the items, and its noise theirs.
    alone = Predictions(run.frame.with_columns(subject=pl.col("item")))
    single, share = accuracy_by_subject_mean(alone), MEASURES["accuracy"](alone)
    assert isinstance(single, MeanLike)
    assert isinstance(share, Share)
    assert single.value == pytest.approx(share.value)
    assert standard_error(single.influence) == pytest.approx(standard_error(share.influence) * np.sqrt(5 / 4))


def test_a_mean_of_subjects_of_right_answers_alone_has_the_interval_of_their_share() -> None:
    run = Predictions.from_arrays([[2.0, 0.0]] * 40, [0] * 40, subject=["a", "b"] * 20)
    got = summarize(run)
    assert got.estimate("accuracy").low < 1
    assert got.estimate("accuracy_by_subject_mean") == got.estimate("accuracy")
