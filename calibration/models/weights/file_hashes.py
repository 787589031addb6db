"""Hashes of whole files, remembered as long as a file stays as it is."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from threading import Lock
from time import time_ns
from typing import Any

from ...errors import ChangedFileError

CACHE_VARIABLE = "VERACAL_CACHE"
# Smaller files are hashed faster than a note about them is worth.
REMEMBERED_BYTES = 1 << 24
# File systems count time in ticks, the coarsest (FAT) of two seconds. A file that changed so shortly before it was
# hashed can change again without another time stamp.
_TICK_NS = 2_000_000_000
_THREADS = 8


@dataclass(frozen=True, kw_only=True)
class FileState:
    """What tells that a file was not written to since.

    Attributes
    ----------
    path : str
        Absolute, links followed.
    size : int
        Bytes.
    mtime_ns, ctime_ns : int
        When the content and when the file last changed, in nanoseconds.
    inode, device : int
        Which file of which disk it is.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int

    @classmethod
    def of(cls, path: Path) -> FileState:
        """The present state of a file.

        Raises
        ------
        OSError
            If it is not there or cannot be looked at.
        """
        real = path.resolve()
        status = real.stat()
        return cls(
            path=str(real), size=status.st_size, mtime_ns=status.st_mtime_ns,
            ctime_ns=status.st_ctime_ns, inode=status.st_ino, device=status.st_dev,
        )  # fmt: skip


def file_hashes(paths: Sequence[Path], *, progress: Callable[[int], object] | None = None) -> list[str]:
    """SHA-256 of whole files, as 64 hexadecimal digits each.

    Hashes of large files are remembered in `cache_folder` under path, size, times, inode and device; a hash of a file
    that changed within two seconds before it was read is not remembered. A folder that cannot be written costs only
    the memory.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    progress : callable, optional
        Called with how many more bytes are hashed.

    Raises
    ------
    OSError
        If a file cannot be read.
    ChangedFileError
        If a file changes while it is read.

    Examples
    --------
    >>> file = Path(tempfile.mkdtemp()) / "weights"
    >>> _ = file.write_bytes(b"abc")
    >>> file_hashes([file])[0][:16]
    'ba7816bf8f01cfea'
    """
    states = [FileState.of(path) for path in paths]
    lock = Lock()

    def report(size: int) -> None:
        if progress is not None:
            with lock:
                progress(size)

    def digest(state: FileState) -> str:
        known = _remembered(state)
        if known is not None:
            report(state.size)
            return known
        return _digest(state, report)

    with ThreadPoolExecutor(min(_THREADS, len(states)) or 1) as pool:
        return list(pool.map(digest, states))


def cache_folder() -> Path:
    """Folder of remembered hashes: ``VERACAL_CACHE``, or that of the user's caches."""
    if given := os.environ.get(CACHE_VARIABLE):
        return Path(given).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "veracal" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "veracal"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "veracal"


class _ReportingFile(FileIO):
    """A file that reports how much of it is read."""

    def __init__(self, path: str, report: Callable[[int], None]) -> None:
        super().__init__(path)
        self._report = report

    def readinto(self, buffer: Any, /) -> int:
        """See `io.FileIO`."""
        size = super().readinto(buffer) or 0  # none only of files that do not wait
        self._report(size)
        return size


def _digest(state: FileState, report: Callable[[int], None]) -> str:
    began = time_ns()
    with _ReportingFile(state.path, report) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if FileState.of(Path(state.path)) != state:
        raise ChangedFileError(f"{state.path}: changed while it was read; start again when it is whole")
    if state.size >= REMEMBERED_BYTES and max(state.mtime_ns, state.ctime_ns) < began - _TICK_NS:
        _remember(state, digest)
    return digest


def _note(state: FileState) -> Path:
    return cache_folder() / "hashes" / f"{hashlib.sha256(state.path.encode()).hexdigest()[:32]}.json"


def _remembered(state: FileState) -> str | None:
    if state.size < REMEMBERED_BYTES:
        return None
    try:
        note = json.loads(_note(state).read_text(encoding="utf-8"))
        digest = str(note.pop("sha256"))
    except (OSError, RuntimeError, ValueError, LookupError, AttributeError, TypeError):
        return None
    return digest if note == asdict(state) and len(digest) == 64 else None


def _remember(state: FileState, digest: str) -> None:
    """Write a note atomically, if the cache can be written."""
    with suppress(OSError, RuntimeError, ValueError):  # RuntimeError: a user without a home
        note = _note(state)
        note.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=note.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({**asdict(state), "sha256": digest}, file)
            Path(temporary).replace(note)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
