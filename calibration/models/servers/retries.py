"""Waits that servers ask for with the header ``Retry-After``."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event
from time import monotonic

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Lengths beyond it say nothing.
_MOST_DAYS = 36_500
# An interrupt may reach another thread, so the one that waits looks up now and then.
_SLICE = 0.5


def requested_seconds(retry_after: str) -> float:
    """Seconds that a server asks to wait; 0 if the header holds none.

    It may hold a number of seconds or a date to come.

    Parameters
    ----------
    retry_after : str
        The header's value; infinity is returned for more seconds than a float holds.

    Examples
    --------
    >>> requested_seconds("120"), requested_seconds("soon"), requested_seconds("-5")
    (120.0, 0.0, 0.0)
    >>> requested_seconds("Wed, 21 Oct 2015 07:28:00 GMT"), requested_seconds("9" * 400)
    (0.0, inf)
    """
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)
        return max((date - datetime.now(UTC)).total_seconds(), 0.0)
    # Years, zones and fields that no calendar has.
    except (ValueError, TypeError, IndexError, ArithmeticError):
        return 0.0


def duration_text(seconds: float) -> str:
    """A length of time in words that suit it.

    Examples
    --------
    >>> duration_text(90), duration_text(400), duration_text(86_400), duration_text(1e6), duration_text(1e11)
    ('90 s', '7 minutes', '24 hours', '12 days', 'more than 36,500 days')
    """
    if seconds <= 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds > _MOST_DAYS * _DAY:
        return f"more than {_MOST_DAYS:,} days"
    if seconds <= 2 * _HOUR:
        return f"{math.ceil(seconds / _MINUTE)} minutes"
    if seconds <= 2 * _DAY:
        return f"{math.ceil(seconds / _HOUR)} hours"
    return f"{math.ceil(seconds / _DAY):,} days"


def pause(seconds: float, give_up: Event) -> None:
    """Wait until an event is set; an interrupt of any thread ends it."""
    end = monotonic() + seconds
    while (left := end - monotonic()) > 0 and not give_up.wait(min(left, _SLICE)):
        pass
