"""Tables of changes: the same base and cells in every package."""

from __future__ import annotations

import pytest

from calibration import GroupChanges
from calibration.uncertainty.change_table import ChangeTable, change_cells
from calibration.uncertainty.intervals import Interval
from factuality import ClassChanges, ConfidenceTargetChanges, MultipleChoiceChanges, RateChanges


@pytest.mark.parametrize(
    "table", [GroupChanges, RateChanges, ClassChanges, MultipleChoiceChanges, ConfidenceTargetChanges]
)
def test_every_table_of_changes_has_a_frame_and_a_level(table: type) -> None:
    assert issubclass(table, ChangeTable)


def test_cells_of_a_change_without_an_interval_are_null() -> None:
    assert change_cells(0.2, 0.5, 0.3, Interval(0.1, 0.5, 0.01)) == {
        "before": 0.2, "after": 0.5, "change": 0.3, "low": 0.1, "high": 0.5, "p_value": 0.01,
    }  # fmt: skip
    assert change_cells(None, None, None, None) == dict.fromkeys(
        ("before", "after", "change", "low", "high", "p_value")
    )
