"""Which runs can only differ in confidence."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import Pairs, Predictions, change, compare
from calibration.uncertainty.drawn_units import Sampling
from calibration.uncertainty.same_answers import is_mapped, is_rescaled, unseen_change

LOGITS = np.random.default_rng(0).normal(size=(30, 4))


def test_rows_at_another_temperature_are_rescaled_whatever_is_added_to_them() -> None:
    shift = np.random.default_rng(1).normal(size=(30, 1))
    assert is_rescaled(LOGITS, 1.7 * LOGITS + shift)
    assert is_rescaled(LOGITS, (0.3 * LOGITS).astype(np.float32).astype(np.float64))
    assert not is_rescaled(LOGITS, LOGITS + np.array([0.1, 0, 0, 0]))
    assert not is_rescaled(LOGITS, -LOGITS)
    assert not is_rescaled(LOGITS, LOGITS[:, :3])


def test_options_that_an_item_lacks_say_nothing() -> None:
    lacking = np.where(np.arange(4) == 3, -np.inf, LOGITS)
    assert is_rescaled(lacking, 2 * lacking)


def test_a_map_gives_equal_confidences_equal_ones_and_turns_none_round() -> None:
    confidence = np.repeat(np.linspace(0.3, 0.9, 12), 2)
    assert is_mapped(confidence, np.round(confidence, 1))
    assert not is_mapped(confidence, confidence + np.resize([0, 0.01], 24))
    assert not is_mapped(confidence, 1 - confidence)
    assert not is_mapped(confidence[:18], confidence[:18] ** 2)  # nine values
    assert not is_mapped(confidence, np.full(24, 0.5))


def test_two_models_that_state_one_confidence_alike_may_differ_on_other_items() -> None:
    first, second = (Pairs.from_arrays([0.9] * 20, [1] * 20, model=model) for model in ("a", "b"))
    # None of 20 items differs: of others a share of 1 − 0.025^(1/20) = 0.168 may.
    share = 1 - 0.025 ** (1 / 20)
    for key, reach in (("mean_confidence", 1.0), ("signed_gap", 2.0), ("ece_top", 1.0), ("brier_top", 1.0)):
        got = change(first, second, key)
        assert (got.low, got.high) == pytest.approx((-share * reach, share * reach)), key
        itself = change(first, Pairs(first.frame.clone()), key)
        assert (itself.low, itself.high) == (0, 0), key
    changes = compare(first, second).change
    assert changes["signed_gap"].high == pytest.approx(2 * share)


def test_so_many_different_confidences_that_are_the_same_are_one_model() -> None:
    logits = np.random.default_rng(0).normal(size=(30, 4))
    first, second = (Predictions.from_arrays(logits, np.arange(30) % 4, model=model) for model in ("a", "b"))
    got = change(first, second, "signed_gap")
    assert (got.low, got.high) == (0, 0)


def test_clusters_that_show_no_change_are_as_many_as_they_are_even() -> None:
    clusters = Sampling(clusters=np.repeat([0, 1, 2, 3, 4], 4), unit="clusters")
    assert unseen_change((0.0, 1.0), clusters, 20, level=0.95).high == pytest.approx(1 - 0.025 ** (1 / 5))
    assert not unseen_change((-np.inf, np.inf), clusters, 20, level=0.95).known


def test_confidences_that_are_alike_may_differ_though_answers_do() -> None:
    first = Pairs.from_arrays([0.9] * 20, [1] * 20, model="a")
    second = Pairs.from_arrays([0.9] * 20, [1] * 19 + [0], model="b")
    got = change(first, second, "mean_confidence")
    share = 1 - 0.025 ** (1 / 20)
    assert (got.value, got.low, got.high) == pytest.approx((0, -share, share))
