"""What must hold of models behind servers: alternatives, tokens' spellings, parameters."""

from __future__ import annotations

import re

from .case_folders import exits, lines

ADDRESS = r"http://127\.0\.0\.1:\d+/v1/completions: "
# What is said of answers that are not read, without "veracal: ".
ODD = {
    "twice": r"item \S+: " + ADDRESS + "two tokens are spelt ' [A-D]'",
    "infinite": r"item \S+: " + ADDRESS + "a log-probability must be .*, the server gives -inf for ' [A-D]'",
    "nan": r"item \S+: " + ADDRESS + "a log-probability must be .*, the server gives nan for ' [A-D]'",
    "positive": r"item \S+: " + ADDRESS + r"a log-probability must be .*, the server gives 1\.0 for ' [A-D]'",
    "error": ADDRESS + r"the answer is not a whole JSON object with 'choices' but .*overloaded.* \(6 tries\)",
    "cut": ADDRESS + r"the connection broke .* \(6 tries\)",
}


def fewer_alternatives(text: str) -> None:
    assert exits(text) == [0, 0, 0]
    assert [line.split(":")[0] for line in lines(text, "40 items in")] == [*["40 items in run"] * 2, "40 items in run2"]
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
    assert lines(text, "2 answers in run")
    assert re.search(r"^science +2 .* 0 \[0–66\]$", text, re.MULTILINE)
    assert lines(text, "40 items in run2:")


def key_echoed(text: str) -> None:
    assert "THE KEY STANDS IN" not in text
    assert "1234567890" not in text
    habits = ("message", "text", "html", "escaped", "choices", "model", "status")
    for habit, message in zip(habits, lines(text, "veracal: http://127.0.0.1:"), strict=True):
        assert f"{habit}: exit 1" in text
        assert "***" in message, habit
    assert "revision: exit 0" in text
    assert "answer: exit 0" in text


def retry_after(text: str) -> None:
    waits = re.findall(
        r"^Retry-After: (.*): exit (\d+) (?:\(.*\) )?after \d+ s, asked (\d+) times$", text, re.MULTILINE
    )
    assert [status for _, status, _ in waits] == [*["0"] * 4, *["1"] * 3, "124"]
    # What is no time is no reason to end: the server is asked again.
    assert all(int(asked) > 1 for _, _, asked in waits[:4])
    ends = lines(text, "veracal: http://127.0.0.1:")
    assert len(ends) == 3
    assert all(re.search(r"it asks to wait (more than )?[\d,]+ (days|hours)|until \d{4}-", end) for end in ends)
    (told,) = lines(text, "veracal: warning: ")
    assert "waits 299 s, as the server asks" in told
    assert "unexpected" not in text
    assert not re.search(r"\binf s\b|\d{9,} s\b", text)


def odd_answers(text: str) -> None:
    outcomes = re.findall(r"^(\w+): exit (\d+)((?:\nveracal: .*)*)\n   accuracy (\S+)$", text, re.MULTILINE)
    told = {habit: rest for habit, *rest in outcomes}
    assert told.keys() == {"plain", "order", *ODD}
    status, messages, accuracy = told.pop("plain")
    assert (status, messages) == ("0", "")
    assert 0 < float(accuracy) < 1
    assert told.pop("order") == ["0", "", accuracy]
    for habit, (status, messages, numbers) in told.items():
        assert (status, numbers) == ("1", "none"), habit
        assert re.search(rf"^\nveracal: {ODD[habit]}", messages), habit
