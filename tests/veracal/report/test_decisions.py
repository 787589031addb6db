"""Decisions behind the page's sentences."""

from __future__ import annotations

import pytest

from calibration import Change
from calibration.uncertainty.estimates import Origin
from veracal.report.decisions import change_clause, decided, numbers_text


def moved(value: float, half: float, *, alone: float) -> Change:
    """A change with an interval, and limits that hold alone."""
    return Change(
        value=value, low=value - half, high=value + half, least=value - alone, most=value + alone, level=0.95,
        p_value=0.5, clustered=None, origin=Origin("ece_top", 400),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "shown", "words"),
    [
        (moved(0.05, 0.02, alone=0.017), True, "the ECE rose (+0.050 [+0.030, +0.070])"),
        (moved(-0.05, 0.02, alone=0.017), True, "the ECE fell (-0.050 [-0.070, -0.030])"),
        # Of a page whose tests together do not show it: no number of items would, for that of one test is another.
        (
            moved(0.05, 0.02, alone=0.017), False,
            "no change of the ECE is shown (+0.050 [+0.030, +0.070]; alone it would be shown, together with the other "
            "tests of this page it is not)",
        ),
        (moved(0.02, 0.01, alone=0.008), False, "the ECE stayed within 0.03 of what it was (+0.020 [+0.010, +0.030])"),
        # By its interval it is not within the margin, by the limits that hold alone it is.
        (
            moved(0.01, 0.021, alone=0.018), True,
            "the ECE stayed within 0.03 of what it was (+0.010, between -0.008 and +0.028, each end alone)",
        ),
        # 2.8016² × (0.05 / 1.96 / 0.04)² × 400 for a direction, fewer than whether it is within 0.03.
        (
            moved(0.04, 0.05, alone=0.042), True,
            "no change of the ECE is shown (+0.040 [-0.010, +0.090]; about 1,300 such items would do)",
        ),
    ],
)  # fmt: skip
def test_one_decision_gives_word_and_numbers(change: Change, shown: bool, words: str) -> None:
    decision = decided(change, "ece_top", shown=shown)
    assert change_clause("the ECE", decision, numbers_text(decision)) == words
