"""Collection: answers of a model, kept in a run folder part by part."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import polars as pl

from ..models.memory import is_out_of_memory
from .run_writer import RunWriter

# A part is written after this many seconds, so that little is lost to a kill and the disk is not kept busy.
_PART_SECONDS = 10.0

Progress = Callable[[int, int], None]


def collect(
    pieces: Iterable[list[dict[str, Any]]],
    *,
    run: RunWriter | None,
    finished: pl.DataFrame,
    n_items: int,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Rows as they come, written part by part; an interrupt keeps what was answered.

    The caller holds the lock of the run's folder (`calibration.runs.locks.locked`).

    Parameters
    ----------
    pieces : iterable of list of dict
        Rows that were found together.
    run : RunWriter, optional
        Where they are written; if omitted, nowhere.
    finished : polars.DataFrame
        Rows of an earlier start; its schema is that of the table.
    n_items : int
        How many rows there will be in the end.
    progress : callable, optional
        Called with the number of rows done and of all.

    Returns
    -------
    polars.DataFrame
        Earlier rows, then the new ones in the order in which they came.

    Raises
    ------
    MemoryError
        Where the memory did not suffice for what was asked together, saying how to continue.
    OSError
        Where a part cannot be written, as on a full disk; the parts before it are kept.
    """
    rows: list[dict[str, Any]] = []
    parts = [finished]
    n_done = finished.height
    if progress:
        progress(n_done, n_items)

    def keep() -> None:
        if rows:
            part = pl.DataFrame(rows, schema=finished.schema)
            rows.clear()  # first: an interrupt while the part is written must not have it written twice
            if run is not None:
                run.append(part)
            parts.append(part)

    with nullcontext() if run is None else _writing():
        last = time.monotonic()
        try:
            for piece in pieces:
                rows += piece
                n_done += len(piece)
                if progress:
                    progress(n_done, n_items)
                if time.monotonic() - last > _PART_SECONDS:
                    keep()
                    last = time.monotonic()
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            kept = "" if run is None else "what was done is kept, "
            raise MemoryError(
                f"out of memory after {n_done} of {n_items}: {kept}continue with less at a time (--batch-size)"
            ) from error
        finally:
            keep()
            if run is not None:
                n_kept = sum(part.height for part in parts)  # without what a full disk did not take
                run.update(state="complete" if n_kept == n_items else "running")
    return pl.concat(parts)


@contextmanager
def _writing() -> Iterator[None]:
    """Errors of the disk are told with what they mean for the run."""
    try:
        yield
    except OSError as error:
        if error.filename is None:  # of a server, not of a file
            raise
        reason = f"{error.strerror}; what was written before is kept, the same command continues"
        raise OSError(error.errno, reason, error.filename) from None
