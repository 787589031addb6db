"""Files that are there whole or not at all, and say when they were damaged since."""

from __future__ import annotations

import os
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import polars as pl

from .foreign_tables import read_foreign

_MARK = b"\x00veracal sha256\x00"
_DIGEST = sha256().digest_size


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a table to a temporary name, flush it to disk, then rename it, so that it is there whole or not at all.

    A checksum stands between its data and its footer, where other readers of Parquet do not look.
    """
    content = BytesIO()
    frame.write_parquet(content)
    raw = content.getvalue()
    end = _end_of_data(raw)
    write_bytes(b"".join((raw[:end], _MARK, sha256(raw).digest(), _MARK, raw[end:])), path)


def read_parquet(path: Path) -> pl.DataFrame:
    """Read a table that `write_parquet` wrote; one without a checksum is read as `read_foreign` does.

    Raises
    ------
    ValueError
        Where the file is not what was written, or not a table.
    """
    raw = path.read_bytes()
    if _MARK not in raw:
        return read_foreign(path)
    end = _end_of_data(raw)
    start = end - 2 * len(_MARK) - _DIGEST
    digest = sha256(raw[:start] + raw[end:]).digest()
    if start < 0 or raw[start:end] != _MARK + digest + _MARK:
        raise ValueError("damaged since it was written: its checksum differs")
    return pl.read_parquet(BytesIO(raw))


def write_bytes(content: bytes, path: Path) -> None:
    """Write bytes in the same way.

    Raises
    ------
    OSError
        Where the disk is full or the folder cannot be written, naming the file; what was there stays as it was.
    """
    temporary = path.with_suffix(".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary.is_file():  # half a file takes room on a full disk
            temporary.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from None


def _end_of_data(raw: bytes) -> int:
    """Where the footer of a Parquet file begins: its length and a magic word stand at the end."""
    return max(len(raw) - 8 - int.from_bytes(raw[-8:-4], "little"), 0)
