"""Text files of users: UTF-8, with or without a byte order mark.

Any other file is refused, by the name of its kind.
"""

from __future__ import annotations

import codecs
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

# The first bytes of files that are often given in place of text, with advice.
_OTHER_FILES: dict[bytes, str] = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": 'an Excel workbook (.xls); save its sheet as "CSV UTF-8"',
    b"\x1f\x8b": "compressed by gzip; unpack it first (gunzip)",
    b"BZh": "compressed by bzip2; unpack it first (bunzip2)",
    b"\xfd7zXZ\x00": "compressed by xz; unpack it first (unxz)",
    b"\x28\xb5\x2f\xfd": "compressed by Zstandard; unpack it first (unzstd)",
    b"PAR1": "a Parquet file; give it the suffix .parquet where Parquet is read, or save it as CSV",
    b"ARROW1": "an Arrow file; save it as Parquet",
    b"%PDF": "a PDF document; save its text as UTF-8",
    b"SQLite format 3\x00": "an SQLite database; export the table as CSV",
    b"version https://git-lfs.github.com/spec/": "a Git LFS pointer; fetch the file itself (git lfs pull)",
}
# A workbook is a ZIP archive, known by a file in it.
_WORKBOOKS = {
    "xl/workbook.xml": 'an Excel workbook (.xlsx); save its sheet as "CSV UTF-8"',
    "xl/workbook.bin": 'an Excel workbook (.xlsb); save its sheet as "CSV UTF-8"',
    "Index/Document.iwa": "a Numbers spreadsheet; export it as CSV in UTF-8",
    "content.xml": "an OpenDocument spreadsheet (.ods); save its sheet as CSV in UTF-8",
}
_HTML = re.compile(rb"\s*<(!doctype\s+html|html)\b", re.IGNORECASE)
# Long marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
# Bytes read to recognise UTF-16 without a mark, and the share of NUL bytes that shows it.
_SAMPLE, _SHARE = 4096, 0.3


def read_text(path: Path) -> str:
    r"""Text of a UTF-8 file, with every line end as ``\n``.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Without byte order marks, which joined files have at the beginning of later lines too. CR LF and
        CR are line ends, inside quoted cells of a table too, so that copies from other systems are the same text.

    Raises
    ------
    ValueError
        For an empty file, another encoding (UTF-16, UTF-32, Latin-1 or Windows-1252), a NUL byte, and for a file that
        is no text (a workbook, a compressed file, an HTML page); the message names the file and says what to do.
    FileNotFoundError
        If the file does not exist.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "items.csv"
    >>> _ = path.write_bytes(b"\xef\xbb\xbfquestion,answer\r\nWhy?,A\r\n")
    >>> read_text(path)
    'question,answer\nWhy?,A\n'
    """
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    raw = path.read_bytes()
    if not raw:
        raise ValueError(f"{path}: the file is empty")
    kind = _kind(raw)
    if kind is not None:
        raise ValueError(f"{path}: must be a text file in UTF-8, this is {kind}")
    refuse_wide(path, raw)
    if b"\x00" in raw:
        index = raw.index(b"\x00")
        raise ValueError(
            f"{path}, line {_line(raw, index)}: must be a text file in UTF-8, byte {index} is NUL: the file is "
            "damaged, or no text"
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}, line {_line(raw, error.start)}: {not_utf8(path, raw, error)}") from None
    text = plain_line_ends(text)
    return re.sub(r"^\ufeff+", "", text, flags=re.MULTILINE) if "\ufeff" in text else text


def plain_line_ends(value: Any) -> Any:
    r"""A text, or nested lists and objects of texts, with ``\n`` as line ends.

    Examples
    --------
    >>> plain_line_ends({"question": "Which?\r\nSay.", "options": ["a\rb", 3]})
    {'question': 'Which?\nSay.', 'options': ['a\nb', 3]}
    """
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, list):
        return [plain_line_ends(member) for member in value]
    if isinstance(value, dict):
        return {name: plain_line_ends(member) for name, member in value.items()}
    return value


def _kind(raw: bytes) -> str | None:
    """Kind of a file that is no text, with advice.

    None if it may be text.
    """
    for start, kind in _OTHER_FILES.items():
        if raw.startswith(start):
            return kind
    if _HTML.match(raw[:_SAMPLE]):
        return "an HTML page; download the file itself"
    if not raw.startswith(b"PK\x03\x04"):
        return None
    try:
        names = set(ZipFile(BytesIO(raw)).namelist())
    except BadZipFile:
        return "a damaged ZIP archive or workbook; save the table as CSV in UTF-8"
    kinds = [kind for name, kind in _WORKBOOKS.items() if name in names]
    return kinds[0] if kinds else "a ZIP archive; unpack it first (unzip)"


def _wide_encoding(raw: bytes) -> str | None:
    """UTF-16 or UTF-32, by the mark or the NUL bytes; otherwise None."""
    for mark, name in _MARKS.items():
        if raw.startswith(mark):
            return name
    sample = raw[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) > _SHARE * len(sample) / 2:
        return "UTF-32"
    return "UTF-16" if max(even, odd) > _SHARE * len(sample) / 2 else None


def refuse_wide(path: Path, raw: bytes) -> None:
    """Raise for the beginning of a file in UTF-16 or UTF-32.

    Raises
    ------
    ValueError
        Naming file and encoding, with what to do.
    """
    encoding = _wide_encoding(raw)
    if encoding is not None:
        raise ValueError(f"{path}: must be UTF-8, this is {encoding}; {_resave(path, encoding)}")


def not_utf8(path: Path, raw: bytes, error: UnicodeDecodeError) -> str:
    """What bytes must be that are no UTF-8, and what to do.

    Parameters
    ----------
    path : Path
        The file.
    raw : bytes
        Its bytes, or those of a line.
    error : UnicodeDecodeError
        What decoding these raised.
    """
    byte = f"byte {error.start} (0x{raw[error.start]:02x})"
    if error.reason == "unexpected end of data":
        return f"must be UTF-8, {byte} begins a character that the file does not finish: its end is missing"
    character = raw[error.start : error.start + 1].decode("cp1252", errors="replace")
    name = "Latin-1 or Windows-1252"
    as_read = "" if character == "\ufffd" else f", where it is {character!r}"
    return f"must be UTF-8, {byte} is not; it is probably {name}{as_read}: {_resave(path, 'WINDOWS-1252')}"


def _resave(path: Path, encoding: str) -> str:
    return f'save it as UTF-8 (in a spreadsheet "CSV UTF-8"), or: iconv -f {encoding} -t UTF-8 {path.name} > NEW'


def _line(raw: bytes, index: int) -> int:
    """Number of a byte's line, from 1; CR LF, LF and CR end lines."""
    before = raw[:index]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
