"""Of which kind the file of a table is, by its content."""

from __future__ import annotations

import json
from pathlib import Path

from ..files.zip_members import ZipMembers

CSV_SUFFIXES = (".csv", ".tsv", ".tab")
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
BINARY_SUFFIXES = (
    ".parquet", ".pq", ".arrow", ".feather", ".ipc", ".arrows", ".xlsx", ".xlsm", ".xlsb", ".xls",
)  # fmt: skip
TABLE_SUFFIXES = (*CSV_SUFFIXES, *JSON_SUFFIXES, *BINARY_SUFFIXES)
"""How files of tables are usually called."""

_MARKS = {b"PAR1": ".parquet", b"ARROW1": ".arrow", b"\xff\xff\xff\xff": ".arrows", b"\xd0\xcf\x11\xe0": ".xls"}
_ZIP = b"PK\x03\x04"
_WORKBOOKS = {"xl/workbook.xml": ".xlsx", "xl/workbook.bin": ".xlsb"}
_BOM = b"\xef\xbb\xbf"
_START = 4096
# Bytes of a first line.
_LONGEST = 2**24


def table_kind(path: Path) -> str:
    """The suffix by which a table is read: that of its content.

    Parameters
    ----------
    path : Path
        A file. One whose content says nothing, such as an empty one, is what its suffix says.

    Returns
    -------
    str
        Empty for a file that is no table.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "table.csv"
    >>> _ = path.write_text('{"confidence": 0.9, "correct": 1}')
    >>> table_kind(path)
    '.jsonl'
    """
    suffix = path.suffix.lower()
    named = suffix if suffix in TABLE_SUFFIXES else ""
    with path.open("rb") as file:
        start = file.read(_START)
        for mark, kind in _MARKS.items():
            if start.startswith(mark):
                return kind
        if start.startswith(_ZIP):
            return _workbook(path) or named
        if not start.strip() or b"\0" in start:
            return named
        file.seek(0)
        first = file.readline(_LONGEST).removeprefix(_BOM)
    return _text_kind(start.removeprefix(_BOM).lstrip(), first, named)


def _text_kind(start: bytes, first: bytes, named: str) -> str:
    """The kind of a text by how it begins."""
    if start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"]"):
        return ".json"
    if start[:1] == b"{":
        if named in JSON_SUFFIXES:
            return named
        try:
            return ".jsonl" if isinstance(json.loads(first), dict) else ".csv"
        except (ValueError, RecursionError):
            return ".json" if first.strip() == b"{" else named or ".csv"
    # What begins otherwise is no object; a damaged array is still what its name says.
    return named if named in CSV_SUFFIXES or (named in JSON_SUFFIXES and start[:1] == b"[") else ".csv"


def _workbook(path: Path) -> str:
    try:
        names = ZipMembers(path).names
    except ValueError:
        return ""
    return next((kind for name, kind in _WORKBOOKS.items() if name in names), "")
