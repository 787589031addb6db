"""Progress of long work in a log, or in a notebook."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from .notebook_bar import NotebookBar, bar_text, in_notebook


class ProgressLog:
    """Progress as lines of a log: one a minute, one at the end.

    In a notebook it is one line that is written anew.
    """

    def __init__(self, label: str, say: Callable[[str], None], *, rate: bool, every: float = 60.0) -> None:
        self.label, self.say, self.rate, self.every = label, say, rate, every
        self.start = self.last = time.monotonic()
        self.first: int | None = None
        self.state = self.written = (0, 0)
        self.bar = NotebookBar() if in_notebook() else None

    def show(self, done: int, total: int) -> None:
        """Take note of how far the work is; write it if it is time."""
        now = time.monotonic()
        if self.first is None:  # what an earlier run left is no speed of this one
            self.first, self.start = done, now
        self.state = (done, total)
        if self.bar is not None:
            self.bar.show(f"{self.label} {bar_text(done, total)}  {self._speed(now)}", last=done >= total)
        elif done >= total or now - self.last >= self.every:
            self.write()

    def write(self) -> None:
        """Write how far the work is, unless that is written."""
        if self.state == self.written or self.bar is not None:
            return
        self.written, self.last = self.state, time.monotonic()
        done, total = self.state
        self.say(f"{self.label}: {done:,} of {total:,}, {self._speed(self.last)}")

    def _speed(self, now: float) -> str:
        """Items a second, and the time gone and left."""
        done, total = self.state
        n_new, elapsed = done - (self.first or 0), now - self.start
        left = (total - done) * elapsed / n_new if n_new else None
        parts = [rate_text(n_new, elapsed) if self.rate else "", times_text(elapsed, left)]
        return ", ".join(part for part in parts if part)


def rate_text(n_done: float, seconds: float) -> str:
    """Items a second; empty before the first.

    Examples
    --------
    >>> rate_text(30, 20.0)
    '1.5 items/s'
    """
    return f"{n_done / seconds:.1f} items/s" if n_done > 0 and seconds > 0 else ""


def times_text(elapsed: float, left: float | None) -> str:
    """Time gone and, if it is known, left.

    Examples
    --------
    >>> times_text(61.0, 9.0)
    '0:01:01, 0:00:09 left'
    """
    gone = timedelta(seconds=int(elapsed))
    return f"{gone}, {timedelta(seconds=int(left))} left" if left else str(gone)
