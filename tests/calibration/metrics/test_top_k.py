"""Sets of the k most likely options."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import top_k_accuracy_score

from calibration import Predictions, UndefinedMeasure, estimate, signed_gap, top_k_coverage, top_k_gap
from calibration.uncertainty.measure_table import MEASURES


def drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 5))
    return softmax(logits, axis=1), (logits + rng.gumbel(size=(n, 5))).argmax(axis=1)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_coverage_is_that_of_scikit_learn(k: int) -> None:
    probabilities, answer = drawn(300, 0)
    assert top_k_coverage(probabilities, answer, k=k) == top_k_accuracy_score(
        answer, probabilities, k=k, labels=range(5)
    )


def test_sets_of_one_are_the_predicted_options() -> None:
    probabilities, answer = drawn(300, 1)
    correct = probabilities.argmax(axis=1) == answer
    assert top_k_coverage(probabilities, answer, k=1) == correct.mean()
    assert top_k_gap(probabilities, answer, k=1) == pytest.approx(signed_gap(probabilities.max(axis=1), correct))


def test_of_equally_likely_options_the_first_are_taken() -> None:
    assert top_k_coverage([[0.25] * 4] * 4, [0, 1, 2, 3], k=3) == 0.75


def test_the_gap_is_what_is_stated_less_what_is_covered() -> None:
    # .8 and .9 are stated, one of two sets holds the right option.
    assert top_k_gap([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]], [1, 2], k=2) == pytest.approx(0.85 - 0.5)


def test_measures_of_a_run_have_intervals() -> None:
    run = Predictions.from_arrays(np.log(drawn(300, 2)[0]), drawn(300, 2)[1])
    for k in (2, 3):
        coverage, gap = estimate(run, f"top{k}_coverage"), estimate(run, f"top{k}_gap")
        assert coverage.value == top_k_coverage(run.probabilities, run.answer, k=k)
        assert gap.value == pytest.approx(top_k_gap(run.probabilities, run.answer, k=k))
        assert coverage.low < coverage.value < coverage.high
        assert gap.low < gap.value < gap.high
        assert gap.p_value is not None


def test_a_set_that_holds_every_option_is_refused() -> None:
    with pytest.raises(UndefinedMeasure, match="no item has more than 2 options"):
        top_k_coverage([[0.6, 0.4]], [0], k=2)
    ragged = Predictions.from_lists([[1.0, 0.0], [0.3, 0.2]], [0, 1])
    with pytest.raises(UndefinedMeasure, match="no item has more than 3 options"):
        MEASURES["top3_gap"](ragged)
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        top_k_coverage([[0.6, 0.4]], [0], k=0)


def test_items_of_fewer_options_hold_the_right_one() -> None:
    ragged = Predictions.from_lists([[1.0, 0.0], [0.9, 0.8, 0.7, 0.6]], [1, 3])
    assert MEASURES["top2_coverage"](ragged).value == 0.5


def test_intervals_of_calibrated_sets_hold() -> None:
    """Of 100 calibrated runs of 100 items, how many intervals hold; fewer than 88 have a chance of 1 in 500 at 95 %."""
    pool, answer = drawn(20_000, 3)
    true = top_k_coverage(pool, answer, k=2)
    held = {"top2_coverage": 0, "top2_gap": 0}
    for seed in range(100):
        probabilities, right = drawn(100, 100 + seed)
        run = Predictions.from_arrays(np.log(probabilities), right)
        for key, truth in (("top2_coverage", true), ("top2_gap", 0.0)):
            got = estimate(run, key)
            held[key] += got.low <= truth <= got.high
    assert min(held.values()) >= 88
