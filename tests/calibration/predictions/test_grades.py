"""Cells of tables that are verdicts."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.predictions.grades import GRADE_WORDS, cell_grade
from factuality.grading.verdict_words import verdict_of


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        (1, "correct"), (0.0, "incorrect"), (True, "correct"), (np.bool_(False), "incorrect"), ("1.0", "correct"),
        ("TRUE", "correct"), ("Wrong.", "incorrect"), ("**Correct**", "correct"), ("not-attempted", "abstained"),
        ("✔", "correct"), ("👎", "incorrect"), ("", "ungraded"), (None, "ungraded"), (float("nan"), "ungraded"),
        ("partially correct", "ungraded"), ("pass", "correct"), (2, None), (0.5, None), ("B", None), ("maybe", None),
        (-1, None), ("-1", None), ("-1.0", None), (".1", None), ("!correct", None), ("-", "ungraded"),
        ("NaN", "ungraded"), ("n/a", "ungraded"), ("None", "ungraded"), ("#N/A", "ungraded"), ("—", "ungraded"),
        ("+1", "correct"), ("1.00", "correct"), ("(0)", "incorrect"),
    ],
)  # fmt: skip
def test_a_cell_means_a_grade_or_none(value: object, grade: str | None) -> None:
    assert cell_grade(value) == grade


@pytest.mark.parametrize("word", GRADE_WORDS)
def test_words_mean_in_a_cell_what_they_mean_in_a_text(word: str) -> None:
    assert cell_grade(word) == verdict_of(word)
