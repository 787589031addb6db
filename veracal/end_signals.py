"""Signals that end a process, as exceptions, so that work is cleaned up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


class EndedBySignal(BaseException):
    """The system, a scheduler or a closed terminal ends this process.

    Attributes
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def end_signals_raised() -> Iterator[None]:
    """Raise `EndedBySignal` instead of ending on the spot; ignored signals stay ignored."""
    if threading.current_thread() is not threading.main_thread():  # only there Python lets signals be handled
        yield
        return
    handled = [number for number in _ENDING if signal.getsignal(number) is signal.SIG_DFL]
    for number in handled:
        signal.signal(number, _raise)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)


def _raise(number: int, _frame: FrameType | None) -> None:
    raise EndedBySignal(number)
