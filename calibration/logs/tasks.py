"""The task that is read, of several in the same files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from ..nearest_names import nearest

T = TypeVar("T")


def of_task(logs: Iterable[T], task: str | None, name: Callable[[T], str], *, paths: Sequence[Path]) -> Iterable[T]:
    """Logs of a task; all if none is named.

    Parameters
    ----------
    logs : iterable
        Logs, or what they are read from.
    task : str or None
        The name.
    name : callable
        The task of a log.
    paths : sequence of Path
        The files, for messages.

    Raises
    ------
    ValueError
        If no log is of the task, with the names of those that there are.
    """
    if task is None:
        return logs
    known = list(logs)
    taken = [log for log in known if name(log) == task]
    if not taken:
        names = sorted({name(log) for log in known})
        raise ValueError(f"{shown_paths(paths)}: no task {task!r}; there are: {', '.join(names)}{nearest(task, names)}")
    return taken


def shown_paths(paths: Sequence[Path]) -> str:
    """The first path, and how many more there are."""
    first = str(paths[0])
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1} more"
