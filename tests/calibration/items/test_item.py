"""Items: what they must be, and which are kept."""

from __future__ import annotations

import pytest

from calibration import Item
from calibration.items.item import is_blank, select


@pytest.mark.parametrize(
    "blank", ["", " ", "\t\n", "\u200b", "\ufeff", "\u00a0", "\u3164", "\u2800", "\ufe0f", "\u034f"]
)
def test_no_option_is_blank(blank: str) -> None:
    assert is_blank(blank)
    with pytest.raises(ValueError, match="item a: option B is empty, got"):
        Item("a", "", "Which?", ("x", blank), 0)
    with pytest.raises(ValueError, match="item a: the question is empty"):
        Item("a", "", blank, ("x", "y"), 0)


@pytest.mark.parametrize("word", ["None", "NaN", "null", "N/A", "nan", "0", "-", "False"])
def test_words_for_nothing_are_words(word: str) -> None:
    assert Item("a", "", "Which?", (word, "y"), 0).options[0] == word


def test_content_hash_sees_where_one_option_ends() -> None:
    assert Item("0", "", "Q", ("ab", "c"), 0).content != Item("0", "", "Q", ("a", "bc"), 0).content


def test_select() -> None:
    items = [Item(f"{subject}/{number}", subject, "Q", ("a", "b"), 0) for number in range(3) for subject in ("x", "y")]
    assert [item.id for item in select(items, subjects=["y"], limit=2)] == ["y/0", "y/1"]
    assert select(items) == items
    with pytest.raises(ValueError, match=r"no item has the subject 'z'; there are: x, y$"):
        select(items, subjects=["z"])
    with pytest.raises(ValueError, match="the limit must be at least 1, got 0"):
        select(items, limit=0)
