"""A text that would break a terminal, and what may be shown of it."""

from __future__ import annotations

import re

import pytest

EVIL = "m\x1b]0;title\x07\x1b[31m\r\u202e\x9b2J[bold]:smile:\nveracal: done"
SHOWN = r"m\x1b]0;title\x07\x1b[31m\r\u202e\x9b2J[bold]:smile:\nveracal: done"
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """What was shown, on both streams."""
    seen = capsys.readouterr()
    text = seen.out + seen.err
    assert OBEYED.findall(text) == []
    assert not any(line.startswith("veracal: done") for line in text.splitlines())
    return text
