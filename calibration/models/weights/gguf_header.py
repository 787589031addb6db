"""Header of a GGUF file: its tensors and its length."""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import GgufError

_VERSIONS = (2, 3)
# Bytes of the metadata's types: integers, floats and truth values; texts (8) and arrays (9) say theirs.
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_TEXT, _ARRAY, _UNSIGNED, _FLOAT = 8, 9, 4, 6
_MOST_DIMENSIONS = 8


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
    rope_scaling : str
        How rotary positions are scaled: ``linear`` (also if the file does not say), ``none``, ``yarn``, ``longrope``.
    rope_factor : float
        By how much; 1 if the file does not say.
    """

    architecture: str
    tensors: tuple[str, ...]
    size: int
    rope_scaling: str
    rope_factor: float

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

    def value(self, kind: int) -> float | str | None:
        """Read past a value of the metadata.

        Only texts, unsigned numbers and floats are returned.
        """
        if kind == _UNSIGNED:
            return self.numbers("I")[0]
        if kind == _FLOAT:
            (number,) = struct.unpack_from("<f", self.content, self.position)
            self.skip(4)
            return float(number)
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
    values: dict[str, float | str | None] = {}
    for _ in range(n_values):
        name = cursor.text()
        values[name] = cursor.value(*cursor.numbers("I"))
    architecture = str(values.get("general.architecture", ""))
    alignment = int(_number(values, "general.alignment", 32))
    names, ends = [], [0]
    for _ in range(n_tensors):
        names.append(cursor.text())
        (n_dimensions,) = cursor.numbers("I")
        if n_dimensions > _MOST_DIMENSIONS:
            raise GgufError(f"damaged: its tensor {names[-1]!r} has {n_dimensions} dimensions")
        *sizes, kind, offset = cursor.numbers(f"{n_dimensions}QIQ")
        ends.append(offset + _bytes(kind, math.prod(sizes)))
    start = -(-cursor.position // alignment) * alignment
    return GgufHeader(architecture, tuple(names), start + max(ends), *_rope(architecture, values))


def _rope(architecture: str, values: Mapping[str, float | str | None]) -> tuple[str, float]:
    """Scaling of positions, with llama.cpp's defaults and the key of early files."""
    scaling = values.get(f"{architecture}.rope.scaling.type", "linear")
    early_factor = _number(values, f"{architecture}.rope.scale_linear", 1)
    return str(scaling), _number(values, f"{architecture}.rope.scaling.factor", early_factor)


def _number(values: Mapping[str, float | str | None], name: str, default: float) -> float:
    """A number of the metadata; 0 counts as not given."""
    value = values.get(name)
    return default if value is None or isinstance(value, str) else value or default


def _bytes(kind: int, count: int) -> int:
    """Bytes of so many numbers of a type; none of an unknown one."""
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

    try:
        block, size = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
    except (KeyError, ValueError):
        return 0
    return count // block * size
