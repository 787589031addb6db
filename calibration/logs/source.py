"""Files that may be logs, looked into as far as recognising them needs."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, cast

import polars as pl

from ..files.text import not_utf8, refuse_wide
from ..files.untrusted_parquet import read_foreign
from ..files.zip_members import LARGEST, ZipMembers
from .json_members import array_members

Progress = Callable[[int, int], None]

# What a gzipped file raises that was cut off or damaged.
_DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile)
_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
_LONGEST = 40
_START = 256
# Records after which it is told how far the file is read.
_TOLD = 256
# Bytes by which another encoding is told.
_SAMPLE = 4096


@dataclass(frozen=True)
class Source:
    """A file of a log.

    Attributes
    ----------
    path : Path
        The file.
    progress : callable, optional
        Called with the bytes that were read and those of the file while its records are.
    """

    path: Path
    progress: Progress | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """Name of the file, without its folders."""
        return self.path.name

    @cached_property
    def mark(self) -> bytes:
        """The first four bytes."""
        with self.path.open("rb") as file:
            return file.read(4)

    @property
    def is_zip(self) -> bool:
        """Whether it is a ZIP archive."""
        return self.mark == _ZIP

    @property
    def is_parquet(self) -> bool:
        """Whether it is a Parquet file."""
        return self.mark == _PARQUET

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Names of the members of an archive; none of any other file."""
        if not self.is_zip:
            return ()
        try:
            return ZipMembers(self.path).names
        except ValueError:
            return ()

    @cached_property
    def table(self) -> pl.DataFrame:
        """The table of a Parquet file.

        Raises
        ------
        ValueError
            If it cannot be read.
        """
        try:
            return read_foreign(self.path)
        except ValueError as error:
            raise ValueError(f"{self.path}: not a readable Parquet file ({error})") from None

    @property
    def columns(self) -> frozenset[str]:
        """Columns of a Parquet file, or names in the first JSON object."""
        if self.is_parquet:
            return frozenset(self.table.columns)
        return frozenset(self.first) if isinstance(self.first, dict) else frozenset()

    @cached_property
    def first(self) -> Any:
        """The first JSON value of the file, of its array, or of its lines."""
        try:
            return next(self.records(), ("", None))[1]
        except (ValueError, OSError, RecursionError):
            return None

    @cached_property
    def document(self) -> Any:
        """The file as one JSON value, which may hold NaN; otherwise None."""
        if self.is_zip or self.is_parquet or self._has_lines:
            return None
        try:
            return json.loads(self._bytes())
        except (ValueError, RecursionError, *_DAMAGE):  # UnicodeDecodeError is a ValueError
            return None

    @cached_property
    def _has_lines(self) -> bool:
        """Whether other lines follow a first that is JSON."""
        with self._open() as file:
            try:
                first = file.readline(LARGEST)
                json.loads(first.removeprefix(b"\xef\xbb\xbf"))
                return any(line.strip() for line in self._lines(file))
            except (ValueError, RecursionError, *_DAMAGE):
                return False

    def records(self) -> Iterator[tuple[str, Any]]:
        """JSON values of a file, and where each stands.

        They are lines of JSONL, members of an array, or the file as one.

        Raises
        ------
        ValueError
            For a line that is not JSON, naming file and line; for a gzipped file that is damaged.
        """
        try:
            yield from self._records()
        except _DAMAGE as error:
            raise ValueError(f"{self.path}: a gzipped file that is cut off or damaged ({error})") from None

    def _records(self) -> Iterator[tuple[str, Any]]:
        if self.is_zip or self.is_parquet:
            return
        with self._open() as file:
            self._refuse_wide(file)
            if _opens_array(file):
                yield from self._array(file)
                return
            is_first = True
            for number, raw in enumerate(self._lines(file), start=1):
                line = raw.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else raw.strip()
                if not line:
                    continue
                try:
                    value = json.loads(line)
                except (ValueError, RecursionError) as error:
                    if is_first and self.document is not None:  # over several lines
                        yield "the file", self.document
                        return
                    if isinstance(error, UnicodeDecodeError):
                        raise ValueError(f"{self.path}, line {number}: {not_utf8(self.path, line, error)}") from None
                    raise ValueError(f"{self.path}, line {number}: not JSON ({_short(error)})") from None
                is_first = False
                self._tell(file, number)
                yield f"line {number}", value

    def refuse_other_encoding(self) -> None:
        """Raise for a text in another encoding than UTF-8.

        Raises
        ------
        ValueError
            Naming file and encoding.
        """
        if self.is_zip or self.is_parquet:
            return
        with self._open() as file:
            try:
                self._refuse_wide(file)
                for number, line in enumerate(self._lines(file), start=1):
                    try:
                        line.decode()
                    except UnicodeDecodeError as error:
                        raise ValueError(f"{self.path}, line {number}: {not_utf8(self.path, line, error)}") from None
            except _DAMAGE as error:
                raise ValueError(f"{self.path}: a gzipped file that is cut off or damaged ({error})") from None

    def _refuse_wide(self, file: BinaryIO) -> None:
        refuse_wide(self.path, file.read(_SAMPLE))
        file.seek(0)

    def _array(self, file: BinaryIO) -> Iterator[tuple[str, Any]]:
        members = array_members(file)
        for number in count():
            try:
                value = next(members)
            except StopIteration:
                return
            except (ValueError, RecursionError) as error:
                if isinstance(error, UnicodeDecodeError):
                    self.refuse_other_encoding()
                raise ValueError(f"{self.path}, record {number}: not JSON ({_short(error)})") from None
            self._tell(file, number)
            yield f"record {number}", value

    def _tell(self, file: BinaryIO, number: int) -> None:
        """Tell now and then how far the file is read, unless it is packed."""
        if self.progress is not None and number % _TOLD == 0 and not self._is_packed:
            self.progress(file.tell(), self.path.stat().st_size)

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        """Lines of a file; those of a packed one may not fill the memory."""
        if not self._is_packed:
            yield from file
            return
        while line := file.readline(LARGEST):
            if len(line) == LARGEST:
                raise self._too_large()
            yield line

    def _too_large(self) -> ValueError:
        return ValueError(f"{self.path}: unpacks to a JSON value of more than {LARGEST >> 20} MiB, which no log holds")

    @property
    def _is_packed(self) -> bool:
        return self.mark[:2] == _GZIP

    def _open(self) -> BinaryIO:
        if self._is_packed:
            return cast("BinaryIO", gzip.GzipFile(self.path))
        return self.path.open("rb")

    def _bytes(self) -> bytes:
        if not self._is_packed:
            return self.path.read_bytes()
        with self._open() as file:
            raw = file.read(LARGEST)
        if len(raw) == LARGEST:
            raise self._too_large()
        return raw


def _opens_array(file: BinaryIO) -> bool:
    """Whether a file begins with an array; it is then at its beginning again."""
    start = file.read(_START)
    file.seek(0)
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"["


def _short(error: BaseException) -> str:
    text = str(error)
    return text if len(text) <= 2 * _LONGEST else f"{text[: 2 * _LONGEST]}…"


@contextmanager
def naming(*paths: str) -> Iterator[None]:
    """Put a file in front of a message that names none.

    Raises
    ------
    ValueError
        As it was raised, with the file.
    """
    try:
        yield
    except ValueError as error:
        if not paths or any(path in str(error) for path in paths):
            raise
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        raise ValueError(f"{paths[0]}{more}: {error}") from None
