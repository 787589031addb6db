"""Members of archives: every method that logs use, and damage."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration.files import zip_members
from calibration.files.zip_members import ZipMembers
from tests.archives import write_archive

TEXT = b"".join(b"%d, " % number for number in range(5000))


@pytest.mark.parametrize(("method", "frames"), [(0, 1), (8, 1), (93, 1), (93, 3)])
def test_members_are_read_whatever_their_method(tmp_path: Path, method: int, frames: int) -> None:
    path = write_archive(tmp_path / "a.zip", [("a", TEXT), ("b", b"{}")], method=method, frames=frames)
    members = ZipMembers(path)
    assert list(members.contents(["b", "a"])) == [("b", b"{}"), ("a", TEXT)]
    assert "a" in members
    assert "c" not in members


@pytest.mark.parametrize("method", [0, 8, 93])
def test_the_last_of_several_members_of_one_name_counts(tmp_path: Path, method: int) -> None:
    path = write_archive(tmp_path / "a.zip", [("a", b"first"), ("b", b"other"), ("a", b"last")], method=method)
    members = ZipMembers(path)
    assert members.names == ("a", "b")
    assert members.content("a") == b"last"


@pytest.mark.parametrize("method", [0, 8, 93])
def test_a_member_whose_bytes_changed_is_refused_by_name(tmp_path: Path, method: int) -> None:
    path = write_archive(tmp_path / "a.zip", [("a", TEXT), ("b", TEXT)], method=method, damage="b")
    with pytest.raises(ValueError, match=r"a\.zip, b: a damaged member \("):
        ZipMembers(path).content("b")
    assert ZipMembers(path).content("a") == TEXT


@pytest.mark.parametrize("method", [8, 93])
def test_a_member_with_broken_compression_is_refused_by_name(tmp_path: Path, method: int) -> None:
    path = write_archive(tmp_path / "a.zip", [("a", TEXT)], method=method)
    raw = bytearray(path.read_bytes())
    raw[60:90] = bytes(30)
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=r"a\.zip, a: a damaged member \("):
        ZipMembers(path).content("a")


def test_an_unknown_method_is_refused_by_name(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", [("a", TEXT)], method=97)
    with pytest.raises(ValueError, match=r"a\.zip, a: a damaged member \(.*compression"):
        ZipMembers(path).content("a")


def test_an_archive_of_a_version_to_come_is_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", [("a", TEXT)])
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 6] = 250
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=r"a\.zip: no whole ZIP archive \(zip file version 25"):
        ZipMembers(path)


@pytest.mark.parametrize("kept", [0, 10, 300])
def test_an_archive_that_was_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    path = write_archive(tmp_path / "a.zip", [("a", TEXT)], method=8)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"a\.zip: no whole ZIP archive \(.*; was it cut off\?"):
        ZipMembers(path)


@pytest.mark.parametrize("method", [8, 93])
def test_an_archive_that_would_fill_the_memory_is_refused(
    tmp_path: Path, method: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_archive(tmp_path / "a.zip", [(str(number), bytes(2**20)) for number in range(3)], method=method)
    assert ZipMembers(path).content("0") == bytes(2**20)
    monkeypatch.setattr(zip_members, "LARGEST", 2**19)
    with pytest.raises(ValueError, match=r"a\.zip, '0': must have at most 0 MiB when it is unpacked, got 1"):
        ZipMembers(path)
    monkeypatch.setattr(zip_members, "LARGEST", 2**21)
    monkeypatch.setattr(zip_members, "_MOST_SWOLLEN", 100)
    with pytest.raises(ValueError, match=r"a\.zip: \d+ KiB that unpack to 3 MiB are no log, or a damaged one"):
        ZipMembers(path)


@pytest.mark.parametrize("name", ["../../outside", "/outside", "C:\\outside", "..\\outside"])
def test_no_member_is_unpacked_to_the_disk(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "deep" / "deeper"
    folder.mkdir(parents=True)
    path = write_archive(folder / "a.zip", [(name, TEXT)])
    assert ZipMembers(path).content(name) == TEXT
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


def test_a_bound_of_the_caller_holds_whatever_the_size_of_the_archive(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.xlsx", [("a", bytes(2**20)), ("b", bytes(2**20))], method=8)
    assert ZipMembers(path, most=2**21).names == ("a", "b")
    with pytest.raises(ValueError, match=r"unpack to 2 MiB are more than the 1 MiB of a workbook, or a damaged one"):
        ZipMembers(path, most=2**20)
