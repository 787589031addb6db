"""Lines of a logistic recalibration: what has no log-odds is refused, of letters as of arrays."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import Predictions, estimate, summarize
from calibration.errors import UndefinedMeasure

PROBABILITIES = np.tile([[0.6, 0.4], [0.9, 0.1], [0.7, 0.3], [0.8, 0.2]], (20, 1))
ANSWER = np.tile([0, 0, 1, 0, 1], 16)
KEYS = ("calibration_slope", "calibration_intercept", "calibration_in_the_large")


def run_with(first: tuple[float, float]) -> Predictions:
    return Predictions.from_arrays(probabilities=np.vstack([first, PROBABILITIES[1:]]), answer=ANSWER)


@pytest.mark.parametrize("key", KEYS)
def test_letters_of_probability_1_have_no_log_odds(key: str) -> None:
    assert np.isfinite(estimate(run_with((0.99, 0.01)), key).value)
    with pytest.raises(UndefinedMeasure, match="1 of 80 confidences are exactly 0 or 1"):
        estimate(run_with((1.0, 0.0)), key)


def test_letters_of_probability_1_leave_the_line_out_of_tables() -> None:
    summary = summarize(run_with((1.0, 0.0)))
    assert "calibration_slope" not in summary
    assert any("exactly 0 or 1" in note for note in summary.notes)


def test_log_odds_of_logits_are_known_where_confidence_rounds_to_1() -> None:
    logits = np.vstack([[60.0, 0.0], np.log(PROBABILITIES[1:])])
    run = Predictions.from_arrays(logits=logits, answer=ANSWER)
    assert run.confidence[0] == 1
    assert np.isfinite(estimate(run, "calibration_slope").value)
