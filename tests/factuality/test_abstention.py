"""Answers that decline, and answers that only look like it."""

from __future__ import annotations

import pytest

from factuality.abstention import find_abstention
from factuality.words import words_of


@pytest.mark.parametrize(
    "answer",
    [
        "I don't know.",
        "i dont know",
        "I do not know the answer to that question.",
        "I really don't know",
        "Honestly, I don’t know.",
        "I don't remember.",
        "I have no comment.",
        "No comment",
        "I have no idea!",
        "No idea.",
        "I'm not sure.",
        "I am not entirely sure about that.",
        "Not sure",
        "I'm not certain",
        "I'm unsure.",
        "I cannot say.",
        "I can't say for certain.",
        "I cannot answer this question.",
        "I'm sorry, but I can't help with that.",
        "Sorry, I cannot assist with that request.",
        "I'm unable to provide that information.",
        "I am not able to verify this.",
        "As an AI language model, I do not have personal opinions.",
        "As an AI, I don't have access to real-time data.",
        "I don't have enough information to answer.",
        "We do not know.",
        "I must decline to answer.",
        "I would rather not say.",
        "I'd prefer not to comment. I prefer not to answer.",
        "It is impossible to say.",
        "It's hard to say.",
        "Unknown.",
        "It is unknown.",
        "That's unclear.",
        "N/A",
        "idk",
        "Dunno",
        "Don't know",
        "Cannot answer",
        "Pass",
    ],
)
def test_it_declines(answer: str) -> None:
    assert find_abstention(words_of(answer)) is not None


@pytest.mark.parametrize(
    "answer",
    [
        "Paris",
        "Everybody knows that.",
        "You don't know it until you try.",
        "They were not sure about it.",  # `were` is no short form of `we are`
        "He had no idea about the sun.",
        "The unknown soldier",
        "The answer is unknown to most people, yet it is Paris.",
        "Nobody can say that it is cold.",
        "I know that it is white.",
        "The sun cannot be seen at night.",
        "A passport",
        "Yes",
        "",
    ],
)
def test_it_does_not_decline(answer: str) -> None:
    assert find_abstention(words_of(answer)) is None


def test_the_words_that_decline_are_found() -> None:
    words = words_of("Well, sorry: I really do not know that.")
    first, behind = find_abstention(words) or (0, 0)
    assert words[first:behind] == ("i", "really", "do", "not", "know")
