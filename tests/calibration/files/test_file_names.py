"""Names of files made of foreign texts: no text leads out of a folder, and no two meet."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.files.file_names import LONGEST, distinct_names, file_name, is_cut, quoted_name

HOSTILE = [
    "..", ".", "../../etc/passwd", "/etc/passwd", "C:\\Windows", "\\\\host\\share", "a\x00b", "a\nb", "~", "-rf",
    ".hidden", "con", "NUL.txt", "com1", "x.", "x ", "*?<>|\"", "\ud800", "\u202egnp", "é" * 400, "a" * 4000, "",
]  # fmt: skip
texts = st.text(max_size=30) | st.sampled_from(HOSTILE)


def refuse_unsafe(name: str) -> None:
    assert name
    assert Path(name).name == PureWindowsPath(name).name == name
    assert not name.startswith((".", "-", " "))
    assert not name.endswith((".", " "))
    assert len(name.encode()) <= LONGEST + 10
    assert unicodedata.normalize("NFC", name) == name
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Cf") for sign in name)
    assert name.partition(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}


@given(st.lists(texts, min_size=1, max_size=3))
def test_a_name_is_a_file_of_its_folder(parts: list[str]) -> None:
    refuse_unsafe(file_name(*parts))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_can_be_written(text: str, tmp_path: Path) -> None:
    path = tmp_path / file_name(text)
    path.write_text("")
    assert list(tmp_path.iterdir()) == [path]
    refuse_unsafe(path.name)


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=8, unique=True))
def test_no_two_names_are_one_to_any_file_system(named: list[tuple[str, ...]]) -> None:
    names = distinct_names(named)
    assert len(names) == len(named)
    assert len({unicodedata.normalize("NFC", name.casefold()) for name in names}) == len(named)
    for name in names:
        refuse_unsafe(name)


def test_names_that_meet_get_a_digest_of_their_own() -> None:
    first, second, third, plain = distinct_names([("Art",), ("art",), ("a/rt",), ("law",)])
    assert (first.rpartition("-")[0], second.rpartition("-")[0], third, plain) == ("Art", "art", "a-rt", "law")
    composed, decomposed = distinct_names([("\u00e9",), ("e\u0301",)])
    assert composed != decomposed
    taken = distinct_names([("Art",), ("art",)])[1]
    assert len({name.casefold() for name in distinct_names([("Art",), ("art",), (taken,)])}) == 3


@given(texts)
def test_a_quoted_name_is_a_file_name_and_cut_ones_are_known(text: str) -> None:
    name = quoted_name(text)
    assert Path(f"{name}.parquet").name == f"{name}.parquet"
    assert len(name) <= 240
    assert is_cut(name) != (unquote(name, errors="surrogatepass") == text)
