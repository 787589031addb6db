"""Atomic writes, and checksums that reveal later damage."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import polars as pl

from .untrusted_parquet import read_foreign

if sys.platform != "win32":
    import fcntl

_MARK = b"\x00veracal sha256\x00"
_DIGEST = sha256().digest_size
_MARK_NAME = "veracal"
_TEMPORARY = ".veracal-{}.tmp"


@dataclass(frozen=True)
class StoredTable:
    """A table read from a file, with its checksum's result.

    Attributes
    ----------
    frame : polars.DataFrame
        The table.
    checked : bool
        Whether it carries a checksum, which was right.
    mark : str
        Owner of the table, as given to `write_parquet`; empty if none.
    """

    frame: pl.DataFrame
    checked: bool
    mark: str


def write_parquet(frame: pl.DataFrame, path: Path, *, mark: str = "") -> None:
    """Write a table atomically, with a checksum.

    It is written to a temporary name, flushed to disk, then renamed.

    The checksum is between data and footer, where other readers of Parquet do not look. The mark, which names the
    owner of the table, is an entry of the file's metadata.
    """
    content = BytesIO()
    frame.write_parquet(content, metadata={_MARK_NAME: mark} if mark else None)
    raw = content.getvalue()
    end = _end_of_data(raw)
    write_bytes(b"".join((raw[:end], _MARK, sha256(raw).digest(), _MARK, raw[end:])), path)


def read_table(path: Path) -> StoredTable:
    """Read a table that `write_parquet` wrote.

    One without a checksum is read as by `read_foreign`.

    Raises
    ------
    ValueError
        If the file has changed since it was written, or is not a table.
    """
    raw = path.read_bytes()
    if _MARK not in raw:
        return StoredTable(read_foreign(path), checked=False, mark="")
    end = _end_of_data(raw)
    start = end - 2 * len(_MARK) - _DIGEST
    digest = sha256(raw[:start] + raw[end:]).digest()
    if start < 0 or raw[start:end] != _MARK + digest + _MARK:
        raise ValueError("damaged since it was written: its checksum differs")
    mark = pl.read_parquet_metadata(BytesIO(raw)).get(_MARK_NAME, "")
    return StoredTable(pl.read_parquet(BytesIO(raw)), checked=True, mark=mark)


def read_parquet(path: Path) -> pl.DataFrame:
    """The table of `read_table`.

    Raises
    ------
    ValueError
        As `read_table`.
    """
    return read_table(path).frame


def write_bytes(content: bytes, path: Path) -> None:
    """Write bytes atomically, as `written_file`.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written, naming the file; an existing file stays as it was.
    """
    with written_file(path) as file:
        file.write(content)


@contextmanager
def written_file(path: Path) -> Iterator[BinaryIO]:
    """An open file that takes its name when all is written.

    The temporary file is made anew under a random name: no existing file is written to, and a link at `path`
    is replaced, not followed. Temporary files of processes that have ended are removed.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written, naming the file; an existing file stays as it was.
    """
    try:
        remove_leftovers(path.parent)
        temporary, descriptor = _new_file(path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
                if sys.platform == "win32":
                    file.close()  # an open file cannot be renamed there
                temporary.replace(path)  # still locked: another process must not take it for a leftover
        except BaseException:  # an interrupt too; and half a file takes room on a full disk
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of processes that ended while they wrote to a folder.

    A process holds a lock on its temporary file, which the system releases when the process ends in whatever way.
    """
    if sys.platform == "win32":
        return
    for file in folder.glob(_TEMPORARY.format("*")):
        # A file that is in use, gone meanwhile or on a disk without locks stays, as a link does.
        with suppress(OSError):
            descriptor = os.open(file, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                file.unlink()
            finally:
                os.close(descriptor)


def _new_file(folder: Path) -> tuple[Path, int]:
    """A locked file under a new name: its path and its descriptor."""
    while True:
        path = folder / _TEMPORARY.format(secrets.token_hex(8))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        if sys.platform != "win32":
            with suppress(OSError):  # some network disks have no locks
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if not os.fstat(descriptor).st_nlink:  # taken for a leftover before it was locked
                os.close(descriptor)
                continue
        return path, descriptor


def _end_of_data(raw: bytes) -> int:
    """Position of a Parquet file's footer, from the length near its end."""
    return max(len(raw) - 8 - int.from_bytes(raw[-8:-4], "little"), 0)
