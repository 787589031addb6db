from __future__ import annotations

import dataclasses
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import softmax

from calibration import Predictions, ece, null_ece
from calibration.metrics.bins import Strategy
from calibration.predictions.predictions import View
from calibration.uncertainty import noise_floor
from calibration.uncertainty.estimates import measure_floor
from calibration.uncertainty.measure_table import MEASURES

Rows = list[tuple[list[float], int]]
rows_of_three = st.lists(
    st.tuples(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.integers(0, 2)), min_size=1, max_size=20
)


def columns(values: Rows) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    weights = np.array([weight for weight, _ in values])
    return weights / weights.sum(axis=1, keepdims=True), np.array([right for _, right in values])


def redraw(probabilities: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    return np.asarray((probabilities.cumsum(axis=1)[:, :-1] < rng.random((len(probabilities), 1))).sum(axis=1))


def ece_of(probabilities: NDArray[np.float64], answer: NDArray[np.int64], view: View) -> float:
    if view == "top":
        return ece(probabilities.max(axis=1), probabilities.argmax(axis=1) == answer)
    return ece(probabilities.ravel(), (np.arange(probabilities.shape[1]) == answer[:, None]).ravel())


@pytest.mark.parametrize("view", ["top", "choices"])
def test_floor_is_that_of_redrawn_answers_scored_one_by_one(view: View) -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.full(4, 0.5), size=300)
    brute = [ece_of(probabilities, redraw(probabilities, rng), view) for _ in range(3000)]
    floor = null_ece(probabilities, redraw(probabilities, rng), view=view, draws=3000, seed=1)
    # Standard error of the difference of two means of 3,000: 0.026 standard deviations; of two 95 % quantiles: 0.05.
    spread = float(np.std(brute))
    assert floor.mean == pytest.approx(np.mean(brute), abs=4 * 0.026 * spread)
    assert floor.quantile95 == pytest.approx(np.quantile(brute, 0.95), abs=4 * 0.06 * spread)


@pytest.mark.parametrize("view", ["top", "choices"])
def test_p_value_rejects_a_calibrated_model_in_5_of_100(view: View) -> None:
    rng = np.random.default_rng(7)
    rejected = 0
    for seed in range(2000):
        probabilities = softmax(rng.normal(size=(100, 4)) * 1.5, axis=1)
        floor = null_ece(probabilities, redraw(probabilities, rng), view=view, draws=99, seed=seed)
        rejected += floor.p_value <= 0.05
    assert 0.04 <= rejected / 2000 <= 0.06


def test_p_value_counts_draws_as_large_with_the_observed_one_among_them() -> None:
    # One item of confidence 0.75 that is right: the ECE is 0.25 where a redrawn answer is right, else 0.75, so every
    # draw counts. Where it is wrong, a quarter of the draws count.
    right, wrong = (null_ece([[0.75, 0.25]], [answer], draws=9999) for answer in (0, 1))
    assert right.p_value == 1.0
    assert right.observed == pytest.approx(0.25)
    assert wrong.observed == pytest.approx(0.75)
    assert wrong.p_value == pytest.approx(0.25, abs=0.015)
    assert wrong.mean == pytest.approx(0.75 * 0.25 + 0.25 * 0.75, abs=0.01)


def test_smallest_p_value_is_one_in_draws_plus_one() -> None:
    floor = null_ece(np.tile([0.99, 0.01], (100, 1)), np.ones(100, dtype=int), draws=19)
    assert floor.p_value == pytest.approx(1 / 20)
    assert floor.draws == 19


def test_a_certain_model_has_no_noise() -> None:
    # p exactly 0 or 1 is never redrawn otherwise: half the confidences 1, the others too.
    probabilities = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    floor = null_ece(probabilities, [0, 1, 1], view="choices", draws=200)
    assert (floor.mean, floor.quantile95) == (0.0, 0.0)
    assert floor.observed == pytest.approx(1 / 3)
    assert null_ece(probabilities, [0, 1, 0], draws=200).p_value == 1.0


def test_items_with_fewer_options_never_get_an_answer_beyond_them() -> None:
    # Two options are three of which the third is absent: same redraws, and no third letter in the pool.
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(200, 2)).tolist()
    answer = rng.integers(0, 2, 200).tolist()
    ragged = Predictions.from_lists([*logits, [0.0, 0.0, 0.0]], [*answer, 0])
    floor = measure_floor(MEASURES["ece_choices"](ragged), ragged)
    assert floor is not None
    assert floor.observed == pytest.approx(ece(ragged.choice_confidence, ragged.choice_correct), abs=1e-12)
    pooled = null_ece(Predictions.from_lists(logits, answer).probabilities, np.array(answer), view="choices")
    assert floor.mean == pytest.approx(pooled.mean, rel=0.05)


def test_what_is_no_ece_has_no_noise_floor() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(60, 4))
    run = Predictions.from_arrays(logits, answer=(logits + rng.gumbel(size=(60, 4))).argmax(axis=1))
    floors = {key: measure_floor(measure(run), run) for key, measure in MEASURES.items()}
    assert [key for key, floor in floors.items() if floor is not None] == [
        *("ece_top", "ece_choices", "smooth_ece", "smooth_ece_choices")
    ]


def test_one_seed_gives_the_same_digits_and_another_others() -> None:
    probabilities = np.random.default_rng(4).dirichlet(np.ones(3), size=50)
    answer = np.zeros(50, dtype=int)
    first, again, other = (null_ece(probabilities, answer, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first.mean != other.mean
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.mean = 0.0  # type: ignore[misc]


def test_draws_in_several_chunks_are_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    probabilities = np.random.default_rng(5).dirichlet(np.ones(3), size=50)
    answer = np.zeros(50, dtype=int)
    whole = null_ece(probabilities, answer, draws=101)
    monkeypatch.setattr("calibration.uncertainty.noise_floor._CHUNK", 50 * 7)
    assert null_ece(probabilities, answer, draws=101) == whole


@pytest.mark.parametrize(
    ("view", "draws", "message"),
    [
        ("top", 0, "draws must be at least 1, got 0"),
        ("all", 10, "view must be 'top' or 'choices', got 'all'"),
    ],
)
def test_bad_settings_are_refused(view: View, draws: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        null_ece([[0.5, 0.5]], [0], view=view, draws=draws)


@given(
    rows_of_three,
    st.sampled_from(["top", "choices"]),
    st.sampled_from(["uniform", "quantile", "distinct"]),
    st.randoms(use_true_random=False),
)
def test_observed_is_the_ece_and_ranges_hold(values: Rows, view: View, strategy: Strategy, random: Random) -> None:
    probabilities, answer = columns(values)
    floor = null_ece(probabilities, answer, view=view, strategy=strategy, draws=20)
    run_view = (
        (probabilities.max(axis=1), probabilities.argmax(axis=1) == answer)
        if view == "top"
        else (probabilities.ravel(), (np.arange(3) == answer[:, None]).ravel())
    )
    assert floor.observed == pytest.approx(ece(*run_view, strategy=strategy), abs=1e-12)
    assert 0 <= floor.mean <= 1
    assert 0 <= floor.quantile95 <= 1
    assert 1 / 21 <= floor.p_value <= 1
    shuffled = null_ece(*columns(random.sample(values, len(values))), view=view, strategy=strategy, draws=1)
    assert shuffled.observed == pytest.approx(floor.observed, abs=1e-12)


@pytest.mark.parametrize("view", ["top", "choices"])
@pytest.mark.parametrize("sharpness", [1.5, 4.0])
def test_many_items_have_the_floor_that_redrawing_gives(
    view: View, sharpness: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 2,500 items are on the path of the normal limit; the other path redraws each answer.
    rng = np.random.default_rng(5)
    rows = softmax(rng.normal(size=(2500, 4)) * sharpness, axis=1)
    answer = np.array([rng.choice(4, p=row) for row in rows])
    fast = null_ece(rows, answer, view=view, draws=4000)
    monkeypatch.setattr(noise_floor, "_MANY", 10_000)
    slow = null_ece(rows, answer, view=view, draws=4000)
    assert fast.observed == pytest.approx(slow.observed, abs=1e-15)
    assert fast.mean == pytest.approx(slow.mean, rel=0.02)
    assert fast.quantile95 == pytest.approx(slow.quantile95, rel=0.03)
    assert fast.p_value == pytest.approx(slow.p_value, abs=0.04)
