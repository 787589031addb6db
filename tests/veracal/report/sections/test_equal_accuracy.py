"""The section on equal accuracy: tables of what there is, notes on what is not."""

from __future__ import annotations

import numpy as np

from benchmarks.equal_accuracy import letters
from calibration import Pairs, compare_at_equal_accuracy
from veracal.report.sections.equal_accuracy import equal_accuracy


def test_both_comparisons_are_tables_with_a_file() -> None:
    before, after, _ = letters(200, (1.0, 0.5), np.random.default_rng(0))
    section = equal_accuracy(compare_at_equal_accuracy(before, after), ("a", "b"))
    hard, candidates = section.tables
    assert [row[0] for row in hard.rows] == ["signed gap", "ECE, top"]
    assert [row[0] for row in candidates.rows] == ["ECE, choices", "debiased CE², choices", "best temperature"]
    assert all(len(row) == len(table.columns) for table in section.tables for row in table.rows)
    assert [file.name for file in section.downloads] == ["equal-accuracy.csv"]


def test_without_matches_a_note_tells_why() -> None:
    few = Pairs.from_arrays([0.9, 0.6] * 5, [1, 0] * 5)
    section = equal_accuracy(compare_at_equal_accuracy(few, few), ("a", "b"), kind="confidences")
    assert section.name == "equal-accuracy-confidences"
    assert section.tables == ()
    assert "No change on items that are equally hard: matching needs at least 20 items, got 10." in section.paragraphs
