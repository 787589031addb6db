"""Progress in a notebook: one line of plain text that is written anew."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

_WIDTH = 24
# Seconds between two states: more often would only slow the work.
_EVERY = 0.5


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this program.

    Examples
    --------
    >>> in_notebook()
    False
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"


class NotebookBar:
    """One output of a cell, in plain text, that every state replaces."""

    def __init__(self) -> None:
        self.output: Any = None
        self.shown = -_EVERY

    def show(self, line: str, *, last: bool) -> None:
        """Put a line in the place of the one before, unless that is new."""
        now = time.monotonic()
        if now - self.shown < _EVERY and not last:
            return
        display: Callable[..., Any] = sys.modules["IPython.display"].display

        self.shown = now
        data = {"text/plain": line}
        if self.output is None:
            self.output = display(data, raw=True, display_id=True)
        else:
            self.output.update(data, raw=True)


def bar_text(done: int, total: int) -> str:
    """A bar of characters, and how many of how many.

    Examples
    --------
    >>> bar_text(30, 120)
    '██████░░░░░░░░░░░░░░░░░░ 30/120'
    """
    filled = _WIDTH * min(done, total) // total if total else 0
    return f"{'█' * filled}{'░' * (_WIDTH - filled)} {done:,}/{total:,}"
