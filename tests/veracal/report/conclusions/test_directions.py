"""Leanings and errors of models, where the page's tests show them."""

from __future__ import annotations

import pytest

from calibration import Estimate, Summary
from veracal.report.conclusions.directions import is_off


@pytest.mark.parametrize(("low", "claims", "off"), [(0.02, {"error after"}, True), (0.0, {"error after"}, False),
                                                    (0.02, set(), False)])  # fmt: skip
def test_a_model_is_off_where_interval_and_tests_show_it(low: float, claims: set[str], off: bool) -> None:
    summary = Summary({"ece_top": Estimate(value=0.05, low=low, high=0.09, level=0.95)}, ())
    assert is_off(summary, "ece_top", "after", claims) == off
    assert not is_off(summary, "ece_choices", "after", claims)
    assert not is_off(summary, "ece_top", "after", claims, bound=0.03)
