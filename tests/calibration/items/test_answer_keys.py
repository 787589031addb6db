"""Keys of answers: which convention a file follows, and where it does not say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.items.answer_keys import Answers, Key, answer_indices, distinct_keys
from calibration.items.item import LETTERS

WORDS = ("salt", "sand", "wood", "clay")
Row = tuple[object, tuple[str, ...]]


def indices(rows: Sequence[Row], answers: Answers | None = None) -> list[int]:
    keys = [Key(value, f"line {line}", len(options), options) for line, (value, options) in enumerate(rows, start=2)]
    return answer_indices(keys, answers, source="items.csv")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("B", WORDS), (" D ", WORDS)], [1, 3]),
        ([("b", WORDS), ("D", WORDS)], [1, 3]),
        ([("0", WORDS), ("3", WORDS)], [0, 3]),
        ([(0, WORDS), (3, WORDS)], [0, 3]),
        ([(0, WORDS), ("3", WORDS)], [0, 3]),
        ([("sand", WORDS), (" clay", WORDS)], [1, 3]),
        # One row says that the file holds texts, so that the others are texts too.
        ([("sand", WORDS), ("2", ("1", "2", "0")), ("B", ("x", "A", "B"))], [1, 1, 2]),
        # Letters that no row could mean as positions.
        ([("y", ("x", "y")), ("x", ("x", "y"))], [1, 0]),
        # Blood groups: letters, as other rows say.
        ([("A", ("B", "A", "AB", "O")), ("B", WORDS)], [0, 1]),
        ([("B", ("A", "B", "AB", "O"))], [1]),
        # Numbers of the hub count from 0 whatever the options of some rows are.
        ([(0, WORDS), (1, ("1", "2", "0"))], [0, 1]),
        ([("0", ("0", "1", "2")), ("2", ("0", "1", "2"))], [0, 2]),
    ],
)
def test_the_convention_of_a_file(rows: list[Row], expected: list[int]) -> None:
    assert indices(rows) == expected


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("A", WORDS), ("1", WORDS)], "one kind, got letters and digits: 'A' (line 2) and '1' (line 3); say what the"),
        ([(1, WORDS), ("A", WORDS)], "got letters and digits: 'A' (line 3) and 1 (line 2); say what the digits count"),
        (
            [("1", WORDS), ("4", WORDS)],
            "the answers are digits and never 0, from '1' (line 2) to '4' (line 3), so that",
        ),
        ([(1, WORDS), (2, WORDS)], "with --answers from-one|from-zero|text (answers= in Python)"),
        (
            [("0", WORDS), ("4", WORDS)],
            "line 3: the answer must be a letter from A to D or an index from 0 to 3, got '4'",
        ),
        (
            [("0", WORDS), ("1", ("1", "2", "0"))],
            "line 3: the answer '1' is the text of option A too; say what the ans",
        ),
        (
            [(0, ("1", "0")), (1, ("1", "0"))],
            "line 2: the answer 0 is the text of option B too; say what the answers of",
        ),
        (
            [("A", ("B", "A"))],
            "line 2: the answer 'A' is the text of option B too; say what the answers of the file are",
        ),
        ([("sand", WORDS), ("B", WORDS)], "got texts of options and letters: 'sand' (line 2) and 'B' (line 3); write"),
        (
            [("sand", WORDS), ("2", WORDS)],
            "got texts of options and digits: 'sand' (line 2) and '2' (line 3); write them",
        ),
        (
            [("B", WORDS), ("rock", WORDS)],
            "line 3: the answer must be a letter from A to D or an index from 0 to 3, got",
        ),
        ([("sand", WORDS), ("rock", WORDS)], "line 3: the answer must be the text of exactly one option, got 'rock'"),
        ([("x", ("x", "x")), ("sand", WORDS)], "got texts of options and letters: 'sand' (line 3) and 'x' (line 2)"),
        ([("E", WORDS), ("A", WORDS)], "line 2: the answer must be a letter from A to D, got 'E'"),
        ([(None, WORDS)], "index from 0 to 3, got None"),
        ([(True, WORDS)], "index from 0 to 3, got True"),
        ([(-1, WORDS)], "index from 0 to 3, got -1"),
        ([(1.0, WORDS)], "index from 0 to 3, got 1.0"),
        ([("", WORDS)], "index from 0 to 3, got ''"),
        ([("9" * 5000, WORDS)], "index from 0 to 3, got '999"),
        ([("²", WORDS)], "index from 0 to 3, got '²'"),
    ],
)
def test_what_does_not_decide(rows: list[Row], message: str) -> None:
    with pytest.raises(ValueError, match=r"^items\.csv") as caught:
        indices(rows)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("answers", "rows", "expected"),
    [
        ("from-one", [("1", WORDS), ("4", WORDS)], [0, 3]),
        ("from-one", [(1, WORDS), ("A", WORDS), ("d", WORDS)], [0, 0, 3]),
        ("from-zero", [("1", WORDS), ("3", WORDS)], [1, 3]),
        ("from-zero", [("1", ("1", "2", "0"))], [1]),
        ("text", [("1", ("1", "2", "0")), ("4", ("2", "4"))], [0, 1]),
        ("text", [("A", ("B", "A"))], [1]),
        ("letters", [("A", ("B", "A"))], [0]),
    ],
)
def test_a_convention_that_is_told(answers: Answers, rows: list[Row], expected: list[int]) -> None:
    assert indices(rows, answers) == expected


@pytest.mark.parametrize(
    ("answers", "value", "message"),
    [
        ("from-one", "0", "line 2: the answer must be a letter from A to D or a number from 1 to 4, got '0'"),
        ("from-one", "5", "or a number from 1 to 4, got '5'"),
        ("from-zero", "4", "or an index from 0 to 3, got '4'"),
        ("letters", "1", "the answer must be a letter from A to D, got '1'"),
        ("text", "A", "the answer must be the text of exactly one option, got 'A'"),
        ("from-two", "A", "answers must be one of letters, from-zero, from-one, text, got 'from-two'"),
    ],
)
def test_a_key_that_does_not_follow_it(answers: Answers, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        indices([(value, WORDS)], answers)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_letters_digits_and_texts_are_the_same_answers(right: list[int]) -> None:
    assert indices([(LETTERS[index], WORDS) for index in right]) == right
    assert indices([(WORDS[index], WORDS) for index in right]) == right
    assert indices([(str(index + 1), WORDS) for index in right], "from-one") == right
    assert indices([(index, WORDS) for index in right], "from-zero") == right


def test_different_answers_are_those_of_type_value_and_options() -> None:
    values: list[object] = ["1", 1, True, 1.0, "1", [1], [1], None, " A", "A", 1]
    n_options = [2] * 9 + [3, 2]
    options = [("x", "y")] * 10 + [("x", "z")]
    keys, number = distinct_keys(values, n_options, options, where="row {}".format)
    rows = list(zip(values, n_options, options, strict=True))
    assert [(keys[index].value, keys[index].n_options, keys[index].options) for index in number] == rows
    assert [key.where for key in keys] == [f"row {row}" for row in (0, 1, 2, 3, 5, 6, 7, 8, 9, 10)]
