"""The header Retry-After: what is a time, what is none, and how long a time is in words."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.models.servers.retries import duration_text, pause, requested_seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7.5 ", 7.5),
        ("99999999999", 99999999999),
        ("9" * 400, math.inf),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("+5", 0),
        ("1e9", 0),
        ("inf", 0),
        ("nan", 0),
        ("٣", 0),
        ("120, 60", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", 0),
        ("Mon, 01 Jan 2024 00:00:00 +999999999999999999", 0),
        ("Mon, 32 Jan 2024 00:00:00 GMT", 0),
        ("Sat, 01 Jan 0001 00:00:00 +2359", 0),
    ],
)
def test_seconds(header: str, seconds: float) -> None:
    assert requested_seconds(header) == seconds


def test_a_date_to_come() -> None:
    for zone in (UTC, None):
        date = format_datetime((datetime.now(UTC) + timedelta(hours=3)).replace(tzinfo=zone))
        assert 3 * 3600 - 10 < requested_seconds(date) <= 3 * 3600
    for header in ("Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"):
        assert requested_seconds(header) > 1e11


@given(st.text())
def test_any_header_is_a_time_or_none(header: str) -> None:
    assert requested_seconds(header) >= 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (120, "120 s"),
        (301, "6 minutes"),
        (7200, "120 minutes"),
        (7201, "3 hours"),
        (48 * 3600, "48 hours"),
        (48 * 3600 + 1, "3 days"),
        (1e8, "1,158 days"),
        (99999999999, "more than 36,500 days"),
        (math.inf, "more than 36,500 days"),
    ],
)
def test_words(seconds: float, words: str) -> None:
    assert duration_text(seconds) == words


def test_a_pause_ends_with_what_it_is_for() -> None:
    """It looks up often enough for an interrupt that reaches another thread."""
    given_up = Event()
    given_up.set()
    pause(1e9, given_up)
    pause(0.0, Event())
    slices: list[float] = []

    class Counted(Event):
        def wait(self, timeout: Any = None) -> bool:
            slices.append(timeout)
            return len(slices) == 3

    pause(1e9, Counted())
    assert len(slices) == 3
    assert max(slices) <= 1
