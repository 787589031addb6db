from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from calibration.metrics.temperature import optimal_temperature
from calibration.recalibration.letter_maps import fit_correction

BIAS = np.array([1.0, -0.5, 0.2, -0.7])
PARTS = [(True, False), (False, True), (True, True)]


def sample(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Letters that are twice too sharp and have a prior, and answers: honest = letters / 2 + BIAS."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(n, 4)) * 2
    answer = (softmax(honest, axis=1).cumsum(axis=1)[:, :-1] < rng.random((n, 1))).sum(axis=1)
    return np.asarray(log_softmax(2 * (honest - BIAS), axis=1)), answer


def loss(letters: NDArray[np.float64], answer: NDArray[np.int64]) -> float:
    return float(-log_softmax(letters, axis=1)[np.arange(len(answer)), answer].mean())


def test_bias_by_hand() -> None:
    # Odds 4:1 stated, A right in 300 of 400: the bias makes the odds 3:1, so half of log(3/4) each way.
    letters = np.log(np.tile([0.8, 0.2], (40_000, 1)))
    found = fit_correction(letters, np.repeat([0, 0, 0, 1], 10_000), bias=True, sharpness=False)
    assert found.bias == pytest.approx([np.log(3 / 4) / 2, -np.log(3 / 4) / 2], abs=1e-5)
    assert found.temperature == 1
    # The odds of a binomial: variance of their logarithm 1/n p (1 − p), half of it each way.
    assert found.bias_error == pytest.approx(2 * [np.sqrt(1 / (40_000 * 0.75 * 0.25)) / 2], rel=1e-3)


@pytest.mark.parametrize(("bias", "sharpness"), PARTS)
def test_a_fit_is_scipys_minimum_of_the_log_loss(*, bias: bool, sharpness: bool) -> None:
    letters, answer = sample(4000, 0)

    def penalised(values: NDArray[np.float64]) -> float:
        beta = np.exp(values[0]) if sharpness else 1.0
        shift = np.append(values[1:], -values[1:].sum()) if bias else np.zeros(4)
        prior = shift @ shift / 18 + (beta - 1 - np.log(beta)) / 2
        return loss(beta * letters + shift, answer) + float(prior) / 4000

    best = minimize(penalised, np.zeros(4), method="BFGS", options={"gtol": 1e-8})
    found = fit_correction(letters, answer, bias=bias, sharpness=sharpness)
    assert found.sharpness == pytest.approx(np.exp(best.x[0]) if sharpness else 1.0, rel=1e-5)
    assert found.bias[:3] == pytest.approx(best.x[1:] if bias else np.zeros(3), abs=1e-5)


def test_a_temperature_alone_is_the_optimal_one() -> None:
    letters, answer = sample(20_000, 1)
    found = fit_correction(letters, answer, bias=False, sharpness=True)
    assert found.temperature == pytest.approx(optimal_temperature(letters, answer), rel=1e-3)
    assert not found.bias.any()


def test_known_bias_and_temperature_are_recovered_within_their_errors() -> None:
    # 300 samples of 500 items: each parameter within 1.96 standard errors in 95 of 100.
    truth = np.append(0.5, BIAS)
    held = np.zeros(5)
    for seed in range(300):
        found = fit_correction(*sample(500, seed), bias=True, sharpness=True)
        error = np.sqrt(np.diag(found.covariance))
        held += np.abs(np.append(found.sharpness, found.bias) - truth) < 1.96 * error
    assert (held / 300 >= 0.91).all(), held / 300
    assert (held / 300 <= 0.985).all(), held / 300


def test_a_letter_that_is_never_right_gets_a_finite_bias() -> None:
    letters, answer = np.zeros((100, 3)), np.repeat([0, 1], 50)
    found = fit_correction(letters, answer, bias=True, sharpness=False)
    # About half an answer of 100.
    assert softmax(found.bias)[2] * 100 == pytest.approx(0.5, abs=0.2)
    # Without answers there is no letter to say anything about; one of 30 gives it more than one.
    assert (
        softmax(found.bias)[2]
        < softmax(fit_correction(letters, np.append(answer[:-1], 2), bias=True, sharpness=False).bias)[2]
    )


@pytest.mark.parametrize(("bias", "sharpness"), PARTS)
def test_answers_that_are_all_right_or_all_wrong_have_a_correction(*, bias: bool, sharpness: bool) -> None:
    letters = sample(50, 2)[0]
    for answer in (letters.argmax(axis=1), letters.argmin(axis=1)):
        found = fit_correction(letters, answer, bias=bias, sharpness=sharpness)
        assert np.isfinite(found.apply(letters)).all()
        assert loss(found.apply(letters), answer) <= loss(letters, answer) + 1e-12


def test_saturated_letters_have_a_correction() -> None:
    letters = np.tile([0.0, -2000.0], (400, 1))
    answer = np.repeat([0, 0, 0, 1], 100)
    found = fit_correction(letters, answer, bias=False, sharpness=True)
    assert found.temperature == pytest.approx(2000 / np.log(3), rel=0.02)


def test_options_that_do_not_exist_stay_impossible() -> None:
    # Two options are three of which one is impossible; the third letter's bias is free, and its prior makes it 0.
    letters, answer = sample(500, 3)
    two, right = letters[:, :2], answer % 2
    three = np.column_stack([two, np.full(500, -np.inf)])
    narrow, wide = (fit_correction(values, right, bias=True, sharpness=True) for values in (two, three))
    assert wide.sharpness == pytest.approx(narrow.sharpness, rel=1e-6)
    assert wide.bias == pytest.approx(np.append(narrow.bias, 0), abs=1e-6)
    assert np.isneginf(wide.apply(three)[:, 2]).all()
    np.testing.assert_allclose(wide.apply(three)[:, :2], narrow.apply(two), atol=1e-6)


def test_a_right_option_of_probability_0_is_refused() -> None:
    letters = np.array([[0.0, -1.0], [0.0, -np.inf]])
    with pytest.raises(ValueError, match="a right option must have a probability above 0; row 1 has none"):
        fit_correction(letters, np.array([0, 1]), bias=True, sharpness=True)


@given(
    st.lists(
        st.tuples(st.lists(st.floats(-50, 50), min_size=3, max_size=3), st.integers(0, 2)), min_size=1, max_size=20
    ),
    st.sampled_from(PARTS),
)
def test_the_log_loss_never_gets_worse(values: list[tuple[list[float], int]], parts: tuple[bool, bool]) -> None:
    letters, answer = np.array([row for row, _ in values]), np.array([right for _, right in values])
    found = fit_correction(letters, answer, bias=parts[0], sharpness=parts[1])
    assert loss(found.apply(letters), answer) <= loss(letters, answer) + 1e-9
    assert found.bias.sum() == pytest.approx(0, abs=1e-9)
    assert (np.linalg.eigvalsh(found.covariance) >= -1e-6 * max(1, np.abs(found.covariance).max())).all()
