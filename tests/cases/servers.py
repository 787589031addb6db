"""What must hold of models behind servers: alternatives, tokens' spellings, parameters."""

from __future__ import annotations

import re

from .case_folders import exits, lines


def fewer_alternatives(text: str) -> None:
    assert exits(text) == [0, 0, 0]
    assert [line.split(";")[0] for line in lines(text, "40 items in")] == [*["40 items in run"] * 2, "40 items in run2"]
    (warning,) = lines(text, "veracal: warning: ")
    assert "the server gives the log-probabilities of the 10 likeliest next tokens, 20 were asked for" in warning
    assert "upper bounds" in warning


def token_spelling(text: str) -> None:
    assert re.findall(r"^(\w+): exit (\d)", text, re.MULTILINE) == [
        ("pieces", "0"),
        ("sentencepiece", "0"),
        ("think_far", "1"),
    ]
    (message,) = lines(text, "veracal: item ")
    assert "none of the letters is among the 20 likeliest tokens" in message
    assert "'<think>'" in message
    assert "must give each of the letters" not in text


def server_parameters(text: str) -> None:
    assert exits(text) == [0, 0, 0]
    assert lines(text, "2 answers in run;")
    assert re.search(r"^science +2 .* 0 \[0–66\]$", text, re.MULTILINE)
    assert lines(text, "40 items in run2;")


def key_echoed(text: str) -> None:
    assert "THE KEY STANDS IN" not in text
    assert "1234567890" not in text
    habits = ("message", "text", "html", "escaped", "choices", "model", "status")
    for habit, message in zip(habits, lines(text, "veracal: http://127.0.0.1:"), strict=True):
        assert f"{habit}: exit 1" in text
        assert "***" in message, habit
    assert "revision: exit 0" in text
    assert "answer: exit 0" in text
