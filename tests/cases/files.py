"""What must hold of items in files: answer keys, encodings, empty options, spreadsheets."""

from __future__ import annotations

import re

from .case_folders import exits, lines


def arc_digit_keys(text: str) -> None:
    assert "key:" not in text
    assert "correct:" not in text
    mixed = re.findall(r"ValueError: (\S+): .* got letters and digits: 'A' \(line (\d)\) and '1' \(line (\d)\)", text)
    assert mixed == [("items.jsonl", "1", "2"), ("with4.jsonl", "1", "2"), ("letters.csv", "2", "3")]
    (counted,) = lines(text, "from1.csv ValueError: from1.csv: the answers are digits and never 0")
    assert "--answers from-one|from-zero|text" in counted


def mmlu_folder_bom(text: str) -> None:
    assert "['How many legs has a spider?', 'How many days has a week?']" in text
    (bom, plain) = re.findall(r" ([0-9a-f]{16})\b", lines(text, "['How many legs")[0])
    assert bom == plain
    assert "first shot of every prompt: 'Which colour has a ripe lemon?'" in text
    assert exits(text) == [0, 0]
    of_plain, of_bom = ([line.removeprefix(name) for line in lines(text, f"{name} ")] for name in ("plain", "bom"))
    assert len(of_plain) == 2
    assert of_plain == of_bom


def empty_and_none_options(text: str) -> None:
    assert "none.csv ('None', 'Two', 'One', 'Three') key: 'None'" in text
    assert "none.csv ('NaN', 'null', 'N/A') key: 'null'" in text
    assert "blank.csv ('two', 'four', 'six') key: 'four'" in text
    for name, where in (
        ("lost.csv", "lost.csv, line 2"),
        ("null.jsonl", "null.jsonl, line 1"),
        ("empty.jsonl", "empty.jsonl, line 1"),
        ("mmlu", "mmlu/test/counts_test.csv, line 1"),
    ):
        (line,) = lines(text, f"{name} ")
        assert line.startswith(f"{name} ValueError: {where}: ")
        assert "empty" in line
    # The prompt of an item without its right option is not made.
    assert "Answer:" not in text


def spreadsheet_csv(text: str) -> None:
    item = "[Item(id='0', subject='', question='{}', options=('red', 'yellow'), answer=1)]"
    lemon = item.format("Which colour has a ripe lemon?")
    for name in ("semicolons", "spaces", "choices"):
        assert lines(text, name) == [f"{name} {lemon}"]
    assert lines(text, "crlf") == ["crlf " + item.format(r"Which colour has\na ripe lemon?")]
    (utf16,) = lines(text, "utf16")
    assert "utf16.csv: must be UTF-8, this is UTF-16; save it as UTF-8" in utf16
    (latin1,) = lines(text, "latin1")
    assert "latin1.csv, line 2: must be UTF-8" in latin1
    assert "probably Latin-1" in latin1
    assert "save it as UTF-8" in latin1
    assert "got None" not in text
