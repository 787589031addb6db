"""Names of measures: one table, which has them all."""

from __future__ import annotations

import pytest

from calibration import Predictions, summarize
from calibration.measure_labels import MEASURE_LABELS, axis_label, row_label
from calibration.measures import MEASURES


@pytest.mark.parametrize("key", list(MEASURES))
def test_every_measure_has_both_names(key: str) -> None:
    assert row_label(key).strip()
    assert axis_label(key).strip()


def test_every_row_of_a_summary_has_a_name() -> None:
    run = Predictions.from_arrays([[2.0, 0.0], [0.0, 1.0], [0.2, 0.5]] * 6, [0, 1, 0] * 6)
    keys = [*summarize(run), "letter_mass", "tie_rate"]
    assert [key for key in keys if key not in MEASURE_LABELS] == []


def test_no_two_measures_share_a_name() -> None:
    names = [label.row for label in MEASURE_LABELS.values() if label.row != "  noise floor"]
    assert len(set(names)) == len(names)
    axes = [label.axis for label in MEASURE_LABELS.values() if label.axis]
    assert len(set(axes)) == len(axes)
