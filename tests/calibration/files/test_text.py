"""Text files: what is text in UTF-8, and what everything else is called."""

from __future__ import annotations

import ast
import bz2
import gzip
import io
import lzma
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest

from calibration.files.text import read_text
from tests.conftest import ROOT

TEXT = 'question,answer\n"Où est\nle café ?",A\n'


def write(tmp_path: Path, raw: bytes) -> Path:
    path = tmp_path / "items.csv"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf" * 2])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_and_line_ends_change_nothing(mark: bytes, end: str, tmp_path: Path) -> None:
    assert read_text(write(tmp_path, mark + TEXT.replace("\n", end).encode())) == TEXT


def test_marks_of_joined_files_are_left_out(tmp_path: Path) -> None:
    assert read_text(write(tmp_path, b"\xef\xbb\xbfone\n\xef\xbb\xbftwo\n")) == "one\ntwo\n"
    inside = "zero\ufeffwidth\u2028line\x85\n"
    assert read_text(write(tmp_path, inside.encode())) == inside


def archive(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr(zipfile.ZipInfo(name), TEXT)  # dated 1980, so that each worker makes the same bytes
    return content.getvalue()


def parquet() -> bytes:
    content = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_parquet(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "items.csv: the file is empty"),
        (TEXT.encode("utf-16"), "must be UTF-8, this is UTF-16; save it as UTF-8 (in a spreadsheet"),
        (TEXT.encode("utf-16-le"), "this is UTF-16; save it as UTF-8"),
        (TEXT.encode("utf-16-be"), "this is UTF-16; save it as UTF-8"),
        (TEXT.encode("utf-32"), "this is UTF-32; save it as UTF-8"),
        (TEXT.encode("utf-32-le"), "this is UTF-32; save it as UTF-8"),
        (TEXT.encode("latin-1"), "items.csv, line 2: must be UTF-8, byte 18 (0xf9) is not; it is probably Latin-1"),
        ("a\r\nb\r“c”".encode("cp1252"), "line 3: must be UTF-8, byte 5 (0x93) is not; it is probably Latin-1 or Win"),
        (
            TEXT.encode("latin-1"),
            "where it is 'ù': save it as UTF-8 (in a spreadsheet \"CSV UTF-8\"), or: iconv -f WIND",
        ),
        ("é".encode()[:1], "begins a character that the file does not finish: its end is missing"),
        (b"question\na\x00b\n" + b"text " * 40, "line 2: must be a text file in UTF-8, byte 10 is NUL"),
        (gzip.compress(TEXT.encode(), mtime=0), "this is compressed by gzip; unpack it first (gunzip)"),
        (bz2.compress(TEXT.encode()), "this is compressed by bzip2"),
        (lzma.compress(TEXT.encode()), "this is compressed by xz"),
        (archive("xl/workbook.xml"), 'this is an Excel workbook (.xlsx); save its sheet as "CSV UTF-8"'),
        (archive("content.xml"), "this is an OpenDocument spreadsheet"),
        (archive("items.csv"), "this is a ZIP archive; unpack it first"),
        (archive("items.csv")[:50], "this is a damaged ZIP archive or workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "this is an Excel workbook (.xls)"),
        (parquet(), "this is a Parquet file; give it the suffix .parquet"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "this is a Git LFS pointer"),
        (b"\n<!DOCTYPE html><html></html>", "this is an HTML page; download the file itself"),
    ],
)
def test_other_files_are_refused_by_their_name(raw: bytes, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, raw)
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        read_text(path)
    assert str(path) in str(caught.value)


def test_a_mark_of_utf_8_alone_is_an_empty_text(tmp_path: Path) -> None:
    assert read_text(write(tmp_path, b"\xef\xbb\xbf")) == ""


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no such file: .*items\.csv"):
        read_text(tmp_path / "items.csv")


# Modules that open texts of the package, of run folders and of models, which no user writes.
_OWN = {
    "calibration/files/text.py",
    "calibration/files/atomic.py",
    "calibration/logs/source.py",  # JSON, whose decoder knows the encodings, line by line
    "calibration/tables/stored_tables.py",  # tables of the package, whose line ends stay as they are
    "calibration/runs/manifests.py",
    "calibration/models/weights/file_damage.py",
    "calibration/models/weights/file_hashes.py",
    "calibration/models/weights/model_files.py",
    "factuality/grading/abstention_phrases/second_opinion.py",
    "factuality/grading/graders/logistic.py",
    "veracal/citations/bibliography.py",
    "veracal/report/page.py",
    "veracal/demo/__init__.py",
    "veracal/known_sources.py",  # sets that come with the package
}
_READERS = {"open", "read_text", "read_bytes", "read_csv", "scan_csv", "read_ndjson", "scan_ndjson", "load"}


def opened_name(call: ast.Call) -> str:
    """Name of what is called, without its module."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def opens_text(node: ast.AST) -> bool:
    """Whether a call opens a text by other means than our own `read_text`: open, path.open, pl.read_csv, …"""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    owner_name = owner.id if isinstance(owner, ast.Name) else ""
    if name == "open":
        modes = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        return owner_name not in ("RunWriter", "os") and not any("b" in str(mode) for mode in modes)
    if node.args and isinstance(node.args[0], ast.Call) and opened_name(node.args[0]) == "BytesIO":
        return False  # of a text that was read before
    if owner is None or name not in _READERS:
        return False
    return owner_name in ("json", "tomllib") if name == "load" else True


def test_no_other_module_opens_texts_of_users() -> None:
    opening = {
        str(path.relative_to(ROOT))
        for package in ("calibration", "factuality", "plots", "veracal")
        for path in (ROOT / package).rglob("*.py")
        if any(map(opens_text, ast.walk(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert opening - _OWN == set()
    assert "calibration/files/text.py" in opening


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("path.open(encoding='utf-8')", True),
        ("open(path)", True),
        ("Path(name).read_text()", True),
        ("path.read_bytes().decode()", True),
        ("pl.read_csv(path)", True),
        ("json.load(file)", True),
        ("path.open('rb')", False),
        ("pl.read_csv(BytesIO(text.encode()))", False),
        ("read_text(path)", False),
        ("RunWriter.open(path, settings)", False),
    ],
)
def test_what_opens_a_text(code: str, expected: bool) -> None:
    assert any(map(opens_text, ast.walk(ast.parse(code)))) is expected
