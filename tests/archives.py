"""ZIP archives with members of any method, written byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import zstandard


def compressed(content: bytes, method: int, frames: int = 1) -> bytes:
    """Content as a member holds it; with Zstandard in some frames that follow each other."""
    if method == 93:
        cut = -(-len(content) // frames)
        pieces = [content[start : start + cut] for start in range(0, len(content), cut)]
        return b"".join(zstandard.ZstdCompressor().compress(piece) for piece in pieces)
    if method == 8:
        deflate = zlib.compressobj(wbits=-15)
        return deflate.compress(content) + deflate.flush()
    return content


def write_archive(
    path: Path, members: Sequence[tuple[str, bytes]], *, method: int = 8, frames: int = 1, damage: str = ""
) -> Path:
    """An archive; the members of the name `damage` hold other bytes than their checksum says."""
    body, directory = b"", b""
    for name, content in members:
        raw = compressed(content, method, frames)
        checksum = zlib.crc32(content) ^ (name == damage)
        sizes = struct.pack("<HHHIII", method, 0, 33, checksum, len(raw), len(content))
        encoded = name.encode()
        lengths = struct.pack("<HH", len(encoded), 0)
        offset = len(body)
        body += struct.pack("<4sHH", b"PK\x03\x04", 63, 0) + sizes + lengths + encoded + raw
        directory += (
            struct.pack("<4sHHH", b"PK\x01\x02", 63, 63, 0)
            + sizes
            + lengths
            + struct.pack("<HHHII", 0, 0, 0, 0, offset)
            + encoded
        )
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(members), len(members), len(directory), len(body), 0)
    path.write_bytes(body + directory + end)
    return path
