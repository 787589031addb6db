"""Tables of multiple-choice predictions on stdout."""

from __future__ import annotations

import pytest

from calibration import Predictions, compare, summarize
from tests.veracal.terminal import EVIL, SHOWN, printed
from veracal.tables.predictions import print_comparison, print_summary


@pytest.mark.usefixtures("wide_terminal")
def test_names_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    run = Predictions.from_arrays([[1.0, 0.0], [0.0, 1.0]] * 6, [0, 1] * 6)
    print_summary(EVIL, summarize(run))
    assert SHOWN in printed(capsys)
    print_comparison((EVIL, EVIL), compare(run, run))
    shown = printed(capsys)
    assert f"Before: {SHOWN}\nAfter:  {SHOWN}\n" in shown
    assert f"Note on {SHOWN}: " in shown
