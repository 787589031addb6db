"""netcal's methods by their names: in float64, in silence, cross-fitted, never a number that is none."""

from __future__ import annotations

import sys
import threading
import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from calibration import Predictions
from calibration.metrics.temperature import Temperature
from calibration.recalibration import netcal_methods
from calibration.recalibration.cross_fitting import deal_folds
from calibration.recalibration.netcal_methods import METHODS, NetcalMap, _quiet, is_netcal, netcal_fit, of_rows
from calibration.recalibration.recalibration import recalibrate

LETTERS = np.log([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]])
ANSWER = np.array([0, 1, 1, 2])


def run_of(n: int, seed: int, n_options: int = 4) -> Predictions:
    """A run that is twice too sharp."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(n, n_options)) * 1.5
    below = softmax(honest, axis=1).cumsum(axis=1)[:, :-1] < rng.random((n, 1))
    subject = [f"s{row % 8}" for row in range(n)]
    return Predictions.from_arrays(2 * honest, below.sum(axis=1), subject=subject)


def values_of(run: Predictions, method: str) -> tuple[NDArray[np.float64], NDArray[Any]]:
    return (run.log_probabilities, run.answer) if of_rows(method) else (run.confidence, run.correct)


def own(method: str, run: Predictions) -> NDArray[np.float64]:
    """What netcal itself makes of a run, by its classes in float64."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from netcal import binning, scaling

        name = method.removeprefix("netcal:").removesuffix(":top")
        estimator = getattr(binning, name, None) or getattr(scaling, name)
        values, target = values_of(run, method)
        values = np.asarray(np.exp(values) if of_rows(method) else values)
        options = {"tensorboard": False} if hasattr(scaling, name) else {}
        fitted = estimator().fit(values, np.asarray(target).astype(int), **options)
        return np.asarray(fitted.transform(values))


@pytest.mark.parametrize("method", METHODS)
def test_a_fit_is_netcals_own(method: str, capfd: pytest.CaptureFixture[str]) -> None:
    run = run_of(200, 0)
    values, target = values_of(run, method)
    found = netcal_fit(method)(values, target).apply(values)
    assert capfd.readouterr() == ("", "")
    assert found.shape == values.shape
    np.testing.assert_allclose(np.exp(found) if of_rows(method) else found, own(method, run), atol=1e-9)


@pytest.mark.parametrize("method", ["netcal:HistogramBinning", "netcal:TemperatureScaling", "netcal:ENIR:top"])
@pytest.mark.parametrize("by", ["items", "subjects"])
def test_every_item_is_recalibrated_by_what_the_others_taught(method: str, by: Any) -> None:
    run = run_of(240, 1)
    found = recalibrate(run, method, by=by, n_folds=4, seed=5)
    fold = deal_folds(run, by, 4, 5)
    for held_out in range(4):
        rest, part = (Predictions(run.frame.filter(mask)) for mask in (fold != held_out, fold == held_out))
        apart = recalibrate(part, method, fit=rest)
        np.testing.assert_allclose(found.confidence[fold == held_out], apart.confidence, atol=1e-6)
    assert (found.method, found.by) == (method, by)
    assert isinstance(found.fitted, NetcalMap)
    assert (found.predictions is None) == method.endswith(":top")
    assert set(found.before) >= set(found.change)


def test_a_temperature_is_what_is_divided_by_also_from_float32() -> None:
    run = run_of(4000, 2)
    ours, theirs = recalibrate(run).fitted, recalibrate(run, "netcal:TemperatureScaling").fitted
    assert isinstance(ours, Temperature)
    assert isinstance(theirs, NetcalMap)
    assert theirs.temperature == pytest.approx(ours.temperature, rel=1e-3)
    assert theirs.temperature == pytest.approx(2, abs=0.15)
    single: Any = run.log_probabilities.astype(np.float32)
    from_single = netcal_fit("netcal:TemperatureScaling")(single, run.answer)
    assert from_single.temperature == pytest.approx(ours.temperature, rel=1e-3)
    assert netcal_fit("netcal:HistogramBinning")(LETTERS, ANSWER).temperature is None


@pytest.mark.parametrize("method", ["netcal:IsotonicRegression", "netcal:LogisticCalibration", "netcal:BBQ"])
def test_two_options_are_rows_too(method: str) -> None:
    run = run_of(120, 3, n_options=2)
    found = netcal_fit(method)(run.log_probabilities, run.answer)
    np.testing.assert_allclose(np.exp(found.apply(run.log_probabilities))[:, 1], own(method, run), atol=1e-9)
    np.testing.assert_allclose(np.exp(found.apply(run.log_probabilities)).sum(axis=1), 1)


@pytest.mark.parametrize("method", METHODS)
def test_saturated_rows_give_probabilities_or_are_refused(method: str) -> None:
    sure = log_softmax(np.tile([[800.0, 0, 0, 0], [0, 800, 0, 0], [0, 0, 800, 0], [0, 0, 0, 800]], (15, 1)), axis=1)
    run = Predictions.from_arrays(sure, np.tile([0, 1, 2, 3, 1, 0, 3, 2, 0, 1, 2, 3], 5))
    values, target = values_of(run, method)
    try:
        found = netcal_fit(method)(values, target).apply(values)
    except ValueError as error:
        assert str(error).startswith(f"{method}: netcal")  # noqa: PT017 (not every version of a method fails)
    else:
        assert not np.isnan(found).any()


class Fake:
    """An estimator that gives what it is told to."""

    def __init__(self, result: Any) -> None:
        self.result = result

    def transform(self, _: NDArray[np.float64]) -> Any:
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ([[np.nan, 0.5, 0.5]] * 4, r"netcal:ENIR: netcal gave nan, no probability, for row 0"),
        ([[0.5, 0.5, 0.0], [1.5, -0.5, 0.0]] * 2, r"netcal gave 1\.5, no probability, for row 1"),
        ([[0.5, 0.5, 0.5]] * 4, r"probabilities must sum to 1, those of row 0 sum to 1\.5"),
        ([[0.5, 0.5]] * 4, r"netcal gave values of the shape \(4, 2\), not \(4, 3\)"),
        (AssertionError("odd"), r"netcal:ENIR: netcal cannot do it \(AssertionError: odd\)"),
    ],
)
def test_what_is_no_probability_is_refused(result: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NetcalMap("netcal:ENIR", Fake(result), 3).apply(LETTERS)


def test_a_fit_that_fails_names_its_method_and_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def fit(self, *_: object) -> None:
            raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(netcal_methods, "_load", lambda _: Failing)
    expected = r"without fold 1 of 5 .*: netcal:BBQ:top: netcal cannot do it \(ZeroDivisionError: division by zero\)"
    with pytest.raises(ValueError, match=r"netcal:BBQ:top: netcal cannot do it"):
        netcal_fit("netcal:BBQ:top")(np.array([0.5, 0.6]), np.array([0, 1]))
    calls: list[int] = []

    class FailingLater(Failing):
        def fit(self, *_: object) -> None:
            calls.append(1)
            if len(calls) > 1:
                super().fit()

    monkeypatch.setattr(netcal_methods, "_load", lambda _: FailingLater)
    with pytest.raises(ValueError, match=expected):
        recalibrate(run_of(50, 4), "netcal:BBQ:top")


@pytest.mark.parametrize(
    ("method", "values", "target", "message"),
    [
        ("netcal:ENIR", LETTERS, [0, 0, 1, 1], r"every letter must be right at least once .* 4 items .*, C never is; "),
        ("netcal:ENIR", LETTERS, [0, 0, 0, 0], r"B, C never are; netcal:ENIR:top needs only"),
        ("netcal:BBQ:top", [0.5, 0.6], [1, 1], r"there must be right and wrong answers .*, all 2 are the same"),
        (
            "netcal:BBQ", np.where([[0, 0, 0], [0, 0, 1], [0, 0, 0]], -np.inf, np.log(0.3)), [0, 1, 2],
            r"all items must have 3 options with a probability, row 1 has fewer; netcal:BBQ:top takes",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(method: str, values: Any, target: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        netcal_fit(method)(np.asarray(values), np.array(target))


def test_rows_of_another_width_are_refused() -> None:
    fitted = netcal_fit("netcal:HistogramBinning")(LETTERS, ANSWER)
    with pytest.raises(ValueError, match=r"rows must have 3 options, got the shape \(4, 2\)"):
        fitted.apply(LETTERS[:, :2])
    with pytest.raises(ValueError, match="fit must have as many letters as the run: 4, got 2"):
        recalibrate(run_of(60, 5), "netcal:HistogramBinning", fit=run_of(60, 6, n_options=2))


def test_a_letter_without_probability_makes_the_log_loss_infinite(monkeypatch: pytest.MonkeyPatch) -> None:
    class Certain:
        def fit(self, *_: object) -> Certain:
            return self

        def transform(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.eye(values.shape[1])[np.zeros(len(values), dtype=int)]

    monkeypatch.setattr(netcal_methods, "_load", lambda _: Certain)
    run = run_of(100, 7)
    found = recalibrate(run, "netcal:ENIR")
    n_wrong = int((run.answer != 0).sum())
    assert "nll" not in found.after
    assert "nll" not in found.change
    assert (
        f"after, log loss is left out: it is infinite: the right letter has no probability in {n_wrong} of 100 items"
        in (found.notes)
    )
    assert found.after["accuracy"].value == pytest.approx(1 - n_wrong / 100)
    assert found.after["brier"].value == pytest.approx(2 * n_wrong / 100)


def test_names() -> None:
    assert [method for method in METHODS if is_netcal(method)] == list(METHODS)
    assert len(METHODS) == 15
    assert not is_netcal("isotonic")


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("netcal:BetaCalibrationDependent", "BetaCalibrationDependent calibrates the boxes of object detection"),
        ("netcal:LogisticCalibrationDependent:top", "LogisticCalibrationDependent calibrates the boxes"),
        (
            "netcal:regression.GPBeta",
            r"netcal\.regression calibrates distributions of a number, .*\(regression\.GPBeta",
        ),
        ("netcal:VarianceScaling", r"netcal\.regression calibrates distributions .*\(VarianceScaling\)"),
        ("netcal:NearIsotonicRegression", "not whole rows: use netcal:NearIsotonicRegression:top"),
        ("netcal:enir", r"netcal has no method 'enir' for options; known are netcal:BBQ, netcal:BBQ:top, netcal:ENIR"),
        ("netcal:", "netcal has no method '' for options"),
        ("nonsense", r"one of temperature, .* bbq, or netcal's by its name, such as netcal:ENIR, got 'nonsense'"),
    ],
)
def test_other_names_are_refused(method: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        recalibrate(run_of(50, 8), method)


def test_only_what_netcal_writes_is_silenced(capsys: pytest.CaptureFixture[str]) -> None:
    with _quiet("netcal:ENIR"):
        print("of netcal")
        print("of netcal", file=sys.stderr)
        bar = threading.Thread(target=lambda: print("of a progress bar", file=sys.stderr))
        bar.start()
        bar.join()
        assert sys.stderr.isatty() is False
    assert capsys.readouterr() == ("", "of a progress bar\n")


def test_an_interrupt_passes_through_netcal() -> None:
    with pytest.raises(KeyboardInterrupt), _quiet("netcal:ENIR"):
        raise KeyboardInterrupt
