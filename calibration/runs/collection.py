"""Collection: rows that a run lacks, kept as a model answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ..files.digest import digest
from ..models.memory import is_out_of_memory
from ..models.prompt_errors import prompts_named
from ..models.protocol import Prompt
from ..predictions.further_columns import joined
from .folder import Run
from .locks import locked
from .run_kinds import PREDICTIONS, Key, RunKind
from .run_writer import RunWriter

# A part is written after this many seconds, so that little is lost to a kill and the disk is not kept busy.
_PART_SECONDS = 10.0

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class AskedRun:
    """What a run asks and what decides its numbers, known before anything is asked.

    Attributes
    ----------
    kind : RunKind
        What the run holds.
    prompts : mapping of tuple to Prompt
        Every prompt of the run by its key (`RunKind.keys`), in the order of the run.
    keys : sequence of tuple
        Keys of the prompts that are asked here, in the order of the run: all, or those of a shard.
    settings : mapping
        What decides the numbers beside the prompts: those of the model (`model_settings`), and others.
    texts : polars.DataFrame, optional
        Texts of what is asked, for the folder (`RunWriter.open`).
    n_items : int, optional
        Number of items that the manifest names; if omitted, that of the texts.
    notes : mapping
        What a new run's manifest says beside its settings (`RunWriter.open`).
    if_too_long : str
        What helps if a prompt is too long, for messages.
    """

    kind: RunKind = PREDICTIONS
    prompts: Mapping[Key, Prompt]
    keys: Sequence[Key]
    settings: Mapping[str, Any]
    texts: pl.DataFrame | None = None
    n_items: int | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    if_too_long: str


@contextmanager
def resumed(out: str | Path | None, asked: AskedRun) -> Iterator[ResumedRun]:
    """Lock a run folder, and hold what it has against what is asked.

    Everything that can be refused is refused before a run is made: here for its settings, and the prompts of the rows
    that the folder holds; then by the model, which is asked for what is not `ResumedRun.done`. Only
    `ResumedRun.filled` makes the run, or continues it. Errors about a prompt name what it asks.

    Parameters
    ----------
    out : str or Path, optional
        Run folder; if omitted, nothing is written.
    asked : AskedRun
        What the run asks.

    Raises
    ------
    SettingsDifferError, ValueError
        As `locked`, `Run.finished` and `prompts_named`.
    """
    kind, prompts = asked.kind, asked.prompts
    texts = {key[:1] if kind.drawn else key: prompt.text for key, prompt in prompts.items()}
    settings = {**asked.settings, "prompts": digest("\x1e".join(texts.values()))}
    hashes = {key: digest(prompt.text) for key, prompt in prompts.items()}
    names = [f"{kind.key} {key[0]}" for key in asked.keys]
    with locked(out), prompts_named(names, if_too_long=asked.if_too_long):
        finished = Run.finished(out, settings, kind=kind, hashes=hashes)
        yield ResumedRun(out, replace(asked, settings=settings), hashes, finished)


@dataclass(frozen=True)
class ResumedRun:
    """A run, from `resumed`, to which the rows that it lacks are handed.

    Attributes
    ----------
    out : str or Path, optional
        The folder, which is locked; if omitted, nothing is written.
    asked : AskedRun
        What the run asks, with the hash of all prompts among the settings.
    hashes : mapping
        Hash of every prompt of the run, by its key.
    finished : polars.DataFrame
        Rows that the folder holds, those of other shards too.
    """

    out: str | Path | None
    asked: AskedRun
    hashes: Mapping[Key, str]
    finished: pl.DataFrame

    @property
    def done(self) -> frozenset[int]:
        """Indexes of the keys asked here that are answered."""
        finished = set(self.asked.kind.keys(self.finished))
        return frozenset(index for index, key in enumerate(self.asked.keys) if key in finished)

    def filled(self, pieces: Iterable[list[dict[str, Any]]], *, progress: Progress | None = None) -> pl.DataFrame:
        """Rows of all keys asked here, in order, with their further columns.

        The folder is made or continued. New rows are written part by part, whatever interrupts them, and the manifest
        follows.

        Parameters
        ----------
        pieces : iterable of list of dict
            Rows that were answered together, in any order, without ``model``, ``revision`` and ``prompt``. Prompts that
            cannot be asked must be refused before this call; a generator function would do so too late.
        progress : callable, optional
            Called with the number of keys that are answered, and of all that are asked here.

        Raises
        ------
        SettingsDifferError, ValueError
            As `RunWriter.open`.
        MemoryError, OSError
            As `collect`.
        """
        asked, n_others = self.asked, self.finished.height - len(self.done)
        frame = collect(
            ([self._whole(row) for row in rows] for rows in pieces),
            run=self._writer(),
            finished=self.finished,
            n_items=len(self.hashes),
            progress=None if progress is None else lambda n_done, _: progress(n_done - n_others, len(asked.keys)),
        )
        indexes = {key: index for index, key in enumerate(asked.keys)}
        of_rows = np.array([indexes.get(key, -1) for key in asked.kind.keys(frame)], dtype=np.intp)
        order = np.argsort(of_rows)
        frame = frame[order[of_rows[order] >= 0]]
        if asked.texts is None or asked.kind.text_columns is None:
            return frame
        return joined(frame, asked.texts, key=asked.kind.key, besides=asked.kind.text_columns)

    def _writer(self) -> RunWriter | None:
        """The folder, made or continued."""
        if self.out is None:
            return None
        asked = self.asked
        return RunWriter.open(
            self.out, asked.settings, kind=asked.kind, texts=asked.texts, n_items=asked.n_items, notes=asked.notes
        )

    def _whole(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row with the model that answered, and the hash of its prompt."""
        model = {name: self.asked.settings[name] for name in ("model", "revision")}
        return {**model, **row, "prompt": self.hashes[self.asked.kind.key_of(row)]}


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
