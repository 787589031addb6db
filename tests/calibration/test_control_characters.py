"""Characters that a terminal obeys are written out; all that people read stays."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest

from calibration.control_characters import escaped, escaped_json, escaped_line

JOINERS = "\u200c\u200d"
# Format characters that are seen: signs of Arabic, Syriac, Kaithi, Egyptian and shorthand texts.
SEEN = {"Arab", "ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN", "SHORTHAND", "MUSICAL"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x1b]8;;http://a.invalid\x1b\\link", r"\x1b]8;;http://a.invalid\x1b" + "\\link"),
        ("\x9b2J and \x9d0;t\x9c", r"\x9b2J and \x9d0;t\x9c"),
        ("over\rwritten", r"over\rwritten"),
        ("\u202eabc\u202c \u2066def\u2069 \u200f\u061c", r"\u202eabc\u202c \u2066def\u2069 \u200f\u061c"),
        ("ba\u200bse\ufeff\u2060\xad", r"ba\u200bse\ufeff\u2060\xad"),
        ("one\u2028two\u2029three\x85", r"one\u2028two\u2029three\x85"),
        ("tag \U000e0041", r"tag \U000e0041"),
        ("half \ud83d", r"half \ud83d"),
    ],
)
def test_what_a_terminal_obeys_is_written_out(text: str, shown: str) -> None:
    assert escaped(text) == shown
    assert escaped_line(text) == shown


@pytest.mark.parametrize("text", ["école", "日本語　文", "שלום", "می\u200cخواهم", "👩\u200d🔬", "a\\x1b", "−0,5 €", ""])
def test_what_people_write_stays(text: str) -> None:
    assert escaped(text) == escaped_line(text) == text


def test_lines_and_tabs_stay_in_a_text_and_not_in_a_line() -> None:
    assert escaped("one\n\ttwo") == "one\n\ttwo"
    assert escaped_line("one\n\ttwo") == r"one\n\ttwo"


def test_every_control_character_and_every_unseen_mark_is_written_out() -> None:
    kept = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and escaped_line(character) == character
    ]
    unseen = [character for character in kept if unicodedata.name(character, "").split()[0] not in SEEN]
    assert "".join(unseen) == JOINERS


def test_json_means_the_same() -> None:
    value = {"a\u202e": "\x1b[31m \x9b \U000e0041 \n é 👩\u200d🔬"}
    text = escaped_json(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(text) == value
    assert text.splitlines() == ["{", r' "a\u202e": "\u001b[31m \u009b \udb40\udc41 \n é 👩‍🔬"', "}"]
