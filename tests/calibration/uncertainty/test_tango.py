"""Tango's interval and McNemar's test: numbers of the literature, the score equation, limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from calibration import Change
from calibration.uncertainty.changes import measure_change
from calibration.uncertainty.kinds.share import Share

ONE_SUBJECT = np.zeros(1, dtype=np.str_)


def moved(gained: int, lost: int, n: int) -> Change:
    """Change of an accuracy of n items of which some became right and some wrong."""
    before, after = np.zeros(n), np.zeros(n)
    after[:gained] = 1
    before[gained : gained + lost] = 1
    return measure_change(Share(before), Share(after), np.repeat(ONE_SUBJECT, n))


@pytest.mark.parametrize(
    ("gained", "lost", "p_value"),
    [
        # z = (b − c) / √(b + c): 6 / √8 = 2.1213; 25 / √65; 0.
        (1, 7, 0.03389),
        (45, 20, 0.00193),
        (5, 5, 1.0),
        (1, 0, 0.31731),
    ],
)
def test_p_value_of_an_accuracy_is_mcnemars(gained: int, lost: int, p_value: float) -> None:
    assert moved(gained, lost, 100).p_value == pytest.approx(p_value, abs=1e-5)
    # Items that did not change say nothing.
    assert moved(gained, lost, 1000).p_value == pytest.approx(p_value, abs=1e-5)


def test_accuracy_interval_is_tangos_of_the_literature() -> None:
    # Airway hyper-responsiveness of 21 children: 1 against 7 changed (Fagerland, Lydersen and Laake 2014,
    # doi:10.1002/sim.6148, Tango's asymptotic score interval: −0.517 to −0.026).
    got = moved(1, 7, 21)
    assert (got.low, got.value, got.high) == pytest.approx((-0.517, -0.286, -0.026), abs=6e-4)


def tango(gained: int, lost: int, n: int, difference: float) -> float:
    """Score statistic, with the lost share from a search of the likelihood instead of its closed form."""

    def minus_log_likelihood(share: float) -> float:
        cells = ((gained, share + difference), (lost, share), (n - gained - lost, 1 - 2 * share - difference))
        return -sum(count * math.log(p) for count, p in cells if count)

    low, high = max(0.0, -difference), (1 - difference) / 2
    best = minimize_scalar(
        minus_log_likelihood, bounds=(low + 1e-12, high - 1e-12), method="bounded", options={"xatol": 1e-12}
    ).x
    return float((gained - lost - n * difference) / math.sqrt(n * (2 * best + difference * (1 - difference))))


@pytest.mark.parametrize(("gained", "lost", "n"), [(1, 7, 21), (10, 3, 40), (0, 4, 30), (45, 20, 300), (2, 2, 9)])
def test_accuracy_interval_ends_where_tangos_score_is_the_normal_quantile(gained: int, lost: int, n: int) -> None:
    got = moved(gained, lost, n)
    assert tango(gained, lost, n, got.low) == pytest.approx(1.959964, abs=1e-4)
    assert tango(gained, lost, n, got.high) == pytest.approx(-1.959964, abs=1e-4)


def test_no_item_changed_is_still_uncertain() -> None:
    # ± z² / (n + z²), the limit of Tango's interval: 3.8415 / 53.8415.
    got = moved(0, 0, 50)
    assert (got.low, got.high, got.p_value) == pytest.approx((-0.07135, 0.07135, 1.0), abs=1e-5)


@pytest.mark.parametrize(("gained", "lost", "low", "high"), [(20, 0, 0.67775, 1.0), (0, 20, -1.0, -0.67775)])
def test_every_item_changed(gained: int, lost: int, low: float, high: float) -> None:
    # With n gained of n the score equation is n (1 − d) / (1 + d) = z²: d = (20 − 3.8415) / (20 + 3.8415).
    got = moved(gained, lost, 20)
    assert (got.low, got.high) == pytest.approx((low, high), abs=1e-5)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0])), min_size=1, max_size=40),
    st.floats(0.5, 0.999),
)
def test_accuracy_intervals_stay_in_range(values: list[tuple[float, float]], level: float) -> None:
    before, after = (np.array(column) for column in zip(*values, strict=True))
    got = measure_change(Share(before), Share(after), np.repeat(ONE_SUBJECT, len(values)), level=level)
    assert -1 <= got.low <= got.value + 1e-9
    assert got.value - 1e-9 <= got.high <= 1
    assert 0 <= got.p_value <= 1
