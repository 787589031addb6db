"""Members of a JSON array, which is never held whole."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from ..files.zip_members import LARGEST

_CHUNK = 1 << 20
_BLANKS = " \t\r\n"
_ENDS = frozenset(_BLANKS) | {",", "]"}
_DECODER = json.JSONDecoder()


def array_members(file: BinaryIO) -> Iterator[Any]:
    """Members of the array that a file holds, one after another.

    Raises
    ------
    ValueError
        For a file that is no array, breaks off or goes on behind it; UnicodeDecodeError is one.

    Examples
    --------
    >>> import io
    >>> list(array_members(io.BytesIO(b'[{"a": 1}, [2, 3]]')))
    [{'a': 1}, [2, 3]]
    """
    window = _Window(file)
    if window.next_sign() != "[":
        raise ValueError("an array must begin with [")
    window.skip()
    if window.next_sign() == "]":
        window.skip()
    else:
        ends = False
        while not ends:
            window.next_sign()
            yield window.value()
            sign = window.next_sign()
            if sign not in {",", "]"}:
                raise ValueError(f"a member of an array must end with , or ], got {sign or 'the end of the file'!r}")
            ends = sign == "]"
            window.skip()
    if window.next_sign():
        raise ValueError(f"an array must be all that the file holds, got {window.next_sign()!r} behind it")


class _Window:
    """The part of a file's text that is being read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._ended = False

    def skip(self) -> None:
        """Go on by one sign."""
        self._at += 1

    def next_sign(self) -> str:
        """The next sign that is no blank; empty at the end of the file."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANKS:
                    return self._text[self._at]
                self._at += 1
            if self._ended:
                return ""
            self._read(_CHUNK)

    def value(self) -> Any:
        """The JSON value that begins here."""
        size = _CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except ValueError:
                if self._ended:
                    raise
            else:
                # A number may go on behind what was read.
                if self._text[end : end + 1] in _ENDS or self._ended:
                    self._at = end
                    return value
            self._read(size)
            size *= 2

    def _read(self, size: int) -> None:
        if len(self._text) - self._at > LARGEST:
            raise ValueError(f"a member of an array must have at most {LARGEST >> 20} MiB")
        chunk = self._file.read(size)
        self._ended = not chunk
        self._text = self._text[self._at :] + self._decoder.decode(chunk, final=self._ended)
        self._at = 0
