"""Rogan–Gladen's interval covers, and is wider than the prediction-powered."""

from __future__ import annotations

import numpy as np
import pytest

from factuality.people.prediction_powered import rate_from_labels

from .test_prediction_powered import population, sampled


def test_rogan_gladen_covers_and_is_wider() -> None:
    """Of 300 draws of 100 labels, 92 in 100 intervals hold the rate; they are a fifth wider than the other kind."""
    score, label = population(0.22)
    score = np.clip(score + 0.3 * (label - 0.2), 0, 1)  # a grader with a J of its own
    rng, hits, widths = np.random.default_rng(0), [], []
    for _ in range(300):
        rate = rate_from_labels(score, sampled(label, rng.choice(700, 100, replace=False)))
        found = rate.rogan_gladen
        assert found is not None
        hits.append(found.low <= 0.22 <= found.high)
        widths.append((found.high - found.low) / (rate.estimate.high - rate.estimate.low))
    assert np.mean(hits) >= 0.92
    assert np.mean(widths) > 1.2
    # Where error rates are known almost exactly it inverts them: (0.4 − 0.1) / (0.8 − 0.1).
    label = np.repeat([1.0, 0.0, np.nan], [100_000, 100_000, 50_000])
    calls = np.concatenate([np.arange(100_000) < 80_000, np.arange(100_000) < 10_000, np.arange(50_000) < 10_000])
    found = rate_from_labels(calls.astype(float), label).rogan_gladen
    assert found is not None
    assert found.value == pytest.approx((0.4 - 0.1) / 0.7)
