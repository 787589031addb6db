from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from calibration import Predictions, diagnose, ece, estimate, import_log
from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.diagnosis import Diagnosis, StepName

BIAS = np.array([1.0, -0.5, 0.2, -0.7])


def run_of(n: int, seed: int, *, bias: np.ndarray = BIAS, sharpness: float = 2.0, n_subjects: int = 10) -> Predictions:
    """A run whose honest letters are its letters over `sharpness`, plus `bias`."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(n, 4)) * 1.5
    answer = (softmax(honest, axis=1).cumsum(axis=1)[:, :-1] < rng.random((n, 1))).sum(axis=1)
    subject = [f"s{k}" for k in rng.integers(0, n_subjects, n)]
    return Predictions.from_arrays(sharpness * (honest - bias), answer, subject=subject)


def value(found: Diagnosis, name: StepName, key: str, folds: FoldKind = "items") -> float:
    return found.step(name, folds=folds).values[key].value


def test_known_bias_and_temperature_are_found_and_leave_nothing() -> None:
    kinds: tuple[FoldKind, ...] = ("items", "subjects")
    found = diagnose(run_of(8000, 0))
    np.testing.assert_allclose(found.letters["bias_both"].to_numpy(), BIAS, atol=0.15)
    assert found.temperature_both is not None
    assert found.temperature_both.low < 2 < found.temperature_both.high
    for folds in kinds:
        both = found.step("both", folds=folds)
        for key in ("ece_top", "ece_choices"):
            assert both.values[key].value < 1.3 * both.floors[key]
            assert both.values[key].low == 0
            assert value(found, "as is", key, folds) > 4 * both.floors[key]
        assert min(value(found, name, "nll", folds) for name in ("letter bias", "temperature")) > 0.02 + value(
            found, "both", "nll", folds
        )


@pytest.mark.parametrize(("bias", "sharpness", "only"), [(BIAS, 1.0, "letter bias"), (np.zeros(4), 2.0, "temperature")])
def test_a_single_cause_is_named(bias: np.ndarray, sharpness: float, only: StepName) -> None:
    found = diagnose(run_of(8000, 1, bias=bias, sharpness=sharpness))
    parts = found.split().filter(folds="items", measure="nll").row(0, named=True)
    cause, other = ("letter_prior", "sharpness") if only == "letter bias" else ("sharpness", "letter_prior")
    assert parts[cause] > 0.05
    assert abs(parts[other]) < 0.2 * parts[cause]
    assert value(found, only, "ece_choices") < 1.5 * found.step(only).floors["ece_choices"]


def test_a_calibrated_run_stays_as_it_is() -> None:
    found = diagnose(run_of(4000, 2, bias=np.zeros(4), sharpness=1.0))
    for step in found.steps:
        assert step.values["ece_choices"].low == 0
        assert step.values["nll"].value == pytest.approx(value(found, "as is", "nll"), abs=0.003)
    assert (np.abs(found.letters["bias"].to_numpy()) < 4 * found.letters["bias_error"].to_numpy()).all()


def test_steps_are_scored_on_items_that_they_were_not_fitted_on() -> None:
    # Letters that say nothing about 60 answers: fitted on the very items, a bias lowers the log loss; held out, it
    # does not.
    rng = np.random.default_rng(3)
    found = diagnose(Predictions.from_arrays(rng.normal(size=(60, 4)) * 0.01, rng.integers(0, 4, 60)))
    assert value(found, "letter bias", "nll") > value(found, "as is", "nll")


def test_a_prior_of_each_subject_does_not_transfer() -> None:
    # In half of the subjects the prior is the opposite: other items of the subject do not know which.
    rng = np.random.default_rng(4)
    runs = [run_of(3000, seed, bias=sign * BIAS, sharpness=1.0, n_subjects=1) for seed, sign in ((5, 1), (6, -1))]
    logits = np.concatenate([run.logprobs for run in runs])
    answer = np.concatenate([run.answer for run in runs])
    subject = [f"{sign}{k}" for sign in "ab" for k in rng.integers(0, 5, 3000)]
    # Fold sizes of ten subjects differ; the prior that is left in the training folds points the wrong way.
    found = diagnose(Predictions.from_arrays(logits, answer, subject=subject))
    assert value(found, "letter bias", "nll", "subjects") > value(found, "letter bias", "nll", "items")


def test_the_run_as_it_is_has_the_numbers_of_estimate() -> None:
    run = run_of(500, 7)
    found = diagnose(run, level=0.9, seed=3)
    step = found.step("as is")
    assert step.values["ece_choices"] == estimate(run, ece, view="choices", level=0.9, seed=3)
    assert step.change == {}
    assert found.step("as is", folds="subjects").values == step.values


def test_temperature_keeps_predictions_and_corrections_their_change() -> None:
    found = diagnose(run_of(500, 8))
    assert value(found, "temperature", "accuracy") == value(found, "as is", "accuracy")
    for step in found.steps:
        for key, change in step.change.items():
            assert change.value == pytest.approx(step.values[key].value - value(found, "as is", key), abs=1e-12)
            assert change.clustered is not None


def test_frame_has_a_row_a_step_and_kind_of_folds() -> None:
    found = diagnose(run_of(500, 9))
    frame = found.frame
    assert frame.select("folds", "step").rows() == [
        (folds, step) for folds in ("items", "subjects") for step in ("as is", "letter bias", "temperature", "both")
    ]
    row = frame.row(7, named=True)
    both = found.step("both", folds="subjects")
    assert row["ece_top"] == both.values["ece_top"].value
    assert row["ece_top_null95"] == both.floors["ece_top"]
    clustered = both.change["ece_top"].clustered
    assert clustered is not None
    assert (row["ece_top_change_low"], row["ece_top_change_high"]) == (clustered.low, clustered.high)
    by_item = found.step("both").change["ece_top"]
    assert frame.row(3, named=True)["ece_top_change_low"] == by_item.low
    assert frame.row(0, named=True)["ece_top_change"] is None


def test_parts_of_an_ece_add_up() -> None:
    found = diagnose(run_of(500, 10))
    for row in found.split().iter_rows(named=True):
        assert row["letter_prior"] + row["sharpness"] + row["rest"] == pytest.approx(row["total"])
        assert row["total"] == value(found, "as is", row["measure"])
        assert row["rest"] == value(found, "both", row["measure"], row["folds"])


def test_letters_by_hand() -> None:
    # The second item ties A and B.
    run = Predictions.from_lists([[2.0, 0.0], [1.0, 1.0, 0.0], [0.0, 3.0], [0.0, 1.0]], [0, 2, 1, 0])
    letters = diagnose(run, n_folds=2).letters
    assert letters["letter"].to_list() == ["A", "B", "C"]
    assert letters["key"].to_list() == [0.5, 0.25, 0.25]
    assert letters["predicted"].to_list() == [1.5 / 4, 2.5 / 4, 0]
    np.testing.assert_allclose(letters["mean_probability"], run.probabilities.mean(axis=0))
    np.testing.assert_allclose(letters["excess"], letters["mean_probability"] - letters["key"])
    assert letters["bias"].sum() == pytest.approx(0, abs=1e-12)


def test_the_order_of_rows_and_nothing_else_does_not_matter() -> None:
    run = run_of(300, 11)
    shuffled = Predictions(run.frame.sample(fraction=1, shuffle=True, seed=0))
    first, second = diagnose(run), diagnose(shuffled)
    for left, right in zip(first.steps, second.steps, strict=True):
        for key in left.values:
            assert left.values[key].value == pytest.approx(right.values[key].value, abs=1e-9)
    assert diagnose(run, seed=1).frame.equals(diagnose(run, seed=1).frame)
    assert not diagnose(run, seed=1).frame.equals(diagnose(run, seed=2).frame)


def test_few_subjects_have_no_folds_and_it_is_said() -> None:
    found = diagnose(run_of(100, 12, n_subjects=4))
    assert {step.folds for step in found.steps} == {"items"}
    assert found.notes == ("there are no folds of subjects: 5 folds need as many subjects, got 4",)
    with pytest.raises(KeyError, match="there is no step 'both' with folds of subjects"):
        found.step("both", folds="subjects")
    assert found.frame.height == 4


def test_answers_that_are_all_right_leave_out_what_they_do_not_define() -> None:
    letters = np.random.default_rng(13).normal(size=(40, 4))
    found = diagnose(Predictions.from_arrays(letters, letters.argmax(axis=1)))
    assert found.temperature is None
    assert any(
        "best temperature is left out: no temperature is best: every answer is right" in note for note in found.notes
    )
    assert any("AUROC is left out" in note for note in found.notes)
    assert "auroc" not in found.step("as is").values
    assert found.frame["auroc"][0] is None
    assert value(found, "temperature", "nll") < value(found, "as is", "nll")


@pytest.mark.parametrize("right", [0, 3])
def test_a_letter_that_is_never_right_is_no_obstacle(right: int) -> None:
    letters = np.random.default_rng(14).normal(size=(20, 4))
    found = diagnose(Predictions.from_arrays(letters, np.full(20, right)))
    assert np.isfinite(found.letters["bias"].to_numpy()).all()
    assert all(np.isfinite(step.values["nll"].value) for step in found.steps)


def test_items_with_fewer_options_keep_them() -> None:
    rng = np.random.default_rng(15)
    lengths = rng.integers(2, 6, 200)
    logits = [rng.normal(size=n).tolist() for n in lengths]
    found = diagnose(Predictions.from_lists(logits, [int(rng.integers(n)) for n in lengths]))
    assert found.letters["letter"].to_list() == list("ABCDE")
    assert found.frame.drop_nulls(pl_columns(found)).height == 4


def pl_columns(found: Diagnosis) -> list[str]:
    return [name for name in found.frame.columns if "change" not in name]


def test_refusals() -> None:
    run = run_of(4, 16)
    with pytest.raises(ValueError, match="5 folds need at least 5 items, got 4"):
        diagnose(run)
    with pytest.raises(ValueError, match="there must be at least 2 folds, got 1"):
        diagnose(run, n_folds=1)
    with pytest.raises(ValueError, match="level must be strictly between 0 and 1, got 95"):
        diagnose(run_of(20, 17), level=95)
    assert diagnose(run, n_folds=4).n_folds == 4


@pytest.mark.real
def test_what_post_training_did_to_the_recorded_pair(data: Path) -> None:
    after = diagnose(import_log(data / "recorded" / "llama-3.1-8b-instruct.csv"))
    tops = {(step.folds, step.name): step.values["ece_top"].value for step in after.steps}
    assert tops["items", "as is"] == pytest.approx(0.1185, abs=5e-5)
    assert tops["items", "letter bias"] == pytest.approx(0.080, abs=0.002)
    assert tops["items", "temperature"] == pytest.approx(0.040, abs=0.002)
    assert tops["items", "both"] == pytest.approx(0.025, abs=0.002)
    assert tops["subjects", "letter bias"] == pytest.approx(0.083, abs=0.005)
    assert 0.035 <= tops["subjects", "temperature"] <= 0.07
    assert tops["subjects", "both"] == pytest.approx(0.025, abs=0.006)
    assert after.temperature is not None
    assert after.temperature.value == pytest.approx(2.230, abs=0.001)
    # The letter A is avoided; the ranking survives every correction.
    excess = after.letters["excess"].to_list()
    assert excess[0] == pytest.approx(-0.128, abs=0.001)
    for step in after.steps:
        assert step.values["auroc"].value == pytest.approx(0.783, abs=0.005)
        assert 0.004 <= step.floors["ece_choices"] <= 0.006
