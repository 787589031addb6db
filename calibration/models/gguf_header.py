"""The header of a GGUF file: which tensors it holds, and how long it must be."""

from __future__ import annotations

import math
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

_VERSIONS = (2, 3)
# Bytes of the metadata's types: integers, floats and truth values; texts (8) and arrays (9) say theirs.
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_TEXT, _ARRAY, _UNSIGNED = 8, 9, 4
_MOST_DIMENSIONS = 8


class GgufError(ValueError):
    """A file that is no whole GGUF file, and why."""


@dataclass(frozen=True)
class GgufHeader:
    """What a GGUF file says of itself.

    Attributes
    ----------
    architecture : str
        What it calls the kind of network.
    tensors : tuple of str
        Names of its tensors.
    size : int
        Bytes that the file must have at least, as far as the types of its tensors are known.
    """

    architecture: str
    tensors: tuple[str, ...]
    size: int

    @classmethod
    def read(cls, path: Path) -> GgufHeader:
        """Read the header of a file.

        Raises
        ------
        GgufError
            If it does not begin as a GGUF file, is of an unknown version, or ends within its header.
        """
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if content[:4] != b"GGUF":
                raise GgufError(f"no GGUF file (it begins with {bytes(content[:12])!r})")
            try:
                return _read(_Cursor(content))
            except (struct.error, OverflowError):
                raise GgufError(f"cut or damaged: its header does not end within its {len(content):,} bytes") from None
            except UnicodeDecodeError:
                raise GgufError("damaged: a name in its header is no text") from None


class _Cursor:
    """A place in a file that moves on with what is read."""

    def __init__(self, content: mmap.mmap) -> None:
        self.content = content
        self.position = 0

    def numbers(self, format: str) -> tuple[int, ...]:
        values = struct.unpack_from(f"<{format}", self.content, self.position)
        self.position += struct.calcsize(f"<{format}")
        return values

    def skip(self, size: int) -> None:
        self.position += size
        if self.position > len(self.content):
            raise struct.error

    def text(self) -> str:
        (length,) = self.numbers("Q")
        start = self.position
        self.skip(length)
        return self.content[start : self.position].decode()

    def value(self, kind: int) -> int | str | None:
        """Pass by a value of the metadata; only texts and unsigned numbers are given back."""
        if kind == _UNSIGNED:
            return self.numbers("I")[0]
        if kind == _TEXT:
            return self.text()
        if kind in _WIDTHS:
            self.skip(_WIDTHS[kind])
        elif kind == _ARRAY:
            inner, count = self.numbers("IQ")
            if inner in _WIDTHS:
                self.skip(count * _WIDTHS[inner])
            else:
                for _ in range(count):
                    self.value(inner)
        else:
            raise GgufError(f"damaged: its header holds a value of the unknown type {kind}")
        return None


def _read(cursor: _Cursor) -> GgufHeader:
    _, version, n_tensors, n_values = cursor.numbers("4sIQQ")
    if version not in _VERSIONS:
        known = " and ".join(map(str, _VERSIONS))
        raise GgufError(f"of the GGUF version {version}, and versions {known} are read (or it is damaged)")
    alignment, architecture = 32, ""
    for _ in range(n_values):
        name = cursor.text()
        value = cursor.value(*cursor.numbers("I"))
        if name == "general.alignment" and isinstance(value, int):
            alignment = value or alignment
        if name == "general.architecture":
            architecture = str(value)
    names, ends = [], [0]
    for _ in range(n_tensors):
        names.append(cursor.text())
        (n_dimensions,) = cursor.numbers("I")
        if n_dimensions > _MOST_DIMENSIONS:
            raise GgufError(f"damaged: its tensor {names[-1]!r} has {n_dimensions} dimensions")
        *sizes, kind, offset = cursor.numbers(f"{n_dimensions}QIQ")
        ends.append(offset + _bytes(kind, math.prod(sizes)))
    start = -(-cursor.position // alignment) * alignment
    return GgufHeader(architecture, tuple(names), start + max(ends))


def _bytes(kind: int, count: int) -> int:
    """Bytes of so many numbers of a type; none of an unknown one."""
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

    try:
        block, size = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
    except (KeyError, ValueError):
        return 0
    return count // block * size
