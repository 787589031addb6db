"""Which runs can only differ in confidence."""

from __future__ import annotations

import numpy as np

from calibration.uncertainty.same_answers import is_mapped, is_rescaled

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
