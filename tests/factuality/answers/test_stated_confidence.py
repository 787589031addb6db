"""Stated confidence: every spelling that is read, every number that is not one, and no guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factuality.answers.requests import REQUEST
from factuality.answers.stated_confidence import split_statement, stated_confidence

READ = [
    ("Confidence: 85%", 0.85),
    ("confidence: 85 %", 0.85),
    ("CONFIDENCE: 85 percent", 0.85),
    ("Confidence = 0.85", 0.85),
    ("Confidence: 85/100", 0.85),
    ("Confidence: 85", 0.85),
    ("85%", 0.85),
    ("85 %", 0.85),
    ("0.85", 0.85),
    ("85/100", 0.85),
    (".85", 0.85),
    ("85", 0.85),
    ("100%", 1.0),
    ("0%", 0.0),
    ("0", 0.0),
    ("1.0", 1.0),
    ("8.5/10", 0.85),
    ("9 out of 10", 0.9),
    ("Confidence: 0", 0.0),
    ("Confidence: 1.0", 1.0),
    ("Confidence: 0.5%", 0.005),
    ("Paris\nConfidence: 85%", 0.85),
    ("Paris (Confidence: 85%)", 0.85),
    ("Paris (confidence: 85%).", 0.85),
    ("Paris **Confidence:** 85%", 0.85),
    ("Paris\n**Confidence: 85%**", 0.85),
    ("Paris\n*Confidence*: `85%`", 0.85),
    ("Paris. My confidence is 85%.", 0.85),
    ("Paris, with a confidence of 85%.", 0.85),
    ("Paris. Confidence level: 85%", 0.85),
    ("Paris. Confidence (0-100): 85", 0.85),
    ("Confidence score - 85%", 0.85),
    ("Paris. Confidence: [85%]", 0.85),
    ("Confidence:\n85%", 0.85),
    ("Confidence: 85％", 0.85),
    ("Paris. Confidence: about 85%", 0.85),
    ("Confidence: ~85%", 0.85),
    ("Certainty: 85 per cent", 0.85),
    ("Paris. I am 85% sure.", 0.85),
    ("I'm 85% sure it's Paris", 0.85),
    ("I’m 85 % certain that it is Paris", 0.85),
    ("Paris (85% confident)", 0.85),
    ("Paris, 85% sure", 0.85),
    ("I would say I'm 85% confident.", 0.85),
    ("Paris. With 85% confidence.", 0.85),
    ("With 85% certainty, Paris", 0.85),
    ("Confidence: 85%. Confidence: 0.85", 0.85),
    ("The pope is 100% certain that God exists. Confidence: 85%", 0.85),
    ("At the 95% confidence level. Confidence: 60%", 0.6),
    ("In 1985. Confidence: 85%", 0.85),
    ("About 70% (Confidence: 85%)", 0.85),
    ("Confidence: 85% because 9 of 10 books say so", 0.85),
    ("Confidence: 85%, since 3 sources agree", 0.85),
    ("Confidence: 0.85/1", 0.85),
    ("12%, Confidence: 85%", 0.85),
    ("I'm 100% sure", 1.0),
    ("Confidence: 85.", 0.85),
    ("Confidence: 85.5%", 0.855),
    ("Confidence: 0.85 (85%)", 0.85),
    ("50/100", 0.5),
    ("Confidence: +85%", 0.85),
]
# Nothing stated, somebody else's confidence, out of range, ambiguous, bounds and ranges, contradictions.
NOT_READ = [
    "1",
    "7",
    "Confidence: 1",
    "Confidence: 5",
    "",
    "Paris",
    "It is 70%.",
    "70% of the Earth",
    "The probability is 0.5",
    "Confidence: high",
    "Confidence: N%",
    "Confidence: eighty-five percent",
    "Confidence: 120%",
    "Confidence: 90‰",
    "Confidence: -5%",
    "Confidence: 101",
    "Confidence: 1.5/1",
    "Confidence: 4/5",
    "Confidence: 85,5%",
    "Confidence: 1,000%",
    "Confidence: 70-80%",
    "Confidence: 70% - 80%",
    "Confidence: 70 to 80%",
    "Confidence: between 70 and 80%",
    "Confidence: at least 80%",
    "Confidence: >80%",
    "Confidence: less than 50%",
    "I'm not 100% sure",
    "I am less than 50% sure",
    "Confidence: 30%\nConfidence: 85%",
    "I'm 20% sure. Confidence: 90%",
    "The pope is 100% certain that God exists",
    "a 95% confidence interval",
    "The confidence interval: 95%",
    "I'm 60% sure it's Paris and 40% sure it's Lyon",
    "His confidence 3 years later",
    "0.85 metres",
    "85 %\n90 %",
    "Overconfidence: 85%",
    "Confidence: 85k",
    "Confidence: 85% - 3 sources",
    "Confidence: 1e-3",
    "He is 90% sure.",
    "It is not 90% certain",
    "12/25",
    "Confidence: −5%",
    "Confidence: 80% or 90%",
]


@pytest.mark.parametrize(("text", "confidence"), READ)
def test_spellings_that_are_read(text: str, confidence: float) -> None:
    assert stated_confidence(text) == pytest.approx(confidence)


@pytest.mark.parametrize("text", NOT_READ)
def test_what_would_have_to_be_guessed(text: str) -> None:
    assert stated_confidence(text) is None


def test_the_request_itself_states_none() -> None:
    assert stated_confidence(REQUEST) is None
    assert split_statement(f"Paris. {REQUEST}") == (f"Paris. {REQUEST}", None)


@pytest.mark.parametrize(
    ("text", "answer", "confidence"),
    [
        ("Paris\nConfidence: 85%", "Paris", 0.85),
        ("Paris (confidence: 85%).", "Paris", 0.85),
        ("**Paris**\n**Confidence: 85%**", "**Paris**", 0.85),
        ("Paris. My confidence is 85%.", "Paris.", 0.85),
        ("Paris, with a confidence of 85%.", "Paris", 0.85),
        ("Paris. I am 85% sure.", "Paris.", 0.85),
        ("Paris, 85% sure", "Paris", 0.85),
        ("Vitamin A\nConfidence: 85%", "Vitamin A", 0.85),
        ("Vitamin A (Confidence: 85%)", "Vitamin A", 0.85),
        ("Confidence: 85%\nParis", "Paris", 0.85),
        ("About 70% of it.\n\nConfidence: 90%", "About 70% of it.", 0.9),
        ("Paris. Confidence: 85% because 9 of 10 books say so", "Paris.\nbecause 9 of 10 books say so", 0.85),
        ("I'm 85% sure it's Paris", "I'm 85% sure it's Paris", 0.85),
        # A hedge stays for the grader, a statement that cannot be read is cut all the same.
        ("Paris. I'm not 100% sure.", "Paris. I'm not 100% sure.", None),
        ("Paris. Confidence: 120%", "Paris.", None),
        ("Paris. Confidence: high", "Paris. Confidence: high", None),
        # A number alone is an answer, a statement alone is none.
        ("70%", "70%", None),
        ("Confidence: 85%", "", 0.85),
        ("", "", None),
    ],
)
def test_the_answer_without_its_statement(text: str, answer: str, confidence: float | None) -> None:
    assert split_statement(text) == (answer, confidence)


@given(st.integers(0, 100), st.text(alphabet="abc XYZ,.\n", max_size=40))
def test_a_statement_behind_any_words_is_read_and_cut(percent: int, words: str) -> None:
    answer, confidence = split_statement(f"{words}\n(Confidence: {percent}%)")
    assert confidence == pytest.approx(percent / 100)
    assert answer == words.strip().removesuffix(",").strip()


@given(st.text(max_size=200))
def test_no_text_gives_anything_but_a_probability(text: str) -> None:
    found = stated_confidence(text)
    assert found is None or 0 <= found <= 1
    assert len(split_statement(text)[0]) <= len(text)


@pytest.mark.parametrize("piece", [" ", "\n", "9 ", "and ", "confidence (", "I am ", "confidence level ", "9"])
def test_long_answers_take_no_longer_than_they_are(piece: str) -> None:
    assert stated_confidence(piece * 20_000) is None  # quadratic time would take minutes
