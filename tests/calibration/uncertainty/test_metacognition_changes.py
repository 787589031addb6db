"""Changes of metacognition between two models on the same items."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import metacognition, metacognition_change

from .test_metacognition import answers


def test_a_model_against_itself_changes_by_exactly_0() -> None:
    stimulus, response, confidence = answers(400, noise=0.5)
    moved = metacognition_change(stimulus, (response, confidence), (response, confidence))
    for change in (moved.d_prime, moved.meta_d, moved.m_ratio):
        assert (change.value, change.low, change.high, change.p_value) == (0, 0, 0, 1)


def test_the_same_answers_with_noisier_confidence() -> None:
    stimulus, response, confidence = answers(1_000, noise=0.1)
    noisier = np.clip(confidence + np.random.default_rng(1).normal(0, 0.3, 1_000), 0, 1)
    moved = metacognition_change(stimulus, (response, confidence), (response, noisier))
    assert moved.d_prime.value == moved.d_prime.high == 0
    assert moved.m_ratio.high < 0
    assert moved.m_ratio.p_value < 0.01
    assert moved.before == metacognition(stimulus, response, confidence)
    assert moved.m_ratio.value == moved.after.m_ratio - moved.before.m_ratio
    assert moved.m_ratio.n_items == 1_000
    back = metacognition_change(stimulus, (response, noisier), (response, confidence))
    assert (back.m_ratio.low, back.m_ratio.high) == pytest.approx((-moved.m_ratio.high, -moved.m_ratio.low))
    assert back.m_ratio.p_value == pytest.approx(moved.m_ratio.p_value)


def test_no_change_has_an_interval_where_a_model_has_none() -> None:
    stimulus, response, confidence = answers(400, noise=0.5)
    right = np.where(stimulus == 1, 1, response)
    moved = metacognition_change(stimulus, (response, confidence), (right, confidence))
    assert moved.d_prime.reason == "all answers to class 1 are right, which leaves d′ without a limit"
    assert moved.meta_d.known
    few = metacognition_change(stimulus, (response, confidence), (right, confidence), cluster=np.arange(400) % 3)
    assert few.meta_d.reason == "an interval for new clusters needs at least 10 clusters, got 3"
    assert "low" not in few.to_dict()["meta_d"]
    assert str(few).startswith("d′ +")


def test_arrays_in_place_of_pairs_are_refused() -> None:
    stimulus, response, confidence = answers(400, noise=0.5)
    with pytest.raises(
        ValueError, match=r"before must be a pair \(response, confidence\), got an array of shape \(400,\)"
    ):
        metacognition_change(stimulus, response, confidence)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"after must be a pair \(response, confidence\), got a list of 3"):
        metacognition_change(stimulus, (response, confidence), [1, 0, 1])  # type: ignore[arg-type]
