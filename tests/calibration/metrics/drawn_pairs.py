"""Confidences and whether each was right, drawn by Hypothesis, with ties and both ends."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

Pairs = list[tuple[float, bool]]
pairs = st.lists(
    st.tuples(st.one_of(st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.floats(0, 1)), st.booleans()),
    min_size=1,
    max_size=60,
)
strategies = st.sampled_from(["uniform", "quantile", "distinct"])


def columns(values: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Confidence and correctness as arrays."""
    return np.array([p for p, _ in values]), np.array([hit for _, hit in values])


def bent_pairs(n: int, *, seed: int = 19) -> tuple[np.ndarray, np.ndarray]:
    """Confidences whose log-odds are too extreme, and answers that are right as often as a line has it."""
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.3, 0.98, n).round(3)
    odds = -0.3 + 0.7 * np.log(confidence / (1 - confidence))
    return confidence, (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
