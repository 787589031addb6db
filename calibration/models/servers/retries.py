"""Retries: which faults of a server pass, and how long to wait for that."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event, Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from ...errors import ServerError

if TYPE_CHECKING:
    from tenacity import RetryCallState

# What the next try may find gone: too many requests, a server or a gateway that stumbles or is overloaded.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_TOO_MANY = 429
_LONGEST_PAUSE = 60.0
# A server that asks to wait longer (a quota of the day) is not waited for.
_LONGEST_WISH = 300.0
# A wait from which a reader is told.
_NOTABLE_WISH = 5.0
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Lengths beyond it say nothing.
_MOST_DAYS = 36_500
# An interrupt may reach another thread, so the one that waits looks up now and then.
_SLICE = 0.5


class PassingError(Exception):
    """Fault that may be gone at the next try.

    `wish` is how many seconds the server asks to wait.
    """

    def __init__(self, reason: str, *, wish: float = 0.0, advice: str = "") -> None:
        super().__init__(reason)
        self.wish = wish
        self.advice = advice or "see that the server is well; what was done is kept, the same command continues"


class Retries:
    """Tries of requests to one server.

    Parameters
    ----------
    url : str
        Its address, for warnings.
    pause : float
        Seconds that the first pause between two tries lasts at most; it doubles from try to try, up to a minute.
    """

    def __init__(self, url: str, *, pause: float) -> None:
        self.url = url
        self.pause = pause
        self._waits_until = 0.0
        self._lock = Lock()

    def call(
        self, url: str, once: Callable[[], dict[str, Any]], *, attempts: int, give_up: Event | None = None
    ) -> dict[str, Any]:
        """Result of the first try without a `PassingError`.

        Parameters
        ----------
        url : str
            What is asked, for the error.
        once : callable
            One try.
        attempts : int
            Most tries.
        give_up : Event, optional
            Once it is set nothing is tried again.

        Raises
        ------
        ServerError
            For faults that did not pass.
        """
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt
        from tenacity.stop import stop_when_event_set

        give_up = give_up or Event()
        retrying = Retrying(
            stop=stop_after_attempt(attempts) | stop_when_event_set(give_up),
            wait=self._wait,
            before_sleep=self._warn_of_wait,
            sleep=lambda seconds: pause(seconds, give_up),
            retry=retry_if_exception_type(PassingError),
            reraise=True,
        )
        try:
            return retrying(once)
        except PassingError as error:
            tries = retrying.statistics["attempt_number"]
            raise ServerError(f"{url}: {error} ({tries} {'try' if tries == 1 else 'tries'}); {error.advice}") from None

    def _warn_of_wait(self, state: RetryCallState) -> None:
        """Tell of a wait that the server asks for: once, however many requests wait."""
        error = state.outcome.exception() if state.outcome else None
        if not isinstance(error, PassingError) or error.wish < _NOTABLE_WISH:
            return
        with self._lock:
            now = monotonic()
            if now < self._waits_until:
                return
            self._waits_until = now + error.wish
        warnings.warn(f"{self.url}: {error}; waits {error.wish:.0f} s, as the server asks", stacklevel=2)

    def _wait(self, state: RetryCallState) -> float:
        """Seconds up to the next try: twice as long each time.

        They are blurred, so that not all come back at once.
        """
        from tenacity import wait_random_exponential

        error = state.outcome.exception() if state.outcome else None
        wish = error.wish if isinstance(error, PassingError) else 0.0
        return wish + wait_random_exponential(multiplier=self.pause, max=_LONGEST_PAUSE)(state)


def refuse_passing(url: str, status: int, what: str, *, retry_after: str) -> None:
    """Raise for an HTTP status that may pass.

    Parameters
    ----------
    url : str
        What was asked.
    status : int
        HTTP status of the answer; nothing is raised for one that will not pass.
    what : str
        The fault in words.
    retry_after : str
        The header of that name; empty if there is none.

    Raises
    ------
    PassingError
        To be tried again.
    ServerError
        If the server asks to wait longer than is reasonable.
    """
    if status not in _PASSING:
        return
    wish = requested_seconds(retry_after)
    if wish > _LONGEST_WISH:
        raise ServerError(
            f"{url}: {what}; it asks to wait {duration_text(wish)}: what was done is kept, the same command "
            "continues after that"
        )
    limited = "ask for less at a time (--batch-size); what was done is kept, the same command continues"
    raise PassingError(what, wish=wish, advice=limited if status == _TOO_MANY else "")


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
