"""The pool of workers: they are hired, load the model, answer and die."""

from __future__ import annotations

import textwrap
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from ...errors import RowError

# After as many deaths on the same work it is the work that kills.
_DEATHS = 3

Call = tuple[tuple[Any, ...], dict[str, Any]]
"""Positional and named arguments of a method."""


class WorkerPool:
    """Workers of one model; one that dies is replaced and its work done again.

    Parameters
    ----------
    hire : callable
        Starts a worker.
    n_workers : int
        How many there are.

    Attributes
    ----------
    identity : tuple
        Name, revision and description that the first worker gives of its model; another one is refused.
    """

    identity: tuple[str, str, dict[str, str]]

    def __init__(self, hire: Callable[[], Any], n_workers: int) -> None:
        self._new = hire
        self._idle: list[Any] = []
        self._loading: dict[Any, Any] = {}  # workers by the promise of their identity
        self._deaths = 0  # while loading, in a row
        self._warned: set[str] = set()
        for _ in range(n_workers):
            self._hire()
        while not self._idle:
            self.wait({})

    def answers(
        self, method: str, calls: Sequence[Call], *, day: date | None, units: Sequence[Sequence[int]] = ()
    ) -> Iterator[tuple[int, Any]]:
        """Answers of workers by the number of the call, as they come.

        Parameters
        ----------
        method : str
            What the model is asked.
        calls : sequence of tuple
            Arguments of each call.
        day : date, optional
            The date that chat templates write.
        units : sequence of sequence of int
            Prompts of each call, by which errors name them.

        Raises
        ------
        RuntimeError
            If workers die over the same call again and again.
        """
        import ray

        waiting = deque(range(len(calls)))
        running: dict[Any, tuple[Any, int]] = {}  # the promise of each: who computes what
        deaths: Counter[int] = Counter()
        try:
            while waiting or running:
                while waiting and self._idle:
                    worker, number = self._idle.pop(), waiting.popleft()
                    values, named = calls[number]
                    running[worker.answer.remote(method, values, named, day)] = worker, number
                promise = self.wait(running)
                if promise is None:
                    continue
                worker, number = running.pop(promise)
                try:
                    result, messages = ray.get(promise)
                except ray.exceptions.RayTaskError as error:
                    self._idle.append(worker)
                    cause = error.cause
                    if units and isinstance(cause, RowError):
                        cause.row = units[number][cause.row]
                    raise cause from error
                except ray.exceptions.RayError as error:
                    deaths[number] += 1
                    if deaths[number] == _DEATHS:
                        raise RuntimeError(_dead("on the same work", error)) from None
                    waiting.append(number)  # last, so that work that kills lets the rest be done before
                    self._hire()
                    continue
                self._idle.append(worker)
                for text in sorted(set(messages) - self._warned):
                    warnings.warn(text, stacklevel=4)
                self._warned.update(messages)
                yield number, result
        finally:
            # Where the caller stops: they finish what they have, and then what comes next.
            self._idle += [worker for worker, _ in running.values()]

    def _hire(self) -> None:
        worker = self._new()
        self._loading[worker.identity.remote()] = worker

    def wait(self, running: dict[Any, Any]) -> Any | None:
        """Promise that is finished; none if it is a worker that loaded or died."""
        import ray

        (promise,), _ = ray.wait([*self._loading, *running])
        if promise in running:
            return promise
        worker = self._loading.pop(promise)
        try:
            identity = ray.get(promise)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except ray.exceptions.RayError as error:
            self._deaths += 1
            if self._deaths == _DEATHS:
                raise RuntimeError(_dead("while they loaded the model", error)) from None
            self._hire()
            return None
        self._deaths = 0
        if not hasattr(self, "identity"):
            self.identity = identity
        if identity != self.identity:
            raise ValueError(f"all workers must load the same model, got {self.identity} and {identity}")
        self._idle.append(worker)
        return None


def _dead(when: str, error: Exception) -> str:
    reason = str(error).rpartition("Worker exit detail:")[2]
    return (
        f"{_DEATHS} workers in a row died {when} (out of memory? fewer workers or a smaller batch size need less); "
        f"what Ray says of the last: {textwrap.shorten(reason, 400)}"
    )
