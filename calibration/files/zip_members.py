"""Members of ZIP archives, stored, deflated or compressed with Zstandard."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

import zstandard

# What the standard library of Python 3.13 and older does not read.
_ZSTANDARD = 93
_ENCRYPTED = 0x1
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_LOCAL_MARK = b"PK\x03\x04"
_LONGEST = 80
LARGEST = 2**30
"""Most bytes of a member, or of a JSON value, when it is unpacked."""

# How far an archive may swell: deflated bytes become 1032 times as many at most.
_MOST_SWOLLEN = 1000
_FAILURES = (
    BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, UnicodeError, struct.error, zlib.error,
    zstandard.ZstdError,
)  # fmt: skip


class ZipMembers:
    """An archive whose members are read one by one.

    Parameters
    ----------
    path : Path
        The archive.
    most : int, optional
        Bytes of all members together that no archive may have; if omitted, as many as suit its size.

    Attributes
    ----------
    names : tuple of str
        Names of the members in their order; of several members of one name the last counts.

    Raises
    ------
    ValueError
        If the file is no archive, or its directory is missing; if its members are so large that it is no log.
    """

    def __init__(self, path: Path, *, most: int | None = None) -> None:
        self.path = path
        try:
            with ZipFile(path) as archive:
                self._members = {member.filename: member for member in archive.infolist()}
        except _FAILURES as error:
            raise ValueError(f"{path}: no whole ZIP archive ({_reason(error)}); was it cut off?") from None
        self.names = tuple(self._members)
        self._refuse_bomb(most)

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def content(self, name: str) -> bytes:
        """Bytes of one member.

        Raises
        ------
        ValueError
            For a damaged member, naming file and member.
        """
        return next(self.contents([name]))[1]

    def contents(self, names: list[str]) -> Iterator[tuple[str, bytes]]:
        """Names and bytes of some members, each read when it is asked for.

        Raises
        ------
        ValueError
            For a damaged member, naming file and member.
        """
        with ZipFile(self.path) as archive:
            for name in names:
                try:
                    yield name, self._read(archive, self._members[name])
                except _FAILURES as error:
                    raise ValueError(f"{self.path}, {name}: a damaged member ({_reason(error)})") from None

    def _refuse_bomb(self, most: int | None) -> None:
        """Raise for members that would fill the memory, by their stated sizes."""
        for name, member in self._members.items():
            if member.file_size > LARGEST:
                raise ValueError(
                    f"{self.path}, {name!r}: must have at most {LARGEST >> 20} MiB when it is unpacked, got "
                    f"{member.file_size >> 20}"
                )
        total, packed = sum(member.file_size for member in self._members.values()), self.path.stat().st_size
        if total <= (max(LARGEST, _MOST_SWOLLEN * packed) if most is None else most):
            return
        why = "are no log" if most is None else f"are more than the {most >> 20} MiB of a workbook"
        raise ValueError(f"{self.path}: {packed >> 10} KiB that unpack to {total >> 20} MiB {why}, or a damaged one")

    def _read(self, archive: ZipFile, member: ZipInfo) -> bytes:
        if member.compress_type != _ZSTANDARD:
            return archive.read(member)
        if member.flag_bits & _ENCRYPTED:
            raise BadZipFile("it is encrypted")
        with self.path.open("rb") as file:
            file.seek(member.header_offset)
            mark, name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
            if mark != _LOCAL_MARK:
                raise BadZipFile("its header is missing")
            file.seek(name_length + extra_length, 1)
            raw = file.read(member.compress_size)
        # Large members are several frames, which follow each other.
        with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as frames:
            content: bytes = frames.read(member.file_size + 1)
        if len(content) != member.file_size or zlib.crc32(content) != member.CRC:
            raise BadZipFile(f"{len(content)} of {member.file_size} bytes, or bytes that have changed")
        return content


def _reason(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")[:_LONGEST] or type(error).__name__
