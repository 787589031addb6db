"""Shares: Wilson's interval, and credit that ties split."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, t

from calibration.uncertainty.changes import measure_change
from calibration.uncertainty.estimates import measure_estimate
from calibration.uncertainty.kinds.share import Share

ONE_SUBJECT = np.zeros(1, dtype=np.str_)


def test_accuracy_interval_is_wilsons() -> None:
    # 81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I).
    got = measure_estimate(Share(np.array([1.0] * 81 + [0.0] * 182)))
    assert (got.low, got.high) == pytest.approx((0.2553, 0.3662), abs=6e-5)


def test_split_ties_have_less_variance_than_coins() -> None:
    # Half of the credit of every item is certain.
    credit = np.tile([0.25, 0.75], 100)
    split, coin = (measure_estimate(Share(values)) for values in (credit, np.round(credit)))
    assert split.value == coin.value == 0.5
    assert (split.high - split.low) == pytest.approx((coin.high - coin.low) / 2, rel=0.02)


credits_of_ties = st.sampled_from([0.0, 0.25, 1 / 3, 0.5, 1.0])


@given(
    st.lists(st.tuples(credits_of_ties, credits_of_ties), min_size=2, max_size=40).filter(
        lambda values: any(0 < credit < 1 for pair in values for credit in pair)
    ),
    st.floats(0.5, 0.999),
)
def test_credit_that_ties_split_has_the_interval_of_a_paired_mean(
    values: list[tuple[float, float]], level: float
) -> None:
    before, after = (np.array(column) for column in zip(*values, strict=True))
    got = measure_change(Share(before), Share(after), np.repeat(ONE_SUBJECT, len(values)), level=level)
    moved_by = after - before
    # Student's t, not moved for skewness, which would be that of the few answers that happened to change.
    half = t.ppf((1 + level) / 2, len(values) - 1) * moved_by.std(ddof=1) / math.sqrt(len(values))
    low, high = moved_by.mean() - half, moved_by.mean() + half
    if not moved_by.any():  # as where no whole answer changed
        z = norm.ppf((1 + level) / 2)
        reach = z**2 / (len(values) + z**2)
        assert (got.low, got.high, got.p_value) == pytest.approx((-reach, reach, 1.0))
        return
    if half < 1e-12 or low < -1 or high > 1:
        assert got.reason is not None
        assert math.isnan(got.low)
        return
    expected = min(low, got.value), max(high, got.value)
    assert (got.low, got.high) == pytest.approx(expected, abs=1e-9)
    assert 0 <= got.p_value <= 1


def test_p_value_of_credit_that_ties_split_by_hand() -> None:
    # Twice ½, ½, ½, −½: mean ¼, squares of deviations 1.5, standard error √(1.5 / 7 / 8) = 0.1637, so 1.5275 of them;
    # Student's t with 7 degrees of freedom is beyond that in 0.17047.
    before, after = np.array([0.5, 0.5, 0.0, 1.0] * 2), np.array([1.0, 1.0, 0.5, 0.5] * 2)
    got = measure_change(Share(before), Share(after), ONE_SUBJECT.repeat(8))
    assert got.p_value == pytest.approx(0.17047, abs=1e-5)
