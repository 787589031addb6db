"""Shares: Wilson's interval, and credit that ties split."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import skew

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
    z, error = NormalDist().inv_cdf((1 + level) / 2), moved_by.std(ddof=1) / math.sqrt(len(values))
    skewness = float(skew(moved_by)) / math.sqrt(len(values)) if error > 1e-12 else 0.0
    centre = moved_by.mean() + error * skewness * (1 + 2 * z**2) / 6
    low, high = centre - z * error, centre + z * error
    if not moved_by.any():  # as where no whole answer changed
        reach = z**2 / (len(values) + z**2)
        assert (got.low, got.high, got.p_value) == pytest.approx((-reach, reach, 1.0))
        return
    if error < 1e-12 or low < -1 or high > 1:
        assert got.reason is not None
        assert math.isnan(got.low)
        return
    expected = min(low, got.value), max(high, got.value)
    assert (got.low, got.high) == pytest.approx(expected, abs=1e-9)
    assert 0 <= got.p_value <= 1


def test_p_value_of_credit_that_ties_split_by_hand() -> None:
    # Moved by ½, ½, ½, −½: mean ¼ and standard error ¼, so one standard error; skewness −0.375 / 0.75^1.5 = −0.5774,
    # and 0.7851 is where z = 1 − 0.5774 (1 + 2 z²) / 6.
    got = measure_change(
        Share(np.array([0.5, 0.5, 0.0, 1.0])), Share(np.array([1.0, 1.0, 0.5, 0.5])), ONE_SUBJECT.repeat(4)
    )
    assert got.p_value == pytest.approx(0.43240, abs=1e-4)
