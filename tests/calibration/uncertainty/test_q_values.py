"""Q-values: rows without a p-value are no part of the family."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from calibration.uncertainty.q_values import q_values


def test_rows_without_a_p_value_keep_none() -> None:
    # Benjamini and Hochberg by hand: 2 × 0.01 and 1 × 0.04.
    assert q_values([0.01, None, 0.04]) == [0.02, None, 0.04]
    assert q_values([None, None]) == [None, None]
    assert q_values([0.01, float("nan"), 0.04]) == [0.02, None, 0.04]
    assert q_values([]) == []


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=20))
def test_the_others_are_a_family_of_their_own(p_values: list[float | None]) -> None:
    given_values = [p_value for p_value in p_values if p_value is not None]
    rates = [rate for rate in q_values(p_values) if rate is not None]
    assert rates == pytest.approx(false_discovery_control(given_values).tolist() if given_values else [])
