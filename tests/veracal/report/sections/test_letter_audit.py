"""The letter audit: what no run tells is left out, with a sentence."""

from __future__ import annotations

from pathlib import Path

from calibration import Predictions
from veracal.report.inputs import Source
from veracal.report.letter_statistics import letter_shares, letter_statistics
from veracal.report.sections.letter_audit import letter_audit


def test_unknown_rows_are_left_out() -> None:
    run = Predictions.from_arrays([[1.0, 0.0], [2.0, 2.0]], [0, 1])
    sources = [Source(Path(name), name, {"settings": settings}) for name, settings in (("a", {}), ("b", {"shots": 5}))]
    section = letter_audit(sources, letter_statistics([run, run], ["a", "b"]), letter_shares([run, run]))
    rows = {label: cells for label, *cells in section.tables[0].rows}
    assert rows == {
        "Shots": ["unknown", "5"],
        "Tie rate": ["0.5000", "0.5000"],
        "Items with a letter that is only bounded": ["0", "0"],
    }
    assert section.paragraphs[1].startswith(
        "Not known here, and left out: prompt style; letter form; letter mass, mean; "
    )
