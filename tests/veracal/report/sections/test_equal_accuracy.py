"""The section on equal accuracy: tables of what there is, notes on what is not."""

from __future__ import annotations

import numpy as np

from benchmarks.equal_accuracy import letters
from calibration import Pairs, compare_at_equal_accuracy
from veracal.report.equal_accuracy_sentences import equal_accuracy_claims, equal_accuracy_sentences
from veracal.report.sections.equal_accuracy import equal_accuracy


def test_both_comparisons_are_tables_with_a_file() -> None:
    before, after, _ = letters(200, (1.0, 0.5), np.random.default_rng(0))
    section = equal_accuracy(compare_at_equal_accuracy(before, after), ("a", "b"))
    hard, candidates = section.tables
    assert [row[0] for row in hard.rows] == ["signed gap", "ECE, top"]
    assert [row[0] for row in candidates.rows] == ["ECE, choices", "debiased CE², choices", "best temperature"]
    assert sum("is shown (" in words or "stayed within" in words for words in section.paragraphs) == 2
    assert all(len(row) == len(table.columns) for table in section.tables for row in table.rows)
    assert [file.name for file in section.downloads] == ["equal-accuracy.csv"]


def test_without_matches_a_note_tells_why() -> None:
    few = Pairs.from_arrays([0.9, 0.6] * 5, [1, 0] * 5)
    section = equal_accuracy(compare_at_equal_accuracy(few, few), ("a", "b"), kind="confidences")
    assert section.name == "equal-accuracy-confidences"
    assert section.tables == ()
    assert not any(words.startswith(("On equally hard", "Over the same")) for words in section.paragraphs)
    assert "No change on items that are equally hard: matching needs at least 20 items, got 10." in section.paragraphs


def test_directions_are_named_where_the_page_shows_them() -> None:
    before, after, _ = letters(400, (1.0, 0.5), np.random.default_rng(0))
    matched = compare_at_equal_accuracy(before, after)
    claims = equal_accuracy_claims(matched)
    assert set(claims) == {"signed_gap", "ece_top", "ece_choices"}
    hard, candidates = equal_accuracy_sentences(matched, set(claims))
    assert hard.startswith("On equally hard items, the signed gap ")
    assert "the ECE (choices) rose (+0." in candidates
    assert all(" rose (" not in sentence for sentence in equal_accuracy_sentences(matched, ()))
