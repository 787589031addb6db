"""What counts of a text when answers are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factuality.words import split_clauses, split_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Great Wall", "great wall."),
        ("ＷＨＩＴＥ", "white"),
        ("It’s white!", "it is WHITE"),
        ("don't", "do not"),
        ("Dont", "do not"),
        ("can't", "cannot"),
        ("won't", "will not"),
        ("I'm", "I am"),
        ("1,000,000", "1000000"),
        ("U.S.A.", "USA"),
        ("the U.S. of course", "US of course"),
        ("**Paris**", "Paris"),
        ("twenty-one", "twenty one"),
        ("−5", "-5"),
        ("50 %", "50%"),
        ("  a  cat \n", "cat"),
        ("Straße", "STRASSE"),
        ("a_b", "a b"),
    ],
)
def test_the_same_but_for_form(one: str, other: str) -> None:
    assert split_words(one) == split_words(other) != ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C", "C++"),
        ("C", "C#"),
        ("5", "-5"),
        ("5", "0.5"),
        ("vitamin A", "vitamin"),
        ("Vitamin A deficiency", "vitamin deficiency"),
        ("3.14", "314"),
        ("50%", "50"),
        ("==", "="),
        ("its", "it is"),
        ("were", "we are"),
        ("año", "ano"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert split_words(one) != split_words(other)


def test_clauses_end_at_punctuation_and_but() -> None:
    assert split_clauses("No, it's not Lyon but Paris; 3.5 of 10") == [
        ("no",),
        ("it", "is", "not", "lyon"),
        ("but", "paris"),
        ("3.5", "of", "10"),
    ]
    assert split_clauses("one (two) - three\nfour") == [("one",), ("two",), ("three",), ("four",)]
    assert split_clauses("") == split_clauses(" ... ") == []


@given(st.text())
def test_words_are_words_whatever_the_text(text: str) -> None:
    words = split_words(text)
    assert all(word and not any(character.isspace() for character in word) for word in words)
    assert split_words(f"  {text}\t") == words
