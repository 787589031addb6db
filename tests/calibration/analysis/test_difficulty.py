"""What tells how hard items are: a third run, a column, numbers."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

from calibration import Pairs, Predictions, Verdicts
from calibration.analysis.difficulty import Difficulty, item_difficulty

BEFORE = Pairs.from_arrays([0.9, 0.6, 0.7], [1, 0, 1], item=["a", "b", "c"])
AFTER = Pairs.from_arrays([0.8, 0.5, 0.6], [1, 1, 1], item=["a", "b", "c"])


def test_a_third_run_tells_the_log_odds_of_what_is_right_in_the_order_of_the_first() -> None:
    third = Pairs.from_arrays([0.8, 0.9, 0.6, 0.5], [1, 0, 1, 1], item=["c", "a", "b", "z"])
    expected = np.log([0.1 / 0.9, 0.6 / 0.4, 0.8 / 0.2])
    np.testing.assert_allclose(item_difficulty(third, (BEFORE, AFTER)), expected)


def test_a_distribution_tells_the_probability_of_the_right_option() -> None:
    letters = Predictions.from_arrays(probabilities=[[0.7, 0.3], [0.4, 0.6], [0.2, 0.8]], answer=[0, 0, 1])
    runs = (Pairs.from_arrays([0.9, 0.6, 0.7], [1, 0, 1]), Pairs.from_arrays([0.8, 0.6, 0.7], [1, 0, 1]))
    np.testing.assert_allclose(item_difficulty(letters, runs), np.log([0.7 / 0.3, 0.4 / 0.6, 4.0]), rtol=1e-6)


def test_verdicts_columns_and_numbers_tell_it_too() -> None:
    verdicts = Verdicts.from_frame({"correct": [1, 0, 0], "item": ["a", "b", "c"]})
    assert item_difficulty(verdicts, (BEFORE, AFTER)).tolist() == [1.0, 0.0, 0.0]
    told = Pairs(BEFORE.frame.with_columns(year=pl.Series([2001, 1999, 2020])))
    assert item_difficulty("year", (told, AFTER)).tolist() == [2001.0, 1999.0, 2020.0]
    assert item_difficulty([3, 1, 2], (BEFORE, AFTER)).tolist() == [3.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("difficulty", "message"),
    [
        (AFTER, "is one of those compared: its own outcomes would choose the items"),
        (Pairs.from_arrays([0.5], [1], item=["a"]), "lacks items: b, c (2 in all)"),
        ("yaer", "there is no column 'yaer'; there are model"),
        ("subject", "a difficulty must be a number, the column 'subject' holds String"),
        ([1.0, 2.0], "one number an item, 3, got the shape (2,)"),
        ([1.0, np.nan, 2.0], "must be finite numbers, got nan in row 1 (item b)"),
    ],
)
def test_what_tells_no_difficulty_is_refused(difficulty: Difficulty, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        item_difficulty(difficulty, (BEFORE, AFTER))
