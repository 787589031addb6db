"""Queues of requests: some under way at once, answered in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from itertools import islice
from threading import Event
from typing import TypeVar

Result = TypeVar("Result")

# An interrupt may reach another thread, so the one that waits looks up now and then.
_SLICE = 0.5


def in_turn(
    rows: Iterable[int], answer: Callable[[int, Event], Result], batch_size: int
) -> Iterator[tuple[list[int], Result]]:
    """Each row with its answer in order, `batch_size` of them at a time.

    Once a row fails no other is begun or tried again; the answers that came all the same are given before it is raised,
    so that they are kept.

    Parameters
    ----------
    rows : iterable of int
        What is asked.
    answer : callable
        Asks for one row; the event is set where it need not try again.
    batch_size : int
        How many are under way at once.

    Examples
    --------
    >>> list(in_turn(range(3), lambda row, give_up: row * row, 2))
    [([0], 0), ([1], 1), ([2], 4)]
    """
    give_up = Event()
    todo = iter(rows)
    failure: OSError | ValueError | None = None
    pool = ThreadPoolExecutor(batch_size, thread_name_prefix="veracal")
    try:
        # Twice as many as are under way, so that none waits for the slowest.
        queue = deque((row, pool.submit(answer, row, give_up)) for row in islice(todo, 2 * batch_size))
        while queue:
            row, future = queue.popleft()
            try:
                result = _awaited(future)
            except CancelledError:
                continue
            except (OSError, ValueError) as error:
                failure = failure or error
                give_up.set()
                for _, waiting in queue:
                    waiting.cancel()
                todo = iter(())
                continue
            yield [row], result
            queue.extend((row, pool.submit(answer, row, give_up)) for row in islice(todo, 1))
        if failure is not None:
            raise failure
    finally:
        give_up.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _awaited(future: Future[Result]) -> Result:
    """Result of a future; an interrupt of any thread ends the wait."""
    while not wait([future], timeout=_SLICE).done:
        pass
    return future.result()
