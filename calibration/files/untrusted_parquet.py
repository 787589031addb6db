"""Binary tables of others, read so that damage cannot end the program."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

import polars as pl

Reader = Literal["read_parquet", "read_ipc", "read_ipc_stream", "read_excel"]

# Answers requests until its input ends: a line with what is to be done and the number of bytes, then the bytes. The
# bytes are piped, so that nothing in the path can be taken for an address or a pattern.
_ANSWER = """
import io
import json
import sys
import polars
def sheet(raw):
    import fastexcel
    book = fastexcel.read_excel(raw)
    filled = [name for name in book.sheet_names if book.load_sheet(name).height]
    if len(filled) > 1:
        raise ValueError("there must be one filled sheet, got " + ", ".join(filled) + "; save the one that is meant")
    options = {"sheet_name": filled[0]} if filled else {}
    return polars.read_excel(io.BytesIO(raw), infer_schema_length=None, raise_if_empty=False, **options)
def answer(asked, raw):
    if asked == "notes":
        notes = polars.read_parquet_metadata(io.BytesIO(raw))
        return json.dumps({name: text for name, text in notes.items() if name != "ARROW:schema"}).encode()
    table = sheet(raw) if asked == "read_excel" else getattr(polars, asked)(io.BytesIO(raw))
    file = io.BytesIO()
    table.write_ipc(file)
    return file.getvalue()
for line in iter(sys.stdin.buffer.readline, b""):
    asked, size = line.decode().split()
    raw = sys.stdin.buffer.read(int(size))
    try:
        state, reply = "read", answer(asked, raw)
    except BaseException as error:
        state, reply = "refused", next(iter(str(error).splitlines()), type(error).__name__).encode(errors="replace")
    sys.stdout.buffer.write(f"{state} {len(reply)}\\n".encode() + reply)
    sys.stdout.buffer.flush()
"""
# After a file of so many bytes the process ends, and what it holds is free.
_LARGE = 64 * 1024 * 1024
_PIECE = 1024 * 1024


class _ReadingProcess:
    """A process that reads files of others.

    It is started when it is first needed, and again if it has ended.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0  # a fork of it must start its own
        atexit.register(self.end)

    def reply(self, asked: str, path: Path) -> bytes:
        """What it makes of a file.

        Raises
        ------
        ValueError
            If it cannot read it, with the reason.
        """
        with self._lock, path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            try:
                state, reply = self._reply(asked, file, size)
            except OSError:  # it ended before it had read all
                state, reply = "", b""
            except BaseException:  # interrupted: what it still writes would be taken for the next answer
                self._kill()
                raise
            if not state or size > _LARGE:
                self._kill()
        if state == "refused":
            raise ValueError(reply.decode(errors="replace"))
        if not state:
            raise ValueError("the reader crashed on it")
        return reply

    def end(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._kill()

    def _reply(self, asked: str, file: BinaryIO, size: int) -> tuple[str, bytes]:
        process = self._started()
        requests, replies = cast("tuple[IO[bytes], IO[bytes]]", (process.stdin, process.stdout))
        requests.write(f"{asked} {size}\n".encode())
        while size and (piece := file.read(min(size, _PIECE))):
            requests.write(piece)
            size -= len(piece)
        if size:  # the file has become shorter since
            return "", b""
        requests.flush()
        state, _, length = replies.readline().decode().partition(" ")
        reply = replies.read(int(length or 0))
        return (state, reply) if length and len(reply) == int(length) else ("", b"")

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self._kill()
            # -P: a module in the working folder must not take the place of polars. A session of its own: Ctrl-C
            # reaches this process alone.
            self._process = subprocess.Popen(  # noqa: S603 (a constant program)
                [sys.executable, "-P", "-c", _ANSWER],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            self._owner = os.getpid()
        return self._process

    def _kill(self) -> None:
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            with suppress(OSError, ValueError):  # what was written to it is of no more use
                self._process.communicate()
        self._process = None


_READING = _ReadingProcess()


def read_notes(path: Path) -> dict[str, str]:
    """Entries of the metadata of a Parquet file; none of an unreadable one."""
    try:
        return dict(json.loads(_READING.reply("notes", path)))
    except ValueError:
        return {}


def read_foreign(path: Path, *, reader: Reader = "read_parquet") -> pl.DataFrame:
    """Read a binary table in a process of its own.

    On damaged bytes the reader may abort, which cannot be caught.

    Parameters
    ----------
    path : Path
        The file.
    reader : {"read_parquet", "read_ipc", "read_ipc_stream", "read_excel"}
        The function of polars that reads it; of a workbook the only filled sheet.

    Raises
    ------
    ValueError
        If it cannot be read, with the reason.
    """
    return pl.read_ipc(BytesIO(_READING.reply(reader, path)))
