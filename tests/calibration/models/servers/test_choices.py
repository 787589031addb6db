"""Choices of an answer: the one of index 0, or none."""

from __future__ import annotations

from typing import Any

import pytest

from calibration.errors import NoLogprobsError
from calibration.models.servers.choices import only_choice


@pytest.mark.parametrize(
    "choices",
    [
        [{"text": "a"}],
        [{"text": "a", "index": None}],
        [{"text": "a", "index": 0}],
        [{"text": "b", "index": 1}, {"text": "a", "index": 0}],
        [{"text": "b"}, {"text": "a", "index": 0}, {"text": "c", "index": 2}],
    ],
)
def test_the_choice_of_index_0(choices: list[dict[str, Any]]) -> None:
    assert only_choice({"choices": choices})["text"] == "a"


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ([], r"an answer must hold a choice, the server gives \[\]"),
        (None, "the server gives None"),
        ("no", "the server gives no"),
        ([1], r"the server gives \[1\]"),
        ([{"index": 0}, {"index": 0}], r"must have the index 0; the server gives 2 with the indices \[0, 0\]"),
        ([{}, {}], r"the server gives 2 with the indices \[None, None\]"),
        ([{"index": 1}], r"the server gives 1 with the indices \[1\]"),
        ([{"index": False}], r"the server gives 1 with the indices \[False\]"),
        ([{"index": "0"}], r"the server gives 1 with the indices \['0'\]"),
    ],
)
def test_what_answers_no_single_prompt(choices: Any, message: str) -> None:
    with pytest.raises(NoLogprobsError, match=message):
        only_choice({"choices": choices})
