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
