"""A format of logs: how it is recognised and read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .log import Log
from .options import LogOptions
from .source import Source


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format of logs.

    Attributes
    ----------
    name : str
        What ``--format`` calls it.
    what : str
        Which files, in a line.
    recognises : callable
        Whether a file is of this format, by its content.
    read : callable
        Logs of all files of the format, a log a task, model and date.
    last : bool
        Whether it is taken only for files that no other format recognises.
    options : tuple of str
        Names of the `LogOptions` that mean something to it, beside ``task`` and ``model``.
    """

    name: str
    what: str
    recognises: Callable[[Source], bool]
    read: Callable[[Sequence[Source], LogOptions], list[Log]]
    options: tuple[str, ...] = ()
    last: bool = False
