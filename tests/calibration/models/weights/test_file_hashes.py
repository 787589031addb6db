"""Hashes of files: of the content alone, remembered only while nothing can have changed."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path

import pytest

from calibration.models.weights import file_hashes as module
from calibration.models.weights.file_hashes import cache_folder, file_hashes

FORGED = "0" * 64


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own that remembers files of every size; the clock is an hour ahead of what tests write."""
    monkeypatch.setenv("VERACAL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "REMEMBERED_BYTES", 1)
    set_clock(monkeypatch, hours=1)
    return tmp_path / "cache"


def set_clock(monkeypatch: pytest.MonkeyPatch, *, hours: float) -> None:
    now = time.time_ns()
    monkeypatch.setattr(module, "time_ns", lambda: now + int(hours * 3600e9))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def forge(cache: Path) -> None:
    """Write another hash into every note, so that a remembered hash is told from one that is computed."""
    for note in cache.rglob("*.json"):
        note.write_text(json.dumps({**json.loads(note.read_text()), "sha256": FORGED}))


def test_a_hash_is_that_of_the_whole_content(tmp_path: Path) -> None:
    contents = [b"", b"abc", bytes(3 << 20)]
    paths = [tmp_path / str(number) for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    sizes: list[int] = []
    assert file_hashes(paths, progress=sizes.append) == [digest(content) for content in contents]
    assert sum(sizes) == sum(map(len, contents))
    assert file_hashes([]) == []


def test_a_hash_is_remembered_under_the_file_that_a_link_leads_to(tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    assert file_hashes([file]) == [digest(b"one")]
    assert len(list(cache.rglob("*.*"))) == 1  # nothing half-written stays
    forge(cache)
    (tmp_path / "link").symlink_to(file)
    sizes: list[int] = []
    assert file_hashes([file, tmp_path / "link"], progress=sizes.append) == [FORGED, FORGED]
    assert sizes == [3, 3]


def test_a_file_of_the_same_size_and_time_is_hashed_anew(tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    file_hashes([file])
    forge(cache)
    time.sleep(0.02)  # a clock tick of the file system
    file.write_bytes(b"two")
    os.utime(file, ns=times)
    assert file.stat().st_mtime_ns == times[1]
    assert file_hashes([file]) == [digest(b"two")]


def test_another_file_in_its_place_is_hashed_anew(tmp_path: Path, cache: Path) -> None:
    for name, content in (("weights", b"one"), ("other", b"two")):
        (tmp_path / name).write_bytes(content)
    file_hashes([tmp_path / "weights"])
    forge(cache)
    (tmp_path / "other").replace(tmp_path / "weights")
    assert file_hashes([tmp_path / "weights"]) == [digest(b"two")]


def test_a_file_that_changed_a_moment_ago_is_not_remembered(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    set_clock(monkeypatch, hours=0)
    assert file_hashes([file]) == [digest(b"one")]
    assert not cache.exists()


def test_small_files_are_not_remembered(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED_BYTES", 4)
    (tmp_path / "weights").write_bytes(b"one")
    file_hashes([tmp_path / "weights"])
    assert not cache.exists()


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"sha256": 3}', "\udcff"])
def test_a_damaged_note_is_not_believed(damage: str, tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    file_hashes([file])
    (note,) = cache.rglob("*.json")
    note.write_text(damage, encoding="utf-8", errors="surrogateescape")
    assert file_hashes([file]) == [digest(b"one")]
    assert json.loads(note.read_text())["sha256"] == digest(b"one")


def test_a_cache_that_cannot_be_written_fails_nothing(tmp_path: Path, cache: Path) -> None:
    cache.write_text("a file stands where the folder should")
    (tmp_path / "weights").write_bytes(b"one")
    assert file_hashes([tmp_path / "weights"]) == [digest(b"one")]


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")

    def write(_: int) -> None:
        file.write_bytes(b"longer")

    with pytest.raises(ValueError, match="weights: changed while it was read; start again when it is whole"):
        file_hashes([file], progress=write)
    assert not cache.exists()


def test_the_cache_stands_where_caches_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("VERACAL_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == tmp_path / ".cache" / "veracal"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert cache_folder() == tmp_path / "caches" / "veracal"
    monkeypatch.setenv("VERACAL_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
