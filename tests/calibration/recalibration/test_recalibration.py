from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from calibration import Predictions, auroc, brier_score, diagnose, ece, estimate, import_log, log_loss, signed_gap
from calibration.metrics.temperature import Temperature
from calibration.recalibration.confidence_maps import BetaMap, fit_histogram, fit_platt
from calibration.recalibration.cross_fitting import Fitted, FoldKind, cross_fitted, deal_folds, with_letters
from calibration.recalibration.letter_maps import Correction, VectorScaling, fit_correction, fit_vector_scaling
from calibration.recalibration.methods import Method
from calibration.recalibration.recalibrated_run import Recalibration
from calibration.recalibration.recalibration import recalibrate
from calibration.uncertainty.changes import change

BIAS = np.array([1.0, -0.5, 0.2, -0.7])
SCALE = np.array([0.4, 0.5, 0.6, 0.7])
METHODS: tuple[Method, ...] = get_args(Method)
OF_LETTERS: tuple[Method, ...] = ("temperature", "vector scaling", "letter bias")
each_method = pytest.mark.parametrize("method", METHODS)


def drawn(honest: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    below = softmax(honest, axis=1).cumsum(axis=1)[:, :-1] < rng.random((len(honest), 1))
    return np.asarray(below.sum(axis=1))


def run_of(n: int, seed: int, *, sharpness: float = 2.0, n_subjects: int = 10) -> Predictions:
    """A run that is `sharpness` times too sharp."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(n, 4)) * 1.5
    subject = [f"s{k}" for k in rng.integers(0, n_subjects, n)]
    return Predictions.from_arrays(sharpness * honest, drawn(honest, rng), subject=subject)


def loss(letters: NDArray[np.float64], answer: NDArray[np.int64]) -> float:
    return float(-log_softmax(letters, axis=1)[np.arange(len(answer)), answer].mean())


@pytest.mark.parametrize("method", [name for name in METHODS if name != "letter bias"])
@pytest.mark.parametrize("by", ["items", "subjects"])
def test_too_sharp_a_run_is_recalibrated(method: Method, by: FoldKind) -> None:
    found = recalibrate(run_of(4000, 0), method, by=by)
    assert found.before["ece_top"].value > 4 * found.floors_before["ece_top"]
    assert found.after["ece_top"].value < 1.2 * found.floors_after["ece_top"]
    for key in ("ece_top", "brier_top"):
        moved = found.change[key]
        assert moved.value == pytest.approx(found.after[key].value - found.before[key].value, abs=1e-12)
        assert moved.high < 0
        assert moved.clustered is not None
    assert found.by == by


def test_temperature_is_scipys_minimum_of_the_likelihood() -> None:
    run = run_of(3000, 1)
    fitted = recalibrate(run).fitted
    assert isinstance(fitted, Temperature)
    best = minimize_scalar(
        lambda t: loss(run.log_probabilities / t, run.answer),
        bounds=(0.1, 10),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert fitted.temperature == pytest.approx(float(best.x), rel=1e-6)
    # What is too sharp is divided by more than 1; 1/T would be 0.5.
    assert fitted.temperature == pytest.approx(2, abs=0.15)


def test_known_scales_and_biases_are_found() -> None:
    rng = np.random.default_rng(2)
    letters = log_softmax(rng.normal(size=(20_000, 4)) * 3, axis=1)
    found = fit_vector_scaling(letters, drawn(SCALE * letters + BIAS, rng))
    np.testing.assert_allclose(found.scale, SCALE, atol=0.04)
    np.testing.assert_allclose(found.bias, BIAS, atol=0.08)


def test_what_is_fitted_on_all_items_is_kept() -> None:
    run = run_of(200, 21)
    bias, scaling = (recalibrate(run, method).fitted for method in ("letter bias", "vector scaling"))
    assert isinstance(bias, Correction)
    expected = fit_correction(run.log_probabilities, run.answer, bias=True, sharpness=False)
    np.testing.assert_array_equal(bias.bias, expected.bias)
    assert bias.temperature == 1
    assert isinstance(scaling, VectorScaling)
    np.testing.assert_array_equal(scaling.scale, fit_vector_scaling(run.log_probabilities, run.answer).scale)


def applied(fitted: Fitted, run: Predictions, method: Method) -> NDArray[np.float64]:
    """Confidences that a fitted method gives the items of a run."""
    if method not in OF_LETTERS:
        return fitted.apply(run.confidence)
    return np.asarray(np.exp(fitted.apply(run.log_probabilities)).max(axis=1))


@each_method
def test_every_item_is_recalibrated_by_what_the_others_taught(method: Method) -> None:
    run = run_of(200, 3)
    found = recalibrate(run, method, n_folds=4, seed=5)
    fold = deal_folds(run, "items", 4, 5)
    assert np.bincount(fold).tolist() == [50, 50, 50, 50]
    for held_out in range(4):
        rest, part = (Predictions(run.frame.filter(mask)) for mask in (fold != held_out, fold == held_out))
        apart = recalibrate(part, method, fit=rest)
        np.testing.assert_allclose(found.confidence[fold == held_out], apart.confidence, atol=1e-6)
        assert apart.by is None
        np.testing.assert_allclose(apart.confidence, applied(apart.fitted, part, method), atol=1e-6)


def test_what_is_learnt_from_noise_makes_held_out_items_worse() -> None:
    rng = np.random.default_rng(4)
    run = Predictions.from_arrays(rng.normal(size=(60, 4)) * 0.01, rng.integers(0, 4, 60))
    assert recalibrate(run, "letter bias").change["nll"].value > 0


def test_subjects_are_not_split() -> None:
    run = run_of(300, 6)
    fold = deal_folds(run, "subjects", 5, 0)
    for subject in np.unique(run.subject):
        assert len(np.unique(fold[run.subject == subject])) == 1
    assert len(np.unique(fold)) == 5


def test_letter_bias_and_temperature_are_those_of_the_diagnosis() -> None:
    run = run_of(500, 7)
    found = diagnose(run)
    for kind in get_args(FoldKind):
        bias = recalibrate(run, "letter bias", by=kind)
        step = found.step("letter bias", folds=kind)
        assert {key: bias.after[key] for key in step.values} == step.values
        assert {key: bias.change[key] for key in step.change} == step.change
        temperature = recalibrate(run, by=kind).after["nll"].value  # the diagnosis has a weak prior
        assert temperature == pytest.approx(found.step("temperature", folds=kind).values["nll"].value, abs=1e-3)


def test_measures_are_those_of_the_run() -> None:
    run = run_of(500, 8)
    found = recalibrate(run, "letter bias", level=0.9, seed=3)
    after = found.predictions
    assert after is not None
    for values, one in ((found.before, run), (found.after, after)):
        for key, metric in (
            ("ece_top", ece),
            ("signed_gap", signed_gap),
            ("auroc", auroc),
            ("brier", brier_score),
            ("nll", log_loss),
        ):
            assert values[key] == estimate(one, metric, level=0.9, seed=3)
        assert values["ece_choices"] == estimate(one, ece, view="choices", level=0.9, seed=3)
        stated = np.where(one.correct, one.confidence, 1 - one.confidence)
        assert values["brier_top"].value == pytest.approx(np.mean((one.confidence - one.correct) ** 2))
        assert values["nll_top"].value == pytest.approx(-np.log(stated).mean())
    assert found.change["ece_top"] == change(run, after, ece, level=0.9, seed=3)
    assert found.change["auroc"] == change(run, after, auroc, level=0.9, seed=3)
    assert found.level == 0.9


def test_the_noise_floor_of_a_confidence_is_that_of_the_run() -> None:
    # Below 0.5 too, where the other letters together are likelier than the predicted one.
    run = run_of(400, 9, sharpness=0.5)
    assert run.confidence.min() < 0.5
    by_letters, by_confidence = recalibrate(run), recalibrate(run, "platt")
    assert by_confidence.floors_before["ece_top"] == by_letters.floors_before["ece_top"]
    assert by_confidence.before["ece_top"] == by_letters.before["ece_top"]


@pytest.mark.parametrize("method", [name for name in METHODS if name not in OF_LETTERS])
def test_a_method_of_confidence_keeps_predictions(method: Method) -> None:
    run = run_of(500, 10)
    found = recalibrate(run, method)
    assert found.predictions is None
    assert (found.correct == run.correct).all()
    assert found.change["accuracy"].value == 0
    assert "ece_choices" not in found.after


@each_method
def test_the_order_of_rows_does_not_matter(method: Method) -> None:
    run = run_of(300, 11)
    order = np.random.default_rng(0).permutation(300)
    found, shuffled = recalibrate(run, method), recalibrate(Predictions(run.frame[order]), method)
    np.testing.assert_allclose(shuffled.confidence, found.confidence[order], atol=1e-6)
    for key, value in found.after.items():
        assert shuffled.after[key].value == pytest.approx(value.value, abs=1e-6)


def test_relabelled_options_have_relabelled_parameters() -> None:
    rng = np.random.default_rng(12)
    letters = log_softmax(rng.normal(size=(1000, 4)) * 2, axis=1)
    answer = drawn(SCALE * letters + BIAS, rng)
    order = np.array([2, 0, 3, 1])
    found = fit_vector_scaling(letters, answer)
    other = fit_vector_scaling(letters[:, order], np.argsort(order)[answer])
    np.testing.assert_allclose(other.scale, found.scale[order], atol=1e-6)
    np.testing.assert_allclose(other.bias, found.bias[order], atol=1e-6)


@given(
    st.lists(
        st.tuples(st.lists(st.floats(-50, 50), min_size=3, max_size=3), st.integers(0, 2)), min_size=1, max_size=20
    )
)
def test_vector_scaling_never_raises_the_log_loss(values: list[tuple[list[float], int]]) -> None:
    letters, answer = np.array([row for row, _ in values]), np.array([right for _, right in values])
    found = fit_vector_scaling(letters, answer)
    assert loss(found.apply(letters), answer) <= loss(letters, answer) + 1e-9
    assert (found.scale > 0).all()
    # An offset of all letters says nothing.
    np.testing.assert_allclose(found.apply(letters + 7), found.apply(letters), atol=1e-9)


@each_method
def test_items_with_fewer_options_keep_them(method: Method) -> None:
    rng = np.random.default_rng(13)
    lengths = rng.integers(2, 6, 300)
    logits = [rng.normal(size=n).tolist() for n in lengths]
    answer = [
        int(rng.integers(n)) if rng.random() < 0.5 else int(np.argmax(row))
        for n, row in zip(lengths, logits, strict=True)
    ]
    found = recalibrate(Predictions.from_lists(logits, answer), method)
    assert (found.predictions is not None) == (method in OF_LETTERS)
    letters = [] if found.predictions is None else [found.predictions]
    assert [run.n_options.tolist() for run in letters] == [lengths.tolist()] * len(letters)
    assert [run.frame["letter_mass"].null_count() for run in letters] == [300] * len(letters)
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()


def test_other_letters_leave_the_rest_of_a_run() -> None:
    run = run_of(20, 14)
    again = with_letters(run, run.logprobs)
    assert again.frame.equals(run.frame)


def test_frame_has_a_row_a_measure() -> None:
    found = recalibrate(run_of(400, 15), by="subjects")
    frame = found.frame
    assert frame["measure"].to_list() == [
        *("ece_top", "signed_gap", "brier_top", "nll_top", "accuracy", "auroc"),
        *("ece_choices", "brier", "nll"),
    ]
    assert set(frame.dtypes[1:]) == {pl.Float64}
    row = frame.row(0, named=True)
    change, wide = found.change["ece_top"], found.change["ece_top"].clustered
    assert wide is not None
    assert (row["before"], row["after_low"]) == (found.before["ece_top"].value, found.after["ece_top"].low)
    assert (row["before_null95"], row["after_null95"]) == (
        found.floors_before["ece_top"],
        found.floors_after["ece_top"],
    )
    assert (row["change"], row["change_low"], row["change_p_value"]) == (change.value, change.low, change.p_value)
    assert (row["new_subjects_high"], row["new_subjects_p_value"]) == (wide.high, wide.p_value)
    assert frame.row(1, named=True)["before_null95"] is None


@pytest.mark.parametrize("splits", [{"by": "items"}, {"n_folds": 5}])
def test_nothing_is_split_beside_a_run_to_fit_on(splits: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="by and n_folds have no effect beside fit"):
        recalibrate(run_of(40, 0), fit=run_of(40, 1), **splits)


def test_a_certainty_that_fails_is_said_and_left_out() -> None:
    # 0.9 is right in every fitted item, and wrong in one that is not.
    rest = Predictions.from_arrays(np.log(np.tile([[0.9, 0.1], [0.6, 0.4]], (10, 1))), np.tile([0, 1], 10))
    run = Predictions.from_arrays(np.log([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]]), [0, 1, 1, 0])
    found = recalibrate(run, "isotonic", fit=rest)
    assert found.notes == (
        "after, log loss is left out: it is infinite: 2 of 4 items came out against a certainty, the first in row 1",
    )
    assert "nll_top" in found.before
    assert "nll_top" not in found.after
    row = found.frame.row(3, named=True)
    assert (row["measure"], row["after"], row["change"]) == ("nll_top", None, None)


@pytest.mark.parametrize("method", [name for name in METHODS if name != "temperature"])
def test_folds_without_a_wrong_answer_have_a_map(method: Method) -> None:
    letters = np.random.default_rng(16).normal(size=(40, 4))
    answer = letters.argmax(axis=1)
    found = recalibrate(Predictions.from_arrays(letters, answer), method)
    assert found.after["signed_gap"].value == pytest.approx(0, abs=0.5)
    assert any("AUROC is left out: " in note for note in found.notes)


def test_refusals() -> None:
    run = run_of(12, 17, n_subjects=3)
    with pytest.raises(
        ValueError,
        match=r"method must be one of temperature, vector scaling, .* bbq, or netcal's by its name, .* got 'spline'",
    ):
        recalibrate(run, "spline")
    with pytest.raises(ValueError, match="folds must be by 'items' or 'subjects', got 'rows'"):
        recalibrate(run, by="rows")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="13 folds need at least 13 items, got 12"):
        recalibrate(run, n_folds=13)
    with pytest.raises(ValueError, match="5 folds need at least 5 subjects, got 3"):
        recalibrate(run, "beta", by="subjects")
    with pytest.raises(ValueError, match="there must be at least 2 folds, got 1"):
        recalibrate(run, n_folds=1)
    with pytest.raises(ValueError, match="level must be strictly between 0 and 1, got 95"):
        recalibrate(run, level=95)
    two = Predictions.from_arrays([[0.0, 1.0], [1.0, 0.0]], [1, 1])
    with pytest.raises(ValueError, match="fit must have as many letters as the run: 4, got 2"):
        recalibrate(run, "letter bias", fit=two)


def test_what_has_no_temperature_is_said() -> None:
    letters = np.random.default_rng(18).normal(size=(10, 4))
    answer = letters.argmax(axis=1)
    with pytest.raises(ValueError, match="no temperature is best: every answer is right"):
        recalibrate(Predictions.from_arrays(letters, answer))
    # With one wrong answer, the folds without it have none.
    answer[3] = letters[3].argmin()
    with pytest.raises(ValueError, match=r"without fold \d of 5 nothing can be fitted: no temperature is best: every"):
        recalibrate(Predictions.from_arrays(letters, answer))


def test_cross_fitting_of_arrays() -> None:
    stated, came_true = np.repeat([0.5, 0.9], 4), np.array([1, 1, 0, 0, 1, 1, 1, 0])
    fold = np.tile([0, 1], 4)
    # Outside fold 0 of 0.5: right, wrong; outside fold 1: the same. Of 0.9: right, wrong; right, right.
    found = cross_fitted(stated, came_true, fold, fit_histogram)
    assert found.tolist() == [0.5, 0.5, 0.5, 0.5, 0.5, 1.0, 0.5, 1.0]


@pytest.mark.slow  # 200 samples, fitted six times each
def test_the_interval_after_platt_scaling_holds_what_is_left_on_new_items() -> None:
    """Of 200 fits on 400 items, about 95 in 100 intervals hold by how much the map is off over the population."""
    rng = np.random.default_rng(20)
    population = 3 * rng.normal(size=(20_000, 4))
    stated, honest = softmax(population, axis=1).max(axis=1), softmax(population / 2, axis=1).max(axis=1)
    held = 0
    for _ in range(200):
        letters = rng.normal(size=(400, 4)) * 1.5
        confidence = softmax(2 * letters, axis=1).max(axis=1)
        correct = letters.argmax(axis=1) == drawn(letters, rng)
        left = float((fit_platt(confidence, correct).apply(stated) - honest).mean())
        gap = cross_fitted(confidence, correct, rng.permutation(400) % 5, fit_platt) - correct
        held += abs(left - gap.mean()) < 1.96 * gap.std(ddof=1) / 20
    assert 0.91 <= held / 200 <= 0.985


@pytest.mark.real
def test_the_recorded_run(data: Path) -> None:
    run = import_log(data / "recorded" / "llama-3.1-8b-instruct.csv")
    found: dict[Method, Recalibration] = {method: recalibrate(run, method) for method in METHODS}
    tops = {method: one.after["ece_top"].value for method, one in found.items()}
    expected = {
        "temperature": 0.0398,
        "vector scaling": 0.0264,
        "letter bias": 0.0796,
        "platt": 0.0168,
        "beta": 0.0103,
        "isotonic": 0.0078,
        "histogram": 0.0051,
        "bbq": 0.0046,
    }
    assert tops == pytest.approx(expected, abs=1e-3)
    for method, one in found.items():
        assert one.before["ece_top"].value == pytest.approx(0.1185, abs=5e-5)
        assert one.change["brier_top"].high < 0, method
    temperature, platt = found["temperature"].fitted, found["platt"].fitted
    assert isinstance(temperature, Temperature)
    assert temperature.temperature == pytest.approx(2.2303, abs=1e-4)
    assert isinstance(platt, BetaMap)
    assert platt.a == pytest.approx(0.6005, abs=1e-3)
    by_subjects = recalibrate(run, by="subjects").after["ece_top"].value
    assert by_subjects == pytest.approx(0.0392, abs=1e-3)


def test_folds_are_counted_as_they_are_done() -> None:
    counts: list[tuple[int, int]] = []
    recalibrate(run_of(60, 3), n_folds=3, progress=lambda done, total: counts.append((done, total)))
    assert counts == [(1, 3), (2, 3), (3, 3)]
